import numpy as np
import pandas as pd
import pytest

from pipelines.config.predict import Money
from pipelines.predicting.records import Records, stacked
from pipelines.predicting.worth import chosen, expected_money, held_out_worth


def records(outcome, cost=1.0, revenue=10.0):
    rows = len(outcome)
    return Records(
        ids=np.array([str(i) for i in range(rows)], dtype=object),
        table=pd.DataFrame({"x": np.arange(float(rows))}),
        outcome=np.asarray(outcome, dtype=float),
        weight=np.ones(rows),
        cost=np.broadcast_to(np.asarray(cost, dtype=float), rows).copy(),
        revenue=np.broadcast_to(np.asarray(revenue, dtype=float), rows).copy(),
    )


PROBABILITY = np.array([0.5, 0.3, 0.05, 0.2])


def worth(held, money):
    return held_out_worth(PROBABILITY, held, money, level=0.95, bootstrap=200, seed=0)


def test_those_who_pay_are_chosen_within_the_limits():
    expected = np.array([5.0, 2.0, -1.0, 3.0])
    assert chosen(expected, Money()).tolist() == [True, True, False, True]
    assert chosen(expected, Money(capacity=2)).tolist() == [True, False, False, True]
    assert chosen(expected, Money(depth=0.25)).tolist() == [True, False, False, False]
    assert chosen(expected, Money(depth=1.0, whole=True)).all()
    assert not chosen(-np.abs(expected), Money()).any()


def test_the_measure_by_hand():
    held = records([1, 0, 1, 0])
    np.testing.assert_allclose(expected_money(PROBABILITY, held), [4.0, 2.0, -0.5, 1.0])
    found = worth(held, Money())
    # Acted upon: the 1st, 2nd and 4th; one hit earns 10, three contacts cost 3.
    assert (found.records, found.hits, found.depth) == (3, 1.0, 0.75)
    assert found.profit.mean == 7.0
    assert found.expected == pytest.approx(7.0)
    assert found.everybody == 16.0
    assert found.threshold == 1.0
    assert found.mistakes is None


def test_money_of_each_record_orders_them():
    held = records([1, 1, 1, 1], revenue=[1.0, 100.0, 1000.0, 1.0])
    found = worth(held, Money(depth=0.25))
    assert found.profit.mean == 999.0


def test_both_mistakes_by_hand():
    matrix = {"missed": 5, "false_alarm": 1}
    held = records([1, 0, 1, 0], cost=1.0, revenue=6.0)
    found = worth(held, Money(matrix=matrix))
    # Acted upon above 1/6: the 1st, 2nd and 4th; missed one of 5, two false alarms.
    assert found.mistakes.mean == pytest.approx((5 + 1 + 1) / 4)
    # Two missed cost 10; what is saved of that is the profit.
    assert found.profit.mean == pytest.approx(10 - 7)


def test_nobody_is_acted_upon_where_nobody_pays():
    found = worth(records([1, 0, 1, 0], cost=50.0), Money())
    assert (found.records, found.profit.mean, found.threshold) == (0, 0.0, np.inf)


def test_records_put_together_keep_their_loyalty_only_where_both_have_it():
    first = records([1, 0])
    both = stacked(first, first.take([1]))
    assert both.outcome.tolist() == [1, 0, 0]
    assert both.loyalty is None
    assert both.take(np.array([False, True, True])).ids.tolist() == ["1", "1"]
