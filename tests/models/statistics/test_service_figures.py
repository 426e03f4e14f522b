"""Satisfaction, loyalty, service quality, productivity and return by their definitions."""

import numpy as np
import pandas as pd
import pytest

from models.association.significance import confidence_interval
from models.statistics import (
    DIMENSIONS,
    ITEMS,
    comparison_matrix,
    internal_rate,
    loyalty_score,
    loyalty_shares,
    net_present_value,
    payback_period,
    purchase_pattern,
    repeat_loyal,
    return_on_investment,
    satisfaction,
    satisfaction_by,
    service_productivity,
    service_quality,
    weigh_criteria,
)


def test_on_five_points_the_top_two_are_satisfied():
    found = satisfaction([1] * 10 + [2] * 10 + [3] * 20 + [4] * 35 + [5] * 25)
    assert found["satisfied"] == pytest.approx(0.60)
    assert found["very_satisfied"] == pytest.approx(0.25)
    assert found["merely_satisfied"] == pytest.approx(0.35)
    assert (found["neutral"], found["dissatisfied"]) == pytest.approx((0.2, 0.2))
    low, high = confidence_interval([60], [100])
    assert (found["low"], found["high"]) == pytest.approx((low[0], high[0]))


def test_on_ten_points_those_above_six_are_satisfied():
    found = satisfaction(range(1, 11), points=10)
    assert found["satisfied"] == pytest.approx(0.4)
    assert found["very_satisfied"] == pytest.approx(0.2)
    assert found[["satisfied", "neutral", "dissatisfied"]].sum() == pytest.approx(1)


def test_equal_satisfied_shares_are_told_apart_by_the_very_satisfied():
    table = pd.DataFrame(
        {"shop": list("a" * 10 + "b" * 10), "score": [4] * 8 + [2] * 2 + [5] * 8 + [2] * 2}
    )
    found = satisfaction_by(table, "score", "shop")
    assert found["satisfied"].tolist() == [0.8, 0.8]
    assert found["very_satisfied"].tolist() == [0.0, 0.8]


def test_missing_answers_are_counted():
    assert satisfaction([5, None, 3])["n_missing"] == 1


@pytest.mark.parametrize(
    ("scores", "points", "message"),
    [
        ([6], 5, r"from 1 to 5, not \[6.0\]"),
        ([0, 3], 10, "from 1 to 10"),
        ([2.5], 5, "whole numbers"),
        ([None], 5, "no score is known"),
        ([1], 7, "5 or 10 points, not 7"),
    ],
)
def test_scores_off_the_scale_are_refused(scores, points, message):
    with pytest.raises(ValueError, match=message):
        satisfaction(scores, points=points)


CUSTOMERS = pd.DataFrame(
    {"ours": [8, 1], "all": [10, 10], "visits": [4, 2], "all_visits": [5, 8],
     "spent": [50.0, 10], "budget": [100.0, 100]}
)  # fmt: skip
PARTS = {
    "purchases": ("ours", "all"), "visits": ("visits", "all_visits"), "wallet": ("spent", "budget")
}  # fmt: skip


def test_shares_of_purchases_visits_and_wallet():
    shares = loyalty_shares(CUSTOMERS, PARTS)
    assert shares.to_numpy().tolist() == [[0.8, 0.8, 0.5], [0.1, 0.25, 0.1]]


def test_loyalty_weighs_doing_and_saying():
    shares = loyalty_shares(CUSTOMERS, PARTS)
    pairs = comparison_matrix({"purchases": {"visits": 3, "wallet": 5}, "visits": {"wallet": 3}})
    weights = weigh_criteria(pairs, list(pairs.index))
    score = loyalty_score(shares, [0.9, 0.2], x=0.3, weights=weights)
    w = weights.weights
    expected = 0.7 * (w["purchases"] * 0.8 + w["visits"] * 0.8 + w["wallet"] * 0.5) + 0.3 * 0.9
    assert score.iloc[0] == pytest.approx(expected)
    assert loyalty_score(shares, [0.9, 0.2], x=1).tolist() == pytest.approx([0.9, 0.2])
    assert loyalty_score(shares, [0.9, 0.2], x=0).iloc[0] == pytest.approx(0.7)


