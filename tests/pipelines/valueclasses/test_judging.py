import numpy as np
import pandas as pd
import pytest

from pipelines.config.value_classes import ClassEvaluation, ClassNetwork
from pipelines.valueclasses.classifier import ClassModel, fit_classes, rules_in_words
from pipelines.valueclasses.judging import judge

CLASSES = ("high", "middle", "low")
SMALL = ClassNetwork(members=1, units=4)


@pytest.fixture(scope="module")
def cases():
    """Draw customers whose class follows from one indicator, but for those of bad record."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "margin": random.uniform(size=60),
            "record": random.choice(["good", "bad"], 60, p=[0.8, 0.2]),
            "noise": random.normal(size=60),
        }
    )
    place = np.searchsorted([0.33, 0.66], table["margin"])
    labels = np.array(["low", "middle", "high"], dtype=object)[place]
    labels[table["record"] == "bad"] = "low"
    return table, labels


@pytest.fixture(scope="module")
def judged(cases):
    return judge(*cases, CLASSES, SMALL, ClassEvaluation(folds=3, repeats=2), 0)


def test_a_clear_rule_is_found_and_guessing_is_beaten(judged):
    board = judged.board.set_index("candidate")
    assert board.loc["network", "right"] > 0.75
    assert board.loc["network", "right_low"] > board.loc["most frequent", "right"]
    assert board.loc["most frequent", "behind_network_low"] > 0
    assert board.loc["network", "right_or_next"] >= board.loc["network", "right"]
    assert board.loc["network", "right_or_next_high"] <= 1.0


def test_the_most_frequent_class_by_hand(cases, judged):
    _, labels = cases
    right = (labels == "low").mean()
    found = judged.board.set_index("candidate").loc["most frequent"]
    assert found["right"] == pytest.approx(right)
    # Low stands two from high and one from middle.
    off = 2 * (labels == "high").mean() + (labels == "middle").mean()
    assert found["classes_off"] == pytest.approx(off)


def test_every_customer_is_asked_in_every_repeat(cases, judged):
    _, labels = cases
    counts = judged.confusion.set_index("stated").sum(axis=1)
    for name in CLASSES:
        assert counts[name] == pytest.approx((labels == name).sum(), abs=0.2)
    assert set(np.unique(judged.by_customer)) <= {0.0, 0.5, 1.0}
    right = judged.board.set_index("candidate").loc["network", "right"]
    assert judged.by_customer.mean() == pytest.approx(right)


def test_the_same_seed_judges_the_same(cases, judged):
    again = judge(*cases, CLASSES, SMALL, ClassEvaluation(folds=3, repeats=2), 0)
    pd.testing.assert_frame_equal(again.board, judged.board)


def test_a_class_that_nobody_had_gets_no_probability(cases):
    table, labels = cases
    model = fit_classes(table, list(labels), ("superb", *CLASSES), SMALL, 0)
    shares = model.predict_proba(table)
    assert shares.shape == (60, 4)
    assert (shares[:, 0] == 0).all()
    assert "superb" not in model.predict(table)
    again = ClassModel.from_state(model.get_state())
    np.testing.assert_array_equal(again.predict_proba(table), shares)


def test_the_rules_say_what_was_put_in(cases):
    table, labels = cases
    model = fit_classes(table, list(labels), CLASSES, SMALL, 0)
    found = rules_in_words(model, table, queries=300, most=6, min_rows=5, seed=0)
    bad = found.table[found.table["rule"].str.contains("record is bad")]
    assert len(bad)
    assert found.fidelity > 0.8
    none = rules_in_words(model, table, queries=0, most=6, min_rows=5, seed=0)
    assert none.table["rows"].sum() == 60
