"""The contract of every clustering: each customer in exactly one segment, new customers too."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

__all__ = ["Segmenter", "sample_rows"]

_ROWS = 1 << 16  # at a time, which bounds the memory


class Segmenter(ClusterMixin, BaseEstimator, ABC):
    """Split customers into segments that are exhaustive and mutually exclusive.

    A subclass is one file and one line in `models.segments.registry`. One rule, ``predict``, says
    who belongs where, for the customers learned from and for new ones alike. Segments are numbered
    from the largest. The result does not depend on the order of the rows.

    Parameters
    ----------
    k : int
        Number of segments; fewer where fewer customers differ. Some methods find it themselves.
    random_state : int
        Seed.

    Attributes
    ----------
    family : str
        Kind of method.
    complexity : int
        How hard the method is to explain; the simplest of equals is taken.
    form : str
        ``places`` (numbers on one scale) or ``mixed`` (numbers and codes, see `AttributeSpace`).
    learned : tuple of str
        Names of the attributes that make up the state.
    labels_ : numpy.ndarray of int32, shape (customers,)
        Segment of every customer learned from (not part of the state).
    n_clusters_ : int
        Segments found.
    """

    family: ClassVar[str]
    complexity: ClassVar[int]
    form: ClassVar[str] = "places"
    finds_k: ClassVar[bool] = False
    learned: ClassVar[tuple[str, ...]] = ()

    k: int
    random_state: int
    labels_: np.ndarray
    n_clusters_: int

    def fit(self, X: Any, y: None = None) -> Self:
        """Find the segments.

        Parameters
        ----------
        X : array of float, shape (customers, attributes)
        y : None
            Not used.

        Raises
        ------
        ValueError
            When there is no customer, a place is not finite, or `k` is below 1.
        """
        X = self._checked(X)
        if not len(X):
            raise ValueError("there is no customer to learn from")
        if self.k < 1:
            raise ValueError(f"k must be at least 1 but got {self.k}")
        order = np.lexsort(X.T[::-1])
        # Partial sums of several threads would depend on their number.
        with threadpool_limits(1):
            self._learn(X[order])
            self._number_from_largest(self._nearest(X))
            self.labels_ = self._nearest(X)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Give the segment of each customer; int32, from 0."""
        check_is_fitted(self, "n_clusters_")
        return self._nearest(self._checked(X))

    @abstractmethod
    def separations(self, X: Any) -> np.ndarray:
        """Give how far each customer is from each segment; the smallest is the own one.

        Returns
        -------
        numpy.ndarray of float64, shape (customers, segments)
        """

    @abstractmethod
    def _learn(self, X: np.ndarray) -> None:
        """Find the segments of rows that are in an order of their own."""

    @abstractmethod
    def _renumber(self, order: np.ndarray) -> None:
        """Put the segments into this order and drop those that are not in it."""

    def get_state(self) -> dict[str, Any]:
        """Give what was learned as arrays and numbers, for export in open formats."""
        check_is_fitted(self, "n_clusters_")
        return {"n_clusters": self.n_clusters_} | {n: getattr(self, n) for n in self.learned}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave.

        Raises
        ------
        ValueError
            When a part is missing or not known.
        """
        wrong = sorted({"n_clusters", *self.learned} ^ set(state))
        if wrong:
            raise ValueError(f"state has missing or unknown parts: {', '.join(wrong)}")
        self.n_clusters_ = int(state["n_clusters"])
        for name in self.learned:
            setattr(self, name, state[name])
        return self

    def _checked(self, X: Any) -> np.ndarray:
        X = np.asarray(X, dtype=np.float64)
        if X.ndim != 2 or not X.shape[1]:
            raise ValueError(f"a table of customers and attributes is needed, not {X.shape}")
        if self.form == "places" and not np.isfinite(X).all():
            raise ValueError("places must be finite; AttributeSpace makes them so")
        return X

    def _nearest(self, X: np.ndarray) -> np.ndarray:
        parts = [X[at : at + _ROWS] for at in range(0, max(len(X), 1), _ROWS)]
        return np.concatenate([self.separations(part).argmin(axis=1) for part in parts]).astype(
            np.int32
        )

    def _number_from_largest(self, labels: np.ndarray) -> None:
        size = np.bincount(labels)
        order = np.argsort(-size, kind="stable")
        order = order[size[order] > 0]
        self._renumber(order)
        self.n_clusters_ = len(order)


def sample_rows(n: int, most: int, random_state: int) -> np.ndarray:
    """Give the numbers of all rows, or of `most` of them by chance, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(random_state).choice(n, most, replace=False))
