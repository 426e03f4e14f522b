"""What is wrong with a table is said before anything is learned or written."""

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import DataError

DATA = {"table": "own:people", "id": "who", "target": "left", "positive": "Yes"}
ONE = [{"kind": "logistic", "tune": False}]


@pytest.fixture
def refused(ask, tmp_path):
    """Give a function that runs a question and gives what it was refused for."""

    def run(table, **changes):
        with pytest.raises(DataError) as caught:
            ask(table, **{"candidates": ONE, **changes})
        assert not list((tmp_path / "workspace" / "runs").glob("*"))
        return str(caught.value)

    return run


@pytest.mark.parametrize(("only", "word"), [("Yes", "every"), ("No", "no")])
def test_one_class_only(refused, people, only, word):
    told = refused(people().assign(left=only))
    assert f"{word} record has the outcome 'Yes' in 'left'; both outcomes are needed" in told


def test_a_positive_value_that_never_occurs(refused, people):
    told = refused(people(), data={**DATA, "positive": "Ja"})
    assert "no record has the outcome 'Ja' in 'left'" in told


def test_no_outcome_at_all(refused, people):
    told = refused(people().assign(left=None))
    assert "no record has an outcome in 'left'" in told


def test_a_column_that_tells_the_outcome(refused, people):
    table = people()
    random = np.random.default_rng(0)
    left = (table["left"] == "Yes").to_numpy()
    late = np.where(left, 30.0, 1.0) + random.normal(size=len(table))
    filled = pd.Series(np.where(left, "2020-01", None))
    told = refused(table.assign(last_bill=late, closed_on_month=filled))
    assert "columns tell the outcome almost alone" in told
    assert "'last_bill' alone has an AUC of " in told
    assert "'closed_on_month' alone has an AUC of 1.000" in told
    assert "'tenure' alone" not in told
    assert "data.known_later" in told
    assert "data.allow_leaks" in told


def test_a_leak_can_be_left_out_or_allowed(ask, people):
    table = people()
    table = table.assign(leak=np.where(table["left"] == "Yes", 1.0, 0.0))
    left_out = ask(table, data={**DATA, "known_later": ["leak"]}, candidates=ONE)
    assert "known only after the event, and left out: leak" in left_out.notes
    assert left_out.metrics["held_out_auc"] < 0.95
    allowed = ask(table, data={**DATA, "allow_leaks": ["leak"]}, candidates=ONE)
    assert allowed.metrics["held_out_auc"] == 1.0


def test_constant_empty_dated_and_name_columns_are_left_out_and_said(ask, people):
    table = people()
    table = table.assign(
        same="x",
        nothing=None,
        joined="2020-01-31",
        email=[f"p{i}@x.org" for i in range(len(table))],
    )
    notes = "\n".join(ask(table, candidates=ONE).notes)
    assert "column 'same' was left out: it is constant" in notes
    assert "column 'nothing' was left out: it has no value" in notes
    assert "column 'joined' was left out: dates are not read" in notes
    assert "column 'email' was left out: it looks like a name: " in notes


def test_nothing_left_to_learn_from(refused, people):
    told = refused(people()[["who", "left"]].assign(same=1.0), economics={"cost": 1})
    assert "no column is left to learn from" in told
    assert "same: it is constant" in told


def test_ten_thousand_categories(ask, people):
    table = pd.concat([people(11_000, seed=1)])
    table = table.assign(area=[f"a{i % 10_000}" for i in range(len(table))])
    # Most areas stand once: a name of few; it is left out before it can be learned by heart.
    found = ask(
        table,
        candidates=ONE,
        evaluation={"folds": 2, "repeats": 1, "bootstrap": 100},
    )
    assert any("'area'" in note and "different values" in note for note in found.notes)
    assert found.metrics["held_out_auc"] > 0.7


def test_more_columns_than_rows(ask, people):
    random = np.random.default_rng(0)
    table = people(100)
    wide = pd.DataFrame(random.normal(size=(100, 150)), columns=[f"x{i}" for i in range(150)])
    found = ask(pd.concat([table, wide.round(3)], axis=1), candidates=ONE)
    assert any("more columns (154) than records (80)" in note for note in found.notes)


def test_weights_that_sum_to_zero(refused, people):
    table = people().assign(zero=0.0, minus=-1.0)
    assert "'zero' are negative or sum to 0" in refused(table, data={**DATA, "weight": "zero"})
    assert "'minus' are negative" in refused(table, data={**DATA, "weight": "minus"})


def test_weights_for_a_method_that_takes_none(refused, people):
    table = people().assign(counts=lambda t: t["tenure"])
    told = refused(
        table,
        data={**DATA, "weight": "counts"},
        candidates=[{"kind": "discriminant", "tune": False}],
    )
    assert "discriminant analysis takes no weights" in told


def test_columns_that_are_not_there_are_all_named(refused, people):
    told = refused(
        people(),
        data={**DATA, "target": "lefd", "drop": ["color"], "known_later": ["nope"]},
        economics={"cost": 1, "revenue": "fees", "loyalty": "tenur"},
    )
    for words in (
        "data.target: there is no column 'lefd'; did you mean 'left'?",
        "data.drop: there is no column 'color'; did you mean 'colour'?",
        "data.known_later: there is no column 'nope'",
        "economics.revenue: there is no column 'fees'; did you mean 'fee'?",
        "economics.loyalty: there is no column 'tenur'; did you mean 'tenure'?",
    ):
        assert words in told, words


def test_money_that_is_no_number(refused, people):
    table = people()
    table.loc[3, "fee"] = np.nan
    told = refused(table, economics={"cost": "colour", "revenue": "fee"})
    assert "economics.cost: 500 of 500 values of 'colour' are missing or no numbers" in told
    assert "economics.revenue: 1 of 500 values of 'fee' are missing" in told


def test_too_few_of_one_outcome(refused, people):
    table = people().assign(left=["Yes"] * 4 + ["No"] * 496)
    assert "4 records of the rarer outcome are too few for 3 folds" in refused(table)


def test_answers_that_do_not_fit_their_table(refused, people, tmp_path):
    people().head(10).drop(columns="left").to_csv(tmp_path / "later.csv", index=False)
    people().head(9)[["left"]].to_csv(tmp_path / "answers.csv", index=False)
    csv = {"kind": "csv", "columns": {"who": "who"}, "all_columns": True}
    told = refused(
        people(),
        sources=[
            {**csv, "table": "own:people", "path": str(tmp_path / "people.csv")},
            {**csv, "table": "own:later", "path": str(tmp_path / "later.csv")},
            {
                "kind": "csv",
                "table": "own:answers",
                "path": str(tmp_path / "answers.csv"),
                "columns": {"left": "left"},
            },
        ],
        holdout={"table": "own:later", "outcomes": "own:answers"},
    )
    assert "own:later has 10 records but 9 outcomes" in told
