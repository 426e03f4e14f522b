"""Kernels that search a small group of baskets, one bit a basket and one row an item."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from models.association._nodes import add_node, nodes_with_room

__all__ = ["OVERFULL", "Rows", "rows_with_room", "search_rows"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

OVERFULL = 2
_CURSOR = 2


class Rows(NamedTuple):
    """One row an item: its name, its support and the baskets that hold it, `width` words each.

    The rows of one level of the search stand after those of the level above.
    """

    items: Int32
    supports: Int32
    bits: NDArray[np.uint64]


@intrinsic
def _popcount(_typing_context: Any, _word: Any) -> Any:
    def codegen(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), codegen


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
    levels[0] = (0, n_rows, 0, parent)
    while depth >= 0 and control[0] == 0:
        first, n, cursor, above = levels[depth]
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
        rows = rows_with_room(rows, row + n, width)
        found = _intersect(rows, first, row, first + n, width, min_count)
        if found:
            depth += 1
            levels[depth] = (first + n, found, 0, top - 1)
    return nodes, top, rows


@njit(cache=True, nogil=True)
def _intersect(rows: Rows, first: int, row: int, free: int, width: int, min_count: int) -> int:
    """Write behind `free` the frequent intersections of `row` with the rows before it."""
    out = free
    for other in range(first, row):
        support = _intersect_words(rows.bits, row * width, other * width, out * width, width)
        if support >= min_count:
            rows.items[out] = rows.items[other]
            rows.supports[out] = support
            out += 1
    return out - free


@njit(cache=True, nogil=True)
def _intersect_words(bits: NDArray[np.uint64], one: int, two: int, out: int, width: int) -> int:
    support = np.uint64(0)
    for w in range(width):
        word = bits[one + w] & bits[two + w]
        bits[out + w] = word
        support += _popcount(word)  # type: ignore[call-arg]
    return np.int64(support)  # type: ignore[return-value]
