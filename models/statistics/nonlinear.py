"""Nonlinear regression: named curves with intervals of their parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import curve_fit
from scipy.stats import t as student
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from lodeworks.errors import did_you_mean
from models.statistics.checks import check_level

__all__ = ["CURVES", "Curve", "CurveRegression"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A curve with parameters.

    Parameters
    ----------
    text : str
        Its formula.
    names : tuple of str
        Of its parameters.
    value : callable
        Takes x and the parameters.
    start : callable
        Takes x and y; gives parameters to start from.
    """

    text: str
    names: tuple[str, ...]
    value: Callable[..., Values]
    start: Callable[[Values, Values], list[float]]


def _exp_start(x: Values, y: Values) -> list[float]:
    positive = y > 0
    if positive.sum() < 2:
        return [float(y.mean()), 0.01]
    slope, constant = np.polyfit(x[positive], np.log(y[positive]), 1)
    return [float(np.exp(constant)), float(slope)]


def _power_start(x: Values, y: Values) -> list[float]:
    positive = (y > 0) & (x > 0)
    if positive.sum() < 2:
        return [1.0, 1.0]
    slope, constant = np.polyfit(np.log(x[positive]), np.log(y[positive]), 1)
    return [float(np.exp(constant)), float(slope)]


def _saturation_start(x: Values, y: Values) -> list[float]:
    top = float(y[np.argmax(np.abs(y))]) * 1.2 or 1.0
    return [top, _rate(x, -np.log(np.clip(1 - y / top, 1e-3, 1)))]


def _logistic_start(x: Values, y: Values) -> list[float]:
    top = float(y.max()) * 1.05 or 1.0
    share = np.clip(y / top, 1e-3, 1 - 1e-3)
    slope, constant = np.polyfit(x, np.log(share / (1 - share)), 1)
    return [top, -float(constant), float(slope)]


def _gompertz_start(x: Values, y: Values) -> list[float]:
    top = float(y.max()) * 1.1 or 1.0
    share = np.clip(y / top, 1e-3, 1 - 1e-3)
    slope, constant = np.polyfit(x, np.log(-np.log(share)), 1)
    return [top, float(np.exp(constant)), -float(slope)]


def _rate(x: Values, y: Values) -> float:
    return float((x * y).sum() / max((x * x).sum(), 1e-300))


CURVES: dict[str, Curve] = {
    "exponential": Curve(
        "a exp(b x)", ("a", "b"), lambda x, a, b: a * np.exp(b * x), _exp_start
    ),
    "power": Curve("a x^b", ("a", "b"), lambda x, a, b: a * x**b, _power_start),
    "saturation": Curve(
        "a (1 - exp(-b x))", ("a", "b"), lambda x, a, b: a * (1 - np.exp(-b * x)),
        _saturation_start,
    ),
    "logistic": Curve(
        "a / (1 + exp(b - c x))", ("a", "b", "c"),
        lambda x, a, b, c: a / (1 + np.exp(b - c * x)), _logistic_start,
    ),
    "gompertz": Curve(
        "a exp(-b exp(-c x))", ("a", "b", "c"),
        lambda x, a, b, c: a * np.exp(-b * np.exp(-c * x)), _gompertz_start,
    ),
}  # fmt: skip


