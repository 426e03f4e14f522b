import math

import numpy as np
import pytest
from scipy import stats

from experiments.evaluation.resampled import corrected_t_test


def test_by_hand():
    # Mean 0.02, variance 0.0001 / 4 ... ; five folds: 1/5 + 0.2/0.8 = 0.45.
    values = [0.01, 0.02, 0.03, 0.02, 0.02]
    variance = np.var(values, ddof=1)
    found = corrected_t_test(values, 0.2)
    t = 0.02 / math.sqrt(0.45 * variance)
    assert found.difference == pytest.approx(0.02)
    assert found.p == pytest.approx(2 * stats.t.sf(t, 4))
    reach = stats.t.ppf(0.975, 4) * math.sqrt(0.45 * variance)
    assert (found.low, found.high) == pytest.approx((0.02 - reach, 0.02 + reach))
    assert found.is_sure


def test_it_is_less_sure_than_the_plain_t_test():
    values = np.random.default_rng(0).normal(0.02, 0.02, 10)
    assert corrected_t_test(values, 0.2).p > stats.ttest_1samp(values, 0).pvalue


def test_repeating_the_same_folds_adds_little():
    values = [0.01, 0.03, -0.01, 0.02, 0.00]
    once, often = corrected_t_test(values, 0.2), corrected_t_test(values * 20, 0.2)
    assert often.difference == pytest.approx(once.difference)
    # The plain test would shrink to less than a quarter.
    assert often.high - often.low > 0.45 * (once.high - once.low)


def test_the_sign_turns_with_the_difference():
    values = np.array([0.03, 0.01, 0.02])
    there, back = corrected_t_test(values, 0.3), corrected_t_test(-values, 0.3)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.p == pytest.approx(back.p)


def test_ends_of_the_range():
    assert corrected_t_test([0.0, 0.0], 0.5).p == 1.0
    assert corrected_t_test([0.1, 0.1], 0.5).p == 0.0
    single = corrected_t_test([0.1], 0.5)
    assert single.difference == 0.1
    assert math.isnan(single.low)
    assert not single.is_sure


@pytest.mark.parametrize(
    ("values", "share", "level", "told"),
    [
        ([0.1, 0.2], 0.0, 0.95, "between 0 and 1"),
        ([0.1, 0.2], 0.5, 1.0, "between 0 and 1"),
        ([0.1, math.nan], 0.5, 0.95, "finite"),
    ],
)
def test_bad_input(values, share, level, told):
    with pytest.raises(ValueError, match=told):
        corrected_t_test(values, share, level=level)
