"""Kernels of the depth-first search for itemsets of high utility."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._bits import OVERFULL

__all__ = ["UtilityFrame", "first_frame", "search_utility"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Values = NDArray  # int64 or float64

_NONE = -1


class _Group(NamedTuple):
    """Baskets that hold a prefix: what follows it in each, and what each is worth.

    `ranks` ascend within a basket; `rest` is the utility from an occurrence to the end of its
    basket. The occurrences of rank `r`, without those that end a basket, are `places` and
    `owners` in `heads[r]:heads[r + 1]`.
    """

    ranks: Int32
    own: Values
    rest: Values
    ends: Int32
    bases: Values
    weights: Int32
    heads: Int32
    places: Int32
    owners: Int32


class _Totals(NamedTuple):
    """Sums per local rank of the group at work; left clean.

    The columns of `values` are the utility of the prefix with the item, the sub-tree utility and
    the local utility.
    """

    values: Values
    counts: Int32
    number: Int32
    found: Int32


class UtilityFrame(NamedTuple):
    """One level of the search: a group, and what each of its ranks is and is worth."""

    group: _Group
    items: Int32
    utilities: Values
    subtrees: Values
    counts: Int32


class _Found(NamedTuple):
    """Itemsets written so far; `ends[k]` is where itemset `k` ends in `items`."""

    items: Int32
    ends: Int64
    counts: Int32
    utilities: Values


class _Parts(NamedTuple):
    """Baskets while they are projected, before their occurrences are listed."""

    ranks: Int32
    own: Values
    ends: Int32
    bases: Values
    weights: Int32


@njit(cache=True, nogil=True)
def first_frame(
    indptr: Int64, ranks: Int32, own: Values, codes: Int32, least: float
) -> UtilityFrame:
    """Set up the search over baskets that all begin with rank 0, worth nothing.

    `codes` are the item codes by rank; what stands for rank 0 is not used.
    """
    n = len(indptr) - 1
    heads = np.full(len(codes) + 1, n, np.int32)
    heads[0] = 0
    whole = _Group(
        ranks, own, _rests(indptr[1:], own), indptr[1:].astype(np.int32),
        np.zeros(n, own.dtype), np.ones(n, np.int32),
        heads, indptr[:-1].astype(np.int32), np.arange(n).astype(np.int32),
    )  # fmt: skip
    totals = _totals(len(codes), own)
    return _deeper(whole, 0, codes, _extend(whole, 0, least, totals), totals)


@njit(cache=True, nogil=True)
def _totals(n_ranks: int, own: Values) -> _Totals:
    return _Totals(
        np.zeros((n_ranks, 3), own.dtype), np.zeros(n_ranks, np.int32),
        np.full(n_ranks, _NONE, np.int32), np.empty(n_ranks, np.int32),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _rests(ends: NDArray, own: Values) -> Values:
    rest = np.empty_like(own)
    begin = 0
    for end in ends:
        total = own.dtype.type(0)
        for p in range(end - 1, begin - 1, -1):
            total += own[p]
            rest[p] = total
        begin = end
    return rest


@njit(cache=True, nogil=True)
def search_utility(
    root: UtilityFrame,
    first: int,
    last: int,
    least: float,
    max_length: int,
    control: Int64,
) -> tuple[Int64, Int32, Int32, Values]:
    """Find the itemsets worth `least` or more whose lowest rank stands in `first:last`.

    The bounds are those of EFIM (Zida et al. 2015): an item whose local utility is too small is
    dropped from the baskets, one whose sub-tree utility is too small is not extended. `control`
    is that of `search`.
    """
    totals = _totals(len(root.items), root.utilities)
    found, top = _Found(
        np.empty(4096, np.int32), np.zeros(1024, np.int64),
        np.empty(1024, np.int32), np.empty(1024, root.utilities.dtype),
    ), 0  # fmt: skip
    frames, cursors, stops = [root], [first], [last]
    path = np.empty(len(root.items), np.int32)
    while len(frames) and control[0] == 0:
        depth, frame, rank = len(frames), frames[-1], cursors[-1]
        if rank == stops[-1]:
            frames.pop()
            cursors.pop()
            stops.pop()
            continue
        cursors[-1] = rank + 1
        path[depth - 1] = frame.items[rank]
        if frame.utilities[rank] >= least:
            found = _with_room(found, top, depth)
            top = _add(found, top, path, depth, frame.counts[rank], frame.utilities[rank])
            if top > control[1]:
                control[0] = OVERFULL
        if depth == max_length or frame.subtrees[rank] < least:
            continue
        n_found = _extend(frame.group, rank, least, totals)
        if n_found == 0:
            continue
        if depth + 1 == max_length or not _any_open(n_found, least, totals):
            found, top = _add_leaves(found, top, path, depth, frame.items, n_found, least, totals)
            _clean(frame.group, rank, n_found, totals)
            if top > control[1]:
                control[0] = OVERFULL
        else:
            frames.append(_deeper(frame.group, rank, frame.items, n_found, totals))
            cursors.append(0)
            stops.append(n_found)
    size = found.ends[top - 1] if top else 0
    return (
        found.ends[:top].copy(), found.items[:size].copy(),
        found.counts[:top].copy(), found.utilities[:top].copy(),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _extend(group: _Group, rank: int, least: float, totals: _Totals) -> int:
    """Sum up every item behind `rank`; list those whose local utility is large enough."""
    values, counts = totals.values, totals.counts
    for v in range(group.heads[rank], group.heads[rank + 1]):
        p, b = group.places[v], group.owners[v]
        base, local = group.bases[b] + group.own[p], group.bases[b] + group.rest[p]
        for q in range(p + 1, group.ends[b]):
            other = group.ranks[q]
            values[other, 0] += base + group.own[q]
            values[other, 1] += base + group.rest[q]
            values[other, 2] += local
            counts[other] += group.weights[b]
    n_found = 0
    for other in range(rank + 1, len(group.heads) - 1):
        if values[other, 2] >= least:
            totals.found[n_found] = other
            totals.number[other] = n_found
            n_found += 1
    if n_found == 0:
        _clean(group, rank, 0, totals)
    return n_found


@njit(cache=True, nogil=True)
def _clean(group: _Group, rank: int, n_found: int, totals: _Totals) -> None:
    for other in range(rank + 1, len(group.heads) - 1):
        totals.values[other, 0] = 0
        totals.values[other, 1] = 0
        totals.values[other, 2] = 0
        totals.counts[other] = 0
    for k in range(n_found):
        totals.number[totals.found[k]] = _NONE


@njit(cache=True, nogil=True)
def _any_open(n_found: int, least: float, totals: _Totals) -> bool:
    """Say whether an item that others follow may still be extended."""
    for k in range(n_found - 1):  # noqa: SIM110 (numba compiles the loop to less)
        if totals.values[totals.found[k], 1] >= least:
            return True
    return False


@njit(cache=True, nogil=True)
def _deeper(group: _Group, rank: int, items: Int32, n_found: int, totals: _Totals) -> UtilityFrame:
    """Take the baskets with `rank` one level down; leave the totals clean."""
    chosen = totals.found[:n_found]
    frame = UtilityFrame(
        _grouped(_project(group, rank, totals), n_found), items[chosen],
        totals.values[chosen, 0], totals.values[chosen, 1], totals.counts[chosen],
    )  # fmt: skip
    _clean(group, rank, n_found, totals)
    return frame


@njit(cache=True, nogil=True)
def _project(group: _Group, rank: int, totals: _Totals) -> _Parts:
    """Keep the listed items of every basket; merge equal baskets, drop those left with one.

    A basket left with one item has told its worth already: it says nothing of longer itemsets.
    """
    begin, end = group.heads[rank], group.heads[rank + 1]
    size = 0
    for v in range(begin, end):
        size += group.ends[group.owners[v]] - group.places[v] - 1
    parts = _Parts(
        np.empty(size, np.int32), np.empty(size, group.own.dtype), np.zeros(end - begin, np.int32),
        np.empty(end - begin, group.own.dtype), np.empty(end - begin, np.int32),
    )  # fmt: skip
    table = _table(end - begin)
    n, top = 0, 0
    for v in range(begin, end):
        p, b = group.places[v], group.owners[v]
        after, key = _copy_kept(group, p + 1, group.ends[b], totals.number, parts, top)
        if after - top < 2:
            continue
        parts.bases[n], parts.weights[n] = group.bases[b] + group.own[p], group.weights[b]
        twin = _twin(parts, n, top, after, key, table)
        if twin == n:
            parts.ends[n] = after
            n, top = n + 1, after
        else:
            _merge(parts, twin, n, top, after)
    return _Parts(
        parts.ranks[:top], parts.own[:top], parts.ends[:n], parts.bases[:n], parts.weights[:n]
    )


@njit(cache=True, nogil=True)
def _copy_kept(
    group: _Group, begin: int, end: int, number: Int32, parts: _Parts, top: int
) -> tuple[int, np.uint64]:
    key = np.uint64(0)
    for q in range(begin, end):
        rank = number[group.ranks[q]]
        if rank != _NONE:
            parts.ranks[top], parts.own[top] = rank, group.own[q]
            key = (key ^ np.uint64(rank + 1)) * np.uint64(0x9E3779B97F4A7C15)
            top += 1
    return top, key ^ (key >> np.uint64(32))


@njit(cache=True, nogil=True)
def _table(n_baskets: int) -> Int32:
    size = 1
    while n_baskets > 1 and size < 2 * n_baskets:
        size *= 2
    return np.full(size, _NONE, np.int32)


@njit(cache=True, nogil=True)
def _twin(parts: _Parts, n: int, begin: int, end: int, key: np.uint64, table: Int32) -> int:
    """Find the earlier basket with the same items; `n` itself, now in the table, if none."""
    if len(table) == 1:
        return n
    mask = np.uint64(len(table) - 1)
    slot = key & mask
    while table[slot] != _NONE:
        other = table[slot]
        start = parts.ends[other - 1] if other else 0
        if parts.ends[other] - start == end - begin and _same(parts.ranks, start, begin, end):
            return other
        slot = (slot + np.uint64(1)) & mask
    table[slot] = n
    return n


@njit(cache=True, nogil=True)
def _same(ranks: Int32, start: int, begin: int, end: int) -> bool:
    for k in range(end - begin):  # noqa: SIM110 (numba compiles the loop to less)
        if ranks[start + k] != ranks[begin + k]:
            return False
    return True


@njit(cache=True, nogil=True)
def _merge(parts: _Parts, into: int, n: int, begin: int, end: int) -> None:
    start = parts.ends[into - 1] if into else 0
    parts.bases[into] += parts.bases[n]
    parts.weights[into] += parts.weights[n]
    for k in range(end - begin):
        parts.own[start + k] += parts.own[begin + k]


@njit(cache=True, nogil=True)
def _grouped(parts: _Parts, n_ranks: int) -> _Group:
    """List the occurrences of every rank, but for those that end a basket."""
    heads = np.zeros(n_ranks + 1, np.int32)
    begin = 0
    for end in parts.ends:
        for p in range(begin, end - 1):
            heads[parts.ranks[p] + 1] += 1
        begin = end
    for r in range(n_ranks):
        heads[r + 1] += heads[r]
    places, owners = np.empty(heads[-1], np.int32), np.empty(heads[-1], np.int32)
    free = heads.copy()
    begin = 0
    for b in range(len(parts.ends)):
        for p in range(begin, parts.ends[b] - 1):
            slot = free[parts.ranks[p]]
            places[slot], owners[slot] = p, b
            free[parts.ranks[p]] += 1
        begin = parts.ends[b]
    return _Group(
        parts.ranks, parts.own, _rests(parts.ends, parts.own), parts.ends,
        parts.bases, parts.weights, heads, places, owners,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _with_room(found: _Found, top: int, length: int) -> _Found:
    """Give room for one more itemset of `length` items."""
    size = found.ends[top - 1] if top else 0
    items, ends, counts, utilities = found.items, found.ends, found.counts, found.utilities
    if size + length > len(items):
        items = np.concatenate((items, np.empty(len(items) + length, np.int32)))
    if top == len(ends):
        ends = np.concatenate((ends, np.empty(top, np.int64)))
        counts = np.concatenate((counts, np.empty(top, np.int32)))
        utilities = np.concatenate((utilities, np.empty(top, utilities.dtype)))
    return _Found(items, ends, counts, utilities)


@njit(cache=True, nogil=True)
def _add(found: _Found, top: int, path: Int32, length: int, count: int, utility: float) -> int:
    """Write an itemset with its items ascending; give the number of the next one."""
    begin = found.ends[top - 1] if top else 0
    for k in range(length):
        position = begin + k
        while position > begin and found.items[position - 1] > path[k]:
            found.items[position] = found.items[position - 1]
            position -= 1
        found.items[position] = path[k]
    found.ends[top], found.counts[top], found.utilities[top] = begin + length, count, utility
    return top + 1


@njit(cache=True, nogil=True)
def _add_leaves(
    found: _Found, top: int, path: Int32, depth: int, items: Int32, n_found: int,
    least: float, totals: _Totals,
) -> tuple[_Found, int]:  # fmt: skip
    for k in range(n_found):
        other = totals.found[k]
        if totals.values[other, 0] >= least:
            path[depth] = items[other]
            found = _with_room(found, top, depth + 1)
            count, utility = totals.counts[other], totals.values[other, 0]
            top = _add(found, top, path, depth + 1, count, utility)
    return found, top
