"""Factor analysis: many observed variables to a few factors, rotated, with loadings."""

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.stats import chi2
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from models.statistics.checks import complete
from models.statistics.rotation import Rotation, rotate

__all__ = ["FactorModel", "bartlett", "kmo", "parallel_analysis"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class ChiSquare:
    """A chi-square test: statistic, degrees of freedom, p-value."""

    statistic: float
    df: int
    p_value: float


class FactorModel(TransformerMixin, BaseEstimator):
    """Explain the correlations of many variables by a few factors.

    Parameters
    ----------
    n_factors : int, optional
        Default: as many as `parallel_analysis` finds.
    method : {'ml', 'principal-axis'}
        Maximum likelihood (Joreskog 1967; the same function as R's factanal minimises), or
        iterated principal axes.
    rotation : {'varimax', 'promax', 'oblimin', 'none'}
        The first keeps factors uncorrelated; the next two let them correlate.
    random_state : int, default 0
        Of the parallel analysis.

    Attributes
    ----------
    loadings_ : DataFrame, shape (n_variables, n_factors)
        Rotated; the largest factor first, its sum of loadings positive.
    communalities_, uniquenesses_ : Series
        Share of each variable that the factors explain, and the rest.
    factor_correlations_ : DataFrame
    variance_ : DataFrame
        Sum of squared loadings, share and cumulated share of each factor.
    kmo_ : float
    bartlett_ : ChiSquare
    fit_test_ : ChiSquare or None
        Whether more factors are needed ('ml' only): a small p-value says so.

    Raises
    ------
    ValueError
        By `fit`: a constant or empty column, too few rows, a column that follows from others, or
        more factors than the variables can bear.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> hidden = rng.normal(size=(300, 1))
    >>> X = pd.DataFrame(hidden + rng.normal(size=(300, 4)), columns=list("abcd"))
    >>> FactorModel(n_factors=1).fit(X).communalities_.round(1).tolist()
    [0.5, 0.5, 0.5, 0.6]
    """

    def __init__(
        self,
        n_factors: int | None = None,
        *,
        method: Literal["ml", "principal-axis"] = "ml",
        rotation: Rotation = "varimax",
        random_state: int = 0,
    ) -> None:
        self.n_factors = n_factors
        self.method = method
        self.rotation = rotation
        self.random_state = random_state

    def fit(self, X: Any, y: None = None) -> Self:
        """Fit to the correlations of the columns; rows with a missing value are left out."""
        frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X, float))
        names = [str(name) for name in frame.columns]
        rows = complete(frame, names, least=len(names) + 1)
        values = rows.to_numpy(float)
        self.mean_, self.scale_ = values.mean(axis=0), values.std(axis=0, ddof=1)
        return self.fit_correlations(np.corrcoef(values.T), len(rows), names)

    def fit_correlations(
        self, correlations: ArrayLike, n_rows: int, names: list[str] | None = None
    ) -> Self:
        """Fit to a correlation or covariance matrix, as published tables give it.

        Parameters
        ----------
        correlations : array, shape (n_variables, n_variables)
        n_rows : int
            Rows from which it was counted.
        names : list of str, optional
            Of the variables.
        """
        square = _correlation(correlations)
        labels = names or [f"x{i}" for i in range(len(square))]
        k = self.n_factors
        if k is None:
            k = parallel_analysis(square, n_rows, random_state=self.random_state)
        _check(self, k, len(square))
        find = _ml if self.method == "ml" else _principal_axes
        raw, fitted = find(square, k)
        rotated, between = rotate(raw, self.rotation)
        rotated, between = _ordered(rotated, between)
        factors = [f"factor{i + 1}" for i in range(k)]
        self.loadings_ = pd.DataFrame(rotated, index=labels, columns=factors)
        self.factor_correlations_ = pd.DataFrame(between, index=factors, columns=factors)
        self.communalities_ = pd.Series((raw**2).sum(axis=1), index=labels)
        self.uniquenesses_ = 1 - self.communalities_
        self.variance_ = _variance(self.loadings_)
        self.kmo_, self.bartlett_ = kmo(square), bartlett(square, n_rows)
        self.fit_test_ = _fit_test(fitted, n_rows, len(square), k) if self.method == "ml" else None
        # Thurstone's regression scores.
        self.score_weights_ = np.linalg.solve(square, rotated @ between)
        self.n_features_in_ = len(square)
        return self

    def transform(self, X: Any) -> Values:
        """Give the factor scores of records by regression (Thurstone 1935); NaN stays NaN."""
        check_is_fitted(self, "loadings_")
        if not hasattr(self, "mean_"):
            raise ValueError("scores need a fit on records, not on correlations")
        values = np.asarray(X, float)
        if values.shape[1] != self.n_features_in_:
            raise ValueError(f"{self.n_features_in_} columns are needed, not {values.shape[1]}")
        return (values - self.mean_) / self.scale_ @ self.score_weights_


def kmo(correlations: ArrayLike) -> float:
    """Give the Kaiser-Meyer-Olkin measure: above 0.6 or so a factor analysis makes sense.

    Examples
    --------
    >>> round(kmo([[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]]), 4)
    0.6923
    """
    square = _correlation(correlations)
    inverse = np.linalg.inv(square)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    off = ~np.eye(len(square), dtype=bool)
    whole, rest = (square[off] ** 2).sum(), (partial[off] ** 2).sum()
    return float(whole / (whole + rest)) if whole + rest else 0.0


