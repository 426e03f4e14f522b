"""Kernels of the depth-first search for closed and maximal itemsets.

Every closed itemset is reached once, from the one that it extends in the order of the ranks (the
prefix-preserving closure extension of Uno, Kiyomi, Arimura, *LCM ver. 2*, 2004), so that none has
to be remembered or looked up.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._bits import OVERFULL, empty_rows
from models.association._closed_bits import search_closed_rows
from models.association._encode import Lists
from models.association._prefetch import prefetch
from models.association._records import Records, add_record, empty_records
from models.association._search import (
    AHEAD,
    bits_are_cheaper,
    loaded,
    note_frequent,
    total_weight,
    width_of,
)

__all__ = ["Conditional", "conditional", "expected_entries", "search_closed"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Positions = NDArray[np.uint32]

_LATER = -1


class Conditional(NamedTuple):
    """The baskets that hold an itemset, cut down to the items that are frequent beside it.

    The items are numbered anew by rank. The first `len(heads) - 1` are open: they may extend the
    itemset. The others come later in the order. `holders[heads[i]:heads[i + 1]]` are the baskets
    with open item `i`. `pairs` is as in the encoded baskets.
    """

    ranks: Positions
    begins: Int64
    heads: Int64
    holders: Positions
    supports: Int32
    pairs: Int32


class Frame(NamedTuple):
    """One level of the search: its baskets, the ranks of its items, how long its itemset is."""

    group: Conditional
    items: Int32
    end: int
    n_path: int


class Scratch(NamedTuple):
    """Space that every step uses again; `counts` and `local` are left clean."""

    counts: Int32
    local: Int32
    found: Int32
    begins: Int64
    ranks: Positions
    levels: Int64


@njit(cache=True, nogil=True)
def conditional(lists: Lists, n_open: int, supports: Int32, pairs: Int32) -> Conditional:
    """List the baskets of every open item."""
    ranks, begins = lists.ranks, lists.begins
    heads = np.zeros(n_open + 1, np.int64)
    for b in range(len(begins) - 1):
        for p in range(begins[b] + 1, begins[b + 1]):
            if ranks[p] >= n_open:
                break
            heads[ranks[p] + 1] += 1
    heads = np.cumsum(heads)
    free, holders = heads.copy(), np.empty(heads[-1], np.uint32)
    for b in range(len(begins) - 1):
        for p in range(begins[b] + 1, begins[b + 1]):
            if ranks[p] >= n_open:
                break
            v = free[ranks[p]]
            holders[v] = b
            free[ranks[p]] = v + 1
    return Conditional(ranks, begins, heads, holders, supports, pairs)


@njit(cache=True, nogil=True)
def expected_entries(group: Conditional) -> Int64:
    """Count for each open item the entries of its baskets, which a search reads."""
    work = np.zeros(len(group.heads) - 1, np.int64)
    for e in range(len(work)):
        for v in range(group.heads[e], group.heads[e + 1]):
            b = np.int64(group.holders[v])
            work[e] += group.begins[b + 1] - group.begins[b]
    return work


@njit(cache=True, nogil=True)
def _scratch(group: Conditional, first: int, last: int) -> Scratch:
    n_items, n_baskets, n_entries = len(group.supports), 0, 0
    work = expected_entries(group)
    for e in range(first, last):
        n_entries = max(n_entries, work[e])
        n_baskets = max(n_baskets, group.heads[e + 1] - group.heads[e])
    longest = 0
    for b in range(len(group.begins) - 1):
        longest = max(longest, group.begins[b + 1] - group.begins[b])
    return Scratch(
        np.zeros(n_items, np.int32),
        np.full(n_items, -1, np.int32),
        np.empty(n_items + 1, np.int32),
        np.empty(n_baskets + 1, np.int64),
        np.empty(n_entries + 1, np.uint32),
        np.empty((longest + 2, 5), np.int64),  # an itemset is no longer than a basket
    )


@njit(cache=True, nogil=True)
def search_closed(
    group: Conditional,
    prefix: Int32,
    first: int,
    last: int,
    min_count: int,
    maximal: bool,
    control: Int64,
) -> Records:
    """Find the closed or maximal itemsets that the items `first:last` lead to from `prefix`.

    `control` is that of the search for frequent itemsets.
    """
    scratch, records, rows = _scratch(group, first, last), empty_records(), empty_rows()
    path = np.empty(len(prefix) + len(group.supports) + 1, np.int32)
    path[: len(prefix)] = prefix
    items = np.arange(len(group.supports)).astype(np.int32)
    frames, cursors = [Frame(group, items, last, len(prefix))], [first]
    while len(frames) and control[0] == 0:
        frame, e = frames[-1], cursors[-1]
        if e == frame.end:
            frames.pop()
            cursors.pop()
            continue
        cursors[-1] = e + 1
        _deliver(frame.group, e, scratch.counts)
        n_path, n_open, n_found = _extend(frame, e, min_count, path, scratch)
        if n_open == _LATER:
            scratch.counts[: len(frame.items)] = 0
            continue
        if n_found == 0 or not maximal:
            records = add_record(records, path, n_path, frame.group.supports[e])
            if records.tally[1] > control[1]:
                control[0] = OVERFULL
        items, supports = (
            frame.items[scratch.found[:n_found]],
            scratch.counts[scratch.found[:n_found]],
        )
        scratch.counts[: len(frame.items)] = 0
        if n_open == 0:
            continue
        n_baskets = _project(frame.group, e, n_open, n_found, scratch)
        n_entries = scratch.begins[n_baskets]
        n_bits = total_weight(scratch.ranks, scratch.begins, n_baskets)
        if bits_are_cheaper(n_found, n_baskets, n_bits, n_entries):
            rows = loaded(rows, items, supports, n_baskets, n_bits, scratch.ranks, scratch.begins)
            records, rows = search_closed_rows(
                records, rows, n_open, n_found, width_of(n_bits), min_count, maximal,
                path, n_path, scratch.levels, control,
            )  # fmt: skip
        else:
            lists = Lists(scratch.ranks[:n_entries].copy(), scratch.begins[: n_baskets + 1].copy())
            inner = conditional(lists, n_open, supports, np.empty(0, np.int32))
            frames.append(Frame(inner, items, n_open, n_path))
            cursors.append(0)
    return records


@njit(cache=True, nogil=True)
def _deliver(group: Conditional, e: int, counts: Int32) -> None:
    """Count all items beside item `e`; its own count is of no use."""
    if len(group.pairs):
        counts[:e] = group.pairs[e * (e - 1) // 2 : e * (e + 1) // 2]
        for other in range(e + 1, len(group.supports)):
            counts[other] = group.pairs[other * (other - 1) // 2 + e]
        return
    ranks, begins, end = group.ranks, group.begins, group.heads[e + 1]
    for v in range(group.heads[e], end):
        prefetch(ranks, begins[group.holders[min(v + AHEAD, end - 1)]])
        b = np.int64(group.holders[v])
        weight = np.int32(ranks[begins[b]])
        for p in range(begins[b] + 1, begins[b + 1]):
            counts[ranks[p]] += weight


@njit(cache=True, nogil=True)
def _extend(
    frame: Frame, e: int, min_count: int, path: Int32, scratch: Scratch
) -> tuple[int, int, int]:
    """Write the closure into the path and the other frequent items into `found`.

    Gives the length of the path, how many of the found items are open, and how many there are.
    """
    n_path, counts, found = frame.n_path, scratch.counts, scratch.found
    support = frame.group.supports[e]
    n_items = len(frame.items)
    for other in range(e + 1, n_items):
        if counts[other] == support:
            return n_path, _LATER, 0
    path[n_path] = frame.items[e]
    n_path += 1
    n_open = 0
    for k in range(note_frequent(counts, 0, e, min_count, found, 0)):
        if counts[found[k]] == support:
            path[n_path] = frame.items[found[k]]
            n_path += 1
        else:
            found[n_open] = found[k]
            n_open += 1
    return n_path, n_open, note_frequent(counts, e + 1, n_items, min_count, found, n_open)


@njit(cache=True, nogil=True)
def _project(group: Conditional, e: int, n_open: int, n_found: int, scratch: Scratch) -> int:
    """Keep of every basket with `e` the found items; baskets left without an open one say nothing.

    One with a single item says nothing either.
    """
    ranks, begins, kept, local = group.ranks, group.begins, scratch.ranks, scratch.local
    for k in range(n_found):
        local[scratch.found[k]] = k
    top, n_baskets = 0, 0
    scratch.begins[0] = 0
    end = group.heads[e + 1]
    for v in range(group.heads[e], end):
        prefetch(ranks, begins[group.holders[min(v + AHEAD, end - 1)]])
        b, begin = np.int64(group.holders[v]), top
        kept[top] = ranks[begins[b]]
        top += 1
        for p in range(begins[b] + 1, begins[b + 1]):
            number = local[ranks[p]]
            kept[top] = number
            top += number >= 0
        if top - begin < 3 or kept[begin + 1] >= n_open:
            top = begin
        else:
            n_baskets += 1
            scratch.begins[n_baskets] = top
    for k in range(n_found):
        local[scratch.found[k]] = -1
    return n_baskets
