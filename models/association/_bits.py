"""Kernels on a small group of baskets, one bit a basket and one row an item."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from models.association._nodes import add_node, add_subsets, nodes_with_room

__all__ = [
    "OVERFULL",
    "Rows",
    "empty_rows",
    "intersect",
    "popcount",
    "rows_with_room",
    "search_rows",
]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

OVERFULL = 2
_CURSOR = 2
_MOST_SUBSETS = 30  # items, of which more subsets could not be numbered


class Rows(NamedTuple):
    """One row an item: its name, its support and the baskets that hold it, `width` words each.

    The rows of one level of the search stand after those of the level above.
    """

    items: Int32
    supports: Int32
    bits: NDArray[np.uint64]


def _popcount(_typing_context: Any, _word: Any) -> Any:
    """Count the bits of a word that are set."""

    def codegen(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), codegen


popcount: Callable[[Any], np.uint64] = intrinsic(_popcount)  # type: ignore[assignment]


@njit(cache=True, nogil=True)
def empty_rows() -> Rows:
    """Give rows with little room."""
    return Rows(np.empty(64, np.int32), np.empty(64, np.int32), np.empty(64, np.uint64))


@njit(cache=True, nogil=True)
def rows_with_room(rows: Rows, needed: int, width: int) -> Rows:
    """Give the same rows with room for `needed` of them."""
    if needed <= len(rows.items) and needed * width <= len(rows.bits):
        return rows
    items = np.empty(max(needed, 2 * len(rows.items)), np.int32)
    supports = np.empty(len(items), np.int32)
    bits = np.empty(max(needed * width, 2 * len(rows.bits)), np.uint64)
    items[: len(rows.items)] = rows.items
    supports[: len(rows.supports)] = rows.supports
    bits[: len(rows.bits)] = rows.bits
    return Rows(items, supports, bits)


@njit(cache=True, nogil=True)
def search_rows(
    nodes: Int32,
    top: int,
    parent: int,
    rows: Rows,
    n_rows: int,
    width: int,
    min_count: int,
    room: int,
    levels: Int64,
    control: Int64,
) -> tuple[Int32, int, Rows]:
    """Add every frequent extension of `parent` by at most `room` of the rows, depth first.

    `levels` is scratch space of at least as many lines as an itemset can have items.
    """
    depth = 0
    levels[0, :4] = (0, n_rows, 0, parent)
    while depth >= 0 and control[0] == 0:
        first, n = levels[depth, 0], levels[depth, 1]
        cursor, above = levels[depth, _CURSOR], levels[depth, 3]
        if cursor == n:
            depth -= 1
            continue
        levels[depth, _CURSOR] = cursor + 1
        row = first + cursor
        nodes = nodes_with_room(nodes, top + 1)
        top = add_node(nodes, top, above, rows.items[row], rows.supports[row])
        if top > control[1]:
            control[0] = OVERFULL
        if cursor == 0 or depth + 1 == room:
            continue
        rows = rows_with_room(rows, row + n + 1, width)
        found = _intersect_all(rows, first, row, first + n, width, min_count)
        if found == 0:
            continue
        if depth + found < room and _all_are(rows.supports, row, first + n, found):
            if found > _MOST_SUBSETS or top + (1 << found) - 1 > control[1]:
                control[0] = OVERFULL
                continue
            nodes = nodes_with_room(nodes, top + (1 << found))
            top = add_subsets(nodes, top, rows.items[first + n : first + n + found])
        else:
            depth += 1
            levels[depth, 0], levels[depth, 1] = first + n, found
            levels[depth, 2], levels[depth, 3] = 0, top - 1
    return nodes, top, rows


@njit(cache=True, nogil=True)
def _all_are(supports: Int32, row: int, begin: int, n: int) -> bool:
    """Say whether the rows from `begin` stand in all baskets of `row`: so do all their subsets."""
    for other in range(begin, begin + n):  # noqa: SIM110 - a kernel
        if supports[other] != supports[row]:
            return False
    return True


@njit(cache=True, nogil=True)
def _intersect_all(rows: Rows, first: int, row: int, free: int, width: int, min_count: int) -> int:
    """Write behind `free` the frequent intersections of `row` with the rows before it.

    The usual widths are told to the compiler, which then writes out the loop over the words.
    """
    if width == 1:
        return _intersect_narrow(rows, first, row, free, min_count)
    if width == 2:
        return _intersect_wide(rows, first, row, free, 2, min_count)
    if width == 4:
        return _intersect_wide(rows, first, row, free, 4, min_count)
    return _intersect_wide(rows, first, row, free, width, min_count)


@njit(inline="always")
def _intersect_wide(rows: Rows, first: int, row: int, free: int, width: int, min_count: int) -> int:
    bits, items, supports = rows.bits, rows.items, rows.supports
    out, mine = free, row * width
    for other in range(first, row):
        theirs, both = other * width, out * width
        support = np.uint64(0)
        for w in range(width):
            word = bits[np.uint64(mine + w)] & bits[np.uint64(theirs + w)]
            bits[np.uint64(both + w)] = word
            support += popcount(word)
        items[out], supports[out] = items[other], np.int64(support)
        out += int(np.int64(support) >= min_count)
    return out - free


@njit(cache=True, nogil=True)
def _intersect_narrow(rows: Rows, first: int, row: int, free: int, min_count: int) -> int:
    """Do the same for rows of one word, without a branch on the outcome."""
    mine = rows.bits[row]
    items, supports, bits = rows.items[first:row], rows.supports[free:], rows.bits[first:row]
    new_items, new_bits = rows.items[free:], rows.bits[free:]
    n_found = 0
    for other in range(len(items)):
        word = mine & bits[other]
        support = np.int64(popcount(word))
        new_bits[n_found] = word
        new_items[n_found] = items[other]
        supports[n_found] = support
        n_found += int(support >= min_count)
    return n_found


@njit(cache=True, nogil=True)
def intersect(bits: NDArray[np.uint64], one: int, two: int, out: int, width: int) -> int:
    """Write what two rows share into a third, and count it."""
    a, b = bits[one * width : (one + 1) * width], bits[two * width : (two + 1) * width]
    both = bits[out * width : (out + 1) * width]
    support = np.uint64(0)
    for w in range(len(both)):
        word = a[w] & b[w]
        both[w] = word
        support += popcount(word)
    return np.int64(support)  # type: ignore[return-value]
