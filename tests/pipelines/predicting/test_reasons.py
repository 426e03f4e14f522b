import numpy as np
import pandas as pd
import pytest

from models.tabular import Cart, Logistic
from pipelines.predicting.reasons import reason_columns, said, strongest_columns


@pytest.fixture(scope="module")
def fitted():
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "tenure": random.uniform(0, 70, 800),
            "contract": random.choice(["monthly", "yearly"], 800),
            "noise": random.normal(size=800),
        }
    )
    log_odds = 2.0 - 0.1 * table["tenure"] + 1.5 * (table["contract"] == "monthly")
    outcome = (random.uniform(size=800) < 1 / (1 + np.exp(-log_odds))).astype(int)
    return Logistic().fit(table, outcome), table, outcome


def test_reasons_are_the_columns_that_raise_most(fitted):
    model, _, _ = fitted
    rows = pd.DataFrame(
        {
            "tenure": [1.0, 69.0, 35.0],
            "contract": ["monthly", "yearly", "monthly"],
            "noise": [0.0, 0.0, 0.0],
        }
    )
    found = reason_columns(model, rows)
    assert found.columns.tolist() == ["reason_1", "reason_2", "reason_3"]
    assert found["reason_1"].tolist()[0] == "tenure is 1"
    assert found["reason_2"].tolist()[0] == "contract is monthly"
    # Nothing raises the second but chance at most.
    assert not set(found.iloc[1]) & {"tenure is 69", "contract is yearly"}
    assert found["reason_1"].tolist()[2] == "contract is monthly"


def test_reasons_do_not_depend_on_the_other_records(fitted):
    model, table, _ = fitted
    alone = reason_columns(model, table.iloc[[7]])
    together = reason_columns(model, table.iloc[:20])
    assert alone.iloc[0].tolist() == together.iloc[7].tolist()


def test_no_records_have_no_reasons(fitted):
    model, table, _ = fitted
    assert reason_columns(model, table.iloc[:0]).shape == (0, 3)


def test_columns_come_by_their_strength_with_a_direction(fitted):
    model, table, _ = fitted
    found = strongest_columns(model, table)
    assert found["column"].tolist()[0] == "tenure"
    assert found["column"].tolist()[-1] == "noise"
    told = found.set_index("column")["when_high"]
    assert (told["tenure"], told["contract"]) == ("lowers", "")


def test_a_column_that_moves_nothing_has_no_direction(fitted):
    _, table, outcome = fitted
    model = Cart(max_depth=1).fit(table, outcome)
    found = strongest_columns(model, table).set_index("column")
    assert found.loc["noise", "moves_log_odds_by"] == 0.0
    assert found.loc["noise", "when_high"] == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2.0, "x is 2"),
        (0.123456789, "x is 0.123457"),
        (1234567.0, "x is 1.23457e+06"),
        ("No <b>", "x is No <b>"),
        (True, "x is True"),
        (float("nan"), "x is missing"),
        (None, "x is missing"),
    ],
)
def test_values_in_words(value, words):
    assert said("x", value) == words
