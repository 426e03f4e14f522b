"""What a person says is done, and what cannot be done is refused at once."""

import numpy as np
import pandas as pd
import pytest
import yaml

from models.trees import ReadableTree, override_effect, read_overrides

COLUMNS, CATEGORIES = ["age", "contract", "income", "noise"], frozenset({"contract"})


def columns_used(tree):
    return {node.split.column for node in tree.root_.walk() if node.split}


def fit(customers, said, **settings):
    X, y = customers
    return ReadableTree(pruning="none", overrides=said, **settings).fit(X, y)


def test_a_forbidden_column_is_nowhere(customers):
    assert "age" in columns_used(fit(customers, None))
    assert "age" not in columns_used(fit(customers, {"forbid": ["age"]}))


def test_a_column_is_forbidden_at_one_place(customers):
    plain = fit(customers, None)
    column = plain.root_.split.column
    tree = fit(customers, {"nodes": {"root": {"forbid": [column]}}})
    assert tree.root_.split.column != column
    assert column in columns_used(tree)


def test_a_required_column_that_is_not_chosen_goes_to_the_top(customers):
    tree = fit(customers, {"require": ["noise"]}, max_depth=2)
    assert tree.root_.split.column == "noise"
    assert tree.root_.split.forced
    two = fit(customers, {"require": ["noise", "income"]}, max_depth=2)
    assert two.root_.split.column == "noise"
    assert {child.split.column for child in two.root_.children} == {"income"}


def test_a_required_column_is_not_pruned_away(customers):
    X, y = customers
    grown = {n.split.column for n in ReadableTree(pruning="none").fit(X, y).root_.walk() if n.split}
    assert "noise" in grown
    tree = ReadableTree(overrides={"require": ["noise"]}).fit(X, y)
    assert tree.root_.split.column == "noise"
    assert {"age", "contract"} <= columns_used(tree)


def test_a_required_column_that_cannot_be_split_is_refused(customers):
    X, y = customers
    with pytest.raises(ValueError, match=r"required columns that cannot be split: \['flat'\]"):
        ReadableTree(overrides={"require": ["flat"]}).fit(X.assign(flat=1), y)


def test_a_required_column_that_is_chosen_changes_nothing(customers):
    plain = fit(customers, None)
    named = fit(customers, {"require": [plain.root_.split.column]})
    assert plain.to_text() == named.to_text()


def test_a_split_is_given(customers):
    tree = fit(customers, {"nodes": {"root": {"column": "income", "threshold": 33.3}}})
    X, _ = customers
    assert tree.root_.split.cuts == (33.3,)
    left = tree.root_.children[0].n_rows
    assert left == int(((X.income <= 33.3) | X.income.isna()).sum())
    assert "[by a person]" in tree.to_text()


def test_the_place_of_missing_values_is_given(customers):
    said = {"nodes": {"root": {"column": "income", "threshold": 33.3, "missing": 2}}}
    tree = fit(customers, said)
    assert tree.root_.children[0].n_rows == int((customers[0].income <= 33.3).sum())


def test_a_split_of_many_branches_is_given(customers):
    said = {
        "nodes": {
            "root": {"column": "age", "cuts": [30, 50]},
            "root.2": {"column": "contract", "groups": [["month"], ["year", "two years"]]},
            "root.3": "leaf",
        }
    }
    tree = fit(customers, said)
    X, _ = customers
    assert [c.n_rows for c in tree.root_.children] == [
        int((X.age <= 30).sum()), int(X.age.between(31, 50).sum()), int((X.age > 50).sum())
    ]  # fmt: skip
    assert tree.root_.children[1].split.groups == (("month",), ("year", "two years"))
    assert tree.root_.children[2].why == "a person said so"


def test_a_column_at_a_place_gets_its_best_cut(customers):
    tree = fit(customers, {"nodes": {"root.left": {"column": "noise"}}})
    assert tree.root_.children[0].split.column == "noise"
    assert len(tree.root_.children[0].split.cuts) == 1


def test_orders_go_deeper_than_the_depth_allowed(customers):
    tree = fit(customers, {"nodes": {"root.left.left": {"column": "noise"}}}, max_depth=1)
    paths = [node.path for node in tree.root_.walk() if node.split]
    assert paths == ["root", "root.left", "root.left.left"]


def test_overrides_survive_yaml_json_and_pruning(customers):
    text = """
    forbid: [noise]
    nodes:
      root: {column: age, threshold: 45}
      root.left: leaf
    """
    X, y = customers
    tree = ReadableTree(overrides=yaml.safe_load(text)).fit(X, y)
    again = ReadableTree.from_dict(tree.to_dict())
    assert again.to_text() == tree.to_text()
    assert tree.root_.split.cuts == (45.0,)
    assert tree.root_.children[0].split is None


