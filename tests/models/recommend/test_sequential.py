"""Sequential rules of a shop in which the order of purchases matters."""

import numpy as np
import pandas as pd
import pytest

from models.recommend import History
from models.recommend.sequential import Sequential


def shop(rows, as_of="2024-04-09"):
    """Make a history from (customer, item, day of the year)."""
    table = pd.DataFrame(rows, columns=["customer_id", "item_id", "day"])
    table["order_id"] = table["customer_id"] + table["day"].astype(str)
    table["ordered_at"] = pd.Timestamp("2023-12-31") + pd.to_timedelta(table["day"], unit="D")
    lines = table.drop(columns="day").assign(quantity=1.0, amount=1.0)
    return History.from_purchases(lines, pd.Timestamp(as_of))


@pytest.fixture
def history():
    """Three of four who bought ink bought paper within ten days; nobody the other way round."""
    rows = [(f"c{code}", "ink", 10 * code) for code in range(1, 5)]
    rows += [(f"c{code}", "paper", 10 * code + 8) for code in range(1, 4)]
    rows += [("d1", "paper", 40), ("d2", "glue", 41), ("new", "ink", 95), ("late", "ink", 60)]
    rows += [("e1", "glue", 3), ("e1", "clip", 9), ("e2", "glue", 4)]
    return shop(rows)


@pytest.fixture
def model(history):
    return Sequential(min_count=2, max_gap=20, measure="confidence").fit(history)


def test_rules_are_in_order_only(model):
    frame = model.rules_.to_frame()
    ink, paper = 2, 3
    assert frame["antecedent"].tolist() == [((ink,),)]
    assert frame["consequent"].tolist() == [(paper,)]
    assert frame["confidence"].tolist() == pytest.approx([3 / 6])


def test_a_rule_speaks_while_its_promise_can_still_come(history, model):
    scores = model.scores(history, np.arange(len(history.customers)))
    by_name = dict(zip(history.customers, scores[:, 3].tolist(), strict=True))
    assert by_name["new"] == pytest.approx(3 / 6)
    assert by_name["late"] < 0
    assert by_name["d2"] < 0


def test_excess_is_above_the_usual_share(history, model):
    excess = Sequential(min_count=2, max_gap=20).fit(history)
    row = np.array([history.customers.get_loc("new")])
    share = 4 / 10
    assert excess.scores(history, row)[0, 3] == pytest.approx(3 / 6 - share, rel=1e-5)


def test_max_and_sum(history):
    rows = [(f"c{code}", item, day) for code in range(4) for item, day in (("a", 1), ("b", 1))]
    rows += [(f"c{code}", "z", 5) for code in range(4)]
    rows += [(f"d{code}", "b", 1) for code in range(4)] + [("who", "a", 9), ("who", "b", 9)]
    other = shop(rows, "2024-01-10")
    row = np.array([other.customers.get_loc("who")])
    score = {
        combine: Sequential(min_count=2, measure="confidence", combine=combine)
        .fit(other)
        .scores(other, row)[0, 2]
        for combine in ("max", "sum")
    }
    assert score["max"] == pytest.approx(4 / 5)
    assert score["sum"] == pytest.approx(4 / 5 + 4 / 9)


def test_most_confident_rules_are_kept(history):
    model = Sequential(min_count=1, min_confidence=0, max_rules=1).fit(history)
    every = Sequential(min_count=1, min_confidence=0).fit(history)
    assert len(model.rules_) == 1 < len(every.rules_)
    assert model.rules_.confidences[0] == every.rules_.confidences.max()


def test_reasons(history, model):
    names = pd.Series([name.title() for name in history.items])
    who = history.customers.get_indexer(["new", "late"])
    said = model.explain(history, who, np.array([3, 3]), names)
    assert said[0].text == (
        "Bought Ink; 50% of those who did bought Paper within 20 days, 1.2 times the usual share."
    )
    assert said[0].evidence_id == "sequence:ink>paper"
    assert said[1].evidence_id == "popular:paper"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"max_gap": 0}, "max_gap must be at least 1 but got 0"),
        ({"max_length": 1}, "max_length must be at least 2 but got 1"),
        ({"measure": "lift"}, "measure must be one of excess, confidence but got 'lift'"),
        ({"combine": "mean"}, "combine must be one of max, sum but got 'mean'"),
    ],
)
def test_bad_parameters(history, params, message):
    with pytest.raises(ValueError, match=message):
        Sequential(**params).fit(history)
