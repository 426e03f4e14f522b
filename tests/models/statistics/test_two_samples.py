"""Two-sample tests give published figures, and their intervals hold what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from models.statistics import (
    compare_categories,
    compare_means,
    compare_ranks,
    compare_shares,
)

# Student's sleep data (R's sleep).
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_welch_on_the_sleep_data():
    found = compare_means(FIRST, SECOND)
    assert found.statistic == pytest.approx(-1.8608, abs=1e-4)
    assert found.df == pytest.approx(17.776, abs=1e-3)
    assert found.p_value == pytest.approx(0.07939, abs=1e-5)
    ends = (found.difference_low, found.difference_high)
    assert ends == pytest.approx((-3.3654832, 0.2054832), abs=1e-6)
    assert found.size == pytest.approx(-0.832181 * (1 - 3 / 71), abs=1e-5)
    assert found.size_low < found.size < found.size_high


def test_mann_whitney_counts_pairs():
    found = compare_ranks(FIRST, SECOND)
    larger = sum(a > b for a in FIRST for b in SECOND)
    smaller = sum(a < b for a in FIRST for b in SECOND)
    assert found.size == pytest.approx((larger - smaller) / 100)
    assert found.size_low < found.size < found.size_high
    assert found.df != found.df


def test_newcombe_s_interval():
    """Newcombe (1998), example (a): 56/70 against 48/80, method 10."""
    found = compare_shares(56, 70, 48, 80)
    assert found.difference == pytest.approx(0.2)
    ends = (found.difference_low, found.difference_high)
    assert ends == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert found.p_value == pytest.approx(chi2_contingency([[56, 14], [48, 32]], False).pvalue)


@settings(deadline=None)
@given(st.integers(1, 50), st.integers(1, 50), st.data())
def test_shares_swap_with_their_sign(n, m, data):
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    one, other = compare_shares(a, n, b, m), compare_shares(b, m, a, n)
    assert one.difference == pytest.approx(-other.difference)
    assert one.difference_low == pytest.approx(-other.difference_high, abs=1e-9)
    assert one.p_value == pytest.approx(other.p_value)
    assert one.size_low <= one.size <= one.size_high


def test_chi_square_and_its_effect():
    table = np.array([[20, 30, 50], [40, 35, 25]])
    first = np.repeat(["a", "b"], table.sum(axis=1))
    second = np.concatenate([np.repeat(list("xyz"), row) for row in table])
    found = compare_categories(first, second)
    expected = chi2_contingency(table)
    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.size == pytest.approx(np.sqrt(expected.statistic / 200))
    assert 0 < found.size_low < found.size < found.size_high < 1


def test_no_dependence_has_an_interval_from_zero():
    found = compare_categories(list("aabb") * 20, list("xyxy") * 20)
    assert found.size == pytest.approx(0, abs=1e-12)
    assert found.size_low == 0
    assert found.p_value == pytest.approx(1)


def test_intervals_of_the_effects_cover_as_often_as_they_say():
    rng = np.random.default_rng(1)
    hits = {"mean": 0, "rank": 0}
    for _ in range(400):
        a, b = rng.normal(0.5, 1, 40), rng.normal(0, 1, 40)
        g, r = compare_means(a, b), compare_ranks(a, b)
        hits["mean"] += g.size_low <= 0.5 <= g.size_high
        # For normal samples the chance of a larger value is Phi(d / sqrt 2).
        hits["rank"] += r.size_low <= 2 * 0.6381632 - 1 <= r.size_high
    assert 0.92 <= hits["mean"] / 400 <= 0.98
    assert 0.91 <= hits["rank"] / 400 <= 0.98


def test_missing_values_are_left_out():
    assert compare_means([*FIRST, np.nan], SECOND) == compare_means(FIRST, SECOND)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compare_means([1], [1, 2]), "first needs 2 known values or more, but has 1"),
        (lambda: compare_means([1, 1], [2, 2]), "both samples are constant"),
        (lambda: compare_means(["a", "b"], [2, 2]), "first holds values that are no numbers"),
        (lambda: compare_means([1, np.inf], [2, 3]), "infinite"),
        (lambda: compare_shares(5, 4, 1, 2), "first: hits lie between 0 and the cases"),
        (lambda: compare_shares(0, 0, 1, 2), "first: hits"),
        (lambda: compare_categories(["a", "a"], ["x", "y"]), "one category only"),
        (lambda: compare_categories(["a"], ["x", "y"]), "1 and 2 rows"),
        (lambda: compare_means(FIRST, SECOND, level=95), "between 0 and 1, not 95"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_one_row_as_a_frame():
    frame = compare_means(FIRST, SECOND).to_frame()
    assert frame.loc[0, "test"] == "Welch's t"
    assert len(frame) == 1
