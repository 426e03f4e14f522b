from datetime import date

import pytest

from features.cut import Cut
from features.purchases import outcomes, purchases
from features.windows import Window

RETURNS = {"column": "order_id", "matches": "^C"}
LINES = (
    "b,o2,x,2011-03-01 09:00:00,1,2.5",
    "a,o1,y,2011-03-31 23:59:59,2,3",
    "a,o1,x,2011-03-31 23:59:59,1,2.5",
    "a,C1,x,2011-03-31 10:00:00,-1,2.5",
    "a,o3,x,2011-04-01 00:00:00,4,2.5",
    "a,o4,x,2011-04-30 23:59:59,1,2.5",
    "c,o5,z,2011-04-02,1,9",
    "a,C2,x,2011-04-03,-1,2.5",
    "a,o6,x,2011-05-01 00:00:00,1,2.5",
)


@pytest.fixture
def warehouse(loaded):
    return loaded(*LINES, returns=RETURNS)


def test_purchases_end_with_the_day_and_leave_out_returns(warehouse):
    frame = purchases(Cut.at(warehouse, date(2011, 3, 31)))
    assert list(frame.columns) == [
        "customer_id",
        "item_id",
        "order_id",
        "ordered_at",
        "quantity",
        "amount",
    ]
    assert frame[["customer_id", "item_id", "quantity", "amount"]].to_numpy().tolist() == [
        ["a", "x", 1.0, 2.5],
        ["a", "y", 2.0, 6.0],
        ["b", "x", 1.0, 2.5],
    ]
    assert str(frame["quantity"].dtype) == "float64"
    assert frame["ordered_at"].dtype.kind == "M"


def test_purchases_do_not_depend_on_the_order_of_lines(warehouse, loaded):
    other = loaded(*reversed(LINES), returns=RETURNS, name="other")
    cuts = [Cut.at(one, date(2011, 12, 31)) for one in (warehouse, other)]
    assert purchases(cuts[0]).equals(purchases(cuts[1]))


def test_outcomes_are_summed_over_the_window_only(warehouse):
    window = Window(date(2011, 3, 31), observe=365, gap=0, outcome=30)
    assert outcomes(warehouse, window).to_numpy().tolist() == [
        ["a", "x", 5.0, 12.5],
        ["c", "z", 1.0, 9.0],
    ]


def test_a_gap_belongs_to_neither_side(warehouse):
    window = Window(date(2011, 3, 31), observe=365, gap=1, outcome=30)
    assert outcomes(warehouse, window).to_numpy().tolist() == [
        ["a", "x", 2.0, 5.0],
        ["c", "z", 1.0, 9.0],
    ]


def test_an_empty_window_gives_an_empty_frame(warehouse):
    window = Window(date(2015, 1, 1), observe=365, gap=0, outcome=30)
    frame = outcomes(warehouse, window)
    assert list(frame.columns) == ["customer_id", "item_id", "quantity", "amount"]
    assert frame.empty
    assert purchases(Cut.of(warehouse, window)).empty
