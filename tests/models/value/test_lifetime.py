"""Lifetime value: the definition's own cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.value import constant_lifetime_value, lifetime_value, what_if

PROFITS = st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=8)


def test_the_present_value_by_hand():
    assert lifetime_value([100, 50, -20], rate=0.1) == pytest.approx(100 + 50 / 1.1 - 20 / 1.21)


def test_the_first_period_may_be_discounted_too():
    plain = lifetime_value([100, 50, -20], rate=0.1)
    assert lifetime_value([100, 50, -20], rate=0.1, discount_first=True) == pytest.approx(
        plain / 1.1
    )


def test_a_relation_of_three_years_counts_nothing_in_the_years_after():
    three = lifetime_value([100, 100, 100], rate=0.1)
    assert lifetime_value([100, 100, 100, 0, 0], rate=0.1) == three
    assert lifetime_value(np.array([[100, 100, 100, np.nan, np.nan]]), rate=0.1)[0] == three


def test_a_longer_relation_is_cut_at_five_years():
    assert lifetime_value([100] * 9, rate=0.1) == lifetime_value([100] * 5, rate=0.1)
    assert lifetime_value([100] * 9, rate=0.1, horizon=9) > lifetime_value([100] * 5, rate=0.1)


@given(PROFITS)
def test_rate_0_gives_the_plain_sum(profits):
    assert lifetime_value(profits, rate=0) == pytest.approx(sum(profits[:5]), abs=1e-6)


@given(st.lists(st.floats(0.01, 1e4), min_size=2, max_size=8), st.floats(0, 1), st.floats(0.01, 1))
def test_it_falls_as_the_rate_rises(profits, rate, more):
    assert lifetime_value(profits, rate + more) < lifetime_value(profits, rate)


@given(PROFITS, st.floats(0, 1), st.floats(-5, 5))
def test_it_is_linear_in_the_profits(profits, rate, factor):
    scaled = lifetime_value([factor * each for each in profits], rate)
    assert scaled == pytest.approx(factor * lifetime_value(profits, rate), rel=1e-9, abs=1e-6)


def test_many_customers_at_once_are_as_one_by_one():
    table = np.random.RandomState(0).normal(size=(50, 7)) * 100
    together = lifetime_value(table, rate=0.08)
    assert together == pytest.approx([lifetime_value(row, rate=0.08) for row in table])


def test_the_constant_model_is_the_case_of_retention_1():
    assert constant_lifetime_value(80, 0.1) == pytest.approx(lifetime_value([80] * 5, 0.1))
    falling = [80 * 0.7**year for year in range(5)]
    assert constant_lifetime_value(80, 0.1, retention=0.7) == pytest.approx(
        lifetime_value(falling, 0.1)
    )
    assert constant_lifetime_value(80, 0.1, retention=0.0) == 80


def test_what_if_has_a_row_for_every_pair():
    table = what_if(100, rates=[0.0, 0.1], retentions=[0.5, 0.8, 1.0])
    assert len(table) == 6
    by_rate = table.pivot_table(index="retention", columns="rate", values="lifetime_value")
    assert (by_rate[0.0] > by_rate[0.1]).all()
    assert by_rate[0.1].is_monotonic_increasing
    assert by_rate.loc[1.0, 0.0] == 500


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lifetime_value([1], rate=-1), "rate must be above -1"),
        (lambda: lifetime_value([1], rate=float("nan")), "rate must be above -1"),
        (lambda: lifetime_value([1], rate=0, horizon=0), "horizon must be at least 1"),
        (lambda: lifetime_value([np.inf], rate=0), "profits must be finite"),
        (lambda: lifetime_value(np.zeros((1, 1, 1)), rate=0), "one or two dimensions but have 3"),
        (lambda: constant_lifetime_value(1, 0, retention=1.2), "between 0 and 1 but got 1.2"),
        (lambda: what_if(1, [], [0.5]), "at least one rate"),
    ],
)
def test_wrong_terms_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
