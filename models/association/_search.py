"""Kernels of the depth-first search for frequent itemsets."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._bits import OVERFULL, Rows, rows_with_room, search_rows
from models.association._encode import Encoded
from models.association._nodes import ROOT, add_node, nodes_with_room

__all__ = ["OVERFULL", "STOPPED", "search"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


STOPPED = 1
_WORDS_A_PAIR = 4


class Scratch(NamedTuple):
    """Space that every step of one search uses again; `counts` and `local` are left clean."""

    counts: Int32  # per local rank of the group at work
    local: Int32  # its number among the frequent ones, or -1
    found: Int32  # the frequent ones
    baskets: Int32  # where the kept baskets begin in `ranks`
    ranks: Int32
    levels: Int64


class Frame(NamedTuple):
    """One level of the search: a group of baskets, what its ranks mean, and whose part it is."""

    group: Encoded
    items: Int32
    end: int
    parent: int


@njit(cache=True, nogil=True)
def _scratch(encoded: Encoded, first: int, last: int) -> Scratch:
    n_ranks = len(encoded.supports)
    n_occurrences, work, longest = 0, 0, 0
    for rank in range(first, last):
        beside = 0
        for v in range(encoded.heads[rank], encoded.heads[rank + 1]):
            length = encoded.ends[v] - encoded.starts[v]
            beside += length
            longest = max(longest, length)
        work = max(work, beside)
        n_occurrences = max(n_occurrences, encoded.heads[rank + 1] - encoded.heads[rank])
    return Scratch(
        np.zeros(n_ranks, np.int32),
        np.full(n_ranks, -1, np.int32),
        np.empty(n_ranks, np.int32),
        np.empty(n_occurrences + 1, np.int32),
        np.empty(work + 1, np.int32),
        np.empty((longest + 2, 4), np.int64),
    )


@njit(cache=True, nogil=True)
def search(
    encoded: Encoded,
    first: int,
    last: int,
    barrier: int,
    min_count: int,
    max_length: int,
    control: Int64,
) -> Int32:
    """Find the frequent itemsets whose highest rank stands in `first:last`.

    At most one item of an itemset has a rank of `barrier` or above. `control[0]` turns non-zero
    when the search has to stop; the search itself sets it to `OVERFULL` when it has found more
    itemsets than `control[1]` allows.
    """
    scratch = _scratch(encoded, first, last)
    rows = Rows(np.empty(64, np.int32), np.empty(64, np.int32), np.empty(64, np.uint64))
    nodes, top = np.empty((1024, 3), np.int32), 0
    frames = [Frame(encoded, np.arange(len(encoded.supports)).astype(np.int32), last, ROOT)]
    cursors = [first]
    while len(frames) and control[0] == 0:
        depth, frame, rank = len(frames), frames[-1], cursors[-1]
        if rank == frame.end:
            frames.pop()
            cursors.pop()
            continue
        cursors[-1] = rank + 1
        beyond = min(rank, barrier) if depth == 1 else rank
        n_found = 0
        if depth < max_length:
            n_found = _frequent_beside(frame.group, rank, beyond, min_count, scratch)
        nodes = nodes_with_room(nodes, top + 1 + n_found)
        me = top
        top = add_node(nodes, top, frame.parent, frame.items[rank], frame.group.supports[rank])
        if top > control[1]:
            control[0] = OVERFULL
        if n_found == 0:
            continue
        items = frame.items[scratch.found[:n_found]]
        supports = scratch.counts[scratch.found[:n_found]]
        if n_found == 1 or depth + 1 == max_length:
            top = _add_leaves(nodes, top, me, items, supports)
            _clean(rank, n_found, scratch)
            continue
        n_baskets = _project(frame.group, rank, scratch)
        _clean(rank, n_found, scratch)
        if _bits_are_cheaper(n_found, n_baskets, scratch.baskets[n_baskets]):
            rows = _loaded(rows, items, supports, n_baskets, scratch)
            nodes, top, rows = search_rows(
                nodes, top, me, rows, n_found, _width(n_baskets), min_count,
                max_length - depth, scratch.levels, control,
            )  # fmt: skip
        else:
            frames.append(Frame(_group(n_baskets, supports, scratch), items, n_found, me))
            cursors.append(0)
    return nodes[:top].copy()


@njit(cache=True, nogil=True)
def _add_leaves(nodes: Int32, top: int, parent: int, items: Int32, supports: Int32) -> int:
    for k in range(len(items)):
        top = add_node(nodes, top, parent, items[k], supports[k])
    return top


@njit(cache=True, nogil=True)
def _frequent_beside(
    group: Encoded, rank: int, beyond: int, min_count: int, scratch: Scratch
) -> int:
    """Count the items beside occurrences of `rank`; number the frequent ones below `beyond`."""
    if group.heads[rank + 1] - group.heads[rank] < min_count:
        return 0
    counts = scratch.counts
    for v in range(group.heads[rank], group.heads[rank + 1]):
        for p in range(group.starts[v], group.ends[v]):
            counts[group.ranks[p]] += 1
    n_found = 0
    for other in range(beyond):
        if counts[other] >= min_count:
            scratch.found[n_found] = other
            scratch.local[other] = n_found
            n_found += 1
    if n_found == 0:
        counts[:rank] = 0
    return n_found


@njit(cache=True, nogil=True)
def _clean(rank: int, n_found: int, scratch: Scratch) -> None:
    scratch.counts[:rank] = 0
    for k in range(n_found):
        scratch.local[scratch.found[k]] = -1


@njit(cache=True, nogil=True)
def _project(group: Encoded, rank: int, scratch: Scratch) -> int:
    """Keep of every basket with `rank` the frequent items; baskets left with one say no more."""
    top, n_baskets = 0, 0
    scratch.baskets[0] = 0
    for v in range(group.heads[rank], group.heads[rank + 1]):
        begin = top
        for p in range(group.starts[v], group.ends[v]):
            number = scratch.local[group.ranks[p]]
            scratch.ranks[top] = number
            top += number >= 0  # no branch: about every other item is kept
        if top - begin < 2:
            top = begin
        else:
            n_baskets += 1
            scratch.baskets[n_baskets] = top
    return n_baskets


@njit(cache=True, nogil=True)
def _width(n_baskets: int) -> int:
    return (n_baskets + 63) // 64


@njit(cache=True, nogil=True)
def _bits_are_cheaper(n_items: int, n_baskets: int, n_occurrences: int) -> bool:
    """Compare the words that pairs of rows have with the pairs that stand in the baskets."""
    words = n_items * n_items / 2 * _width(n_baskets)
    pairs = n_occurrences * (n_occurrences / (n_baskets + 1)) / 2
    return words <= _WORDS_A_PAIR * pairs


@njit(cache=True, nogil=True)
def _loaded(rows: Rows, items: Int32, supports: Int32, n_baskets: int, scratch: Scratch) -> Rows:
    """Write the projected baskets into the first rows."""
    n, width = len(items), _width(n_baskets)
    rows = rows_with_room(rows, n, width)
    rows.items[:n] = items
    rows.supports[:n] = supports
    rows.bits[: n * width] = 0
    for b in range(n_baskets):
        word, bit = b >> 6, np.uint64(1) << np.uint64(b & 63)
        for p in range(scratch.baskets[b], scratch.baskets[b + 1]):
            rows.bits[scratch.ranks[p] * width + word] |= bit
    return rows


@njit(cache=True, nogil=True)
def _group(n_baskets: int, supports: Int32, scratch: Scratch) -> Encoded:
    """Build the occurrence lists of the projected baskets."""
    n_ranks = len(supports)
    ranks = scratch.ranks[: scratch.baskets[n_baskets]].copy()
    heads = np.zeros(n_ranks + 1, np.int32)
    for b in range(n_baskets):
        for p in range(scratch.baskets[b] + 1, scratch.baskets[b + 1]):
            heads[ranks[p] + 1] += 1
    heads = np.cumsum(heads).astype(np.int32)
    free = heads.copy()
    starts, ends = np.empty(heads[-1], np.int32), np.empty(heads[-1], np.int32)
    for b in range(n_baskets):
        for p in range(scratch.baskets[b] + 1, scratch.baskets[b + 1]):
            starts[free[ranks[p]]] = scratch.baskets[b]
            ends[free[ranks[p]]] = p
            free[ranks[p]] += 1
    return Encoded(ranks, heads, starts, ends, supports)