def test_a_missing_share_leaves_its_weight_to_the_others():
    shares = pd.DataFrame({"purchases": [0.8], "wallet": [np.nan]})
    score = loyalty_score(shares, [0.0], x=0, weights={"purchases": 1, "wallet": 3})
    assert score.iloc[0] == pytest.approx(0.8)


def test_contradicting_comparisons_are_refused():
    pairs = comparison_matrix(
        {"purchases": {"visits": 9, "wallet": 1 / 9}, "visits": {"wallet": 9}}
    )
    weights = weigh_criteria(pairs, list(pairs.index))
    with pytest.raises(ValueError, match="consistency ratio"):
        loyalty_score(loyalty_shares(CUSTOMERS, PARTS), [0.9, 0.2], x=0.3, weights=weights)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": 1.5}, "x lies between 0 and 1"),
        ({"subjective": [5, 2]}, "'subjective' holds values"),
        ({"weights": {"purchases": 1}}, "do not fit columns"),
        ({"weights": {"purchases": 0, "visits": 0, "wallet": 0}}, "do not sum to 0"),
    ],
)
def test_bad_loyalty(change, message):
    arguments = {"subjective": [0.9, 0.2], "x": 0.3, "weights": None, **change}
    with pytest.raises(ValueError, match=message):
        loyalty_score(loyalty_shares(CUSTOMERS, PARTS), **arguments)


def test_bad_shares():
    with pytest.raises(ValueError, match=r"'ours' is not between 0 and 'visits' in rows \[0\]"):
        loyalty_shares(CUSTOMERS, {"purchases": ("ours", "visits")})
    with pytest.raises(ValueError, match="shares are purchases, visits, wallet"):
        loyalty_shares(CUSTOMERS, {"purse": ("ours", "all")})


def test_three_in_a_row_is_loyal():
    assert repeat_loyal("BAAAB", "A")
    assert not repeat_loyal("AABAA", "A")
    assert repeat_loyal("AABAA", "A", times=2)
    with pytest.raises(ValueError, match="1 or more"):
        repeat_loyal("A", "A", times=0)


@pytest.mark.parametrize(
    ("way", "pattern"),
    [
        ("AAAAAA", "undivided"), ("ABABAB", "divided"), ("AABBAB", "divided"),
        ("AAABBB", "unstable"), ("ABCDEF", "none"), ("AB", "none"),
    ],
)  # fmt: skip
def test_patterns_of_brown(way, pattern):
    assert purchase_pattern(way) == pattern


def test_a_pattern_needs_two_purchases():
    with pytest.raises(ValueError, match="two purchases or more, not 1"):
        purchase_pattern("A")


@pytest.fixture
def answers():
    rng = np.random.default_rng(0)
    columns = [f"q{i}" for i in range(1, 23)]
    expected = pd.DataFrame(rng.integers(5, 8, (50, 22)), columns=columns)
    perceived = pd.DataFrame(rng.integers(2, 8, (50, 22)), columns=columns)
    return expected, perceived, {n: [f"q{i}" for i in items] for n, items in ITEMS.items()}


def test_the_22_statements():
    assert [len(ITEMS[name]) for name in DIMENSIONS] == [4, 5, 4, 4, 5]
    assert sorted(i for items in ITEMS.values() for i in items) == list(range(1, 23))


def test_gaps_are_perceived_minus_expected(answers):
    expected, perceived, columns = answers
    found = service_quality(expected, perceived, columns)
    gaps = (perceived - expected)[columns["empathy"]].mean(axis=1)
    assert found.loc["empathy", "gap"] == pytest.approx(gaps.mean())
    assert found.loc["empathy", "n"] == 50
    assert found.loc["altogether", "gap"] == pytest.approx(found["gap"].drop("altogether").mean())
    assert (found["low"] < found["gap"]).all()