def bartlett(correlations: ArrayLike, n_rows: int) -> ChiSquare:
    """Test whether variables correlate at all (Bartlett's test of sphericity, 1951)."""
    square = _correlation(correlations)
    p = len(square)
    statistic = -(n_rows - 1 - (2 * p + 5) / 6) * float(np.linalg.slogdet(square)[1])
    df = p * (p - 1) // 2
    return ChiSquare(statistic, df, float(chi2.sf(statistic, df)))


def parallel_analysis(
    correlations: ArrayLike, n_rows: int, *, n_draws: int = 200, quantile: float = 0.95,
    random_state: int = 0,
) -> int:  # fmt: skip
    """Give the number of factors whose eigenvalues are larger than those of noise (Horn 1965).

    Parameters
    ----------
    correlations : array, shape (n_variables, n_variables)
    n_rows : int
        Rows from which it was counted.
    n_draws : int, default 200
        Tables of noise.
    quantile : float, default 0.95
        Of their eigenvalues.
    random_state : int, default 0

    Returns
    -------
    int
        1 at least.
    """
    square = _correlation(correlations)
    rng = np.random.default_rng(random_state)
    own = np.linalg.eigvalsh(square)[::-1]
    noise = [
        np.linalg.eigvalsh(np.corrcoef(rng.normal(size=(n_rows, len(square))).T))[::-1]
        for _ in range(n_draws)
    ]
    above = own > np.quantile(noise, quantile, axis=0)
    return max(int(np.argmin(above)) if not above.all() else len(own) - 1, 1)


def _correlation(given: ArrayLike) -> Values:
    square = np.asarray(given, float)
    if square.ndim != 2 or square.shape[0] != square.shape[1] or not np.allclose(square, square.T):
        raise ValueError("a correlation matrix is square and symmetric")
    scale = np.sqrt(np.diag(square))
    if not (scale > 0).all():
        raise ValueError("variances must be positive")
    square = square / np.outer(scale, scale)
    if np.linalg.eigvalsh(square)[0] < 1e-10:
        raise ValueError("a variable follows from the others: leave it out")
    return square


def _check(model: FactorModel, k: int, p: int) -> None:
    if model.method not in ("ml", "principal-axis"):
        raise ValueError(f"method is 'ml' or 'principal-axis', not {model.method!r}")
    most = (2 * p + 1 - np.sqrt(8 * p + 1)) / 2
    if not 1 <= k <= most:
        raise ValueError(f"{p} variables bear 1 to {int(most)} factors, not {k}")


def _ml(square: Values, k: int) -> tuple[Values, float]:
    """Minimise the discrepancy over the uniquenesses; the rest follows from eigenvectors."""

    def parts(psi: Values) -> tuple[Values, Values]:
        scale = 1 / np.sqrt(psi)
        values, vectors = np.linalg.eigh(square * np.outer(scale, scale))
        return values[::-1], vectors[:, ::-1]

    def loadings(psi: Values) -> Values:
        values, vectors = parts(psi)
        return np.sqrt(psi)[:, None] * vectors[:, :k] * np.sqrt(np.maximum(values[:k] - 1, 0))

    def away(psi: Values) -> float:
        rest = parts(psi)[0][k:]
        return float((rest - np.log(rest) - 1).sum())

    def slope(psi: Values) -> Values:
        own = loadings(psi)
        return np.diag(own @ own.T + np.diag(psi) - square) / psi**2

    start = (1 - 0.5 * k / len(square)) / np.diag(np.linalg.inv(square))
    bounds = [(0.005, 1.0)] * len(square)
    options: Any = {"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-10}
    found = minimize(away, start, jac=slope, bounds=bounds, method="L-BFGS-B", options=options)
    return loadings(found.x), float(found.fun)


def _principal_axes(square: Values, k: int) -> tuple[Values, float]:
    """Replace the diagonal by communalities until they no longer change."""
    shared = 1 - 1 / np.diag(np.linalg.inv(square))
    for _ in range(5000):
        reduced = square.copy()
        np.fill_diagonal(reduced, shared)
        values, vectors = np.linalg.eigh(reduced)
        own = vectors[:, ::-1][:, :k] * np.sqrt(np.maximum(values[::-1][:k], 0))
        new = np.minimum((own**2).sum(axis=1), 0.9999)
        if np.abs(new - shared).max() < 1e-10:
            break
        shared = new
    return own, float("nan")


def _ordered(loadings: Values, between: Values) -> tuple[Values, Values]:
    order = np.argsort(-(loadings**2).sum(axis=0), kind="stable")
    sign = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    both = between * np.outer(sign, sign)
    return (loadings * sign)[:, order], both[np.ix_(order, order)]


def _variance(loadings: pd.DataFrame) -> pd.DataFrame:
    total = (loadings**2).sum()
    share = total / len(loadings)
    return pd.DataFrame({"sum_of_squares": total, "share": share, "cumulated": share.cumsum()})


def _fit_test(fitted: float, n_rows: int, p: int, k: int) -> ChiSquare | None:
    df = ((p - k) ** 2 - p - k) // 2
    if df <= 0:
        return None
    statistic = (n_rows - 1 - (2 * p + 5) / 6 - 2 * k / 3) * fitted
    return ChiSquare(statistic, df, float(chi2.sf(statistic, df)))
