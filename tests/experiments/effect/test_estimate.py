"""Effects against scipy, statsmodels and small cases worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.effect import effect
from experiments.effect.estimate import fewest_for


def two_groups(seed=0, n1=60, n0=40):
    rng = np.random.default_rng(seed)
    y = np.concatenate([rng.gamma(2.0, 3.0, n1), rng.gamma(2.0, 2.0, n0)])
    return y, np.arange(n1 + n0) < n1


def test_a_small_case_by_hand():
    # treated 4, 6, 8: mean 6, variance 4; controls 1, 3: mean 2, variance 2
    # se = sqrt(4/3 + 2/2) = 1.527525
    found = effect([4, 6, 8, 1, 3], [True, True, True, False, False])
    assert (found.difference, found.treated_mean, found.control_mean) == (4.0, 6.0, 2.0)
    assert found.se == pytest.approx(math.sqrt(4 / 3 + 2 / 2))
    assert (found.treated, found.control, found.method) == (3, 2, "welch")
    assert found.lift == pytest.approx(2.0)
    assert found.total == 12.0


def test_means_agree_with_welch_of_scipy():
    y, treated = two_groups()
    found = effect(y, treated, level=0.9)
    told = stats.ttest_ind(y[treated], y[~treated], equal_var=False)
    low, high = told.confidence_interval(0.9)
    assert found.p == pytest.approx(told.pvalue)
    assert (found.low, found.high) == pytest.approx((low, high))


def test_means_agree_with_statsmodels():
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    y, treated = two_groups(3)
    low, high = CompareMeans(DescrStatsW(y[treated]), DescrStatsW(y[~treated])).tconfint_diff(
        usevar="unequal"
    )
    found = effect(y, treated)
    assert (found.low, found.high) == pytest.approx((low, high))


def test_shares_agree_with_newcombe_of_statsmodels():
    from statsmodels.stats.proportion import confint_proportions_2indep

    y = np.repeat([1, 0, 1, 0], [7, 93, 2, 48])
    treated = np.repeat([True, False], [100, 50])
    low, high = confint_proportions_2indep(7, 100, 2, 50, method="newcomb", compare="diff")
    found = effect(y, treated)
    assert found.method == "newcombe"
    assert (found.low, found.high) == pytest.approx((low, high))
    table = [[7, 93], [2, 48]]
    assert found.p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)


def test_the_adjusted_effect_is_that_of_a_regression_on_treatment_and_covariates():
    import statsmodels.api as sm

    rng = np.random.default_rng(5)
    treated = rng.random(400) < 0.3
    x = rng.normal(size=(400, 2))
    y = 2 * x[:, 0] - x[:, 1] + 0.7 * treated + rng.normal(size=400)
    fitted = sm.OLS(y, np.column_stack([np.ones(400), treated, x])).fit(cov_type="HC2")
    found = effect(y, treated, x)
    assert found.difference == pytest.approx(fitted.params[1])
    assert found.se == pytest.approx(fitted.bse[1], rel=0.03)
    assert found.variance_reduction == pytest.approx(5 / 6, abs=0.07)


def test_covariates_that_tell_nothing_change_next_to_nothing():
    y, treated = two_groups(1, 300, 300)
    noise = np.random.default_rng(2).normal(size=(600, 2))
    plain, adjusted = effect(y, treated), effect(y, treated, noise)
    assert abs(adjusted.variance_reduction) < 0.02
    assert adjusted.difference == pytest.approx(plain.difference, abs=plain.se / 2)


def test_small_groups_are_not_adjusted():
    y, treated = two_groups(n1=200, n0=fewest_for(1) - 1)
    x = y + np.random.default_rng(0).normal(size=len(y))
    assert effect(y, treated, x) == effect(y, treated)
    y, treated = two_groups(n1=200, n0=fewest_for(1))
    assert effect(y, treated, np.arange(len(y))) != effect(y, treated)


def test_rare_responses_keep_the_interval_for_shares():
    y = np.zeros(400)
    y[:9] = 1
    treated = np.arange(400) % 2 == 0
    found = effect(y, treated, np.arange(400.0))
    assert found == effect(y, treated)
    assert found.method == "newcombe"


def test_nobody_responds():
    found = effect(np.zeros(50), np.arange(50) < 30)
    assert found.difference == 0
    assert found.low < 0 < found.high
    assert found.p == 1.0
    assert math.isnan(found.lift)


def test_nothing_varies():
    found = effect(np.full(10, 3.0), np.arange(10) < 4)
    assert found.difference == 0
    assert math.isnan(found.low)
    assert math.isnan(found.p)


@pytest.mark.parametrize("treated", [[True] * 5, [False] * 5, [True, False, False, False, False]])
def test_a_group_without_two_customers_has_no_interval(treated):
    found = effect([1.0, 2.0, 3.0, 4.0, 5.0], treated)
    assert math.isnan(found.low)
    assert found.treated == sum(treated)


def test_lift_and_its_interval_by_hand():
    # logs of the ratio: sqrt(var1/m1^2 + var0/m0^2) times 1.959964
    y, treated = two_groups(7, 100, 100)
    a, b = y[treated], y[~treated]
    far = 1.959964 * math.sqrt(
        a.var(ddof=1) / 100 / a.mean() ** 2 + b.var(ddof=1) / 100 / b.mean() ** 2
    )
    found = effect(y, treated)
    assert found.lift == pytest.approx(a.mean() / b.mean() - 1)
    assert found.lift_low == pytest.approx(a.mean() / b.mean() * math.exp(-far) - 1)
    assert found.lift_high == pytest.approx(a.mean() / b.mean() * math.exp(far) - 1)


@pytest.mark.parametrize(
    ("outcome", "treated", "more", "message"),
    [
        ([1.0, 2.0], [True], {}, r"differ in shape: \(2,\) and \(1,\)"),
        ([1.0, math.nan, 2.0], [True, False, True], {}, "1 of 3 outcomes are missing"),
        ([1.0, 2.0], [True, False], {"level": 1.0}, "level must be between 0 and 1 but got 1.0"),
        (
            [1.0, 2.0, 3.0, 4.0],
            [True, True, False, False],
            {"covariates": np.array([1, 2, 3, math.inf])},
            "1 covariates are missing",
        ),
    ],
)
def test_wrong_arguments_are_told(outcome, treated, more, message):
    with pytest.raises(ValueError, match=message):
        effect(outcome, treated, **more)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=6, max_size=30),
    st.floats(-100, 100),
    st.floats(0.1, 10),
)
def test_shifting_and_scaling_the_outcome_shifts_and_scales_the_effect(values, shift, factor):
    y = np.array(values)
    treated = np.arange(len(y)) % 2 == 0
    found, other = effect(y, treated), effect(y * factor + shift, treated)
    if found.method == other.method and found.se > 1e-6:
        assert other.difference == pytest.approx(found.difference * factor, abs=1e-6)
        assert other.se == pytest.approx(found.se * factor, rel=1e-6, abs=1e-6)


@given(st.permutations(range(20)))
def test_the_order_of_customers_does_not_matter(order):
    y, treated = two_groups(n1=12, n0=8)
    again = effect(y[list(order)], treated[list(order)])
    assert again.difference == pytest.approx(effect(y, treated).difference)
    assert again.p == pytest.approx(effect(y, treated).p)


def test_the_inputs_are_not_changed():
    y, treated = two_groups(n1=100, n0=100)
    x = np.random.default_rng(0).normal(size=(200, 2))
    before = y.copy(), treated.copy(), x.copy()
    effect(y, treated, x)
    for now, then in zip((y, treated, x), before, strict=True):
        np.testing.assert_array_equal(now, then)
