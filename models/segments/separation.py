"""How far apart segments lie: silhouette of every customer, and the gap statistic."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import silhouette_samples

from models.segments.base import Segmenter

__all__ = ["Gap", "dispersion", "gap_statistic", "silhouette"]


@dataclass(frozen=True)
class Gap:
    """How much tighter segments are than those of customers without any structure.

    Attributes
    ----------
    gap : float
        Mean logarithm of the dispersion in reference data less that of the data [1]_.
    error : float
        Its simulation error, ``sd * sqrt(1 + 1 / references)``.

    References
    ----------
    .. [1] Tibshirani, Walther and Hastie, Estimating the number of clusters in a data set via the
       gap statistic, JRSS B 2001.
    """

    gap: float
    error: float


def silhouette(X: Any, labels: np.ndarray) -> np.ndarray:
    """Give each customer's silhouette: nearer to the own segment (1) or to another (-1).

    Parameters
    ----------
    X : array of float, shape (customers, attributes)
    labels : numpy.ndarray of int

    Returns
    -------
    numpy.ndarray of float64, shape (customers,)
        Zeros where there is one segment only, or one customer a segment.
    """
    count = len(np.unique(labels))
    if not 2 <= count < len(labels):
        return np.zeros(len(labels))
    return np.asarray(silhouette_samples(np.asarray(X, dtype=np.float64), labels))


def dispersion(X: np.ndarray, labels: np.ndarray) -> float:
    """Give the sum of squares around the means of the segments.

    Examples
    --------
    >>> dispersion(np.array([[0.0], [2.0], [7.0]]), np.array([0, 0, 1]))
    2.0
    """
    groups = (X[labels == label] for label in np.unique(labels))
    return float(sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups))


def gap_statistic(
    make: Callable[[int], Segmenter],
    X: Any,
    labels: np.ndarray,
    *,
    references: int = 10,
    random_state: int = 0,
) -> Gap:
    """Compare the tightness of segments with that in customers without structure.

    Parameters
    ----------
    make : callable
        Gives an unfitted clustering for a seed.
    X : array of float, shape (customers, attributes)
    labels : numpy.ndarray of int
        Segments of `X`.
    references : int, default 10
        Tables drawn evenly from the box around the principal components of `X`.
    random_state : int, default 0
        Seed.
    """
    X = np.asarray(X, dtype=np.float64)
    centre = X.mean(axis=0)
    turn = np.linalg.svd(X - centre, full_matrices=False)[2]
    turned = (X - centre) @ turn.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    logs = np.empty(references)
    for number in range(references):
        rng = np.random.default_rng([random_state, number])
        drawn = rng.uniform(low, high, size=turned.shape) @ turn
        logs[number] = _log(dispersion(drawn, make(random_state).fit(drawn).labels_))
    error = float(logs.std() * np.sqrt(1 + 1 / references))
    return Gap(float(logs.mean() - _log(dispersion(X, labels))), error)


def _log(value: float) -> float:
    return float(np.log(max(value, 1e-12)))
