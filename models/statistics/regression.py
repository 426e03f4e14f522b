"""Linear and logistic regression with tests and intervals."""

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import ArrayLike
from statsmodels.tools.sm_exceptions import PerfectSeparationError, PerfectSeparationWarning

from models.statistics.checks import check_level

__all__ = ["Regression", "linear_regression", "logistic_regression"]


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted regression.

    Parameters
    ----------
    table : DataFrame
        One row a coefficient: estimate, se, low, high, statistic, p_value; of a logistic regression
        also odds_ratio, odds_low, odds_high.
    figures : dict
        n_rows, n_left_out and r2, adjusted_r2, f, f_p_value, sigma of a linear regression, or
        pseudo_r2 (McFadden), log_likelihood, chi2, chi2_p_value of a logistic one; aic.
    terms : tuple of (column, value)
        What each coefficient but the constant stands for; the value is None for a number.
    """

    table: pd.DataFrame
    figures: dict[str, float]
    terms: tuple[tuple[str, str | None], ...]

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Give the expected value, or the probability, for records."""
        estimates = self.table["estimate"].to_numpy(float)
        linear = estimates[0] + _coded(X, self.terms).to_numpy(float) @ estimates[1:]
        return 1 / (1 + np.exp(-linear)) if "odds_ratio" in self.table else linear


def linear_regression(
    X: pd.DataFrame, y: ArrayLike, *, level: float = 0.95, errors: Literal["plain", "HC3"] = "plain"
) -> Regression:
    """Regress a number on columns of numbers and categories.

    Parameters
    ----------
    X : DataFrame
        A category becomes one column for each value but its first; rows with a missing value are
        left out.
    y : array of float
    level : float, default 0.95
        Of the intervals.
    errors : {'plain', 'HC3'}
        HC3 holds also when the spread is not the same everywhere.

    Raises
    ------
    ValueError
        When a column is constant, all missing or follows from others, there are more coefficients
        than rows, or lengths differ.

    Examples
    --------
    >>> X = pd.DataFrame({"price": [1.0, 2, 3, 4, 5]})
    >>> linear_regression(X, [2.1, 3.9, 6.2, 7.8, 10.1]).table["estimate"].round(2).tolist()
    [0.05, 1.99]
    """
    check_level(level)
    design, target, n_lost = _design(X, y)
    fitted = sm.OLS(target, design).fit(cov_type="nonrobust" if errors == "plain" else errors)
    figures = {
        "n_rows": len(target), "n_left_out": n_lost, "r2": fitted.rsquared,
        "adjusted_r2": fitted.rsquared_adj, "f": fitted.fvalue, "f_p_value": fitted.f_pvalue,
        "sigma": np.sqrt(fitted.scale), "aic": fitted.aic,
    }  # fmt: skip
    figures = {name: float(value) for name, value in figures.items()}
    return Regression(_table(fitted, level), figures, _terms(X))


def logistic_regression(
    X: pd.DataFrame, y: ArrayLike, *, target: Any = None, level: float = 0.95
) -> Regression:
    """Regress a class on columns of numbers and categories, with odds ratios.

    Parameters
    ----------
    X : DataFrame
        As for `linear_regression`.
    y : array
        Two classes.
    target : class, optional
        The class whose probability is told; default: the larger one.
    level : float, default 0.95
        Of the intervals.

    Raises
    ------
    ValueError
        As for `linear_regression`, when y has not two classes, or a column parts the classes
        perfectly so that no estimate exists.
    """
    check_level(level)
    classes = pd.unique(pd.Series(np.asarray(y)).dropna())
    if len(classes) != 2:
        raise ValueError(f"two classes are needed, not {len(classes)}")
    chosen = max(classes.tolist()) if target is None else target
    if chosen not in classes.tolist():
        raise ValueError(f"target {chosen!r} is not a class; given: {sorted(classes.tolist())}")
    design, hits, n_lost = _design(X, (np.asarray(y) == chosen).astype(float))
    fitted = _fit_logit(hits, design)
    table = _table(fitted, level)
    named = {"odds_ratio": "estimate", "odds_low": "low", "odds_high": "high"}
    odds = pd.DataFrame({name: np.exp(table[value]) for name, value in named.items()})
    figures = {
        "n_rows": len(hits), "n_left_out": n_lost, "pseudo_r2": fitted.prsquared,
        "log_likelihood": fitted.llf, "chi2": fitted.llr, "chi2_p_value": fitted.llr_pvalue,
        "aic": fitted.aic,
    }  # fmt: skip
    figures = {name: float(value) for name, value in figures.items()}
    return Regression(table.join(odds), figures, _terms(X))


