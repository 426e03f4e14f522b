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
from models.sequences.limits import FOREVER, KernelLimits

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
    Limits that an occurrence can no longer break are loosened, so that more of them are beaten.
    Where neither gap nor span is limited, whatever begins a new element does it best from the
    row that ends first. That is the first row of a customer, as `unbeaten` orders them: no other
    one grows.
    """
    owners, begins, ends, times = data.owners, data.begins, data.ends, data.times
    heads, items = data.heads, data.items
    any_span, owner = limits.max_span >= FOREVER, NOWHERE
    state = np.empty(WIDTH, np.int32)
    for r in range(len(rows)):
        row = rows[r]
        grows = may_grow and not (limits.free and owners[row[_BEGIN]] == owner)
        if owners[row[_BEGIN]] != owner:
            owner = owners[row[_BEGIN]]
            tally.state[0] += 1
        start, end, begin = times[row[_START]], times[row[_END]], begins[row[_BEGIN]]
        basket = row[_END]
        while basket > begin and end - times[basket - 1] <= limits.window:
            basket -= 1
        while basket < ends[begin]:
            near = times[basket] - start <= limits.window
            if not near and (not grows or times[basket] - start > limits.max_gap):
                break
            able = near and items[heads[basket + 1] - 1] > last_item
            if able and joined(times, limits, row, basket, state):
                _loosen(times, limits, begin, ends[begin] - 1, any_span, state)
                _visit(heads, items, basket, last_item, 0, state, tally, deliver, out)
            if grows and followed(times, limits, row, basket, state):
                _loosen(times, limits, begin, ends[begin] - 1, any_span, state)
                _visit(heads, items, basket, NOWHERE, 1, state, tally, deliver, out)
            basket += 1


@njit(cache=True, nogil=True)
def _loosen(
    times: Int64, limits: KernelLimits, first: int, last: int, any_span: bool, state: Int32
) -> None:
    """Put the best basket of the customer where a limit can no longer be broken.

    The last element ends within the window from its start, and starts within it from its end,
    however it is stretched.
    """
    if any_span:
        state[_BEGIN] = first
    if state[_BEFORE] >= 0:
        if times[state[_START]] + limits.window - times[state[_BEFORE]] <= limits.max_gap:
            state[_BEFORE] = last
        if times[state[_END]] - limits.window - times[state[_BEFORE_END]] >= limits.min_gap:
            state[_BEFORE_END] = first


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
    heads: Int64,
    items: Int32,
    basket: int,
    above: int,
    begins: int,
    state: Int32,
    tally: Tally,
    deliver: bool,
    out: Int32,
) -> None:
    for p in range(heads[basket + 1] - 1, heads[basket] - 1, -1):
        if items[p] <= above:
            break
        place = note(tally, 2 * items[p] + begins, False, deliver)
        if place != NOWHERE:
            out[place] = state


@njit(cache=True, nogil=True)
def unbeaten(owners: Int32, rows: Int32) -> Int32:
    """Keep the occurrences that no other one of the same customer beats, by their ends.

    The rows of a customer stand together.
    """
    kept = np.empty_like(rows)
    top, begin = 0, 0
    while begin < len(rows):
        end = begin + 1
        while end < len(rows) and owners[rows[end, _BEGIN]] == owners[rows[begin, _BEGIN]]:
            end += 1
        group = top
        for r in _tightest_first(rows[begin:end]):
            top = _insert(kept, group, top, rows[begin + r])
        begin = end
    return kept[:top]


@njit(cache=True, nogil=True)
def _tightest_first(rows: Int32) -> Int64:
    """Order rows by the end of the last element and, of equal ends, the latest start first."""
    keys, ordered = np.empty(len(rows), np.int64), True
    for r in range(len(rows)):
        keys[r] = (np.int64(rows[r, _END]) << 32) - rows[r, _START]
        ordered = ordered and (r == 0 or keys[r - 1] <= keys[r])
    return np.arange(len(rows)) if ordered else np.argsort(keys, kind="mergesort")


@njit(cache=True, nogil=True)
def _insert(kept: Int32, group: int, top: int, row: Int32) -> int:
    """Add a row to `kept[group:top]` unless it is beaten; throw out those that it beats.

    In the order of `_tightest_first`, only rows that end after this one starts may beat it, and
    it may only beat those of the same last element.
    """
    place = top
    for k in range(top - 1, group - 1, -1):
        if kept[k, _END] < row[_START]:
            break
        if _beats(kept[k], row):
            return top
        if kept[k, _START] == row[_START] and kept[k, _END] == row[_END]:
            place = k
    for k in range(place, top):
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
