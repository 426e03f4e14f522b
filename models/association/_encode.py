"""Kernels that turn baskets of item codes into prefix lists ordered by item frequency."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Encoded", "count_items", "encode", "expected_work", "sort_baskets"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


class Encoded(NamedTuple):
    """Baskets renumbered by item frequency, with an occurrence list per item.

    Items carry ranks: 0 is the most frequent one. `ranks[starts[v]:ends[v]]`, for `v` in
    `heads[r]:heads[r + 1]`, are the more frequent items beside one occurrence of rank `r`.
    """

    ranks: Int32
    heads: Int32
    starts: Int32
    ends: Int32
    supports: Int32


@njit(cache=True, nogil=True)
def count_items(indices: Int32, n_items: int) -> Int64:
    """Count in how many baskets each item stands; baskets hold no item twice."""
    counts = np.zeros(n_items, np.int64)
    for item in indices:
        counts[item] += 1
    return counts


@njit(cache=True, nogil=True)
def sort_baskets(indptr: Int64, indices: Int32) -> tuple[Int64, Int32]:
    """Sort every basket and drop its repeated items."""
    ends = np.zeros(len(indptr), np.int64)
    tidy = np.empty(len(indices), np.int32)
    top = 0
    for b in range(len(indptr) - 1):
        top = _append_unique(np.sort(indices[indptr[b] : indptr[b + 1]]), tidy, top)
        ends[b + 1] = top
    return ends, tidy[:top].copy()


@njit(cache=True, nogil=True)
def _append_unique(basket: Int32, out: Int32, top: int) -> int:
    start = top
    for item in basket:
        if top == start or out[top - 1] != item:
            out[top] = item
            top += 1
    return top


@njit(cache=True, nogil=True)
def encode(indptr: Int64, indices: Int32, rank_of: Int32, supports: Int32) -> Encoded:
    """Renumber the baskets; items whose rank is negative are left out.

    Filling the baskets rank by rank sorts all of them in linear time.
    """
    lengths, heads = _kept_lengths(indptr, indices, rank_of, len(supports))
    holders = _holders(indptr, indices, rank_of, heads)
    return _fill(lengths, heads, holders, supports)


@njit(cache=True, nogil=True)
def _kept_lengths(
    indptr: Int64, indices: Int32, rank_of: Int32, n_ranks: int
) -> tuple[Int32, Int32]:
    lengths = np.zeros(len(indptr) - 1, np.int32)
    heads = np.zeros(n_ranks + 1, np.int32)
    for b in range(len(indptr) - 1):
        for p in range(indptr[b], indptr[b + 1]):
            rank = rank_of[indices[p]]
            if rank >= 0:
                lengths[b] += 1
                heads[rank + 1] += 1
    return lengths, np.cumsum(heads).astype(np.int32)


@njit(cache=True, nogil=True)
def _holders(indptr: Int64, indices: Int32, rank_of: Int32, heads: Int32) -> Int32:
    free = heads.copy()
    holders = np.empty(heads[-1], np.int32)
    for b in range(len(indptr) - 1):
        for p in range(indptr[b], indptr[b + 1]):
            rank = rank_of[indices[p]]
            if rank >= 0:
                holders[free[rank]] = b
                free[rank] += 1
    return holders


@njit(cache=True, nogil=True)
def _fill(lengths: Int32, heads: Int32, holders: Int32, supports: Int32) -> Encoded:
    begins = (np.cumsum(lengths) - lengths).astype(np.int32)
    free = begins.copy()
    ranks = np.empty(len(holders), np.int32)
    starts, ends = np.empty_like(ranks), np.empty_like(ranks)
    kept = np.zeros_like(heads)
    top = 0
    for rank in range(len(supports)):
        for v in range(heads[rank], heads[rank + 1]):
            b = holders[v]
            position = free[b]
            ranks[position] = rank
            free[b] += 1
            starts[top], ends[top] = begins[b], position
            top += position > begins[b]  # the first item of a basket has nothing beside it
        kept[rank + 1] = top
    return Encoded(ranks, kept, starts[:top], ends[:top], supports)


@njit(cache=True, nogil=True)
def expected_work(encoded: Encoded) -> Int64:
    """Count for each rank the items beside its occurrences: the pairs that a search reads."""
    work = np.zeros(len(encoded.supports), np.int64)
    for rank in range(len(work)):
        for v in range(encoded.heads[rank], encoded.heads[rank + 1]):
            work[rank] += encoded.ends[v] - encoded.starts[v]
    return work
