"""Segments around medoids: the most typical customer of each stands for it."""

from typing import Any, ClassVar

import numpy as np
from numba import njit
from sklearn.utils.validation import check_is_fitted

from models.segments.base import Segmenter, sample_rows
from models.segments.distances import METRICS, check_metric, distances, gower

__all__ = ["KMedoids", "faster_pam"]


class KMedoids(Segmenter):
    """K-medoids (FasterPAM [1]_) under any distance, also over mixed kinds of attributes.

    Parameters
    ----------
    k : int, default 5
        Number of segments.
    metric : {'euclidean', 'manhattan', 'chebyshev', 'power', 'gower'}, default 'manhattan'
        See `models.segments.distances`; ``gower`` takes the table of `AttributeSpace.mixed`.
    p, r : float, default 2
        Of the power distance.
    categories : tuple of int, default ()
        With ``gower``: the columns that are codes of categories.
    max_rows : int, default 4000
        Customers learned from, because the memory grows with their square; above it a random
        sample.
    random_state : int, default 0
        Seed of the sample.

    Attributes
    ----------
    medoids_ : numpy.ndarray of float64, shape (segments, attributes)
        The typical customers.
    spans_ : numpy.ndarray of float64, shape (attributes,)
        With ``gower``: largest minus smallest value.
    loss_ : float
        Sum of the distances to the own medoid, over the customers learned from.

    References
    ----------
    .. [1] Schubert and Rousseeuw, Fast and eager k-medoids clustering, Information Systems 2021.

    Examples
    --------
    >>> X = [[0.0], [1.0], [2.0], [50.0], [51.0]]
    >>> KMedoids(k=2).fit(X).medoids_.ravel().tolist()
    [1.0, 50.0]
    """

    family: ClassVar[str] = "k-medoids"
    complexity: ClassVar[int] = 2
    learned: ClassVar[tuple[str, ...]] = ("medoids_", "spans_", "loss_")

    medoids_: np.ndarray
    spans_: np.ndarray
    loss_: float

    def __init__(
        self,
        k: int = 5,
        metric: str = "manhattan",
        p: float = 2.0,
        r: float = 2.0,
        categories: tuple[int, ...] = (),
        max_rows: int = 4000,
        random_state: int = 0,
    ) -> None:
        self.k = k
        self.metric = metric
        self.p = p
        self.r = r
        self.categories = categories
        self.max_rows = max_rows
        self.random_state = random_state

    @property
    def form(self) -> str:  # type: ignore[override]
        """Give the form of the table that the metric takes."""
        return "mixed" if self.metric == "gower" else "places"

    def separations(self, X: Any) -> np.ndarray:
        """Give the distance to each medoid."""
        check_is_fitted(self, "medoids_")
        return self._distances(np.asarray(X, dtype=np.float64), self.medoids_)

    def _learn(self, X: np.ndarray) -> None:
        check_metric(self.metric, self.p, self.r, (*METRICS, "gower"))
        self.spans_ = _spans(X)
        some = X[sample_rows(len(X), self.max_rows, self.random_state)]
        apart = self._distances(some, some)
        chosen, self.loss_ = faster_pam(apart, min(self.k, len(some)))
        self.medoids_ = some[np.sort(chosen)]

    def _distances(self, X: np.ndarray, Y: np.ndarray) -> np.ndarray:
        if self.metric != "gower":
            return distances(X, Y, self.metric, p=self.p, r=self.r)
        is_category = np.isin(np.arange(X.shape[1]), self.categories)
        return gower(X, Y, self.spans_, is_category)

    def _renumber(self, order: np.ndarray) -> None:
        self.medoids_ = self.medoids_[order]


