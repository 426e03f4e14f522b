"""What a sale of an item brings, and the probability that there is one."""

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.money import Economics
from lodeworks import ConfigError
from models.recommend.history import History
from pipelines.lists.baseline import Baseline
from pipelines.lists.pricing import calibrated, item_values, priced, unpriced

DAY = pd.Timestamp("2024-03-31")


def history_of(items=None):
    """Three orders of tea, one of a cup."""
    lines = pd.DataFrame(
        {
            "customer_id": ["ann", "ann", "bob", "bob"],
            "item_id": ["tea", "tea", "tea", "cup"],
            "order_id": ["1", "2", "3", "3"],
            "ordered_at": pd.to_datetime(["2024-03-01", "2024-03-21", "2024-03-30", "2024-03-30"]),
            "quantity": 1.0,
            "amount": 1.0,
        }
    )
    return History.from_purchases(lines, DAY, item_features=items)


def items_of(**columns):
    """Describe cup and tea; three teas are usual, the cups of an order are not known."""
    known = {"pieces": [np.nan, 3.0], **columns}
    return pd.DataFrame(known, index=pd.Index(["cup", "tea"]), dtype=float)


def test_a_sale_is_worth_the_items_margin_times_its_usual_quantity():
    history = history_of(items_of(price=[9.0, 9.0], margin=[2.0, 0.5]))
    assert item_values(history, Economics(margin=0.3)).tolist() == [2.0, 1.5]
    assert item_values(history, Economics(margin=0.3, quantity=2.0)).tolist() == [4.0, 1.5]


def test_the_share_of_the_price_counts_where_the_margin_is_not_known():
    history = history_of(items_of(price=[10.0, 9.0], margin=[np.nan, 0.5]))
    assert item_values(history, Economics(margin=0.3)).tolist() == pytest.approx([3.0, 1.5])
    without = history_of(items_of(price=[10.0, 20.0]))
    assert item_values(without, Economics(margin=0.5)).tolist() == pytest.approx([5.0, 30.0])


def test_an_item_of_which_nothing_is_known_is_worth_nothing():
    history = history_of(items_of(price=[np.nan, 9.0], margin=[np.nan, 0.5]))
    assert item_values(history, Economics(margin=0.3)).tolist() == [0.0, 1.5]


def test_a_pence_lost_on_an_item_stays_a_loss():
    history = history_of(items_of(price=[1.0, 9.0], margin=[-0.01, 0.5]))
    assert item_values(history, Economics(margin=0.3))[0] == pytest.approx(-0.01)


@pytest.mark.parametrize("items", [None, items_of(price=[10.0, 9.0])])
def test_no_margin_anywhere_is_refused_with_both_remedies(items):
    message = (
        r"no item has a margin: set economics.margin \(the share of the price that is kept\), "
        r"or give a source for the table 'items' with a margin"
    )
    with pytest.raises(ConfigError, match=message):
        item_values(history_of(items), Economics())


def test_prices_follow_the_item_and_probabilities_the_score():
    rows = pd.DataFrame(
        {
            "customer": [0, 0, 1, 1] * 20,
            "item": [0, 1, 0, 1] * 20,
            "rank": 1,
            "score": np.linspace(0, 1, 80),
            "bought": (np.arange(80) > 60).astype(float),
        }
    )
    history = history_of(items_of(price=[9.0, 9.0], margin=[2.0, 0.5]))
    calibrator = calibrated(rows, history)
    told = priced(rows.drop(columns="bought"), history, calibrator, Economics())
    assert told["margin"].tolist() == [2.0, 1.5] * 40
    assert told["probability"].between(0, 1).all()
    assert told["probability"].iloc[-1] > told["probability"].iloc[3]
    assert "probability" not in rows


def test_what_would_be_bought_anyway_is_taken_off_the_expected_margin():
    history = history_of(items_of(price=[9.0, 9.0], margin=[2.0, 0.5]))
    rows = pd.DataFrame({"customer": [0, 1], "item": [0, 1], "rank": 1, "score": [2.0, 1.0]})
    known = rows.assign(bought=[1.0, 0.0])
    calibrator = calibrated(known, history)
    gross = priced(rows, history, calibrator, Economics())
    net = priced(rows, history, calibrator, Economics(), Baseline("organic", 31))
    assert gross["baseline"].tolist() == [0.0, 0.0]
    # One of two customers bought a cup in the last month, both bought tea.
    assert net["baseline"].tolist() == [0.5, 1.0]
    taken_off = gross["expected_margin"] - net["expected_margin"]
    assert taken_off.tolist() == pytest.approx([0.5 * 2.0, 1.0 * 1.5])


def test_items_without_margin_and_price_are_counted():
    history = history_of(items_of(price=[np.nan, 9.0], margin=[np.nan, np.nan]))
    assert unpriced(history.item_features, Economics(margin=0.3)) == 1
    assert unpriced(history.item_features, Economics(margin=None)) == 2
