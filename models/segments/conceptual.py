"""Segments that are concepts: each is a few conditions on single attributes, and nothing else."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from models.segments.base import Segmenter, sample_rows

__all__ = ["ConceptualSegments"]

_TIE = 1e-9


class _Leaf(NamedTuple):
    rows: np.ndarray
    low: np.ndarray
    high: np.ndarray


class _Split(NamedTuple):
    gain: float
    attribute: int
    cut: float


class ConceptualSegments(Segmenter):
    """Conceptual clustering by dividing: one attribute and one cut at a time [1]_.

    The group that can be made tighter most is cut in two, where the sum of squares around the
    means of the parts is smallest, until there are `k`. So every segment is described exactly by
    conditions, at the price of being somewhat less tight than those of k-means.

    Parameters
    ----------
    k : int, default 5
        Number of segments; fewer where no cut leaves enough customers on both sides.
    min_share : float, default 0.02
        Least share of all customers in a segment.
    max_rows : int, default 20000
        Customers learned from; above it a random sample.
    random_state : int, default 0
        Seed of the sample.

    Attributes
    ----------
    low_, high_ : numpy.ndarray of float64, shape (segments, attributes)
        A customer belongs to the segment where ``low < x <= high`` in every attribute.

    References
    ----------
    .. [1] Chavent, A monothetic clustering method, Pattern Recognition Letters 1998; the aim of
       Michalski and Stepp, Learning from observation: conceptual clustering, 1983.

    Examples
    --------
    >>> X = [[1.0, 5.0], [2.0, 1.0], [9.0, 3.0], [8.0, 2.0]]
    >>> found = ConceptualSegments(k=2).fit(X)
    >>> found.high_[:, 0].tolist(), found.predict([[4.0, 0.0], [5.5, 0.0]]).tolist()
    ([5.0, inf], [0, 1])
    """

    family: ClassVar[str] = "conceptual"
    complexity: ClassVar[int] = 1
    learned: ClassVar[tuple[str, ...]] = ("low_", "high_")

    low_: np.ndarray
    high_: np.ndarray

    def __init__(
        self, k: int = 5, min_share: float = 0.02, max_rows: int = 20_000, random_state: int = 0
    ) -> None:
        self.k = k
        self.min_share = min_share
        self.max_rows = max_rows
        self.random_state = random_state

    def separations(self, X: Any) -> np.ndarray:
        """Give by how much the conditions of each segment are missed, in all; 0 for the own one."""
        check_is_fitted(self, "low_")
        given = np.asarray(X, dtype=np.float64)[:, None, :]
        above = np.maximum(given - self.high_[None], 0.0)
        under = np.where(given <= self.low_[None], self.low_[None] - given + _TIE, 0.0)
        return np.asarray((above + under).sum(axis=2))

    def _learn(self, X: np.ndarray) -> None:
        if not 0 <= self.min_share < 1:
            raise ValueError(f"min_share must be from 0 to 1 but got {self.min_share}")
        some = X[sample_rows(len(X), self.max_rows, self.random_state)]
        least = max(1, int(np.ceil(self.min_share * len(some))))
        ends = np.full(some.shape[1], np.inf)
        leaves = [_Leaf(np.arange(len(some)), -ends, ends)]
        splits = [_best_split(some, leaves[0].rows, least)]
        while len(leaves) < self.k:
            at = max(range(len(leaves)), key=lambda place: (splits[place].gain, -place))
            if splits[at].gain <= 0:
                break
            parts = _divided(some, leaves[at], splits[at])
            found = [_best_split(some, part.rows, least) for part in parts]
            leaves[at : at + 1], splits[at : at + 1] = parts, found
        self.low_ = np.array([leaf.low for leaf in leaves])
        self.high_ = np.array([leaf.high for leaf in leaves])

    def _renumber(self, order: np.ndarray) -> None:
        self.low_, self.high_ = self.low_[order], self.high_[order]


def _best_split(X: np.ndarray, rows: np.ndarray, least: int) -> _Split:
    """Find the attribute and the cut that take away most of the sum of squares."""
    members = X[rows] - X[rows].mean(axis=0)
    best = _Split(0.0, -1, 0.0)
    for attribute in range(X.shape[1]):
        order = np.argsort(members[:, attribute], kind="stable")
        values = X[rows[order], attribute]
        gain = _gains(members[order], values, least)
        if len(gain) and gain.max() > best.gain * (1 + 1e-12) + 1e-12:
            at = int(gain.argmax())
            best = _Split(float(gain[at]), attribute, _middle(values[at], values[at + 1]))
    return best


def _gains(ordered: np.ndarray, values: np.ndarray, least: int) -> np.ndarray:
    """Give the gain of a cut behind each row; the members have a mean of 0."""
    n = len(ordered)
    left = np.arange(1, n)
    sums = np.cumsum(ordered, axis=0)[:-1]
    gain = (sums**2).sum(axis=1) * (1 / left + 1 / (n - left))
    allowed = (values[:-1] < values[1:]) & (left >= least) & (n - left >= least)
    return np.where(allowed, gain, 0.0)


def _middle(low: float, high: float) -> float:
    middle = float(low + (high - low) / 2)
    return middle if middle < high else float(low)


def _divided(X: np.ndarray, leaf: _Leaf, split: _Split) -> list[_Leaf]:
    is_left = X[leaf.rows, split.attribute] <= split.cut
    high, low = leaf.high.copy(), leaf.low.copy()
    high[split.attribute] = low[split.attribute] = split.cut
    return [_Leaf(leaf.rows[is_left], leaf.low, high), _Leaf(leaf.rows[~is_left], low, leaf.high)]
