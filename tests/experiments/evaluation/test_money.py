import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.money import (
    Economics,
    Forecast,
    Profit,
    Spread,
    best_depth,
    between_windows,
    customer_profit,
    forecast_table,
    profit_at_depth,
    profit_by_customer,
    profit_curve,
    row_values,
)

# Three customers; a contact costs 1.
#   ann: 0.5 x 4 + 0.5 x 2 = 3.0, less 1 = 2.0; buys the first: 4 - 1 = 3
#   bob: 0.25 x 6 = 1.5, less 1 = 0.5; buys nothing: -1
#   cyd: 0.1 x 5 = 0.5, less 1 = -0.5; buys: 5 - 1 = 4
ROWS = pd.DataFrame(
    {
        "customer": ["cyd", "ann", "bob", "ann"],
        "item": ["x", "x", "y", "z"],
        "probability": [0.1, 0.5, 0.25, 0.5],
        "margin": [5.0, 4.0, 6.0, 2.0],
        "bought": [1, 1, 0, 0],
    }
)
ONE = Economics(contact_cost=1.0)


def test_profit_of_each_customer_as_written_by_hand():
    table = customer_profit(ROWS, ONE)
    assert table.index.tolist() == ["ann", "bob", "cyd"]
    assert table["expected_profit"].tolist() == [2.0, 0.5, -0.5]
    assert table["realised_profit"].tolist() == [3.0, -1.0, 4.0]


def test_the_curve_written_by_hand():
    expected = pd.DataFrame(
        {
            "depth": [0, 1 / 3, 2 / 3, 1],
            "customers": [0, 1, 2, 3],
            "contact_cost": [0.0, 1, 2, 3],
            "expected_profit": [0, 2.0, 2.5, 2.0],
            "realised_profit": [0, 3.0, 2.0, 6.0],
        }
    )
    pd.testing.assert_frame_equal(profit_curve(ROWS, ONE), expected)


@pytest.mark.parametrize(
    ("limits", "customers"),
    [
        ({}, 2),
        ({"capacity": 1}, 1),
        ({"capacity": 0}, 0),
        ({"capacity": 99}, 2),
        ({"budget": 1.99}, 1),
        ({"budget": 2.0}, 2),
        ({"budget": 0.0}, 0),
        ({"budget": 2.0, "capacity": 1}, 1),
    ],
)
def test_the_best_depth_stays_within_the_limits(limits, customers):
    economics = Economics(contact_cost=1.0, **limits)
    assert best_depth(profit_curve(ROWS, economics), economics) == customers


def test_equal_profits_take_the_smaller_depth():
    curve = pd.DataFrame(
        {"customers": [0, 1, 2], "contact_cost": 0.0, "expected_profit": [0, 5.0, 5.0]}
    )
    assert best_depth(curve, Economics()) == 1


def test_nobody_is_contacted_when_no_contact_pays():
    dear = Economics(contact_cost=10.0)
    assert best_depth(profit_curve(ROWS, dear), dear) == 0
    profit = profit_at_depth(ROWS, dear)
    assert (profit.customers, profit.expected.mean, profit.realised.mean) == (0, 0.0, 0.0)


def test_a_budget_of_ten_tenths_pays_for_ten_contacts():
    rows = pd.DataFrame({"customer": range(20), "item": 0, "probability": 1.0, "margin": 1.0})
    economics = Economics(contact_cost=0.1, budget=0.1 * 3)
    assert best_depth(profit_curve(rows, economics), economics) == 3


def test_the_depth_never_looks_at_the_outcome():
    swapped = ROWS.assign(bought=1 - ROWS["bought"])
    assert profit_at_depth(ROWS, ONE).customers == profit_at_depth(swapped, ONE).customers == 2


def test_profit_by_customer_is_zero_for_those_left_alone():
    each = profit_by_customer(ROWS, ONE, customers=pd.Index(["zoe", "cyd", "bob", "ann"]))
    assert each.to_dict() == {"ann": 3.0, "bob": -1.0, "cyd": 0.0, "zoe": 0.0}
    deep = profit_by_customer(ROWS, ONE, depth=3, column="expected_profit")
    assert deep.to_dict() == {"ann": 2.0, "bob": 0.5, "cyd": -0.5}


