"""Kernels over baskets with weights: equal baskets merged, itemsets counted."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._encode import Lists
from models.association._index import ABSENT, hash_of, keys_of_items

__all__ = ["Merged", "count_weighted", "join", "merge_equal", "merge_lists", "same_baskets"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_SAMPLE = 5_000
_WORTHWHILE = 0.9  # share of different baskets in the sample above which merging only costs


class Merged(NamedTuple):
    """Different baskets as a CSR pair, and how often each occurs."""

    indptr: Int64
    items: Int32
    weights: Int64


@njit(cache=True, nogil=True)
def same_baskets(indptr: Int64, items: Int32, n_items: int) -> Int64:
    """Give for every basket the number of the first one that equals it."""
    return _first_equal(indptr, items, 0, keys_of_items(n_items))


@njit(cache=True, nogil=True)
def _first_equal(
    indptr: Int64, items: Int32 | NDArray[np.uint32], skip: int, keys: NDArray[np.uint64]
) -> Int64:
    """Look every basket up in a table of those seen; its first `skip` entries are no items."""
    size = 16
    while size < 2 * len(indptr):
        size *= 2
    table, mask = np.full(size, ABSENT, np.int32), np.uint64(size - 1)
    first = np.empty(len(indptr) - 1, np.int64)
    for basket in range(len(first)):
        total = hash_of(items, indptr[basket] + skip, indptr[basket + 1], keys)  # type: ignore[arg-type]
        slot = (total ^ (total >> np.uint64(32))) & mask
        while table[slot] != ABSENT and not _equal(indptr, items, skip, table[slot], basket):
            slot = (slot + np.uint64(1)) & mask
        if table[slot] == ABSENT:
            table[slot] = basket
        first[basket] = table[slot]
    return first


@njit(cache=True, nogil=True)
def _equal(indptr: Int64, items: Int32 | NDArray[np.uint32], skip: int, one: int, two: int) -> bool:
    begin, other = indptr[one], indptr[two]
    length = indptr[one + 1] - begin
    if indptr[two + 1] - other != length:
        return False
    for k in range(skip, length):  # noqa: SIM110 (numba compiles the loop to less)
        if items[begin + k] != items[other + k]:
            return False
    return True


def merge_lists(lists: Lists, n_ranks: int) -> Lists:
    """Keep one of each different basket, its weight the sum of those of the equal ones.

    A sample decides whether enough baskets are equal; when not, the lists come back as they are.
    """
    keys = keys_of_items(n_ranks)
    sample = min(_SAMPLE, lists.n_baskets)
    first = _first_equal(lists.begins[: sample + 1], lists.ranks, 1, keys)
    if np.count_nonzero(first == np.arange(sample)) > _WORTHWHILE * sample:
        return lists
    return Lists(*_gathered(*lists, _first_equal(lists.begins, lists.ranks, 1, keys)))


@njit(cache=True, nogil=True)
def _gathered(
    ranks: NDArray[np.uint32], begins: Int64, first: Int64
) -> tuple[NDArray[np.uint32], Int64]:
    """Write the first one of equal baskets behind one another and add the weights up."""
    out, ends = np.empty(begins[-1], np.uint32), np.zeros(len(begins), np.int64)
    place = np.empty(len(first), np.int64)
    n, top = 0, 0
    for b in range(len(first)):
        if first[b] != b:
            out[place[first[b]]] += ranks[begins[b]]
            continue
        place[b] = top
        for p in range(begins[b], begins[b + 1]):
            out[top] = ranks[p]
            top += 1
        n += 1
        ends[n] = top
    return out[:top].copy(), ends[: n + 1].copy()


def merge_equal(given: Merged, n_items: int) -> Merged:
    """Merge equal baskets and drop those of weight 0; items ascend within each."""
    first = same_baskets(given.indptr, given.items, n_items)
    weights = np.zeros(len(first), np.int64)
    np.add.at(weights, first, given.weights)
    kept = np.flatnonzero(weights)
    lengths = np.diff(given.indptr)[kept]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    within = np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths)
    items = given.items[np.repeat(given.indptr[:-1][kept], lengths) + within]
    return Merged(indptr, items, weights[kept])


def join(parts: list[Merged]) -> Merged:
    """Put baskets behind one another without merging them."""
    shifts = np.cumsum([0, *(len(part.items) for part in parts)])
    ends = [part.indptr[1:] + shift for part, shift in zip(parts, shifts[:-1], strict=True)]
    return Merged(
        np.concatenate([[0], *ends]).astype(np.int64),
        np.concatenate([np.empty(0, np.int32), *(part.items for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.weights for part in parts)]),
    )


@njit(cache=True, nogil=True)
def count_weighted(
    baskets: Merged, n_items: int, indptr: Int64, items: Int32, frequency: Int64
) -> Int64:
    """Count in how many baskets each itemset stands, by the list of its rarest item."""
    counts = np.zeros(len(indptr) - 1, np.int64)
    rarest = np.empty(len(counts), np.int64)
    wanted = np.zeros(n_items + 1, np.int64)
    for s in range(len(counts)):
        best = indptr[s]
        for p in range(indptr[s] + 1, indptr[s + 1]):
            if frequency[items[p]] < frequency[items[best]]:
                best = p
        rarest[s] = items[best]
        wanted[rarest[s]] = 1
    heads, holders = _lists(baskets, wanted)
    for s in range(len(counts)):
        for v in range(heads[rarest[s]], heads[rarest[s] + 1]):
            if _holds(baskets, holders[v], items[indptr[s] : indptr[s + 1]]):
                counts[s] += baskets.weights[holders[v]]
    return counts


@njit(cache=True, nogil=True)
def _lists(baskets: Merged, wanted: Int64) -> tuple[Int64, Int32]:
    """Give the baskets that hold each of the wanted items."""
    heads = np.zeros(len(wanted) + 1, np.int64)
    for item in baskets.items:
        heads[item + 1] += wanted[item]
    heads = np.cumsum(heads)
    free, holders = heads.copy(), np.empty(heads[-1], np.int32)
    for b in range(len(baskets.weights)):
        for p in range(baskets.indptr[b], baskets.indptr[b + 1]):
            item = baskets.items[p]
            if wanted[item]:
                holders[free[item]] = b
                free[item] += 1
    return heads, holders


@njit(cache=True, nogil=True)
def _holds(baskets: Merged, basket: int, sought: Int32) -> bool:
    """Walk along a basket; both lists ascend."""
    p, end = baskets.indptr[basket], baskets.indptr[basket + 1]
    for item in sought:
        while p < end and baskets.items[p] < item:
            p += 1
        if p == end or baskets.items[p] != item:
            return False
    return True
