"""Kernel of the search for itemsets with bounds on how many items come from each group."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._best import Vertical, holders_of
from models.association._bits import OVERFULL

__all__ = ["grouped_search", "meets_lows", "split_by_bounds"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def meets_lows(indptr: Int64, items: Int32, belongs: Mask, lows: Int64) -> Mask:
    """Mark the baskets that hold enough items of every group."""
    keep = np.ones(len(indptr) - 1, np.bool_)
    for b in range(len(keep)):
        for g in range(len(lows)):
            held = 0
            for p in range(indptr[b], indptr[b + 1]):
                held += belongs[g, items[p]]
            if held < lows[g]:
                keep[b] = False
    return keep


@njit(cache=True, nogil=True)
def grouped_search(
    db: Vertical, first: int, last: int, least: int, max_items: int, belongs: Mask, lows: Int64,
    highs: Int64, control: Int64,
) -> tuple[Int64, Int32, Int64]:  # fmt: skip
    """Find the itemsets within the bounds whose highest rank stands in `first:last`.

    A branch is left when a group has too many items, which no further item mends, or when the
    items that are left cannot make up for what a group lacks. `control[0]` turns non-zero when
    the search has to stop: `OVERFULL` when there are more than `control[1]` itemsets.
    """
    ends: list[Any] = [0]
    found: list[Any] = [0]  # the first entry only tells the type
    counts: list[Any] = [0]
    items, cursors = np.empty(max_items + 1, np.int32), np.zeros(max_items + 2, np.int64)
    held = np.zeros(len(lows), np.int64)
    beside = np.zeros((max_items + 2, belongs.shape[1]), np.int64)
    for root in range(first, last):
        if not _fits(root, belongs, held, highs):
            continue
        frames = [db.holders[db.heads[root] : db.heads[root + 1]]]
        items[0], cursors[1] = root, 0
        _count_in(held, root, belongs, 1)
        goes_on = _open(db, frames[0], items, 1, least, max_items, belongs, lows, highs, held,
                        beside[1], ends, found, counts)  # fmt: skip
        cursors[1] = 0 if goes_on else root
        while len(frames):
            size = len(frames)
            rank, before = cursors[size], items[size - 1]
            if rank >= before or control[0] != 0:
                beside[size, :before] = 0
                _count_in(held, before, belongs, -1)
                frames.pop()
                continue
            cursors[size] += 1
            if beside[size, rank] >= least and _fits(rank, belongs, held, highs):
                items[size] = rank
                _count_in(held, rank, belongs, 1)
                frames.append(holders_of(db, frames[-1], rank))
                goes_on = _open(db, frames[-1], items, size + 1, least, max_items, belongs, lows,
                                highs, held, beside[size + 1], ends, found, counts)  # fmt: skip
                cursors[size + 1] = 0 if goes_on else rank
            if len(counts) > control[1] + 1:
                control[0] = OVERFULL
    return np.array(ends), _as_int32(found[1:]), _as_int64(counts[1:])


@njit(cache=True, nogil=True)
def _as_int32(values: list[Any]) -> Int32:
    out = np.empty(len(values), np.int32)
    for k in range(len(values)):
        out[k] = values[k]
    return out


@njit(cache=True, nogil=True)
def _as_int64(values: list[Any]) -> Int64:
    out = np.empty(len(values), np.int64)
    for k in range(len(values)):
        out[k] = values[k]
    return out


@njit(cache=True, nogil=True)
def _fits(rank: int, belongs: Mask, held: Int64, highs: Int64) -> bool:
    for g in range(len(held)):  # noqa: SIM110 (numba compiles the loop to less)
        if belongs[g, rank] and held[g] >= highs[g]:
            return False
    return True


@njit(cache=True, nogil=True)
def _count_in(held: Int64, rank: int, belongs: Mask, change: int) -> None:
    for g in range(len(held)):
        if belongs[g, rank]:
            held[g] += change


@njit(cache=True, nogil=True)
def _open(
    db: Vertical, tids: Int32, items: Int32, size: int, least: int, max_items: int, belongs: Mask,
    lows: Int64, highs: Int64, held: Int64, beside: Int64,
    ends: list[Any], found: list[Any], counts: list[Any],
) -> bool:  # fmt: skip
    """Keep an itemset when it is whole; tell whether larger ones can be."""
    if (held >= lows).all():
        found.extend(items[:size])
        ends.append(len(found) - 1)
        counts.append(len(tids))
    if size == max_items:
        return False
    last = items[size - 1]
    for tid in tids:
        for p in range(db.indptr[tid], db.indptr[tid + 1]):
            if db.ranks[p] >= last:
                break
            beside[db.ranks[p]] += 1
    return _can_be_whole(last, beside, least, max_items - size, belongs, lows, highs, held)


@njit(cache=True, nogil=True)
def _can_be_whole(
    last: int, beside: Int64, least: int, room: int, belongs: Mask, lows: Int64, highs: Int64,
    held: Int64,
) -> bool:  # fmt: skip
    """Tell whether the items that are left can give each group what it lacks."""
    for g in range(len(lows)):
        lacking = lows[g] - held[g]
        if lacking <= 0:
            continue
        if lacking > room:
            return False
        for rank in range(last):
            if beside[rank] >= least and belongs[g, rank] and _fits(rank, belongs, held, highs):
                lacking -= 1
                if lacking == 0:
                    break
        if lacking > 0:
            return False
    return True


@njit(cache=True, nogil=True)
def split_by_bounds(
    indptr: Int64, items: Int32, belongs: Mask, lows: Int64, highs: Int64, limit: int
) -> tuple[Int64, Int64]:
    """Split itemsets into IF and THEN so that both sides are within their bounds.

    `lows[0]`, `highs[0]` are for IF, `lows[1]`, `highs[1]` for THEN, a column a group. A split is
    the number of the itemset and a mask with a bit for each of its items that stands behind THEN.
    """
    wholes: list[Any] = [0]
    masks: list[Any] = [0]
    held = np.empty((2, belongs.shape[0]), np.int64)
    for s in range(len(indptr) - 1):
        length = indptr[s + 1] - indptr[s]
        for mask in range(1, (1 << length) - 1):
            held[:] = 0
            for k in range(length):
                side = (mask >> k) & 1
                for g in range(belongs.shape[0]):
                    held[side, g] += belongs[g, items[indptr[s] + k]]
            if (held >= lows).all() and (held <= highs).all():
                wholes.append(s)
                masks.append(mask)
        if len(wholes) > limit:
            break
    return _as_int64(wholes[1:]), _as_int64(masks[1:])
