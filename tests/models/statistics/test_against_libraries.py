"""The figures of the techniques against scipy, statsmodels and plain algebra, on drawn data."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from sklearn.metrics import roc_auc_score
from statsmodels.multivariate.factor import Factor
from statsmodels.multivariate.factor_rotation import rotate_factors
from statsmodels.multivariate.manova import MANOVA
from statsmodels.stats.meta_analysis import effectsize_smd
from statsmodels.stats.proportion import proportion_confint

from models.statistics import (
    FactorModel,
    bartlett,
    compare_categories,
    compare_means,
    compare_ranks,
    compare_shares,
    discriminant_analysis,
    internal_rate,
    kmo,
    linear_regression,
    logistic_regression,
    net_present_value,
    one_way_anova,
    satisfaction,
    tukey,
    two_way_anova,
    weigh_criteria,
)
from models.statistics.nonlinear import CurveRegression
from models.statistics.rotation import oblimin, varimax

seeds = pytest.mark.parametrize("seed", range(3))


@seeds
def test_two_means(seed):
    random = np.random.default_rng(seed)
    a, b = random.normal(1, 1, 23), random.normal(0, 3, 41)
    found = compare_means(a, b, level=0.9)
    theirs = stats.ttest_ind(a, b, equal_var=False)
    ends = theirs.confidence_interval(0.9)
    assert (found.statistic, found.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert (found.difference_low, found.difference_high) == pytest.approx((ends.low, ends.high))
    g, _ = effectsize_smd(a.mean(), a.std(ddof=1), len(a), b.mean(), b.std(ddof=1), len(b))
    assert found.size == pytest.approx(g, rel=1e-3)  # they take an approximate correction


@seeds
def test_two_rankings(seed):
    random = np.random.default_rng(seed)
    a, b = random.integers(0, 8, 30), random.integers(2, 10, 50)
    found = compare_ranks(a, b)
    area = roc_auc_score(np.repeat([1, 0], [30, 50]), np.concatenate([a, b]))
    assert found.size == pytest.approx(2 * area - 1)
    assert found.p_value == pytest.approx(stats.mannwhitneyu(a, b).pvalue)


@seeds
def test_two_shares_and_two_categories(seed):
    random = np.random.default_rng(seed)
    hits, n = random.integers(5, 40, 2), random.integers(60, 90, 2)
    table = np.array([hits, n - hits])
    found = compare_shares(int(hits[0]), int(n[0]), int(hits[1]), int(n[1]))
    chi2 = stats.chi2_contingency(table, correction=False)
    assert found.statistic**2 == pytest.approx(chi2.statistic)
    assert found.p_value == pytest.approx(chi2.pvalue)
    left, right = random.integers(0, 3, 200), random.integers(0, 4, 200)
    both = compare_categories(left, right)
    crossed = pd.crosstab(left, right).to_numpy()
    assert both.size == pytest.approx(stats.contingency.association(crossed, method="cramer"))


@seeds
def test_one_factor(seed):
    random = np.random.default_rng(seed)
    samples = [random.normal(m, 1 + m, size) for m, size in ((0.0, 12), (0.5, 20), (1.0, 15))]
    table = pd.DataFrame({"y": np.concatenate(samples), "by": np.repeat(list("abc"), [12, 20, 15])})
    found = one_way_anova(table, "y", "by")
    f = stats.f_oneway(*samples)
    assert found.table.loc["by", "f"] == pytest.approx(f.statistic)
    assert found.table.loc["by", "p_value"] == pytest.approx(f.pvalue)
    levene = stats.levene(*samples, center="median")
    assert found.equal_variance_p == pytest.approx(levene.pvalue)
    hsd = stats.tukey_hsd(*samples)
    pairs = tukey(table, "y", "by")
    ends = hsd.confidence_interval(0.95)
    for row, (i, j) in zip(pairs.to_dict("records"), [(0, 1), (0, 2), (1, 2)], strict=True):
        assert row["p_value"] == pytest.approx(hsd.pvalue[i, j], abs=1e-4)
        assert row["low"] == pytest.approx(-ends.high[i, j], abs=1e-3)
        assert row["high"] == pytest.approx(-ends.low[i, j], abs=1e-3)


def test_welch_s_test_of_two_groups_is_that_of_means():
    random = np.random.default_rng(7)
    a, b = random.normal(0, 1, 18), random.normal(1, 4, 33)
    table = pd.DataFrame({"y": np.concatenate([a, b]), "by": np.repeat(["a", "b"], [18, 33])})
    theirs = stats.ttest_ind(a, b, equal_var=False)
    assert one_way_anova(table, "y", "by").welch_p == pytest.approx(theirs.pvalue)


@seeds
def test_two_factors_by_comparing_models(seed):
    """Type II: what a factor explains beyond the other, by residual sums of squares."""
    random = np.random.default_rng(seed)
    a, b = random.integers(0, 3, 90), random.integers(0, 2, 90)
    y = 0.5 * a - b + random.normal(size=90)
    found = two_way_anova(pd.DataFrame({"y": y, "a": a, "b": b}), "y", "a", "b").table

    def left(*columns):
        design = np.column_stack([np.ones(90), *columns])
        return float(((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2).sum())

    in_a, in_b = np.eye(3)[a][:, 1:], np.eye(2)[b][:, 1:]
    both, every = left(in_a, in_b), left(in_a, in_b, in_a * in_b)
    sums = found["sum_of_squares"]
    assert sums["a"] == pytest.approx(left(in_b) - both)
    assert sums["b"] == pytest.approx(left(in_a) - both)
    assert sums["a x b"] == pytest.approx(both - every)
    assert sums["residual"] == pytest.approx(every)
    f = (both - every) / 2 / (every / 84)
    assert found.loc["a x b", "p_value"] == pytest.approx(stats.f.sf(f, 2, 84))


@seeds
def test_wilks_lambda(seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, 80)
    X = pd.DataFrame(random.normal(size=(80, 3)) + 0.5 * labels[:, None] * [1, 0, -1])
    design = np.column_stack([np.ones(80), np.eye(3)[labels][:, 1:]])
    test = MANOVA(X.to_numpy(), design).mv_test(
        [("classes", np.array([[0.0, 1, 0], [0, 0, 1]]), None)]
    )
    theirs = test.results["classes"]["stat"].loc["Wilks' lambda", "Value"]
    found = discriminant_analysis(X.set_axis(list("abc"), axis=1), labels)
    assert found.wilks == pytest.approx(float(theirs))


@pytest.fixture(scope="module", params=range(2))
def planted(request):
    """Nine variables of three factors, and their correlations."""
    random = np.random.default_rng(request.param)
    loadings = np.kron(np.eye(3), np.array([[0.8], [0.7], [0.6]]))
    loadings += random.uniform(-0.1, 0.1, (9, 3))
    hidden = random.normal(size=(400, 3))
    values = hidden @ loadings.T + 0.6 * random.normal(size=(400, 9))
    return pd.DataFrame(values), np.corrcoef(values.T)


def matched(own, theirs):
    """Order and sign their factors as ours."""
    place = np.abs(own.T @ theirs).argmax(axis=1)
    assert sorted(place) == list(range(own.shape[1]))
    chosen = theirs[:, place]
    return chosen * np.sign((own * chosen).sum(axis=0))


def test_factors_by_maximum_likelihood(planted):
    _, square = planted
    theirs = Factor(corr=square, n_factor=3, method="ml", nobs=400).fit()
    found = FactorModel(n_factors=3, rotation="none").fit_correlations(square, 400)
    assert found.uniquenesses_.to_numpy() == pytest.approx(theirs.uniqueness, abs=2e-3)
    between = found.loadings_.to_numpy() @ found.loadings_.to_numpy().T
    assert between == pytest.approx(theirs.loadings @ theirs.loadings.T, abs=3e-3)


def test_rotations(planted):
    _, square = planted
    raw = FactorModel(n_factors=3, rotation="none").fit_correlations(square, 400).loadings_
    raw = raw.to_numpy()
    length = np.sqrt((raw**2).sum(axis=1, keepdims=True))
    theirs, _ = rotate_factors(raw / length, "varimax")
    own = varimax(raw)
    assert own == pytest.approx(matched(own, theirs * length), abs=1e-4)
    oblique, turn = rotate_factors(raw / length, "quartimin")
    own, between = oblimin(raw)
    assert own == pytest.approx(matched(own, oblique * length), abs=1e-3)
    theirs = np.sort(np.abs((turn.T @ turn)[np.triu_indices(3, 1)]))
    assert np.sort(np.abs(between[np.triu_indices(3, 1)])) == pytest.approx(theirs, abs=1e-3)


def test_measures_of_sampling(planted):
    """Partial correlations from regressions; the likelihood ratio of no correlation at all."""
    values, square = planted
    data = (values - values.mean()).to_numpy()
    partial = np.zeros((9, 9))
    for i in range(9):
        for j in range(i):
            rest = np.delete(data, [i, j], axis=1)
            pair = data[:, [i, j]]
            left = (pair - rest @ np.linalg.lstsq(rest, pair, rcond=None)[0]).T
            partial[i, j] = partial[j, i] = np.corrcoef(*left)[0, 1]
    off = ~np.eye(9, dtype=bool)
    whole, apart = (square[off] ** 2).sum(), (partial[off] ** 2).sum()
    assert kmo(square) == pytest.approx(whole / (whole + apart))
    found = bartlett(square, 400)
    statistic = -(400 - 1 - (2 * 9 + 5) / 6) * np.log(np.linalg.det(square))
    assert (found.statistic, found.df) == pytest.approx((statistic, 36))


@seeds
def test_a_straight_line(seed):
    random = np.random.default_rng(seed)
    x = random.normal(size=40)
    y = 2 * x + random.normal(size=40)
    found, theirs = linear_regression(pd.DataFrame({"x": x}), y), stats.linregress(x, y)
    row = found.table.iloc[1]
    assert row["estimate"] == pytest.approx(theirs.slope)
    assert row["se"] == pytest.approx(theirs.stderr)
    assert row["p_value"] == pytest.approx(theirs.pvalue)
    assert found.figures["r2"] == pytest.approx(theirs.rvalue**2)
    assert found.table["se"].iloc[0] == pytest.approx(theirs.intercept_stderr)


@seeds
def test_log_odds_by_the_score_equations(seed):
    random = np.random.default_rng(seed)
    x = random.normal(size=(200, 2))
    y = (random.uniform(size=200) < 1 / (1 + np.exp(-x @ [1.0, -0.5]))).astype(int)
    found = logistic_regression(pd.DataFrame(x, columns=["a", "b"]), y).table
    design = np.column_stack([np.ones(200), x])
    p = 1 / (1 + np.exp(-design @ found["estimate"].to_numpy()))
    assert design.T @ (y - p) == pytest.approx(np.zeros(3), abs=1e-6)
    information = design.T @ (design * (p * (1 - p))[:, None])
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    assert found["se"].to_numpy() == pytest.approx(errors, rel=1e-5)


@seeds
def test_a_curve_by_another_search(seed):
    random = np.random.default_rng(seed)
    x = np.linspace(0.5, 6, 40)
    y = 5 * np.exp(-0.4 * x) + random.normal(0, 0.05, 40)
    found = CurveRegression("exponential").fit(x, y)
    value = found.curve_.value
    theirs = optimize.least_squares(
        lambda p: value(x, *p) - y, found.coefficients_ * 1.1, xtol=1e-14, ftol=1e-14
    )
    assert found.coefficients_ == pytest.approx(theirs.x, rel=1e-4)
    spread = 2 * theirs.cost / (40 - len(theirs.x))
    errors = np.sqrt(np.diag(np.linalg.inv(theirs.jac.T @ theirs.jac)) * spread)
    assert found.parameters_["se"].to_numpy() == pytest.approx(errors, rel=1e-3)


@seeds
def test_present_value_is_a_polynomial_and_its_root_the_internal_rate(seed):
    random = np.random.default_rng(seed)
    flows = np.concatenate([[-100.0], random.uniform(20, 60, 5)])
    assert net_present_value(flows, 0.08) == pytest.approx(np.polyval(flows[::-1], 1 / 1.08))
    roots = np.roots(flows[::-1])
    real = roots[np.isclose(roots.imag, 0) & (roots.real > 0)].real
    assert internal_rate(flows) == pytest.approx(1 / real[0] - 1)


@seeds
def test_weights_of_criteria_by_power_iteration(seed):
    random = np.random.default_rng(seed)
    logs = random.integers(-3, 4, (5, 5)) / 2
    matrix = np.exp(np.triu(logs, 1) - np.triu(logs, 1).T)
    weights = np.ones(5)
    for _ in range(500):
        weights = matrix @ weights
        weights /= weights.sum()
    found = weigh_criteria(matrix)
    assert found.weights.to_numpy() == pytest.approx(weights)
    assert found.largest_eigenvalue == pytest.approx((matrix @ weights).sum())


@seeds
def test_the_interval_of_satisfaction_is_wilson_s(seed):
    scores = np.random.default_rng(seed).integers(1, 6, 57)
    found = satisfaction(scores, level=0.9)
    low, high = proportion_confint((scores >= 4).sum(), 57, alpha=0.1, method="wilson")
    assert (found["low"], found["high"]) == pytest.approx((low, high))
