"""From the log odds of any classifier to probabilities that can be taken literally."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from models.tabular.base import sigmoid

__all__ = ["Platt"]


@dataclass(frozen=True)
class Platt:
    """Two numbers that stretch and shift log odds; the order of the records stays.

    Attributes
    ----------
    slope : float
        Not negative; under 1 the classifier was too sure of itself.
    intercept : float

    References
    ----------
    J. Platt, "Probabilistic outputs for support vector machines" (1999), with his prior of the
    two targets.

    Examples
    --------
    >>> fitted = Platt.fit(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0, 0, 1, 1]))
    >>> bool((np.diff(fitted.probabilities(np.array([-1.0, 0.0, 1.0]))) > 0).all())
    True
    """

    slope: float
    intercept: float

    @classmethod
    def fit(cls, log_odds: np.ndarray, outcome: np.ndarray, weight: Any = None) -> Self:
        """Learn from log odds of records that the classifier had not seen.

        Parameters
        ----------
        log_odds : numpy.ndarray of float64
        outcome : numpy.ndarray of {0, 1}
        weight : array-like of float, optional
            What each record counts.
        """
        from scipy import optimize

        value = np.asarray(log_odds, dtype=np.float64)
        outcome = np.asarray(outcome, dtype=np.float64)
        count = np.ones(len(value)) if weight is None else np.asarray(weight, dtype=np.float64)
        hits, misses = count[outcome == 1].sum(), count[outcome == 0].sum()
        target = np.where(outcome == 1, (hits + 1) / (hits + 2), 1 / (misses + 2))

        def loss(solution: np.ndarray) -> tuple[float, np.ndarray]:
            scaled = solution[0] * value + solution[1]
            error = count * (sigmoid(scaled) - target)
            total = (count * (np.logaddexp(0.0, scaled) - target * scaled)).sum()
            return float(total), np.array([error @ value, error.sum()])

        rate = (hits + 1) / (hits + misses + 2)
        start = (
            np.array([1.0, 0.0])
            if np.ptp(value) > 0
            else np.array([0.0, np.log(rate / (1 - rate))])
        )
        bounds = [(0.0, None), (None, None)]
        found = optimize.minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B")
        return cls(float(found.x[0]), float(found.x[1]))

    def probabilities(self, log_odds: np.ndarray) -> np.ndarray:
        """Give the probability of outcome 1."""
        return sigmoid(self.slope * np.asarray(log_odds) + self.intercept)
