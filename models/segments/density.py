"""Segments wherever customers lie dense; how many there are is found, not stated."""

from typing import Any, ClassVar

import numpy as np
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.utils.validation import check_is_fitted

from models.segments.base import Segmenter, sample_rows
from models.segments.distances import distances

__all__ = ["DensitySegments"]


class DensitySegments(Segmenter):
    """HDBSCAN; whoever it leaves out belongs to the nearest dense group.

    A dense group may have any shape, so it is kept as up to `representatives` means of its parts:
    a customer belongs to the group of the nearest one. No single customer is kept.

    Parameters
    ----------
    k : int, default 1
        Not used: the method finds the number of segments.
    min_size : int or None, default None
        Fewest customers of a segment; None = 2 % of the customers, 5 at least.
    representatives : int, default 20
        Means that stand for one dense group.
    max_rows : int, default 20000
        Customers learned from; above it a random sample.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    points_ : numpy.ndarray of float64, shape (points, attributes)
        The means of the parts.
    owner_ : numpy.ndarray of int64, shape (points,)
        The segment of each.
    noise_ : float
        Share of the customers that lay in no dense group.
    """

    family: ClassVar[str] = "density"
    complexity: ClassVar[int] = 3
    finds_k: ClassVar[bool] = True
    learned: ClassVar[tuple[str, ...]] = ("points_", "owner_", "noise_")

    points_: np.ndarray
    owner_: np.ndarray
    noise_: float

    def __init__(
        self,
        k: int = 1,
        min_size: int | None = None,
        representatives: int = 20,
        max_rows: int = 20_000,
        random_state: int = 0,
    ) -> None:
        self.k = k
        self.min_size = min_size
        self.representatives = representatives
        self.max_rows = max_rows
        self.random_state = random_state

    def separations(self, X: Any) -> np.ndarray:
        """Give the distance to the nearest mean of each segment."""
        check_is_fitted(self, "points_")
        apart = distances(X, self.points_)
        groups = range(int(self.owner_.max()) + 1)
        return np.column_stack([apart[:, self.owner_ == g].min(axis=1) for g in groups])

    def _learn(self, X: np.ndarray) -> None:
        some = X[sample_rows(len(X), self.max_rows, self.random_state)]
        labels = self._dense(some)
        self.noise_ = float((labels < 0).mean())
        if labels.max() < 0:
            labels = np.zeros_like(labels)
        parts = [self._means(some[labels == group]) for group in range(labels.max() + 1)]
        self.points_ = np.vstack(parts)
        self.owner_ = np.repeat(np.arange(len(parts)), [len(part) for part in parts])

    def _dense(self, X: np.ndarray) -> np.ndarray:
        size = max(5, round(0.02 * len(X))) if self.min_size is None else max(2, self.min_size)
        if len(X) <= size:
            return np.zeros(len(X), dtype=np.int64)
        found = HDBSCAN(min_cluster_size=size, min_samples=min(size, 10), copy=True)
        return np.asarray(found.fit_predict(X), dtype=np.int64)

    def _means(self, X: np.ndarray) -> np.ndarray:
        # Ten customers a mean at least, so that a mean never is one customer.
        count = max(1, min(self.representatives, len(X) // 10, len(np.unique(X, axis=0))))
        fitted = KMeans(count, n_init=1, random_state=self.random_state).fit(X)
        return np.asarray(fitted.cluster_centers_)

    def _renumber(self, order: np.ndarray) -> None:
        kept = np.isin(self.owner_, order)
        place = np.empty(int(self.owner_.max()) + 1, dtype=np.int64)
        place[order] = np.arange(len(order))
        self.points_, self.owner_ = self.points_[kept], place[self.owner_[kept]]
