"""Subgroup search finds what is planted, and the test does not confirm noise."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from models.association.significance import holm
from models.concepts import find_subgroups, selectors, subgroups_frame, wracc
from models.trees import holds


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(2)
    n = 2000
    X = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "job": rng.choice(["clerk", "nurse", "smith", None], n),
            "income": rng.normal(30, 5, n),
            "sex": rng.choice(["f", "m"], n),
        }
    )
    inside = (X["age"] > 55) & (X["job"] == "nurse")
    return X, np.where(rng.random(n) < np.where(inside, 0.8, 0.2), "buys", "no")


def test_the_planted_subgroup_is_found_and_confirmed(planted):
    best = find_subgroups(*planted, "buys")[0]
    assert {c.column for c in best.conditions} == {"age", "job"}
    assert "job is nurse" in best.text
    assert best.share > 0.5
    assert best.q_value < 1e-6
    assert best.low < best.share < best.high


def test_noise_is_not_confirmed(planted):
    X, y = planted
    shuffled = np.random.default_rng(0).permutation(y)
    assert all(group.q_value > 0.05 for group in find_subgroups(X, shuffled, "buys"))


def test_beam_search_finds_the_best_of_all(planted):
    X, y = planted
    hits = y == "buys"
    every = [c for c in selectors(X) if c.column != "income"]
    pairs = [p for p in combinations(every, 2) if p[0].column != p[1].column]
    qualities = [wracc(holds(pair, X), hits) for pair in [*pairs, *((c,) for c in every)]]
    found = find_subgroups(
        X, y, "buys", max_depth=2, held_out=(X, y), vetoes={"columns": ["income"]}
    )
    assert found[0].quality == pytest.approx(max(qualities))


def test_the_test_is_fisher_s_on_the_records_held_out(planted):
    X, y = planted
    other, truth = X.iloc[1000:], y[1000:] == "buys"
    found = find_subgroups(X[:1000], y[:1000], "buys", held_out=(other, y[1000:]))
    p = []
    for group in found:
        inside = group.holds(other)
        table = [
            [(inside & truth).sum(), (inside & ~truth).sum()],
            [(~inside & truth).sum(), (~inside & ~truth).sum()],
        ]
        p.append(fisher_exact(table, alternative="greater").pvalue)
        assert group.n_rows == inside.sum()
        assert group.share == pytest.approx(truth[inside].mean())
    assert [group.p_value for group in found] == pytest.approx(p)
    assert [group.q_value for group in found] == pytest.approx(holm(p))


def test_no_subgroup_repeats_a_better_one(planted):
    X, y = planted
    found = find_subgroups(X, y, "buys", max_overlap=0.5, held_out=(X, y))
    masks = [group.holds(X) for group in found]
    for first, second in combinations(masks, 2):
        assert (first & second).sum() / (first | second).sum() < 0.5


def test_what_is_vetoed_is_not_found(planted):
    X, y = planted
    found = find_subgroups(X, y, "buys", vetoes={"columns": ["sex"], "together": [["age", "job"]]})
    assert found
    for group in found:
        columns = {c.column for c in group.conditions}
        assert "sex" not in columns
        assert not {"age", "job"} <= columns


def test_row_order_does_not_matter(planted):
    X, y = planted
    order = np.random.default_rng(0).permutation(len(y))
    first = find_subgroups(X, y, "buys")
    second = find_subgroups(X.iloc[order], y[order], "buys")
    assert [(g.text, g.n_rows, g.p_value) for g in first] == [
        (g.text, g.n_rows, g.p_value) for g in second
    ]


def test_the_frame(planted):
    found = find_subgroups(*planted, "buys", n_subgroups=3)
    frame = subgroups_frame(found)
    assert frame["subgroup"].tolist() == [group.text for group in found]
    assert len(frame) <= 3


def test_missing_numbers_are_a_selector():
    X = pd.DataFrame({"age": [*range(100), *[np.nan] * 100]})
    y = ["no"] * 100 + ["yes"] * 100
    assert find_subgroups(X, y, "yes")[0].text == "age is missing"


def test_a_column_without_any_value_is_passed_over():
    X = pd.DataFrame({"a": [np.nan] * 100, "b": [0, 1] * 50})
    found = find_subgroups(X, [0, 1] * 50, 1, min_rows=5)
    assert [c.column for c in found[0].conditions] == ["b"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target": "never"}, "'never' does not occur"),
        ({"max_depth": 0}, "1 or more"),
        ({"held_out": 1.5}, "between 0 and 1"),
        ({"held_out": (pd.DataFrame({"age": [1]}), ["no"])}, "lack columns"),
        ({"vetoes": {"colums": []}}, "did you mean 'columns'"),
    ],
)
def test_bad_input(planted, settings, message):
    X, y = planted
    with pytest.raises(ValueError, match=message):
        find_subgroups(X, y, **{"target": "buys", **settings})


def test_one_class_only():
    with pytest.raises(ValueError, match="one class only"):
        find_subgroups(pd.DataFrame({"a": [1, 2]}), ["x", "x"], "x")