class CurveRegression(RegressorMixin, BaseEstimator):
    """Fit a curve by least squares.

    Parameters
    ----------
    curve : str or Curve, default 'logistic'
        'exponential', 'power', 'saturation', 'logistic', 'gompertz', or a curve of your own.
    start : list of float, optional
        Where the search begins; default: from the data.
    level : float, default 0.95
        Of the intervals.

    Attributes
    ----------
    parameters_ : DataFrame
        One row a parameter: estimate, se, low, high, t, p_value.
    sigma_ : float
        Residual standard deviation.
    r2_ : float
    n_rows_ : int

    Raises
    ------
    ValueError
        By `fit`: an unknown curve, too few rows, values that are not finite, a constant x, or a
        search that does not end.

    Examples
    --------
    >>> x = np.arange(1, 9)
    >>> model = CurveRegression("power").fit(x, 2 * x**1.5)
    >>> model.parameters_["estimate"].round(4).tolist()
    [2.0, 1.5]
    """

    def __init__(
        self, curve: str | Curve = "logistic", *, start: list[float] | None = None,
        level: float = 0.95,
    ) -> None:  # fmt: skip
        self.curve = curve
        self.start = start
        self.level = level

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Fit to one column of x and the values y."""
        check_level(self.level)
        curve = _curve(self.curve)
        x, target = _column(X), np.asarray(y, float)
        _check(x, target, curve)
        start = self.start or curve.start(x, target)
        try:
            found, covariance = curve_fit(curve.value, x, target, p0=start, maxfev=20_000)
        except RuntimeError:
            raise ValueError(
                f"the search for {curve.text} did not end; give a start near the solution"
            ) from None
        self.curve_, self.coefficients_, self.covariance_ = curve, found, covariance
        self.n_rows_, rest = len(x), target - curve.value(x, *found)
        self.free_ = len(x) - len(found)
        self.sigma_ = float(np.sqrt((rest**2).sum() / self.free_)) if self.free_ else float("nan")
        self.r2_ = float(1 - (rest**2).sum() / ((target - target.mean()) ** 2).sum())
        self.parameters_ = self._table()
        return self

    def predict(self, X: Any) -> Values:
        """Give the curve at x."""
        check_is_fitted(self, "coefficients_")
        return self.curve_.value(_column(X), *self.coefficients_)

    def intervals(self, X: Any) -> pd.DataFrame:
        """Give value, interval of the curve and interval of a new observation at x.

        By the delta method with numerical derivatives.
        """
        x, value = _column(X), self.predict(X)
        slope = np.stack([self._slope(x, i) for i in range(len(self.coefficients_))], axis=1)
        variance = np.einsum("ij,jk,ik->i", slope, self.covariance_, slope)
        t = student.ppf((1 + self.level) / 2, self.free_)
        mean, new = t * np.sqrt(variance), t * np.sqrt(variance + self.sigma_**2)
        return pd.DataFrame(
            {"x": x, "value": value, "low": value - mean, "high": value + mean,
             "new_low": value - new, "new_high": value + new}
        )  # fmt: skip

    def _slope(self, x: Values, i: int) -> Values:
        step = 1e-6 * max(abs(self.coefficients_[i]), 1e-6)
        up, down = self.coefficients_.copy(), self.coefficients_.copy()
        up[i] += step
        down[i] -= step
        return (self.curve_.value(x, *up) - self.curve_.value(x, *down)) / (2 * step)

    def _table(self) -> pd.DataFrame:
        error = np.sqrt(np.diag(self.covariance_))
        half = student.ppf((1 + self.level) / 2, max(self.free_, 1)) * error
        with np.errstate(divide="ignore", invalid="ignore"):
            t = self.coefficients_ / error
        columns = {
            "estimate": self.coefficients_, "se": error, "low": self.coefficients_ - half,
            "high": self.coefficients_ + half, "t": t,
            "p_value": 2 * student.sf(np.abs(t), max(self.free_, 1)),
        }  # fmt: skip
        return pd.DataFrame(columns, index=list(self.curve_.names))


def _curve(given: str | Curve) -> Curve:
    if isinstance(given, Curve):
        return given
    if given not in CURVES:
        raise ValueError(f"unknown curve {given!r}; {did_you_mean(given, CURVES)}")
    return CURVES[given]


def _column(X: Any) -> Values:
    x = np.asarray(X, float)
    if x.ndim == 2 and x.shape[1] == 1:
        x = x[:, 0]
    if x.ndim != 1:
        raise ValueError(f"x is one column, not of shape {x.shape}")
    return x


def _check(x: Values, y: Values, curve: Curve) -> None:
    if x.shape != y.shape:
        raise ValueError(f"x has {x.shape} values and y {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("x and y must be finite; leave missing values out")
    if len(x) <= len(curve.names):
        raise ValueError(f"{len(x)} rows cannot tell {len(curve.names)} parameters")
    if np.ptp(x) == 0:
        raise ValueError("x is constant")
