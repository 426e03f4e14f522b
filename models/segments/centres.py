"""Segments around centres: k-means, whole or in small batches."""

import warnings
from typing import Any, ClassVar

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from models.segments.base import Segmenter
from models.segments.distances import distances

__all__ = ["CentreSegmenter", "KMeansSegments", "MiniBatchSegments"]


class CentreSegmenter(Segmenter):
    """Base of the methods that keep one centre a segment.

    Attributes
    ----------
    centres_ : numpy.ndarray of float64, shape (segments, attributes)
    """

    learned: ClassVar[tuple[str, ...]] = ("centres_",)
    centres_: np.ndarray

    def separations(self, X: Any) -> np.ndarray:
        """Give the Euclidean distance to each centre."""
        check_is_fitted(self, "centres_")
        return distances(X, self.centres_)

    def _renumber(self, order: np.ndarray) -> None:
        self.centres_ = self.centres_[order]


class KMeansSegments(CentreSegmenter):
    """K-means: the customers of a segment are near its mean.

    Parameters
    ----------
    k : int, default 5
        Number of segments.
    starts : int, default 10
        Attempts; the tightest is kept.
    random_state : int, default 0
        Seed.

    Examples
    --------
    >>> X = [[0.0], [0.1], [0.2], [9.0], [9.1]]
    >>> KMeansSegments(k=2).fit(X).predict([[8.0], [1.0]]).tolist()
    [1, 0]
    """

    family: ClassVar[str] = "k-means"
    complexity: ClassVar[int] = 1

    def __init__(self, k: int = 5, starts: int = 10, random_state: int = 0) -> None:
        self.k = k
        self.starts = starts
        self.random_state = random_state

    def _learn(self, X: np.ndarray) -> None:
        count = min(self.k, len(np.unique(X, axis=0)))
        fitted = KMeans(count, n_init=self.starts, random_state=self.random_state).fit(X)
        self.centres_ = fitted.cluster_centers_


class MiniBatchSegments(CentreSegmenter):
    """K-means that learns from small batches, for very many customers.

    Parameters
    ----------
    k : int, default 5
        Number of segments.
    batch : int, default 4096
        Customers looked at in one step.
    random_state : int, default 0
        Seed.
    """

    family: ClassVar[str] = "k-means"
    complexity: ClassVar[int] = 2

    def __init__(self, k: int = 5, batch: int = 4096, random_state: int = 0) -> None:
        self.k = k
        self.batch = batch
        self.random_state = random_state

    def _learn(self, X: np.ndarray) -> None:
        count = min(self.k, len(np.unique(X, axis=0)))
        # The batches follow the order of the rows, which is sorted here: shuffle it.
        shuffled = X[np.random.default_rng(self.random_state).permutation(len(X))]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = MiniBatchKMeans(
                count, batch_size=self.batch, n_init=10, random_state=self.random_state
            ).fit(shuffled)
        self.centres_ = fitted.cluster_centers_.astype(np.float64)
