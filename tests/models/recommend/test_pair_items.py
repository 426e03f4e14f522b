"""What is known of items, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from models.recommend import History
from models.recommend.pair_items import item_prices, item_table


def bought(*rows: tuple[str, str, int, float, float]) -> History:
    """Customer, item, days before 2024-06-30, pieces, amount; an order a customer and day."""
    table = pd.DataFrame(rows, columns=["customer_id", "item_id", "age", "quantity", "amount"])
    table["order_id"] = table["customer_id"] + table["age"].astype(str)
    table["ordered_at"] = pd.Timestamp("2024-06-30 12:00") - pd.to_timedelta(table["age"], "D")
    return History.from_purchases(table.drop(columns="age"), pd.Timestamp("2024-06-30"))


@pytest.fixture
def history() -> History:
    return bought(
        ("ann", "ink", 100, 1, 2.0),
        ("ann", "ink", 5, 3, 6.0),
        ("bob", "ink", 40, 1, 2.0),
        ("bob", "pen", 5, 7, 28.0),
        ("cat", "pen", 20, 1, 4.0),
        ("cat", "pen", 10, 1, 4.0),
        ("cat", "ink", 10, 1, 2.0),
        ("dan", "ink", 80, 1, 2.0),
    )


def test_demand_and_dates(history):
    table = item_table(history)
    assert table["item_share"].tolist() == [1.0, 0.5]
    assert table["item_share_30"].tolist() == [0.5, 0.5]
    assert table["item_share_14"].tolist() == [0.5, 0.5]
    assert table["item_share_7"].tolist() == [0.25, 0.25]
    assert table["item_trend"].tolist() == [0.5, 1.0]
    assert table["item_first_days"].tolist() == [100, 20]
    assert table["item_last_days"].tolist() == [5, 5]


def test_repeats_and_gaps(history):
    table = item_table(history)
    assert table["item_again"].tolist() == [0.25, 0.5]
    # Of those who came in the last 31 days, ann and bob had ink before; ann bought it again.
    assert table["item_rebuy"].iloc[0] == pytest.approx((1 + 10 * 0.5) / (2 + 10))
    # Cat was new to ink; bob and cat were new to pens; three customers came.
    assert table["item_new_buyers"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert table["item_gap"].tolist() == [95, 10]


def test_a_usual_line(history):
    table = item_table(history)
    assert item_prices(history) == pytest.approx(np.log1p([2.0, 4.0]))
    assert table["item_pieces"].iloc[1] == pytest.approx(np.log([8, 2, 2]).mean())
    assert table["item_basket"].iloc[0] == pytest.approx(np.log(2) / 5)


def test_items_never_sold_get_what_is_usual(history):
    wider = history.with_items(pd.Index(["axe", "ink", "pen"]))
    row = item_table(wider).iloc[0]
    assert row["item_first_days"] == row["item_last_days"] == 3650
    assert row["item_share"] == 0
    assert row["item_price"] == pytest.approx(np.log1p([2.0, 4.0]).mean(), rel=1e-1)
    assert not item_table(wider).isna().any().any()


def test_without_quantities_prices_are_zero():
    history = bought(("ann", "ink", 1, 0, 0.0), ("bob", "pen", 1, 0, 0.0))
    assert item_prices(history).tolist() == [0.0, 0.0]
    assert np.isfinite(item_table(history)).all().all()


def test_buyers_of_an_item_are_told_by_how_much_they_buy(history):
    owned = history.owned().toarray()
    each = np.log1p(owned.sum(axis=1))
    usual = each[each > 0].mean()
    expected = [
        (each[owned[:, item] > 0].sum() + 10 * usual) / (owned[:, item].sum() + 10)
        for item in range(owned.shape[1])
    ]
    assert item_table(history)["item_buyers_items"].tolist() == pytest.approx(expected)


def test_the_week_is_compared_with_the_month(history):
    table = item_table(history)
    expected = table["item_share_7"] / table["item_share_30"].where(table["item_share_30"] > 0)
    assert table["item_trend_week"].tolist() == pytest.approx(expected.fillna(0).tolist())
