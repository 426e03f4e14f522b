"""Difference in differences: by hand, against a regression, and in coverage."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from models.statistics import before_after


def test_by_hand():
    found = before_after([10, 20], [16, 30], [10, 20, 30], [12, 21, 33])
    assert found.treated_change == 8
    assert found.control_change == 2
    assert found.effect == 6


def test_the_interval_is_welch_s_on_the_changes():
    rng = np.random.default_rng(0)
    a, b = rng.normal(5, 2, (40, 2)), rng.normal(5, 1, (60, 2))
    found = before_after(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    expected = ttest_ind(a[:, 1] - a[:, 0], b[:, 1] - b[:, 0], equal_var=False)
    ends = expected.confidence_interval()
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def test_what_happens_to_all_is_no_effect():
    rng = np.random.default_rng(1)
    before = rng.normal(100, 10, 400)
    after = before + 20 + rng.normal(0, 5, 400)
    found = before_after(before[:200], after[:200], before[200:], after[200:])
    assert found.treated_change > 15
    assert found.low < 0 < found.high


def test_the_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(400):
        a, b = rng.normal(0, 3, 30), rng.normal(0, 1, 50)
        found = before_after(np.zeros(30), a + 2, np.zeros(50), b)
        hits += found.low <= 2 <= found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_return_by_customer():
    found = before_after([0, 0, 0], [4, 5, 6], [0, 0, 0], [0, 1, 2])
    roi = found.roi(cost=2)
    assert roi["roi"] == pytest.approx((4 - 2) / 2)
    assert roi["low"] < roi["roi"] < roi["high"]
    with pytest.raises(ValueError, match="positive cost"):
        found.roi(0)


def test_no_variation_at_all():
    found = before_after([1, 1], [3, 3], [1, 1], [2, 2])
    assert (found.effect, found.low, found.high, found.p_value) == (1, 1, 1, 0)


def test_missing_values_are_left_out_in_pairs():
    found = before_after([1, np.nan, 2], [3, 4, 5], [0, 0], [1, 2])
    assert found.n_treated == 2
    assert found.treated_change == 2.5


@pytest.mark.parametrize(
    ("treated", "message"),
    [
        (([1, 2], [1]), "treated: .2,. values before and .1,. after"),
        (([1], [2]), "treated: two customers or more are needed, not 1"),
        (([1, np.nan], [2, 3]), "not 1"),
    ],
)
def test_bad_input(treated, message):
    with pytest.raises(ValueError, match=message):
        before_after(*treated, [1, 2], [2, 3])
