"""Factor analysis gives the figures that R publishes, and those of scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import FactorAnalysis

from models.statistics import FactorModel, bartlett, kmo, parallel_analysis
from models.statistics.rotation import oblimin, promax, varimax


def test_the_six_abilities_of_r_s_manual(abilities):
    """R: factanal(factors = 2, covmat = ability.cov)."""
    names, covariance = abilities
    model = FactorModel(n_factors=2).fit_correlations(covariance, 112, names)
    assert model.uniquenesses_.round(3).tolist() == [0.455, 0.589, 0.218, 0.769, 0.052, 0.334]
    expected = {
        "general": (0.499, 0.543), "picture": (0.156, 0.622), "blocks": (0.206, 0.860),
        "maze": (0.109, 0.468), "reading": (0.956, 0.182), "vocab": (0.785, 0.225),
    }  # fmt: skip
    # R stops turning at 1e-5, a little short of the best angle: the third digit differs.
    for name, loadings in expected.items():
        assert model.loadings_.loc[name].tolist() == pytest.approx(loadings, abs=3e-3)
    assert model.fit_test_.statistic == pytest.approx(6.11, abs=0.005)
    assert model.fit_test_.df == 4
    assert model.fit_test_.p_value == pytest.approx(0.191, abs=5e-4)
    assert model.variance_["cumulated"].round(3).tolist() == pytest.approx([0.310, 0.597], abs=2e-3)


def test_one_factor_is_not_enough_for_the_six_abilities(abilities):
    """R: with one factor the chi-square statistic is 75.18 on 9 degrees of freedom."""
    names, covariance = abilities
    model = FactorModel(n_factors=1).fit_correlations(covariance, 112, names)
    assert model.fit_test_.statistic == pytest.approx(75.18, abs=0.005)
    assert model.fit_test_.p_value == pytest.approx(1.46e-12, rel=0.01)
    assert model.uniquenesses_.round(3).tolist() == [0.535, 0.853, 0.748, 0.910, 0.232, 0.280]


def test_promax_of_the_six_abilities(abilities):
    """R: update(..., rotation = "promax")."""
    names, covariance = abilities
    model = FactorModel(n_factors=2, rotation="promax").fit_correlations(covariance, 112, names)
    expected = {
        "general": (0.364, 0.470), "picture": (-0.055, 0.671), "blocks": (-0.090, 0.932),
        "maze": (-0.053, 0.508), "reading": (1.023, -0.094), "vocab": (0.811, 0.010),
    }  # fmt: skip
    for name, (verbal, spatial) in expected.items():
        row = sorted(model.loadings_.loc[name].tolist())
        assert row == pytest.approx(sorted([verbal, spatial]), abs=0.02)


@pytest.fixture(scope="module")
def two_factors():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(2000, 2))
    loadings = np.array([[0.8, 0], [0.7, 0], [0.6, 0], [0, 0.8], [0, 0.7], [0, 0.6]])
    noise = rng.normal(size=(2000, 6)) * np.sqrt(1 - (loadings**2).sum(axis=1))
    X = pd.DataFrame(hidden @ loadings.T + noise, columns=list("abcdef"))
    return X, loadings


@pytest.mark.parametrize("method", ["ml", "principal-axis"])
@pytest.mark.parametrize("rotation", ["varimax", "promax", "oblimin"])
def test_the_planted_factors_are_found(two_factors, method, rotation):
    X, loadings = two_factors
    model = FactorModel(method=method, rotation=rotation).fit(X)
    assert model.loadings_.shape == (6, 2)
    order = np.argsort(np.abs(model.loadings_.to_numpy())[0])[::-1]
    found = model.loadings_.to_numpy()[:, order]
    assert np.abs(found - loadings).max() < 0.1
    between = model.factor_correlations_.to_numpy()
    assert abs(between[0, 1]) < 0.15


def test_maximum_likelihood_is_that_of_scikit_learn(two_factors):
    X, _ = two_factors
    scaled = (X - X.mean()) / X.std(ddof=0)
    theirs = FactorAnalysis(2, tol=1e-10, max_iter=20_000, svd_method="lapack").fit(scaled)
    ours = FactorModel(2, rotation="none").fit(X)
    assert ours.uniquenesses_.tolist() == pytest.approx(theirs.noise_variance_, abs=1e-4)
    implied = ours.loadings_.to_numpy() @ ours.loadings_.to_numpy().T
    assert implied == pytest.approx(theirs.components_.T @ theirs.components_, abs=1e-3)


def test_principal_axes_leave_what_they_promise(two_factors):
    X, _ = two_factors
    model = FactorModel(2, method="principal-axis", rotation="none").fit(X)
    reduced = X.corr().to_numpy().copy()
    np.fill_diagonal(reduced, model.communalities_)
    own = model.loadings_.to_numpy()
    values = np.linalg.eigvalsh(reduced)[::-1][:2]
    assert np.sort((own**2).sum(axis=0))[::-1] == pytest.approx(values, abs=1e-6)
    assert model.fit_test_ is None


@pytest.mark.parametrize("turn", [varimax, promax, oblimin])
def test_rotation_keeps_what_is_explained(two_factors, turn):
    X, _ = two_factors
    raw = FactorModel(2, rotation="none").fit(X).loadings_.to_numpy()
    found = turn(raw)
    rotated, between = found if isinstance(found, tuple) else (found, np.eye(2))
    assert rotated @ between @ rotated.T == pytest.approx(raw @ raw.T, abs=1e-8)
    assert np.diag(between) == pytest.approx([1, 1])


def test_varimax_is_the_best_angle(two_factors):
    X, _ = two_factors
    raw = FactorModel(2, rotation="none").fit(X).loadings_.to_numpy()
    scaled = raw / np.sqrt((raw**2).sum(axis=1, keepdims=True))

    def spread(own):
        return (own**2).var(axis=0).sum()

    angles = np.linspace(0, np.pi / 2, 2000)
    turns = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in angles]
    best = max(spread(scaled @ turn) for turn in turns)
    found = varimax(raw) / np.sqrt((raw**2).sum(axis=1, keepdims=True))
    assert spread(found) == pytest.approx(best, abs=1e-5)


def test_correlated_factors_are_seen_by_oblimin():
    rng = np.random.default_rng(1)
    hidden = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 3000)
    X = np.repeat(hidden, 3, axis=1) * 0.8 + rng.normal(size=(3000, 6)) * 0.6
    model = FactorModel(2, rotation="oblimin").fit(X)
    assert model.factor_correlations_.iloc[0, 1] == pytest.approx(0.5, abs=0.06)


def test_scores_follow_the_hidden_factors(two_factors):
    X, _ = two_factors
    scores = FactorModel(2).fit(X).transform(X)
    assert scores.shape == (2000, 2)
    between = np.abs(np.corrcoef(scores.T, X[["a", "d"]].T)[:2, 2:])
    assert np.sort(between.max(axis=0))[0] > 0.8
    gap = X.head(2).assign(a=[np.nan, 0.0])
    assert np.isnan(FactorModel(2).fit(X).transform(gap)[0]).all()


def test_measures_of_sampling(abilities):
    _, covariance = abilities
    scale = np.sqrt(np.diag(covariance))
    square = covariance / np.outer(scale, scale)
    found = bartlett(covariance, 112)
    expected = -(111 - 17 / 6) * np.log(np.linalg.det(square))
    assert (found.statistic, found.df) == (pytest.approx(expected), 15)
    # Three variables that correlate 0.5 have partial correlations of 1/3.
    equal = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    assert kmo(equal) == pytest.approx(0.25 / (0.25 + 1 / 9))


def test_parallel_analysis_counts_the_planted_factors(two_factors):
    X, _ = two_factors
    assert parallel_analysis(X.corr(), len(X)) == 2
    noise = np.corrcoef(np.random.default_rng(0).normal(size=(500, 6)).T)
    assert parallel_analysis(noise, 500) == 1


@pytest.mark.parametrize(
    ("X", "settings", "message"),
    [
        (np.ones((20, 3)), {}, "constant columns"),
        (np.random.default_rng(0).normal(size=(3, 6)), {}, "too few"),
        (np.random.default_rng(0).normal(size=(50, 4)), {"n_factors": 3}, "bear 1 to 1 factors"),
        (np.random.default_rng(0).normal(size=(50, 6)), {"rotation": "twist"}, "rotation is"),
        (np.random.default_rng(0).normal(size=(50, 6)), {"method": "pca"}, "method is"),
    ],
)
def test_bad_input(X, settings, message):
    with pytest.raises(ValueError, match=message):
        FactorModel(**settings).fit(X)


def test_a_variable_that_follows_from_others_is_refused(two_factors):
    X, _ = two_factors
    with pytest.raises(ValueError, match="follows from the others"):
        FactorModel(2).fit(X.assign(g=X["a"] + X["b"]))


def test_scores_need_records(abilities):
    names, covariance = abilities
    model = FactorModel(2).fit_correlations(covariance, 112, names)
    with pytest.raises(ValueError, match="scores need a fit on records"):
        model.transform(np.ones((2, 6)))
