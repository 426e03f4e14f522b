"""Kernels that keep the best of many patterns, in one order without ties."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Best", "Vertical", "begin_best", "can_enter", "enter", "holders_of", "vertical"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Values = NDArray[np.float64]


class Vertical(NamedTuple):
    """Baskets in ranks, ascending in each, and the numbers of the baskets that hold each rank."""

    indptr: Int64
    ranks: Int32
    heads: Int64
    holders: Int32


class Best(NamedTuple):
    """The best patterns so far; `order[:size[0]]` are their places, best first.

    A row of `codes` is the items in ascending order, filled up with -1, and last the item behind
    THEN, or -1.
    """

    size: Int64
    order: Int64
    values: Values
    counts: Int64
    lengths: Int64
    codes: Int32


def vertical(indptr: Int64, ranks: Int32, n_ranks: int) -> Vertical:
    """List the holders of every rank."""
    owner = np.repeat(np.arange(len(indptr) - 1, dtype=np.int32), np.diff(indptr))
    heads = np.concatenate([[0], np.cumsum(np.bincount(ranks, minlength=n_ranks))])
    return Vertical(indptr, ranks, heads.astype(np.int64), owner[np.argsort(ranks, kind="stable")])


def begin_best(k: int, width: int) -> Best:
    """Make room for `k` patterns of up to `width` items before THEN."""
    return Best(
        np.zeros(1, np.int64), np.arange(k, dtype=np.int64), np.empty(k), np.empty(k, np.int64),
        np.empty(k, np.int64), np.full((k, width + 1), -1, np.int32),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def can_enter(best: Best, value: float, count: int, length: int) -> bool:
    """Tell whether a pattern not better than this could still be among the best."""
    if best.size[0] < len(best.order):
        return True
    worst = best.order[len(best.order) - 1]
    if value != best.values[worst]:
        return value > best.values[worst]
    if count != best.counts[worst]:
        return count > best.counts[worst]
    return length <= best.lengths[worst]


@njit(cache=True, nogil=True)
def _before(best: Best, value: float, count: int, length: int, codes: Int32, slot: int) -> bool:
    """Compare: largest value, largest count, fewest items, smallest codes."""
    if value != best.values[slot]:
        return value > best.values[slot]
    if count != best.counts[slot]:
        return count > best.counts[slot]
    if length != best.lengths[slot]:
        return length < best.lengths[slot]
    for k in range(len(codes)):
        if codes[k] != best.codes[slot, k]:
            return codes[k] < best.codes[slot, k]
    return False


@njit(cache=True, nogil=True)
def enter(best: Best, value: float, count: int, length: int, codes: Int32) -> None:
    """Put a pattern in its place; the worst one leaves when there is no room."""
    size = best.size[0]
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if _before(best, value, count, length, codes, best.order[middle]):
            high = middle
        else:
            low = middle + 1
    if low == len(best.order):
        return
    last = min(size, len(best.order) - 1)
    slot = best.order[last]
    for place in range(last, low, -1):
        best.order[place] = best.order[place - 1]
    best.order[low] = slot
    best.values[slot], best.counts[slot], best.lengths[slot] = value, count, length
    best.codes[slot] = codes
    best.size[0] = last + 1


@njit(cache=True, nogil=True)
def holders_of(db: Vertical, tids: Int32, rank: int) -> Int32:
    """Keep the baskets that hold a rank too."""
    out, top = np.empty(len(tids), np.int32), 0
    for tid in tids:
        low, high = db.indptr[tid], db.indptr[tid + 1]
        while low < high:
            middle = (low + high) // 2
            if db.ranks[middle] < rank:
                low = middle + 1
            else:
                high = middle
        if low < db.indptr[tid + 1] and db.ranks[low] == rank:
            out[top] = tid
            top += 1
    return out[:top].copy()
