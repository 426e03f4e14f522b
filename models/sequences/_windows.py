"""Kernels that find what may follow a sequence whose elements may stretch over several baskets.

An occurrence is a row of five baskets: where it begins, start and end of the element before the
last (-1: none), start and end of the last one. Of two occurrences one may be `beaten`: the other
begins later and has the tighter elements, so whatever extends the first extends the second.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.sequences._encode import Encoded
from models.sequences._tally import NOWHERE, Tally, note
from models.sequences.limits import KernelLimits

__all__ = ["WIDTH", "followed", "joined", "scan_windows", "unbeaten"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

WIDTH = 5
_BEGIN, _BEFORE, _BEFORE_END, _START, _END = 0, 1, 2, 3, 4


@njit(cache=True, nogil=True)
def scan_windows(
    data: Encoded,
    limits: KernelLimits,
    rows: Int32,
    last_item: int,
    may_grow: bool,
    tally: Tally,
    deliver: bool,
    out: Int32,
) -> None:
    """Visit every extension of every occurrence: count it, or write it into its bucket of `out`.

    Items above `last_item` may join the last element; with `may_grow`, others begin a new one.
    """
    first, state = 0, np.empty(WIDTH, np.int32)
    while first < len(rows):
        basket = rows[first, _BEGIN]
        owner, end = data.owners[basket], first + 1
        while end < len(rows) and data.owners[rows[end, _BEGIN]] == owner:
            end += 1
        tally.state[0] += 1
        for other in range(data.begins[basket], data.ends[basket]):
            for r in range(first, end):
                if joined(data.times, limits, rows[r], other, state):
                    _visit(data, other, last_item, 0, state, tally, deliver, out)
                if may_grow and followed(data.times, limits, rows[r], other, state):
                    _visit(data, other, NOWHERE, 1, state, tally, deliver, out)
        first = end


@njit(cache=True, nogil=True)
def joined(times: Int64, limits: KernelLimits, row: Int32, basket: int, state: Int32) -> bool:
    """Stretch the last element to a basket; say whether the limits allow it."""
    state[:] = row
    state[_START] = min(row[_START], basket)
    state[_END] = max(row[_END], basket)
    start, end = times[state[_START]], times[state[_END]]
    if row[_BEFORE] < 0:
        state[_BEGIN] = state[_START]
    elif (
        start - times[row[_BEFORE_END]] < limits.min_gap
        or end - times[row[_BEFORE]] > limits.max_gap
    ):
        return False
    return end - start <= limits.window and end - times[state[_BEGIN]] <= limits.max_span


@njit(cache=True, nogil=True)
def followed(times: Int64, limits: KernelLimits, row: Int32, basket: int, state: Int32) -> bool:
    """Begin a new element with a basket; say whether the limits allow it."""
    state[_BEGIN] = row[_BEGIN]
    state[_BEFORE], state[_BEFORE_END] = row[_START], row[_END]
    state[_START] = state[_END] = basket
    time = times[basket]
    return (
        time - times[row[_END]] >= limits.min_gap
        and time - times[row[_START]] <= limits.max_gap
        and time - times[row[_BEGIN]] <= limits.max_span
    )


@njit(cache=True, nogil=True)
def _visit(
    data: Encoded,
    basket: int,
    above: int,
    begins: int,
    state: Int32,
    tally: Tally,
    deliver: bool,
    out: Int32,
) -> None:
    for p in range(data.heads[basket], data.heads[basket + 1]):
        if data.items[p] > above:
            place = note(tally, 2 * data.items[p] + begins, False, deliver)
            if place != NOWHERE:
                out[place] = state


@njit(cache=True, nogil=True)
def unbeaten(owners: Int32, rows: Int32) -> Int32:
    """Keep the occurrences that no other one of the same customer beats."""
    kept = np.empty_like(rows)
    top, group = 0, 0
    for r in range(len(rows)):
        if top and owners[kept[top - 1, _BEGIN]] != owners[rows[r, _BEGIN]]:
            group = top
        top = _insert(kept, group, top, rows[r])
    return kept[:top]


@njit(cache=True, nogil=True)
def _insert(kept: Int32, group: int, top: int, row: Int32) -> int:
    """Add a row to `kept[group:top]` unless it is beaten; throw out those that it beats."""
    place = group
    for k in range(group, top):
        if _beats(kept[k], row):
            return top
    for k in range(group, top):
        if not _beats(row, kept[k]):
            kept[place] = kept[k]
            place += 1
    kept[place] = row
    return place + 1


@njit(cache=True, nogil=True)
def _beats(one: Int32, other: Int32) -> bool:
    return (
        one[_BEGIN] >= other[_BEGIN]
        and one[_BEFORE] >= other[_BEFORE]
        and one[_BEFORE_END] <= other[_BEFORE_END]
        and one[_START] >= other[_START]
        and one[_END] <= other[_END]
    )
