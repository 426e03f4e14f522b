"""Kernels that cut a stream of baskets down to what one part of a search needs."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["cut", "last_work", "recode"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def recode(
    indptr: Int64, items: Int32, rank_of: Int32, required: Mask, n_required: int, least: int
) -> tuple[Int64, Int32]:
    """Give the ranks of the baskets that hold `n_required` of the required items, ascending.

    Items of a negative rank are left out, and baskets that keep fewer than `least` items.
    """
    ends, out = np.zeros(len(indptr), np.int64), np.empty(len(items), np.int32)
    n_kept, top = 0, 0
    for b in range(len(indptr) - 1):
        begin, held = top, 0
        for p in range(indptr[b], indptr[b + 1]):
            held += required[items[p]]
            rank = rank_of[items[p]]
            if rank >= 0:
                out[top] = rank
                top += 1
        if held < n_required or top - begin < least:
            top = begin
            continue
        out[begin:top].sort()
        n_kept += 1
        ends[n_kept] = top
    return ends[: n_kept + 1].copy(), out[:top].copy()


@njit(cache=True, nogil=True)
def cut(indptr: Int64, items: Int32, begin: int, end: int) -> tuple[Int64, Int32]:
    """Keep the ranks below `end` of the baskets whose last such rank is `begin` or more."""
    ends, out = np.zeros(len(indptr), np.int64), np.empty(len(items), np.int32)
    n_kept, top = 0, 0
    for b in range(len(indptr) - 1):
        last = _below(indptr, items, b, end)
        length = last - indptr[b]
        if length < 2 or items[last - 1] < begin:
            continue
        out[top : top + length] = items[indptr[b] : last]
        top += length
        n_kept += 1
        ends[n_kept] = top
    return ends[: n_kept + 1].copy(), out[:top].copy()


@njit(cache=True, nogil=True)
def last_work(indptr: Int64, items: Int32, end: int, work: Int64) -> None:
    """Add the length of every basket, cut at `end`, to the work of its last rank."""
    for b in range(len(indptr) - 1):
        last = _below(indptr, items, b, end)
        if last - indptr[b] > 1:
            work[items[last - 1]] += last - indptr[b]


@njit(cache=True, nogil=True)
def _below(indptr: Int64, items: Int32, basket: int, end: int) -> int:
    last = indptr[basket + 1]
    while last > indptr[basket] and items[last - 1] >= end:
        last -= 1
    return last
