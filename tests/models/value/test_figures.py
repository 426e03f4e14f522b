"""Profitability, potential, switching, equity, choice and concentration: figures by hand."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.value import (
    brand_shares,
    concentration_curve,
    customer_equity,
    future_cohorts,
    lifetime_value,
    potential_profitability,
    profit_by_period,
    relationship_profitability,
    select_by_value,
    share_of_wallet_profit,
    steady_shares,
    switching_value,
)

MATRIX = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])


class TestRelationship:
    LINES = pd.DataFrame(
        {
            "customer_id": ["b", "a", "a", "b"],
            "price": [10.0, 4.0, 10.0, 10.0],
            "cost": [6.0, 5.0, 6.0, 6.0],
            "quantity": [3, 2, 5, -3],
        }
    )

    def test_profit_is_price_less_cost_times_quantity(self):
        assert relationship_profitability(self.LINES).to_dict() == {"a": 18.0, "b": 0.0}

    def test_it_may_be_negative(self):
        assert relationship_profitability(self.LINES.iloc[[1]])["a"] == -2.0

    def test_missing_figures_are_refused(self):
        with pytest.raises(ValueError, match="lines lack cost"):
            relationship_profitability(self.LINES.drop(columns="cost"))
        with pytest.raises(ValueError, match="must not lack a price, cost or quantity"):
            relationship_profitability(self.LINES.assign(cost=np.nan))

    def test_frequency_share_and_profit(self):
        shares = np.array([0.0, 0.5, 1.0])
        assert share_of_wallet_profit(12, shares, 20.0).tolist() == [0, 120, 240]

    @pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
    def test_a_share_that_is_none_is_refused(self, share):
        with pytest.raises(ValueError, match="share of wallet must lie between 0 and 1"):
            share_of_wallet_profit(12, share, 20.0)

    def test_a_negative_frequency_is_refused(self):
        with pytest.raises(ValueError, match="frequency must not be negative"):
            share_of_wallet_profit(-1, 0.5, 20.0)

    def test_total_is_current_and_potential(self):
        strategies = {"card": (0.25, 80.0), "loan": (0.5, 100.0)}
        assert potential_profitability(strategies, current=-30) == (70.0, 40.0)
        assert potential_profitability([], current=5) == (0.0, 5.0)
        with pytest.raises(ValueError, match="response must lie between 0 and 1 but got 2"):
            potential_profitability([(2, 10.0)])

    def test_many_customers_at_once_are_as_one_by_one(self):
        response, gain = np.array([0.1, 0.5, np.nan]), np.array([100.0, 10.0, 10.0])
        now = np.array([5.0, -5.0, 0.0])
        potential, total = potential_profitability([(response, gain), (0.5, 2.0)], current=now)
        assert potential[:2].tolist() == [11.0, 6.0]
        assert total[:2].tolist() == [16.0, 1.0]
        assert np.isnan(potential[2])
        assert np.isnan(total[2])
        with pytest.raises(ValueError, match=r"response must lie between 0 and 1 but got 1\.5"):
            potential_profitability([(np.array([0.5, 1.5]), gain[:2])])


class TestSwitching:
    def test_shares_ahead_are_those_of_the_buyers_one_by_one(self):
        """Follow every path of two steps."""
        start = np.array([0.5, 0.3, 0.2])
        by_path = np.zeros(3)
        for first, middle, last in itertools.product(range(3), repeat=3):
            by_path[last] += start[first] * MATRIX[first, middle] * MATRIX[middle, last]
        shares = brand_shares(MATRIX, start, 2)
        assert shares[0].tolist() == start.tolist()
        assert shares[2] == pytest.approx(by_path)

    @given(st.integers(0, 30))
    def test_shares_always_sum_to_1(self, years):
        assert brand_shares(MATRIX, [1, 0, 0], years).sum(axis=1) == pytest.approx(1.0)

    def test_the_steady_state_does_not_move_and_is_reached(self):
        steady = steady_shares(MATRIX)
        assert steady @ MATRIX == pytest.approx(steady)
        assert brand_shares(MATRIX, [0, 0, 1], 80)[-1] == pytest.approx(steady)

    def test_brands_that_never_mix_have_no_one_steady_state(self):
        with pytest.raises(ValueError, match="more than one steady state"):
            steady_shares(np.eye(2))

    def test_a_loyal_customer_is_the_constant_model(self):
        value = switching_value(np.eye(2), [1, 0], 0, purchases=10, profit=2.0, rate=0.1)
        assert value == pytest.approx(lifetime_value([20.0] * 5, rate=0.1))
        assert switching_value(np.eye(2), [1, 0], 1, 10, 2.0, 0.1) == 0

    def test_the_brands_share_out_what_is_bought(self):
        each = [
            switching_value(MATRIX, [0.2, 0.5, 0.3], brand, 12, 3.0, 0.08) for brand in range(3)
        ]
        assert sum(each) == pytest.approx(lifetime_value([36.0] * 5, rate=0.08))

    @pytest.mark.parametrize(
        ("matrix", "message"),
        [
            ([[0.5, 0.4], [0.5, 0.5]], "row 0 sums to 0.9"),
            ([[1.2, -0.2], [0.5, 0.5]], "negative or missing"),
            ([[np.nan, 1.0], [0.5, 0.5]], "negative or missing"),
            ([[0.5, 0.5]], r"must be square but has shape \(1, 2\)"),
        ],
    )
    def test_a_matrix_that_is_none_is_refused(self, matrix, message):
        with pytest.raises(ValueError, match=message):
            brand_shares(matrix, [1.0, 0.0], 1)

    def test_shares_that_are_none_are_refused(self):
        with pytest.raises(ValueError, match="3 shares that sum to 1"):
            brand_shares(MATRIX, [0.5, 0.1, 0.1], 1)
        with pytest.raises(ValueError, match="years must not be negative"):
            brand_shares(MATRIX, [1, 0, 0], -1)


class TestEquity:
    def test_current_and_future_are_summed(self):
        assert customer_equity([100.0, -20.0], [30.0, 25.0], [10, 4]) == 480.0
        assert customer_equity([100.0]) == 100.0
        assert customer_equity([], [5.0]) == 5.0

    def test_what_does_not_fit_is_refused(self):
        with pytest.raises(ValueError, match="differ in length: 1 and 2"):
            customer_equity([], [5.0], [1, 2])
        with pytest.raises(ValueError, match="missing or infinite"):
            customer_equity([np.nan])


class TestFuture:
    def test_who_joins_later_is_worth_less_today(self):
        table = future_cohorts([100, 50], value=30.0, cost=10.0, rate=0.1)
        assert table["present_value"].tolist() == pytest.approx([20 / 1.1**0.5, 20 / 1.1**1.5])
        assert table["total_value"].tolist() == pytest.approx(
            [100 * 20 / 1.1**0.5, 50 * 20 / 1.1**1.5]
        )
        equity = customer_equity([500.0], table["present_value"], table["customers"])
        assert equity == pytest.approx(500 + table["total_value"].sum())

    def test_rate_0_gives_the_plain_sum(self):
        table = future_cohorts([3, 4], value=10.0, cost=12.0, rate=0.0)
        assert table["total_value"].tolist() == [-6.0, -8.0]
        assert table["year"].tolist() == [1, 2]

    @pytest.mark.parametrize(
        ("terms", "message"),
        [
            ({"joining": [-1]}, "who joins must be numbers from 0"),
            ({"joining": [[1]]}, "who joins must be numbers from 0"),
            ({"joining": [np.nan]}, "who joins must be numbers from 0"),
            ({"rate": -1.0}, "rate must be above -1"),
            ({"value": np.inf}, "value and cost must be finite"),
        ],
    )
    def test_wrong_terms_are_refused(self, terms, message):
        with pytest.raises(ValueError, match=message):
            future_cohorts(**{"joining": [1], "value": 1.0, "cost": 0.0, "rate": 0.1, **terms})


class TestSelection:
    def test_the_best_are_taken_and_the_rest_is_told(self):
        found = select_by_value([50.0, 80.0, -5.0, 20.0, 0.0], cost=1.0, limit=2)
        assert found.chosen.tolist() == [True, True, False, False, False]
        assert (found.value, found.forgone, found.spent) == (130.0, 20.0, 2.0)

    def test_without_a_limit_nothing_is_forgone(self):
        found = select_by_value([50.0, -80.0])
        assert (found.value, found.forgone) == (50.0, 0.0)

    def test_a_limit_of_nothing_takes_nobody(self):
        assert select_by_value([50.0], limit=0).forgone == 50.0

    def test_value_for_money_takes_more_of_cheap_ones(self):
        values, costs = [100.0, 60.0, 60.0], [10.0, 5.0, 5.0]
        assert select_by_value(values, costs, limit=10).value == 100.0
        assert select_by_value(values, costs, limit=10, by="ratio").value == 120.0

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.floats(-50, 50), min_size=1, max_size=9), st.integers(0, 9))
    def test_of_equal_costs_no_other_choice_is_worth_more(self, values, places):
        found = select_by_value(values, cost=1.0, limit=places)
        every = (
            sum(some)
            for size in range(min(places, len(values)) + 1)
            for some in itertools.combinations(values, size)
        )
        assert found.value == pytest.approx(max(every))
        assert found.value + found.forgone == pytest.approx(sum(v for v in values if v > 0))

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"value": [np.nan]}, "must be finite"),
            ({"value": [1.0], "cost": -1.0}, "must not be negative"),
            ({"value": [1.0], "limit": -1.0}, "must not be negative"),
            ({"value": [1.0], "by": "luck"}, "'value' or 'ratio' but got 'luck'"),
        ],
    )
    def test_wrong_terms_are_refused(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            select_by_value(**arguments)


class TestConcentration:
    def test_the_best_may_bring_more_than_all_profit(self):
        """Two customers earn 140 of a total of 100: the third costs 40."""
        curve = concentration_curve([60.0, -40.0, 80.0])
        assert curve["profit"].tolist() == [0, 80, 140, 100]
        assert curve["share_of_profit"].tolist() == [0, 0.8, 1.4, 1.0]
        assert curve["share_of_customers"].round(4).tolist() == [0, 0.3333, 0.6667, 1.0]

    def test_it_never_passes_1_without_losses(self):
        curve = concentration_curve(np.random.RandomState(0).gamma(0.5, 10, 200))
        assert curve["share_of_profit"].max() == pytest.approx(1.0)
        assert (curve["share_of_profit"] >= curve["share_of_customers"] - 1e-12).all()

    def test_a_total_of_nothing_has_no_shares(self):
        assert concentration_curve([10.0, -10.0])["share_of_profit"].isna().all()

    @pytest.mark.parametrize(("profit", "message"), [([], "at least one"), ([np.nan], "missing")])
    def test_no_customers_are_refused(self, profit, message):
        with pytest.raises(ValueError, match=message):
            concentration_curve(profit)

    def test_profit_of_a_customer_and_month(self):
        lines = pd.DataFrame(
            {
                "customer_id": ["a", "a", "a", "b"],
                "ordered_at": pd.to_datetime(
                    ["2011-01-03", "2011-01-30", "2011-02-01", "2011-01-05"]
                ),
                "amount": [100.0, 50.0, -40.0, 10.0],
                "share": [0.5, 0.1, 0.5, 0.2],
            }
        )
        table = profit_by_period(lines, margin=0.3, cost_to_serve=1.0)
        assert table["customer_id"].tolist() == ["a", "a", "b"]
        assert table["period"].dt.strftime("%Y-%m-%d").tolist() == [
            "2011-01-01", "2011-02-01", "2011-01-01",
        ]  # fmt: skip
        assert table["profit"].tolist() == pytest.approx([43.0, -13.0, 2.0])
        assert table["amount"].tolist() == [150.0, -40.0, 10.0]
        own = profit_by_period(lines, margin="share", period="Y")
        assert own["profit"].tolist() == pytest.approx([35.0, 2.0])