def _fit_logit(hits: pd.Series, design: pd.DataFrame) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PerfectSeparationWarning)
            fitted = sm.Logit(hits, design).fit(disp=False, maxiter=200)
    except (PerfectSeparationError, PerfectSeparationWarning, np.linalg.LinAlgError):
        fitted = None
    if fitted is None or not fitted.mle_retvals["converged"]:
        raise ValueError("the columns part the classes perfectly: no finite estimate exists")
    return fitted


def _design(X: pd.DataFrame, y: ArrayLike) -> tuple[pd.DataFrame, pd.Series, int]:
    target = pd.Series(np.asarray(y, float), index=X.index)
    if len(X) != len(target):
        raise ValueError(f"X has {len(X)} rows and y has {len(target)}")
    if empty := [str(name) for name in X if X[name].isna().all()]:
        raise ValueError(f"all missing: columns {empty}")
    known = (X.notna().all(axis=1) & target.notna()).to_numpy()
    rows, target = X[known], target[known]
    if flat := [str(name) for name in rows if rows[name].nunique() < 2]:
        raise ValueError(f"constant columns tell nothing: {flat}")
    design = _coded(rows, _terms(X))
    design.insert(0, "constant", 1.0)
    if len(design) <= design.shape[1]:
        raise ValueError(f"{design.shape[1]} coefficients need more than {len(design)} rows")
    if dependent := _dependent(design):
        raise ValueError(f"columns that follow from others: {dependent}")
    return design, target, int((~known).sum())


def _terms(X: pd.DataFrame) -> tuple[tuple[str, str | None], ...]:
    """Name what the coefficients stand for: numbers, and all values of a category but the first."""
    found: list[tuple[str, str | None]] = []
    rows = X.dropna()
    for name in X.columns:
        if pd.api.types.is_numeric_dtype(X[name]):
            found.append((str(name), None))
        else:
            found += [(str(name), value) for value in sorted(rows[name].astype(str).unique())[1:]]
    return tuple(found)


def _coded(X: pd.DataFrame, terms: tuple[tuple[str, str | None], ...]) -> pd.DataFrame:
    named = X.set_axis([str(name) for name in X.columns], axis=1)
    parts = [
        named[name].astype(float)
        if value is None
        else (named[name].astype(str) == value).astype(float).rename(f"{name} = {value}")
        for name, value in terms
    ]
    return pd.concat(parts, axis=1)


def _dependent(design: pd.DataFrame) -> list[str]:
    """Name the columns that raise no rank, in their order."""
    scaled = design.to_numpy(float) / np.linalg.norm(design.to_numpy(float), axis=0)
    corner = np.abs(np.diag(np.linalg.qr(scaled, mode="r")))
    return [str(name) for name, size in zip(design.columns, corner, strict=True) if size < 1e-9]


def _table(fitted: Any, level: float) -> pd.DataFrame:
    ends = fitted.conf_int(alpha=1 - level)
    return pd.DataFrame(
        {
            "estimate": fitted.params, "se": fitted.bse, "low": ends[0], "high": ends[1],
            "statistic": fitted.tvalues, "p_value": fitted.pvalues,
        }
    )  # fmt: skip
