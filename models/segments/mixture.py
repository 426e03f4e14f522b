"""Segments as overlapping clouds: who belongs where comes with a probability."""

import warnings
from typing import Any, ClassVar

import numpy as np
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.utils.validation import check_is_fitted

from models.segments.base import Segmenter

__all__ = ["MixtureSegments"]

_FLOOR = 1e-3


class MixtureSegments(Segmenter):
    """Mixture of Gaussians without correlation inside a segment; the most probable one is taken.

    Parameters
    ----------
    k : int, default 5
        Number of segments.
    starts : int, default 5
        Attempts; the likeliest is kept.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    means_, variances_ : numpy.ndarray of float64, shape (segments, attributes)
    weights_ : numpy.ndarray of float64, shape (segments,)
    """

    family: ClassVar[str] = "mixture"
    complexity: ClassVar[int] = 3
    learned: ClassVar[tuple[str, ...]] = ("means_", "variances_", "weights_")

    means_: np.ndarray
    variances_: np.ndarray
    weights_: np.ndarray

    def __init__(self, k: int = 5, starts: int = 5, random_state: int = 0) -> None:
        self.k = k
        self.starts = starts
        self.random_state = random_state

    def probabilities(self, X: Any) -> np.ndarray:
        """Give the probability of each segment; rows sum to 1."""
        joint = self._log_joint(self._checked(X))
        return np.exp(joint - logsumexp(joint, axis=1, keepdims=True))

    def separations(self, X: Any) -> np.ndarray:
        """Give minus the logarithm of the joint density, in which the likeliest is smallest."""
        return -self._log_joint(np.asarray(X, dtype=np.float64))

    def _learn(self, X: np.ndarray) -> None:
        count = min(self.k, len(np.unique(X, axis=0)))
        if count == 1 or len(X) < 2:
            self.means_, self.weights_ = X.mean(axis=0, keepdims=True), np.ones(1)
            self.variances_ = np.maximum(X.var(axis=0, keepdims=True), _FLOOR)
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = GaussianMixture(
                count,
                covariance_type="diag",
                reg_covar=_FLOOR,
                n_init=self.starts,
                random_state=self.random_state,
            ).fit(X)
        self.means_, self.weights_ = fitted.means_, fitted.weights_
        self.variances_ = fitted.covariances_

    def _log_joint(self, X: np.ndarray) -> np.ndarray:
        check_is_fitted(self, "means_")
        precision = 1.0 / self.variances_
        squares = X**2 @ precision.T - 2.0 * X @ (self.means_ * precision).T
        squares = squares + (self.means_**2 * precision).sum(axis=1)
        constant = np.log(2 * np.pi * self.variances_).sum(axis=1)
        return np.log(self.weights_) - 0.5 * (squares + constant)

    def _renumber(self, order: np.ndarray) -> None:
        self.means_, self.variances_ = self.means_[order], self.variances_[order]
        self.weights_ = self.weights_[order] / self.weights_[order].sum()
