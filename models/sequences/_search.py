"""Kernel of the depth-first search for frequent sequences."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._nodes import ROOT, add_node, nodes_with_room
from models.sequences._encode import Encoded
from models.sequences._extend import count_baskets, deliver_baskets
from models.sequences._firsts import count_firsts, deliver_firsts
from models.sequences._tally import Tally, clean, frequent_symbols, new_tally, open_buckets
from models.sequences._windows import WIDTH, scan_windows, unbeaten
from models.sequences.limits import KernelLimits

__all__ = ["OVERFULL", "TOO_MANY_ROWS", "search"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

OVERFULL = 2  # as in the search for itemsets, whose threads are used
TOO_MANY_ROWS = 3


class Frame(NamedTuple):
    """The extensions of one sequence: their symbols, supports and occurrences."""

    symbols: Int32
    supports: Int32
    heads: Int64
    rows: Int32
    parent: int
    length: int
    elements: int


@njit(cache=True, nogil=True)
def search(
    data: Encoded,
    limits: KernelLimits,
    first: int,
    last: int,
    min_count: int,
    max_length: int,
    max_elements: int,
    control: Int64,
) -> Int32:
    """Find the frequent sequences that begin with an item in `first:last`, as a tree of nodes.

    A node is its parent, its symbol (`2 * item`, plus 1 where the item begins an element) and
    its support; parents come before children, children ascend by symbol. `control[0]` turns
    non-zero when the search has to stop: the search sets it when it has found more than
    `control[1]` sequences or holds more than `control[2]` occurrences.
    """
    tally = new_tally(len(data.supports))
    nodes, top = np.empty((1024, 3), np.int32), 0
    frames = [_root(data, limits, first, last)]
    cursors, held = [0], len(frames[0].rows)
    while len(frames) and control[0] == 0:
        frame, k = frames[-1], cursors[-1]
        if k == len(frame.symbols):
            held -= len(frame.rows)
            frames.pop()
            cursors.pop()
            continue
        cursors[-1] = k + 1
        symbol, me = frame.symbols[k], top
        length, elements = frame.length + 1, frame.elements + (symbol & 1)
        nodes = nodes_with_room(nodes, top + 1)
        top = add_node(nodes, top, frame.parent, symbol, frame.supports[k])
        if length < max_length:
            rows = frame.rows[frame.heads[k] : frame.heads[k + 1]]
            if limits.window > 0:
                rows = unbeaten(data.owners, rows)
            may_grow = elements < max_elements
            _count(data, limits, rows, symbol >> 1, may_grow, tally)
            symbols = frequent_symbols(tally, min_count)
            supports = tally.customers[symbols]
            if length + 1 == max_length:
                nodes = nodes_with_room(nodes, top + len(symbols))
                for leaf in range(len(symbols)):
                    top = add_node(nodes, top, me, symbols[leaf], supports[leaf])
            elif len(symbols):
                heads = open_buckets(tally, symbols)
                out = np.empty((heads[-1], rows.shape[1]), np.int32)
                _deliver(data, limits, rows, symbol >> 1, may_grow, tally, out)
                frames.append(Frame(symbols, supports, heads, out, me, length, elements))
                cursors.append(0)
                held += len(out)
            clean(tally)
        if top > control[1]:
            control[0] = OVERFULL
        if held > control[2]:
            control[0] = TOO_MANY_ROWS
    return nodes[:top].copy()


@njit(cache=True, nogil=True)
def _count(
    data: Encoded, limits: KernelLimits, rows: Int32, item: int, may_grow: bool, tally: Tally
) -> None:
    if limits.window > 0:
        scan_windows(data, limits, rows, item, may_grow, tally, False, rows)
    elif _firsts_do(data, limits):
        if may_grow:
            count_firsts(data.items, data.ends, data.firsts, rows, tally)
    else:
        count_baskets(data, limits, rows, item, may_grow, tally)


@njit(cache=True, nogil=True)
def _deliver(
    data: Encoded,
    limits: KernelLimits,
    rows: Int32,
    item: int,
    may_grow: bool,
    tally: Tally,
    out: Int32,
) -> None:
    if limits.window > 0:
        scan_windows(data, limits, rows, item, may_grow, tally, True, out)
    elif _firsts_do(data, limits):
        deliver_firsts(data.items, data.ends, data.firsts, rows, tally, out)
    else:
        deliver_baskets(data, limits, rows, item, may_grow, tally, out)


@njit(cache=True, nogil=True)
def _firsts_do(data: Encoded, limits: KernelLimits) -> bool:
    """Tell whether first places are enough; times differ by 1, so such a gap is no limit."""
    within = limits.free and limits.min_gap <= 1 and limits.window == 0
    return within and len(data.firsts.heads) > 0


@njit(cache=True, nogil=True)
def _first_of_each(owners: Int32, places: Int32, heads: Int64) -> tuple[Int64, Int32]:
    """Keep of every item's places the first of each customer."""
    kept, top = np.empty_like(places), 0
    new_heads = np.zeros_like(heads)
    for k in range(len(heads) - 1):
        for p in range(heads[k], heads[k + 1]):
            if p == heads[k] or owners[places[p]] != owners[places[p - 1]]:
                kept[top] = places[p]
                top += 1
        new_heads[k + 1] = top
    return new_heads, kept[:top]


@njit(cache=True, nogil=True)
def _root(data: Encoded, limits: KernelLimits, first: int, last: int) -> Frame:
    """Every item alone, with all its places."""
    heads = data.place_ptr[first : last + 1] - data.place_ptr[first]
    places = data.places[data.place_ptr[first] : data.place_ptr[last]]
    if _firsts_do(data, limits):
        heads, places = _first_of_each(data.owners, places, heads)
    rows = np.full((len(places), WIDTH if limits.window > 0 else 2), -1, np.int32)
    rows[:, 0] = places
    rows[:, -1] = places
    rows[:, -2] = places
    symbols = (2 * np.arange(first, last) + 1).astype(np.int32)
    return Frame(symbols, data.supports[first:last], heads, rows, ROOT, 0, 0)
