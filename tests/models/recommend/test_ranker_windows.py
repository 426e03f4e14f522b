"""Windows cut from the history: nothing that came later is known in them."""

import numpy as np
import pandas as pd
import pytest

from models.recommend import History, LabelledWindow
from models.recommend.ranker_windows import (
    cut_window,
    fewest_buyers,
    with_items_known_then,
    with_windows_between,
)

DAY = pd.Timedelta(days=1)


def purchases(lines: int = 400) -> pd.DataFrame:
    random = np.random.RandomState(1)
    table = pd.DataFrame(
        {
            "customer_id": random.randint(40, size=lines).astype(str),
            "item_id": random.randint(9, size=lines).astype(str),
            "ordered_at": pd.Timestamp("2024-01-01 09:00")
            + pd.to_timedelta(random.randint(150, size=lines), "D"),
            "quantity": 1.0,
            "amount": random.randint(1, 9, size=lines).astype(float),
        }
    )
    return table.assign(order_id=table["customer_id"] + table["ordered_at"].astype(str))


def seen_until(day: str) -> History:
    table = purchases()
    items = pd.Index(sorted(table["item_id"].unique()))
    seen = table[table["ordered_at"] < pd.Timestamp(day) + DAY]
    return History.from_purchases(seen, pd.Timestamp(day), items=items)


def labelled(day: str) -> LabelledWindow:
    now = seen_until("2024-05-29")
    return cut_window(now, (now.as_of - pd.Timestamp(day)).days, 31)


def test_a_window_equals_one_made_from_the_purchases():
    window, then = labelled("2024-03-29"), seen_until("2024-03-29")
    assert window.history.as_of == then.as_of
    assert window.history.customers.tolist() == then.customers.tolist()
    columns = ["customer", "item", "age", "quantity", "amount"]
    pd.testing.assert_frame_equal(window.history.lines[columns], then.lines[columns])
    table = purchases()
    end = pd.Timestamp("2024-03-30")
    later = table[table["ordered_at"].between(end, end + 31 * DAY, inclusive="left")]
    later = later[later["customer_id"].isin(then.customers)]
    expected = set(zip(later["customer_id"], later["item_id"], strict=True))
    row, item = window.bought.nonzero()
    found = set(zip(then.customers[row], then.items[item], strict=True))
    assert found == expected
    assert set(window.bought.data.tolist()) == {1.0}


@pytest.mark.parametrize("count", [1, 2])
def test_windows_lie_between_the_earlier_ones(count):
    now = seen_until("2024-05-29")
    past = [labelled("2024-03-28"), labelled("2024-04-28")]
    windows = with_windows_between(now, past, count)
    days = [window.history.as_of for window in windows]
    assert days == sorted(set(days))
    assert len(days) == 2 + count
    assert days[0] == past[0].history.as_of
    assert days[-1] == past[-1].history.as_of


def test_a_second_call_gives_the_same_windows():
    now = seen_until("2024-05-29")
    past = [labelled("2024-03-28"), labelled("2024-04-28")]
    first, second = (with_windows_between(now, past, 1) for _ in range(2))
    assert [id(window) for window in first] == [id(window) for window in second]


def test_another_history_gives_other_windows():
    past = [labelled("2024-03-28"), labelled("2024-04-28")]
    now = seen_until("2024-05-29")
    rows = np.arange(10)
    some = with_windows_between(now.of_customers(rows), past, 1)
    every = with_windows_between(now, past, 1)
    assert len(some[1].history.customers) < len(every[1].history.customers)


def test_a_later_date_cuts_the_same_windows():
    days = ("2024-02-25", "2024-03-28", "2024-04-28")
    early = with_windows_between(seen_until("2024-04-28"), [labelled(d) for d in days[:2]], 1)
    late = with_windows_between(seen_until("2024-05-29"), [labelled(d) for d in days], 1)
    (one,) = (w for w in early if str(w.history.as_of.date()) not in days)
    (same,) = (w for w in late if w.history.as_of == one.history.as_of)
    assert same.fingerprint == one.fingerprint


def test_windows_between_hold_only_customers_and_items_known_then():
    table = purchases()
    late = table["ordered_at"] > pd.Timestamp("2024-03-01")
    table.loc[late & (table.index % 4 == 0), "item_id"] = "rising"
    table.loc[table.index[~late][:2], "item_id"] = "rising"
    table.loc[table.index[~late][:1], "customer_id"] = "only that"
    seen = table[table["ordered_at"] < pd.Timestamp("2024-05-30")]
    now = History.from_purchases(seen, pd.Timestamp("2024-05-29"))
    past = [cut_window(now, back, 31) for back in (114, 85)]
    between = with_windows_between(now, past, 1)[1]
    assert past[0].history.as_of < between.history.as_of < past[1].history.as_of
    assert set(now.items) - set(between.history.items) == {"rising"}
    assert "only that" in past[1].history.customers
    assert "only that" not in between.history.customers
    assert between.bought.shape == between.history.shape


@pytest.mark.parametrize("windows", [0, 1])
def test_without_a_gap_there_is_nothing_between(windows):
    past = [labelled("2024-04-28")][:windows]
    assert with_windows_between(seen_until("2024-05-29"), past, 1) == past


def test_items_hardly_bought_by_then_are_left_out():
    table = purchases()
    late = table["ordered_at"] > pd.Timestamp("2024-04-28")
    table.loc[late & (table.index % 5 == 0), "item_id"] = "rising"
    table.loc[table.index[~late][:2], "item_id"] = "rising"
    seen = table[table["ordered_at"] < pd.Timestamp("2024-05-30")]
    now = History.from_purchases(seen, pd.Timestamp("2024-05-29"))
    window = cut_window(now, 31, 31)
    known = with_items_known_then(window, now.items, 5)
    assert set(now.items) - set(known.history.items) == {"rising"}
    buyers = np.bincount(known.history.owned().indices, minlength=len(known.history.items))
    assert buyers.min() >= 5
    assert known.bought.shape == known.history.shape
    kept = now.items.get_indexer(known.history.items)
    assert (known.bought != window.bought[:, kept]).nnz == 0


def test_a_window_is_recoded_once_for_each_vocabulary():
    window, items = labelled("2024-03-29"), seen_until("2024-05-29").items
    assert with_items_known_then(window, items, 5) is with_items_known_then(window, items, 5)
    fewer = with_items_known_then(window, items[:3], 5)
    assert set(fewer.history.items) <= set(items[:3])


@pytest.mark.parametrize(("lines", "expected"), [(30, None), (400, 10)])
def test_the_fewest_buyers_are_those_of_the_rarest_item_but_ten_at_most(lines, expected):
    table = purchases(lines)
    history = History.from_purchases(table, pd.Timestamp("2024-05-29"))
    rarest = table.groupby("item_id")["customer_id"].nunique().min()
    assert fewest_buyers(history) == (rarest if expected is None else expected)
    assert (rarest < 10) == (expected is None)


def test_where_nothing_was_ever_bought_no_item_is_left_out():
    history = seen_until("2024-05-29").with_items(pd.Index(["0", "never bought"], dtype=object))
    assert fewest_buyers(history) == 0