def test_a_customer_outside_the_population_is_refused():
    with pytest.raises(ValueError, match="2 customers of the rows are not among the customers"):
        profit_by_customer(ROWS, ONE, customers=pd.Index(["ann"]))


def test_total_profit_has_an_interval_over_all_customers():
    profit = profit_at_depth(ROWS, ONE, customers=pd.Index(["ann", "bob", "cyd", "zoe"]), seed=1)
    assert (profit.customers, profit.depth) == (2, 0.5)
    assert profit.expected.mean == 2.5
    assert profit.realised.mean == 2.0
    assert profit.realised.low < 2.0 < profit.realised.high
    assert profit.realised.n == 4


def test_without_outcomes_only_the_expectation_is_known():
    rows = ROWS.drop(columns="bought")
    assert profit_curve(rows, ONE)["realised_profit"].iloc[1:].isna().all()
    profit = profit_at_depth(rows, ONE)
    assert profit.expected.mean == 2.5
    assert np.isnan(profit.realised.mean)


def test_margin_comes_from_the_price_where_it_is_not_known():
    rows = pd.DataFrame({"margin": [2.0, np.nan], "price": [10.0, 20.0]})
    assert row_values(rows, Economics(margin=0.25)).tolist() == [2.0, 5.0]


def test_quantity_comes_from_the_row_and_else_from_the_economics():
    rows = pd.DataFrame({"margin": [2.0, 2.0], "quantity": [10.0, np.nan]})
    assert row_values(rows, Economics(quantity=3)).tolist() == [20.0, 6.0]


@pytest.mark.parametrize(
    ("rows", "economics"),
    [
        ({"margin": [np.nan, 1.0]}, Economics(margin=0.3)),
        ({"margin": [np.nan, 1.0], "price": [5.0, 5.0]}, Economics()),
        ({"margin": [np.nan, 1.0], "price": [np.nan, 5.0]}, Economics(margin=0.3)),
    ],
)
def test_a_row_without_any_margin_is_refused(rows, economics):
    with pytest.raises(ValueError, match="1 of 2 rows have no margin"):
        row_values(pd.DataFrame(rows), economics)


@pytest.mark.parametrize("probability", [-0.1, 1.1, np.nan])
def test_what_is_not_a_probability_is_refused(probability):
    with pytest.raises(ValueError, match="1 of 4 probabilities are missing or not between"):
        customer_profit(ROWS.assign(probability=[0.1, 0.2, 0.3, probability]), ONE)


def test_wrong_economics_are_all_named_at_once():
    with pytest.raises(ValueError) as caught:
        Economics(margin=30, contact_cost=-1, budget=-5, capacity=-2, quantity=0)
    for name in ("margin", "contact_cost", "budget", "capacity", "quantity"):
        assert f"{name} must be" in str(caught.value)
    assert "margin must be from 0 to 1 but got 30" in str(caught.value)


def test_no_rows_mean_no_contacts():
    curve = profit_curve(ROWS.iloc[:0], ONE)
    assert curve.to_numpy().tolist() == [[0.0] * 5]
    assert best_depth(curve, ONE) == 0


tables = st.lists(
    st.tuples(st.integers(0, 6), st.floats(0, 1), st.floats(-5, 20), st.booleans()),
    min_size=1,
    max_size=25,
)


def frame(table):
    customer, probability, margin, bought = zip(*table, strict=True)
    return pd.DataFrame(
        {
            "customer": customer,
            "item": range(len(table)),
            "probability": probability,
            "margin": margin,
            "bought": bought,
        }
    )