def faster_pam(apart: np.ndarray, k: int, max_passes: int = 100) -> tuple[np.ndarray, float]:
    """Choose `k` rows so that the sum of the distances to the nearest chosen one is small.

    Starts with the greedy choice (BUILD of PAM) and swaps as long as a swap helps; each improving
    swap is made at once.

    Parameters
    ----------
    apart : numpy.ndarray of float64, shape (n, n)
        Distances.
    k : int
        From 1 to n.
    max_passes : int, default 100
        Times that all rows are tried, at most.

    Returns
    -------
    chosen : numpy.ndarray of int64, shape (k,)
    loss : float
        The sum.

    Raises
    ------
    ValueError
        When `k` is out of range or the table is not square.
    """
    if apart.ndim != 2 or apart.shape[0] != apart.shape[1]:
        raise ValueError(f"a square table of distances is needed, not {apart.shape}")
    if not 1 <= k <= len(apart):
        raise ValueError(f"k must be from 1 to {len(apart)} but got {k}")
    square = np.ascontiguousarray(apart, dtype=np.float64)
    chosen = _build(square, k)
    if k > 1:
        _swap(square, chosen, max_passes)
    return chosen, float(square[:, chosen].min(axis=1).sum())


def _spans(X: np.ndarray) -> np.ndarray:
    known = ~np.isnan(X)
    high = np.max(np.where(known, X, -np.inf), axis=0)
    low = np.min(np.where(known, X, np.inf), axis=0)
    return np.where(known.any(axis=0), high - low, 0.0)


@njit(cache=True)
def _build(apart: np.ndarray, k: int) -> np.ndarray:
    n = len(apart)
    chosen = np.empty(k, np.int64)
    taken = np.zeros(n, np.bool_)
    nearest = np.full(n, np.inf)
    for place in range(k):
        best, best_loss = -1, np.inf
        for x in range(n):
            if taken[x]:
                continue
            loss = 0.0
            for o in range(n):
                loss += min(apart[x, o], nearest[o])
            if loss < best_loss:
                best, best_loss = x, loss
        chosen[place] = best
        taken[best] = True
        nearest = np.minimum(nearest, apart[best])
    return chosen


@njit(cache=True)
def _swap(apart: np.ndarray, chosen: np.ndarray, max_passes: int) -> None:
    n, k = len(apart), len(chosen)
    own, near, second = _two_nearest(apart, chosen)
    tolerance = 1e-12 * (near.sum() + 1.0)
    unchanged, x = 0, 0
    removal = _removal(own, near, second, k)
    for _ in range(max_passes * n):
        if unchanged >= n:
            return
        out, gain = _best_swap(apart[x], own, near, second, removal)
        if gain < -tolerance and not (chosen == x).any():
            chosen[out] = x
            own, near, second = _two_nearest(apart, chosen)
            removal = _removal(own, near, second, k)
            unchanged = 0
        unchanged += 1
        x = (x + 1) % n


@njit(cache=True)
def _best_swap(
    row: np.ndarray, own: np.ndarray, near: np.ndarray, second: np.ndarray, removal: np.ndarray
) -> tuple[int, float]:
    """Find the medoid that this row replaces best, and the change of the loss."""
    change, shared = removal.copy(), 0.0
    for o in range(len(row)):
        if row[o] < near[o]:
            shared += row[o] - near[o]
            change[own[o]] += near[o] - second[o]
        elif row[o] < second[o]:
            change[own[o]] += row[o] - second[o]
    out = int(np.argmin(change))
    return out, change[out] + shared


@njit(cache=True)
def _two_nearest(
    apart: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = len(apart)
    own = np.zeros(n, np.int64)
    near, second = np.full(n, np.inf), np.full(n, np.inf)
    for place in range(len(chosen)):
        row = apart[chosen[place]]
        for o in range(n):
            if row[o] < near[o]:
                second[o], near[o], own[o] = near[o], row[o], place
            elif row[o] < second[o]:
                second[o] = row[o]
    return own, near, second


@njit(cache=True)
def _removal(own: np.ndarray, near: np.ndarray, second: np.ndarray, k: int) -> np.ndarray:
    """Give what the loss grows by when a medoid is taken away without another."""
    loss = np.zeros(k)
    for o in range(len(own)):
        loss[own[o]] += second[o] - near[o]
    return loss
