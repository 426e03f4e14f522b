"""Random streams that do not depend on each other, and many discrete draws at once."""

from dataclasses import dataclass
from typing import Self

import numpy as np

__all__ = ["Wheels", "shares_of", "stream"]


def stream(seed: int, *path: int) -> np.random.Generator:
    """Give the random stream of one part of the work, whatever else was drawn before.

    Parameters
    ----------
    seed : int
        The seed of the whole shop.
    *path : int
        Which part: for instance (stage, block).

    Examples
    --------
    >>> bool(stream(0, 1, 2).random() == stream(0, 1, 2).random())
    True
    """
    return np.random.default_rng([seed, *path])


def shares_of(total: int, cumulative: float) -> int:
    """Round a cumulative share of `total`, so that consecutive differences add up to `total`.

    Examples
    --------
    >>> [shares_of(10, (k + 1) / 3) - shares_of(10, k / 3) for k in range(3)]
    [3, 4, 3]
    """
    return int(np.floor(total * cumulative + 0.5))


@dataclass(frozen=True)
class Wheels:
    """Discrete distributions side by side; a draw names its distribution by row.

    Every weight becomes the end of an interval, every distribution fills [row, row + 1), and a draw
    is one binary search over all of them.

    Attributes
    ----------
    edges : numpy.ndarray of float64
        Ends of the intervals of all distributions, ascending.
    last : numpy.ndarray of int64
        Position of the last interval of each row.
    width : int
        Number of columns of the weights.
    """

    edges: np.ndarray
    last: np.ndarray
    width: int

    @classmethod
    def of(cls, weights: np.ndarray, groups: np.ndarray | None = None) -> Self:
        """Make the distributions from weights.

        Parameters
        ----------
        weights : numpy.ndarray of shape (n, width)
            Not negative; every group of every row has a positive one.
        groups : numpy.ndarray of int of shape (width,), optional
            Ascending codes 0, 1, ... that cut the columns into distributions of their own: the
            distribution of group ``g`` in line ``i`` is row ``i * n_groups + g``. Default: one.
        """
        n, width = weights.shape
        codes = np.zeros(width, dtype=np.int64) if groups is None else groups
        names = np.arange(codes[-1] + 1)
        first = np.searchsorted(codes, names, side="left")
        last = np.searchsorted(codes, names, side="right") - 1
        ends = np.cumsum(weights, axis=1, dtype=np.float64)
        before = np.where(first > 0, ends[:, first - 1], 0.0)
        total = ends[:, last] - before
        share = (ends - before[:, codes]) / total[:, codes]
        rows = codes + names.size * np.arange(n)[:, None]
        return cls((share + rows).ravel(), (last + width * np.arange(n)[:, None]).ravel(), width)

    def draw(self, rng: np.random.Generator, rows: np.ndarray) -> np.ndarray:
        """Draw one column for each of `rows`.

        Returns
        -------
        numpy.ndarray of int64
            Columns of the weights, in the order of `rows`.
        """
        place = np.searchsorted(self.edges, rows + rng.random(rows.size), side="right")
        return np.minimum(place, self.last[rows]) % self.width
