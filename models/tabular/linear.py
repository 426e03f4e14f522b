"""Two classifiers whose log odds are a sum over the columns: exact reasons."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from models.search import Choice, FloatRange, IntRange, Range
from models.tabular.base import State, TableClassifier

__all__ = ["Discriminant", "Logistic"]


class _Linear(TableClassifier):
    """Log odds as intercept and coefficients of the dense design."""

    coefficients_: np.ndarray
    center_: np.ndarray
    knots_: int = 0

    def _keep(self, coefficients: np.ndarray, intercept: float, center: np.ndarray) -> None:
        self.coefficients_ = np.asarray(coefficients, dtype=np.float64).ravel()
        self.center_ = center
        self.baseline_ = float(intercept + self.coefficients_ @ center)

    def _log_odds(self, X: pd.DataFrame) -> np.ndarray:
        values = self.encoder_.design(X, self.knots_).values
        return np.asarray(self.baseline_ + (values - self.center_) @ self.coefficients_)

    def _contributions(self, X: pd.DataFrame) -> np.ndarray:
        design = self.encoder_.design(X, self.knots_)
        moved = (design.values - self.center_) * self.coefficients_
        total = np.zeros((len(X), len(self.encoder_.columns_)))
        for feature, column in enumerate(design.owner):
            total[:, column] += moved[:, feature]
        return total

    def _state(self) -> State:
        return {
            "coefficients": self.coefficients_,
            "center": self.center_,
            "knots": self.knots_,
        }

    def _restore(self, state: Mapping[str, Any]) -> None:
        self.coefficients_ = np.asarray(state["coefficients"])
        self.center_ = np.asarray(state["center"])
        self.knots_ = int(state["knots"])


class Logistic(_Linear):
    """Logistic regression with a ridge penalty, and bends in the effect of numbers if wanted.

    Parameters
    ----------
    C : float, default 1
        Inverse of the penalty on the standardised coefficients.
    knots : int, default 0
        Points at which the effect of a number may change its slope.
    """

    family: ClassVar[str] = "linear"
    complexity: ClassVar[int] = 1
    search_space: ClassVar[Mapping[str, Range]] = {
        "C": FloatRange(0.001, 100.0, log=True),
        "knots": IntRange(0, 6),
    }

    def __init__(self, C: float = 1.0, knots: int = 0) -> None:
        self.C = C
        self.knots = knots

    def _learn(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> None:
        from sklearn.linear_model import LogisticRegression

        self.knots_ = self.knots
        values = self.encoder_.design(X, self.knots).values
        fitted = LogisticRegression(C=self.C, max_iter=2000, tol=1e-5)
        fitted.fit(values, y, sample_weight=weight)
        center = np.average(values, axis=0, weights=weight)
        self._keep(fitted.coef_, float(fitted.intercept_[0]), center)


class Discriminant(_Linear):
    """Linear discriminant analysis: the function that best separates two normal clouds.

    Parameters
    ----------
    shrinkage : float or 'auto', default 'auto'
        How far the covariance is drawn to its diagonal; ``auto``: Ledoit and Wolf (2004).

    References
    ----------
    R. Fisher, "The use of multiple measurements in taxonomic problems" (1936).
    """

    family: ClassVar[str] = "linear"
    complexity: ClassVar[int] = 1
    search_space: ClassVar[Mapping[str, Range]] = {
        "shrinkage": Choice(("auto", 0.0, 0.001, 0.01, 0.1, 0.5)),
    }

    def __init__(self, shrinkage: float | str = "auto") -> None:
        self.shrinkage = shrinkage

    def _learn(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> None:
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        if not np.allclose(weight, weight[0]):
            raise ValueError("discriminant analysis takes no weights")
        values = self.encoder_.design(X).values
        fitted = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=self.shrinkage)
        fitted.fit(values, y)
        self._keep(fitted.coef_, float(fitted.intercept_[0]), values.mean(axis=0))
