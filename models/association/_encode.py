"""Kernels that turn baskets of item codes into prefix lists ordered by item frequency."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "Encoded",
    "Lists",
    "count_items",
    "count_pairs",
    "count_weighted_items",
    "encode",
    "expected_work",
    "occurrences",
    "renumber",
    "sort_baskets",
]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Positions = NDArray[np.uint32]  # unsigned, so that an index needs no test for being negative

_MANY = 500_000  # baskets
_MOST_PAIRS = 4_000_000  # 16 MB
_SHORT = 24  # items; insertion is the faster way to sort fewer


class Lists(NamedTuple):
    """Baskets as lists of ranks: 0 is the most frequent item.

    Basket `b` is `ranks[begins[b]:begins[b + 1]]`. Its first entry is no rank but its weight: how
    many equal baskets it stands for.
    """

    ranks: Positions
    begins: Int64

    @property
    def n_baskets(self) -> int:
        """How many different baskets there are."""
        return len(self.begins) - 1


class Encoded(NamedTuple):
    """Baskets renumbered by item frequency, with an occurrence list per item.

    `ranks[starts[v]:ends[v]]`, for `v` in `heads[r]:heads[r + 1]`, are the more frequent items
    beside one occurrence of rank `r`; `ranks[starts[v] - 1]` is the weight of that basket.
    `pairs` is empty or holds the counts of all pairs: those of rank `r` with the more frequent ones
    begin at `r * (r - 1) / 2`. The baskets begin at `begins`, each with its weight.
    """

    ranks: Positions
    begins: Int64
    heads: Int64
    starts: Positions
    ends: Positions
    supports: Int32
    pairs: Int32


@njit(cache=True, nogil=True)
def count_items(indices: Int32, n_items: int) -> Int64:
    """Count in how many baskets each item stands; baskets hold no item twice."""
    counts = np.zeros(n_items, np.int64)
    for item in indices:
        counts[item] += 1
    return counts


@njit(cache=True, nogil=True)
def count_weighted_items(indptr: Int64, indices: Int32, weights: Int64, n_items: int) -> Int64:
    """Count the same where each basket stands for as many as its weight."""
    counts = np.zeros(n_items, np.int64)
    for b in range(len(weights)):
        for p in range(indptr[b], indptr[b + 1]):
            counts[indices[p]] += weights[b]
    return counts


@njit(cache=True, nogil=True)
def sort_baskets(indptr: Int64, indices: Int32) -> tuple[Int64, Int32]:
    """Sort every basket and drop its repeated items."""
    ends = np.zeros(len(indptr), np.int64)
    tidy = np.empty(len(indices), np.int32)
    top = 0
    for b in range(len(indptr) - 1):
        start = top
        for p in range(indptr[b], indptr[b + 1]):
            tidy[top] = indices[p]
            top += 1
        _sort(tidy[start:top])
        top = start + _drop_repeats(tidy[start:top])
        ends[b + 1] = top
    return ends, tidy if top == len(tidy) else tidy[:top].copy()


@njit(cache=True, nogil=True)
def _sort(basket: Int32 | Positions) -> None:
    if len(basket) > _SHORT:
        basket[:] = np.sort(basket)
        return
    for p in range(1, len(basket)):
        item, place = basket[p], p
        while place > 0 and basket[place - 1] > item:
            basket[place] = basket[place - 1]
            place -= 1
        basket[place] = item


@njit(cache=True, nogil=True)
def _drop_repeats(basket: Int32) -> int:
    top = 0
    for item in basket:
        if top == 0 or basket[top - 1] != item:
            basket[top] = item
            top += 1
    return top


def renumber(indptr: Int64, indices: Int32, weights: Int64, rank_of: Int32, least: int) -> Lists:
    """Write the ranks of every basket in the order of the codes; negative ranks are left out.

    Baskets left with fewer than `least` items are left out too. No `weights` stand for ones.
    """
    n_baskets, n_entries = _room(indptr, indices, rank_of, least)
    begins = np.zeros(n_baskets + 1, np.int64)
    ranks = np.empty(n_entries + 1, np.uint32)  # NumPy asks for huge pages
    _write_ranks(indptr, indices, weights, rank_of, least, ranks, begins)
    return Lists(ranks[:n_entries], begins)


@njit(cache=True, nogil=True)
def _write_ranks(
    indptr: Int64, indices: Int32, weights: Int64, rank_of: Int32, least: int,
    ranks: Positions, begins: Int64,
) -> None:  # fmt: skip
    b, top = 0, 0
    for row in range(len(indptr) - 1):
        if b == len(begins) - 1:
            break
        end = top + 1
        for p in range(indptr[row], indptr[row + 1]):
            rank = rank_of[indices[p]]
            if rank >= 0:
                ranks[end] = rank
                end += 1
        if end - top > least:
            ranks[top] = weights[row] if len(weights) else 1
            b, top = b + 1, end
            begins[b] = top


@njit(cache=True, nogil=True)
def _room(indptr: Int64, indices: Int32, rank_of: Int32, least: int) -> tuple[int, int]:
    """Count the baskets that stay and their entries."""
    n_baskets, n_entries = 0, 0
    for row in range(len(indptr) - 1):
        length = 0
        for p in range(indptr[row], indptr[row + 1]):
            length += rank_of[indices[p]] >= 0
        if length >= least:
            n_baskets += 1
            n_entries += length + 1
    return n_baskets, n_entries


@njit(cache=True, nogil=True)
def encode(lists: Lists, supports: Int32) -> Encoded:
    """Sort the baskets by rank and list the occurrences of every rank.

    Filling the baskets rank by rank sorts all of them in linear time, but jumps about in memory:
    where there are too many for the processor's cache, each is sorted by itself instead.
    """
    if len(lists.begins) > _MANY:
        _sort_all(lists)
        return occurrences(lists, supports, count_pairs(lists, len(supports)))
    heads, holders = _holders(lists, len(supports))
    begins = lists.begins
    free = begins[:-1] + 1
    ranks = np.empty(len(lists.ranks), np.uint32)
    ranks[begins[:-1]] = lists.ranks[begins[:-1]]
    starts, ends = np.empty(len(holders), np.uint32), np.empty(len(holders), np.uint32)
    kept = np.zeros_like(heads)
    top = 0
    for rank in range(len(supports)):
        for v in range(heads[rank], heads[rank + 1]):
            b = holders[v]
            position = free[b]
            ranks[position] = rank
            free[b] = position + 1
            starts[top], ends[top] = begins[b] + 1, position
            top += position > begins[b] + 1  # the first item of a basket has nothing beside it
        kept[rank + 1] = top
    pairs = count_pairs(Lists(ranks, begins), len(supports))
    return Encoded(ranks, begins, kept, starts[:top], ends[:top], supports, pairs)


@njit(cache=True, nogil=True)
def _sort_all(lists: Lists) -> None:
    ranks, begins = lists.ranks, lists.begins
    for b in range(len(begins) - 1):
        _sort(ranks[begins[b] + 1 : begins[b + 1]])


@njit(cache=True, nogil=True)
def count_pairs(lists: Lists, n_ranks: int) -> Int32:
    """Count all pairs of ranks of sorted baskets, in one walk through memory.

    Gives nothing when there is no room for all pairs, or fewer in the baskets than possible ones.
    """
    ranks, begins = lists.ranks, lists.begins
    n_pairs, held = n_ranks * (n_ranks - 1) // 2, 0
    for b in range(len(begins) - 1):
        length = begins[b + 1] - begins[b] - 1
        held += length * (length - 1) // 2
    if n_pairs > min(held, _MOST_PAIRS):
        return np.empty(0, np.int32)
    pairs = np.zeros(n_pairs, np.int32)
    for b in range(len(begins) - 1):
        weight, begin = np.int32(ranks[begins[b]]), begins[b] + 1
        for p in range(begin + 1, begins[b + 1]):
            row = np.int64(ranks[p]) * (np.int64(ranks[p]) - 1) // 2
            for q in range(begin, p):
                pairs[row + np.int64(ranks[q])] += weight
    return pairs


@njit(cache=True, nogil=True)
def _holders(lists: Lists, n_ranks: int) -> tuple[Int64, Positions]:
    """List for every rank the baskets that hold it."""
    ranks, begins = lists.ranks, lists.begins
    heads = np.zeros(n_ranks + 1, np.int64)
    for b in range(len(begins) - 1):
        for p in range(begins[b] + 1, begins[b + 1]):
            heads[ranks[p] + 1] += 1
    heads = np.cumsum(heads)
    free, holders = heads.copy(), np.empty(heads[-1], np.uint32)
    for b in range(len(begins) - 1):
        for p in range(begins[b] + 1, begins[b + 1]):
            v = free[ranks[p]]
            holders[v] = b
            free[ranks[p]] = v + 1
    return heads, holders


@njit(cache=True, nogil=True)
def occurrences(lists: Lists, supports: Int32, pairs: Int32) -> Encoded:
    """List the occurrences of every rank in baskets that are sorted already."""
    n_ranks, ranks, begins = len(supports), lists.ranks, lists.begins
    heads = np.zeros(n_ranks + 1, np.int64)
    for b in range(len(begins) - 1):
        for p in range(begins[b] + 2, begins[b + 1]):
            heads[ranks[p] + 1] += 1
    heads = np.cumsum(heads)
    free = heads.copy()
    starts, ends = np.empty(heads[-1], np.uint32), np.empty(heads[-1], np.uint32)
    for b in range(len(begins) - 1):
        for p in range(begins[b] + 2, begins[b + 1]):
            v = free[ranks[p]]
            starts[v] = begins[b] + 1
            ends[v] = p
            free[ranks[p]] = v + 1
    return Encoded(ranks, begins, heads, starts, ends, supports, pairs)


@njit(cache=True, nogil=True)
def expected_work(encoded: Encoded) -> Int64:
    """Count for each rank the items beside its occurrences: the pairs that a search reads."""
    work = np.zeros(len(encoded.supports), np.int64)
    for rank in range(len(work)):
        for v in range(encoded.heads[rank], encoded.heads[rank + 1]):
            work[rank] += np.int64(encoded.ends[v]) - np.int64(encoded.starts[v])
    return work