def test_override_by_python_adds_to_what_was_said(customers):
    X, y = customers
    tree = ReadableTree(overrides={"forbid": ["noise"]}, pruning="none")
    other = tree.override("root", {"column": "income"}).override("root.left", "leaf")
    assert tree.overrides == {"forbid": ["noise"]}
    fitted = other.fit(X, y)
    assert fitted.root_.split.column == "income"
    assert fitted.root_.children[0].split is None


def test_chaid_takes_orders_too(customers):
    said = {"nodes": {"root": {"column": "contract"}}}
    tree = fit(customers, said, criterion="chi-square")
    assert tree.root_.split.column == "contract"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"forbit": []}, "unknown key 'forbit'; did you mean 'forbid'"),
        ({"forbid": ["agee"]}, "unknown column 'agee'; did you mean 'age'"),
        ({"forbid": ["age"], "require": ["age"]}, r"both forbidden and required: \['age'\]"),
        ({"nodes": {"roof": "leaf"}}, "'roof' is not a place"),
        ({"nodes": {"root": "leave"}}, "'leaf' or a mapping is needed, not 'leave'"),
        ({"nodes": {"root": {"threshold": 3}}}, "a split needs a column"),
        ({"nodes": {"root": {"column": "age", "groups": [["a"], ["b"]]}}}, "needs threshold"),
        ({"nodes": {"root": {"column": "contract", "threshold": 1}}}, "needs groups"),
        ({"nodes": {"root": {"column": "age", "cuts": [5, 3]}}}, "rising numbers"),
        ({"nodes": {"root": {"column": "age", "threshold": "x"}}}, "rising numbers"),
        ({"nodes": {"root": {"column": "contract", "groups": [["a"], ["a"]]}}}, "common value"),
        ({"nodes": {"root": {"column": "age", "threshold": 1, "missing": 9}}}, "missing is a br"),
        (["age"], "a mapping is needed"),
    ],
)
def test_what_cannot_be_used_is_refused(said, message):
    with pytest.raises(ValueError, match=message):
        read_overrides(said, COLUMNS, CATEGORIES)


def test_all_problems_come_at_once():
    said = {"forbid": ["x"], "nodes": {"root": {"column": "y"}, "top": "leaf"}}
    with pytest.raises(ValueError, match="overrides cannot be used") as refused:
        read_overrides(said, COLUMNS, CATEGORIES)
    assert len(str(refused.value).splitlines()) == 4


def test_a_place_that_the_tree_does_not_have_is_refused(customers):
    said = {"nodes": {"root": "leaf", "root.left": {"column": "age"}}}
    message = "'root.left' .the tree ends at 'root': a person said so"
    with pytest.raises(ValueError, match=message):
        fit(customers, said)


def test_the_effect_of_a_veto_is_measured_on_other_records(customers):
    X, y = customers
    half = np.arange(len(y)) % 2 == 0
    train, held_out = (X[half], y[half]), (X[~half], y[~half])
    harm = override_effect(ReadableTree(), {"forbid": ["age", "contract"]}, train, held_out)
    none = override_effect(ReadableTree(), {"forbid": ["noise"]}, train, held_out)
    assert harm.set_index("measure").loc["log loss", "verdict"] == "worse"
    assert none.set_index("measure").loc["log loss", "verdict"] == "no difference shown"
    row = harm.set_index("measure").loc["accuracy"]
    first = ReadableTree().fit(*train).score(*held_out)
    second = ReadableTree(overrides={"forbid": ["age", "contract"]}).fit(*train).score(*held_out)
    assert row["without"] == pytest.approx(first)
    assert row["with"] == pytest.approx(second)
    assert row["low"] <= row["difference"] <= row["high"]


def test_the_effect_counts_costs_where_there_are_costs(customers):
    X, y = customers
    costs = {"leaves": {"stays": 2}, "stays": {"leaves": 1}}
    tree = ReadableTree(cost_matrix=costs)
    effect = override_effect(tree, {"forbid": ["age", "contract"]}, (X, y), (X, y))
    assert effect["measure"].tolist() == ["accuracy", "log loss", "cost"]
    assert effect["verdict"].iloc[2] == "worse"
    assert tree.overrides is None


def test_empty_overrides_are_none():
    assert read_overrides(None, COLUMNS, CATEGORIES) == read_overrides({}, COLUMNS, CATEGORIES)
    assert pd.Series(read_overrides({}, COLUMNS, CATEGORIES).nodes).empty
