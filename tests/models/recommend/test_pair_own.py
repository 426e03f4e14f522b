"""A customer's own purchases of an item, counted by hand and against a plain loop."""

import numpy as np
import pandas as pd
import pytest

from models.recommend import History
from models.recommend.pair_own import own_columns


def test_counted_by_hand(small):
    # Ann bought apples 30 days ago and today, bread 30 days ago only; cat no dates.
    table = pd.DataFrame(own_columns(small, np.array([0, 0, 2]), np.array([0, 1, 3])))
    assert table["own_times"].tolist()[:2] == [2, 1]
    assert table["own_last_days"].tolist()[:2] == [0, 30]
    assert table["own_baskets_since"].tolist()[:2] == [0, 1]
    assert table["own_gap"].iloc[0] == 30
    assert table["own_overdue"].iloc[0] == 0
    assert table["own_pieces"].tolist()[:2] == pytest.approx([2 * np.log(2), np.log(2)])
    assert table["own_weight_30"].tolist() == pytest.approx([1.5, 0.5, 0.0])
    assert table["own_weight_10"].iloc[0] == pytest.approx(1.125)
    never = table.loc[2, ["own_times", "own_last_days", "own_gap", "own_baskets_since"]]
    assert never.isna().all()


def test_no_pairs_at_all(small):
    none = np.array([], dtype=int)
    found = own_columns(small, none, none)
    assert {len(column) for column in found.values()} == {0}
    assert "own_weight_30" in found


def test_equal_to_a_plain_loop():
    random = np.random.RandomState(3)
    bought = pd.DataFrame(
        {
            "customer_id": random.randint(5, size=80).astype(str),
            "item_id": random.randint(6, size=80).astype(str),
            "ordered_at": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(random.randint(60, size=80), "D"),
            "quantity": random.randint(1, 4, size=80).astype(float),
            "amount": random.randint(1, 9, size=80).astype(float),
        }
    )
    bought["order_id"] = bought["customer_id"] + bought["ordered_at"].astype(str)
    history = History.from_purchases(bought, pd.Timestamp("2024-03-10"))
    row, item = (part.ravel() for part in np.indices(history.shape))
    table = own_columns(history, row, item)
    for place, (who, what) in enumerate(zip(row, item, strict=True)):
        mine = history.lines[history.lines["customer"] == who]
        days = mine.loc[mine["item"] == what, "age"]
        if days.empty:
            assert np.isnan(table["own_times"][place])
            continue
        assert table["own_times"][place] == days.nunique()
        assert table["own_last_days"][place] == days.min()
        assert table["own_first_days"][place] == days.max()
        later = mine.loc[mine["age"] < days.min(), "age"].nunique()
        assert table["own_baskets_since"][place] == later


def test_no_purchases_at_all(small):
    nobody = small.of_customers([0])
    from dataclasses import replace

    empty = replace(nobody, lines=nobody.lines.head(0))
    table = own_columns(empty, np.array([0]), np.array([2]))
    assert np.isnan(table["own_times"][0])
    assert table["own_weight_10"][0] == 0