def test_weights_of_a_hundred_points(answers):
    expected, perceived, columns = answers
    points = dict(zip(DIMENSIONS, [10, 40, 20, 20, 10], strict=True))
    found = service_quality(expected, perceived, columns, weights=points)
    gaps = found["gap"]
    whole = sum(gaps[name] * share / 100 for name, share in points.items())
    assert gaps["altogether"] == pytest.approx(whole)
    assert found["weight"].tolist() == pytest.approx([0.1, 0.4, 0.2, 0.2, 0.1, 1.0])


def test_unanswered_statements_are_left_out_in_pairs(answers):
    expected, perceived, columns = answers
    perceived = perceived.astype(float)
    perceived.loc[0, "q1"] = np.nan
    found = service_quality(expected, perceived, columns)
    both = (perceived - expected)[columns["tangibles"]].mean(axis=1)
    assert found.loc["tangibles", "gap"] == pytest.approx(both.mean())


def test_bad_service_quality(answers):
    expected, perceived, columns = answers
    with pytest.raises(
        ValueError, match="dimensions: 'empathy' is missing; unknown 'emphaty'; did"
    ):
        wrong = {("emphaty" if n == "empathy" else n): c for n, c in columns.items()}
        service_quality(expected, perceived, wrong)
    with pytest.raises(ValueError, match="perceived lacks column 'q22'"):
        service_quality(expected, perceived.drop(columns="q22"), columns)
    with pytest.raises(ValueError, match="same customers"):
        service_quality(expected, perceived.head(3), columns)
    with pytest.raises(ValueError, match="do not sum to 0"):
        service_quality(expected, perceived, columns, weights=dict.fromkeys(DIMENSIONS, 0.0))


def test_productivity_is_quantity_times_quality_by_input():
    table = pd.DataFrame({"n": [100, 80], "q": [0.5, 1.0], "wages": [20, 20], "rent": [5, 20]})
    found = service_productivity(table, "n", "q", ["wages", "rent"])
    assert found["productivity"].tolist() == [2.0, 2.0]
    assert found["index"].tolist() == [1.0, 1.0]
    better = service_productivity(table.assign(q=[1.0, 1.0]), "n", "q", ["wages", "rent"])
    assert better["productivity"].tolist() == [4.0, 2.0]
    assert better["index"].tolist() == pytest.approx([4 / (180 / 65), 2 / (180 / 65)])


def test_bad_productivity():
    table = pd.DataFrame({"n": [-1], "q": [90], "wages": [0]})
    with pytest.raises(ValueError, match=r"quality .* quantity .* inputs"):
        service_productivity(table, "n", "q", ["wages"])
    with pytest.raises(ValueError, match="at least one input"):
        service_productivity(table, "n", "q", [])


def test_return_on_investment_and_present_value():
    assert return_on_investment(gain=80, cost=100) == pytest.approx(-0.2)
    assert net_present_value([-100, 30, 40, 50], 0) == pytest.approx(20)
    assert net_present_value([-100, 60, 60], 0.1) == pytest.approx(-100 + 60 / 1.1 + 60 / 1.21)
    later = net_present_value([-100, 60, 60], 0.1, discount_first=True)
    assert later == pytest.approx(net_present_value([-100, 60, 60], 0.1) / 1.1)
    values = [net_present_value([-100, 60, 60], rate) for rate in (0, 0.05, 0.1, 0.2)]
    assert values == sorted(values, reverse=True)


def test_the_internal_rate_makes_the_present_value_zero():
    flows = [-1000, 300, 420, 680]
    assert net_present_value(flows, internal_rate(flows)) == pytest.approx(0, abs=1e-6)
    assert internal_rate(flows) == pytest.approx(0.1634, abs=1e-4)


def test_payback():
    assert payback_period([-100, 50, 50]) == 2
    assert payback_period([-100, 40, 80]) == 1.75
    assert payback_period([10, -5]) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: return_on_investment(1, 0), "positive cost, not 0"),
        (lambda: net_present_value([1], -1), "above -1"),
        (lambda: net_present_value([np.nan], 0.1), "finite"),
        (lambda: internal_rate([1, 2]), "change sign exactly once"),
        (lambda: internal_rate([-1, 3, -2]), "change sign exactly once"),
    ],
)
def test_bad_money(call, message):
    with pytest.raises(ValueError, match=message):
        call()
