"""Kernels that search bit rows for closed or maximal itemsets."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._bits import OVERFULL, Rows, intersect, popcount, rows_with_room
from models.association._records import Records, add_record

__all__ = ["search_closed_rows"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Words = NDArray[np.uint64]

_FIRST, _OPEN, _ALL, _CURSOR, _PATH = 0, 1, 2, 3, 4


@njit(cache=True, nogil=True)
def search_closed_rows(
    records: Records,
    rows: Rows,
    n_open: int,
    n_all: int,
    width: int,
    min_count: int,
    maximal: bool,
    path: Int32,
    n_path: int,
    levels: Int64,
    control: Int64,
) -> tuple[Records, Rows]:
    """Add the closed itemsets that extend `path[:n_path]` by some of the first `n_open` rows.

    The other rows up to `n_all` are of items that come later in the order: an itemset that has
    to take one of them in is found in their branch and left out here.
    """
    depth = 0
    _set_level(levels, 0, 0, n_open, n_all, n_path)
    while depth >= 0 and control[0] == 0:
        first, n_all = levels[depth, _FIRST], levels[depth, _ALL]
        row = first + levels[depth, _CURSOR]
        if levels[depth, _CURSOR] == levels[depth, _OPEN]:
            depth -= 1
            continue
        levels[depth, _CURSOR] += 1
        end = first + n_all
        if _belongs_later(rows, row, end, width):
            continue
        rows = rows_with_room(rows, end + n_all + 2, width)
        n_path = levels[depth, _PATH]
        path[n_path] = rows.items[row]
        n_open, n_path = _extend(rows, first, row, end, width, min_count, path, n_path + 1)
        count, is_last = int(rows.supports[row]), True
        if maximal:
            tail = end + n_open  # a row that is free
            together = _all_together(rows, row, end, tail, width, min_count)
            if n_open and together >= min_count:
                n_path = _append(path, n_path, rows.items[end:tail])
                count, n_open = together, 0  # all others of this branch are parts of this one
            is_last = n_open == 0 and not _any_beside(rows, tail, row, end, width, min_count)
        if is_last:
            records = add_record(records, path, n_path, count)
            if records.tally[1] > control[1]:
                control[0] = OVERFULL
        if n_open:
            free = end + n_open
            n_new = _intersect_later(rows, row, end, free, width, min_count)
            depth += 1
            _set_level(levels, depth, end, n_open, n_open + n_new, n_path)
    return records, rows


@njit(cache=True, nogil=True)
def _set_level(levels: Int64, depth: int, first: int, n_open: int, n_all: int, n_path: int) -> None:
    levels[depth, _FIRST], levels[depth, _OPEN], levels[depth, _ALL] = first, n_open, n_all
    levels[depth, _CURSOR], levels[depth, _PATH] = 0, n_path


@njit(cache=True, nogil=True)
def _belongs_later(rows: Rows, row: int, end: int, width: int) -> bool:
    """Say whether an item of a later row stands in all baskets of `row` (Uno et al. 2004)."""
    mine = rows.bits[row * width : (row + 1) * width]
    n_bits, support = np.uint64(0), rows.supports[row]
    for word in mine:
        n_bits += popcount(word)
    if np.int64(n_bits) < support:
        return False  # the bits lack baskets in which the item stands alone
    for other in range(row + 1, end):
        if rows.supports[other] >= support and _covers(rows.bits, other, mine, width):
            return True
    return False


@njit(cache=True, nogil=True)
def _covers(bits: Words, other: int, mine: Words, width: int) -> bool:
    theirs = bits[other * width : (other + 1) * width]
    for w in range(len(mine)):  # noqa: SIM110 - a kernel
        if mine[w] & ~theirs[w]:
            return False
    return True


@njit(cache=True, nogil=True)
def _extend(
    rows: Rows, first: int, row: int, end: int, width: int, min_count: int, path: Int32, n_path: int
) -> tuple[int, int]:
    """Intersect with the earlier rows; those that lose nothing join the itemset at once."""
    out, support = end, rows.supports[row]
    for other in range(first, row):
        count = intersect(rows.bits, row, other, out, width)
        if count == support:
            path[n_path] = rows.items[other]
            n_path += 1
        elif count >= min_count:
            rows.items[out], rows.supports[out] = rows.items[other], count
            out += 1
    return out - end, n_path


@njit(cache=True, nogil=True)
def _intersect_later(rows: Rows, row: int, end: int, free: int, width: int, min_count: int) -> int:
    out = free
    for other in range(row + 1, end):
        count = intersect(rows.bits, row, other, out, width)
        if count >= min_count:
            rows.items[out], rows.supports[out] = rows.items[other], count
            out += 1
    return out - free


@njit(cache=True, nogil=True)
def _append(path: Int32, n_path: int, items: Int32) -> int:
    path[n_path : n_path + len(items)] = items
    return n_path + len(items)


@njit(cache=True, nogil=True)
def _all_together(rows: Rows, row: int, end: int, tail: int, width: int, min_count: int) -> int:
    """Write into the row `tail` the baskets with `row` and all of `end:tail`; count them."""
    shared = rows.bits[tail * width : (tail + 1) * width]
    shared[:] = rows.bits[row * width : (row + 1) * width]
    count = int(rows.supports[row])
    for other in range(end, tail):
        count = intersect(rows.bits, tail, other, tail, width)
        if count < min_count:
            break
    return count


@njit(cache=True, nogil=True)
def _any_beside(rows: Rows, tail: int, row: int, end: int, width: int, min_count: int) -> bool:
    """Say whether a later row is frequent beside the row `tail`."""
    for other in range(row + 1, end):
        if intersect(rows.bits, tail, other, tail + 1, width) >= min_count:
            return True
    return False
