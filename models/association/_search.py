"""Kernels of the depth-first search for frequent itemsets."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._bits import OVERFULL, Rows, empty_rows, rows_with_room, search_rows
from models.association._encode import Encoded, Lists, occurrences
from models.association._nodes import ROOT, add_node, nodes_with_room
from models.association._prefetch import prefetch

__all__ = [
    "AHEAD",
    "OVERFULL",
    "STOPPED",
    "bits_are_cheaper",
    "loaded",
    "note_frequent",
    "search",
    "total_weight",
    "width_of",
]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


STOPPED = 1
_WORDS_A_PAIR = 4
_BLOCK = 64
AHEAD = 12  # baskets whose memory is asked for before they are read


class Scratch(NamedTuple):
    """Space that every step of one search uses again; `counts` and `local` are left clean."""

    counts: Int32  # per local rank of the group at work
    local: Int32  # its number among the frequent ones, or -1
    found: Int32  # the frequent ones
    baskets: Int64  # where the kept baskets begin in `ranks`, each with its weight
    ranks: NDArray[np.uint32]
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
            length = int(np.int64(encoded.ends[v]) - np.int64(encoded.starts[v]))
            beside += length
            longest = max(longest, length)
        work = max(work, beside)
        n_occurrences = max(n_occurrences, encoded.heads[rank + 1] - encoded.heads[rank])
    return Scratch(
        np.zeros(n_ranks, np.int32),
        np.full(n_ranks, -1, np.int32),
        np.empty(n_ranks + 1, np.int32),
        np.empty(n_occurrences + 1, np.int64),
        np.empty(work + n_occurrences + 1, np.uint32),
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
    rows = empty_rows()
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
        n_bits = total_weight(scratch.ranks, scratch.baskets, n_baskets)
        if bits_are_cheaper(n_found, n_baskets, n_bits, scratch.baskets[n_baskets]):
            rows = loaded(rows, items, supports, n_baskets, n_bits, scratch.ranks, scratch.baskets)
            nodes, top, rows = search_rows(
                nodes, top, me, rows, n_found, width_of(n_bits), min_count,
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
    counts = scratch.counts
    if len(group.pairs):
        counts[:rank] = group.pairs[rank * (rank - 1) // 2 : rank * (rank + 1) // 2]
    else:
        _count_beside(group, rank, counts)
    n_found = note_frequent(counts, 0, beyond, min_count, scratch.found, 0)
    for k in range(n_found):
        scratch.local[scratch.found[k]] = k
    if n_found == 0:
        counts[:rank] = 0
    return n_found


@njit(cache=True, nogil=True)
def _count_beside(group: Encoded, rank: int, counts: Int32) -> None:
    ranks, end = group.ranks, group.heads[rank + 1]
    for v in range(group.heads[rank], end):
        prefetch(ranks, np.int64(group.starts[min(v + AHEAD, end - 1)]))
        weight = np.int32(ranks[group.starts[v] - 1])
        for p in range(np.int64(group.starts[v]), np.int64(group.ends[v])):
            counts[ranks[p]] += weight


@njit(cache=True, nogil=True)
def note_frequent(
    counts: Int32, begin: int, end: int, min_count: int, found: Int32, n_found: int
) -> int:
    """Write behind `n_found` the numbers in `begin:end` whose count is large enough."""
    for block in range(begin, end, _BLOCK):
        counted = counts[block : min(block + _BLOCK, end)]
        largest = np.int32(0)
        for count in counted:  # most blocks hold none, which this loop sees without a branch
            largest = max(largest, count)
        if largest < min_count:
            continue
        for k in range(len(counted)):
            found[n_found] = block + k
            n_found += counted[k] >= min_count
    return n_found


@njit(cache=True, nogil=True)
def _clean(rank: int, n_found: int, scratch: Scratch) -> None:
    scratch.counts[:rank] = 0
    for k in range(n_found):
        scratch.local[scratch.found[k]] = -1


@njit(cache=True, nogil=True)
def _project(group: Encoded, rank: int, scratch: Scratch) -> int:
    """Keep of every basket with `rank` the frequent items; baskets left with one say no more."""
    ranks, kept, local = group.ranks, scratch.ranks, scratch.local
    top, n_baskets = 0, 0
    scratch.baskets[0] = 0
    end = group.heads[rank + 1]
    for v in range(group.heads[rank], end):
        prefetch(ranks, np.int64(group.starts[min(v + AHEAD, end - 1)]))
        begin = top
        kept[top] = ranks[group.starts[v] - 1]
        top += 1
        for p in range(np.int64(group.starts[v]), np.int64(group.ends[v])):
            number = local[ranks[p]]
            kept[top] = number
            top += number >= 0  # no branch: about every other item is kept
        if top - begin < 3:
            top = begin
        else:
            n_baskets += 1
            scratch.baskets[n_baskets] = top
    return n_baskets


@njit(cache=True, nogil=True)
def total_weight(ranks: NDArray[np.uint32], begins: Int64, n_baskets: int) -> int:
    """Count the baskets that merged ones stand for: the bits that they need."""
    total = 0
    for b in range(n_baskets):
        total += int(np.int64(ranks[begins[b]]))
    return total


@njit(cache=True, nogil=True)
def width_of(n_bits: int) -> int:
    """Give the words that a row of so many bits needs; not three, for which there is no kernel."""
    width = (n_bits + 63) // 64
    return 4 if width == 3 else width


@njit(cache=True, nogil=True)
def bits_are_cheaper(n_items: int, n_baskets: int, n_bits: int, n_entries: int) -> bool:
    """Compare the words that pairs of rows have with the pairs that stand in the baskets."""
    n_occurrences = n_entries - n_baskets
    words = n_items * n_items / 2 * width_of(n_bits)
    pairs = n_occurrences * (n_occurrences / (n_baskets + 1)) / 2
    return words <= _WORDS_A_PAIR * pairs


@njit(cache=True, nogil=True)
def loaded(
    rows: Rows, items: Int32, supports: Int32, n_baskets: int, n_bits: int,
    ranks: NDArray[np.uint32], begins: Int64,
) -> Rows:  # fmt: skip
    """Write the projected baskets into the first rows; one of weight 3 gets three bits."""
    n, width = len(items), width_of(n_bits)
    rows = rows_with_room(rows, n, width)
    rows.items[:n] = items
    rows.supports[:n] = supports
    rows.bits[: n * width] = 0
    bit = 0
    for b in range(n_baskets):
        for _ in range(ranks[begins[b]]):
            word, mask = bit >> 6, np.uint64(1) << np.uint64(bit & 63)
            for p in range(begins[b] + 1, begins[b + 1]):
                rows.bits[np.int64(ranks[p]) * width + word] |= mask
            bit += 1
    return rows


@njit(cache=True, nogil=True)
def _group(n_baskets: int, supports: Int32, scratch: Scratch) -> Encoded:
    """Build the occurrence lists of the projected baskets."""
    ranks = scratch.ranks[: scratch.baskets[n_baskets]].copy()
    return occurrences(
        Lists(ranks, scratch.baskets[: n_baskets + 1]), supports, np.empty(0, np.int32)
    )