@settings(max_examples=60, deadline=None)
@given(tables, st.floats(0, 5), st.one_of(st.none(), st.integers(0, 8)))
def test_no_other_set_of_customers_has_a_higher_expectation(table, cost, capacity):
    rows = frame(table)
    economics = Economics(contact_cost=cost, capacity=capacity)
    each = rows.assign(v=rows["probability"] * rows["margin"]).groupby("customer")["v"].sum() - cost
    worthwhile = sorted((v for v in each if v > 0), reverse=True)[:capacity]
    curve = profit_curve(rows, economics)
    chosen = curve.set_index("customers").loc[best_depth(curve, economics)]
    assert chosen["expected_profit"] == pytest.approx(sum(worthwhile), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(table, random):
    before = profit_curve(frame(table), ONE)
    rows = frame(table)
    shuffled = rows.sample(frac=1, random_state=random.randrange(1000))
    pd.testing.assert_frame_equal(before, profit_curve(shuffled, ONE), check_exact=True)


def test_input_is_not_changed():
    rows = ROWS.copy()
    profit_at_depth(rows, ONE)
    pd.testing.assert_frame_equal(rows, ROWS)


def window(expected, realised, se=0.0):
    """Make a forecast of totals."""
    ends = Interval(realised, realised - 2 * se, realised + 2 * se, se=se, n=100)
    return Forecast("2024-01-31", Profit(50, 0.5, Interval(expected, 0.0, 0.0), ends))


def test_what_would_be_bought_anyway_is_taken_off_both():
    rows = pd.DataFrame(
        {
            "customer": ["a", "a"],
            "item": ["x", "y"],
            "probability": [0.5, 0.4],
            "baseline": [0.1, 0.4],
            "margin": [10.0, 5.0],
            "bought": [1.0, 0.0],
        }
    )
    found = customer_profit(rows, Economics(contact_cost=1.0))
    assert found["expected_profit"].tolist() == pytest.approx([0.4 * 10 + 0.0 - 1])
    assert found["realised_profit"].tolist() == pytest.approx([0.9 * 10 - 0.4 * 5 - 1])


def test_a_stated_depth_goes_before_the_best():
    rows = pd.DataFrame({"customer": ["a", "b"], "item": "x", "probability": [0.5, 0.1]})
    rows = rows.assign(margin=4.0, bought=[1.0, 0.0])
    money = Economics(contact_cost=1.0)
    assert profit_at_depth(rows, money, n=100).customers == 1
    both = profit_at_depth(rows, money, depth=2, n=100)
    assert (both.customers, both.realised.mean) == (2, 2.0)


def test_windows_differ_by_what_chance_among_customers_does_not_explain():
    sure = [window(100, won) for won in (80, 100, 120)]
    assert between_windows(sure) == pytest.approx(np.sqrt(0.08 / 3))
    # The same errors, where chance alone makes them as large.
    assert between_windows([window(100, won, se=17) for won in (80, 100, 120)]) == 0.0
    half = [window(100, won, se=10) for won in (80, 100, 120)]
    assert between_windows(half) == pytest.approx(np.sqrt(0.08 / 3 - 0.01))


@pytest.mark.parametrize("few", [[], [window(100, 20)] * 2, [window(0, 20)] * 4])
def test_too_few_windows_say_nothing(few):
    assert between_windows(few) == 0.0


def test_a_list_is_as_unsure_as_its_windows():
    profit = Profit(100, 1.0, Interval(50, 0, 0), Interval(50, 40, 65, se=5, n=100))
    plain = Spread.of(profit)
    assert (plain.between, plain.windows) == (0.0, 0)
    assert plain.around(500, 100).low == pytest.approx(490)
    wide = Spread.of(profit, [window(100, won) for won in (80, 100, 120)])
    found = wide.around(500, 400)
    # Student's t for three windows at 95 %: 3.1824.
    far = 3.1824463 * wide.between * 500
    assert found.low == pytest.approx(500 - np.hypot(20, far))
    assert found.high == pytest.approx(500 + np.hypot(30, far))
    assert found.mean == 500


def test_the_interval_covers_windows_to_come_at_about_its_level():
    """Windows whose errors spread by 30 % around the promise: three are seen, the fourth comes."""
    random = np.random.default_rng(0)
    errors = random.normal(0, 0.3, size=(4000, 4))
    covered = 0
    for row in errors:
        seen = [window(100, 100 * (1 + error)) for error in row[:3]]
        spread = Spread(1e-9, 1e-9, 100, between=between_windows(seen), windows=3)
        covered += 100 * (1 + row[3]) in spread.around(100, 100)
    # The standard error of the share is 0.003.
    assert covered / len(errors) == pytest.approx(0.95, abs=0.012)


def test_forecasts_stand_side_by_side_with_what_happened():
    table = forecast_table([window(100, 80, se=5), window(0, 3)])
    assert table["predicted_profit"].tolist() == [100, 0]
    assert table["realised_profit"].tolist() == [80, 3]
    assert table["error"].iloc[0] == pytest.approx(-0.2)
    assert np.isnan(table["error"].iloc[1])
    assert table["within"].tolist() == [False, False]
