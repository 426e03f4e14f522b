"""Segments keep their numbers from one refresh to the next."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

__all__ = ["Matched", "match_by_centres", "match_by_members"]

_LEAST = 1e-9


@dataclass(frozen=True)
class Matched:
    """Which old number each new segment takes.

    Attributes
    ----------
    ids : numpy.ndarray of int64, shape (new segments,)
        The number of each new segment; a segment without a forerunner takes a number never used.
    likeness : numpy.ndarray of float64, shape (new segments,)
        Likeness to the forerunner, from 0 to 1; NaN for a segment without one.
    gone : list of int
        Old numbers that no segment has any more.
    """

    ids: np.ndarray
    likeness: np.ndarray
    gone: list[int]


def match_by_members(
    before: pd.Series, after: pd.Series, *, least: float = 0.1, used: int | None = None
) -> Matched:
    """Give new segments the numbers of the old ones that share most members.

    All pairs are chosen together, so that the sum of their likeness is as large as can be.

    Parameters
    ----------
    before : pandas.Series of int
        Old numbers by customer.
    after : pandas.Series of int
        New segments, 0 to k - 1, by customer.
    least : float, default 0.1
        Pairs that share less (members of both over members of either, among the customers known on
        both sides) are no match.
    used : int, optional
        The largest number ever used; default: the largest in `before`.

    Raises
    ------
    ValueError
        When a customer stands twice on one side, or nobody is on both.

    Examples
    --------
    >>> before = pd.Series([1, 1, 1, 2, 2], index=list("abcde"))
    >>> after = pd.Series([0, 0, 1, 1, 1, 2], index=list("abcdef"))
    >>> match_by_members(before, after).ids.tolist()
    [1, 2, 3]
    """
    if not (before.index.is_unique and after.index.is_unique):
        raise ValueError("a customer stands twice")
    both = before.index.intersection(after.index)
    if not len(both):
        raise ValueError("no customer is in both segmentations: match by centres")
    olds, old = np.unique(before.loc[both].to_numpy(dtype=np.int64), return_inverse=True)
    new = after.loc[both].to_numpy(dtype=np.int64)
    shared = np.zeros((int(after.max()) + 1, len(olds)))
    np.add.at(shared, (new, old), 1.0)
    together = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    known = np.unique(before.to_numpy(dtype=np.int64))
    return _matched(shared / np.maximum(together, 1.0), olds, known, least, used)


def match_by_centres(
    before: np.ndarray, after: np.ndarray, ids: np.ndarray, *, used: int | None = None
) -> Matched:
    """Give new segments the numbers of the old ones whose centres lie nearest.

    Parameters
    ----------
    before : numpy.ndarray of float64, shape (old segments, attributes)
        Centres on the same scale as `after`.
    after : numpy.ndarray of float64, shape (new segments, attributes)
    ids : numpy.ndarray of int, shape (old segments,)
        Numbers of the old segments.
    used : int, optional
        The largest number ever used; default: the largest of `ids`.

    Examples
    --------
    >>> old, new = np.array([[0.0], [9.0]]), np.array([[8.0], [0.5]])
    >>> match_by_centres(old, new, np.array([1, 2])).ids.tolist()
    [2, 1]
    """
    apart = np.sqrt(((after[:, None, :] - before[None, :, :]) ** 2).sum(axis=2))
    return _matched(1 / (1 + apart), np.asarray(ids), np.asarray(ids), _LEAST, used)


def _matched(
    likeness: np.ndarray, olds: np.ndarray, known: np.ndarray, least: float, used: int | None
) -> Matched:
    rows, columns = linear_sum_assignment(likeness, maximize=True)
    ids, found = np.zeros(len(likeness), dtype=np.int64), np.full(len(likeness), np.nan)
    for row, column in zip(rows, columns, strict=True):
        if likeness[row, column] >= max(least, _LEAST):
            ids[row], found[row] = olds[column], likeness[row, column]
    following = max(int(known.max(initial=0)), used or 0) + 1
    without = np.flatnonzero(ids == 0)
    ids[without] = following + np.arange(len(without))
    return Matched(ids, found, [int(one) for one in known if one not in ids])
