"""Kernels that measure how long the last element of each of many sequences takes to follow."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.sequences._encode import Encoded
from models.sequences._intervals import intervals_of
from models.sequences.limits import KernelLimits

__all__ = ["lag_quantiles"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Values = NDArray[np.float64]

_SPREAD = 4
_PLACE, _BEFORE = 0, 1
_END, _START, _FIRST, _BEFORE_START = 0, 1, 2, 3


@njit(cache=True, nogil=True)
def lag_quantiles(
    data: Encoded,
    limits: KernelLimits,
    indptr: Int64,
    symbols: Int32,
    first: int,
    last: int,
    shares: tuple[float, ...],
) -> Values:
    """Give quantiles of the lags of the sequences `first:last`, a row each.

    The lag of a customer is the time from the start of the element before the last to the end of
    the last, where the sequence is first complete; of several such occurrences the shortest time.

    Sequences in the order of their items share their beginnings. So where each beginning stands is
    kept until another one comes, one array an element.
    """
    greedy = limits.free and limits.window == 0
    out = np.empty((last - first, len(shares)))
    known = [np.empty((0, 0), np.int32)]
    former = symbols[:0]
    for number in range(first, last):
        own = symbols[indptr[number] : indptr[number + 1]]
        ends = _ends_of_elements(own)
        for _ in range(_n_shared(former, own, ends) + 1, len(known)):
            known.pop()
        while len(known) <= len(ends):
            n = len(known) - 1
            element = own[ends[n - 1] if n else 0 : ends[n]]
            if greedy:
                known.append(_soonest(data, limits.min_gap, known[-1], element, n == 0))
            else:
                known.append(_within(data, limits, known[-1], element, n == 0))
        former = own
        if greedy:
            before = own[ends[-3] if len(ends) > 2 else 0 : ends[-2]]
            lags = _greedy_lags(data, limits.min_gap, known[-1], before)
        else:
            lags = _first_lags(data, known[-1])
        ordered = _sorted(lags)
        for q in range(len(shares)):
            out[number - first, q] = _quantile(ordered, shares[q])
    return out


@njit(cache=True, nogil=True)
def _ends_of_elements(own: Int32) -> Int32:
    ends, n = np.empty(len(own), np.int32), 0
    for k in range(1, len(own) + 1):
        if k == len(own) or own[k] & 1:
            ends[n] = k
            n += 1
    return ends[:n]


@njit(cache=True, nogil=True)
def _n_shared(former: Int32, own: Int32, ends: Int32) -> int:
    """Count the first elements that two sequences have in common."""
    same, n = 0, 0
    while same < min(len(former), len(own)) and former[same] == own[same]:
        same += 1
    while n < len(ends) and ends[n] <= same:
        if ends[n] < len(former) and not former[ends[n]] & 1:
            break  # the former sequence has more in this element
        n += 1
    return n


@njit(cache=True, nogil=True)
def _soonest(data: Encoded, min_gap: int, rows: Int32, element: Int32, begins: bool) -> Int32:
    """Find the first basket that each customer can complete a sequence with, by its last element.

    A row is that basket and the one of the elements before. Where nothing limits time from above,
    taking every element where it first fits finds all who hold the sequence.
    """
    places, alone = _rarest_places(data, element), len(element) == 1
    n_rows = len(places) if begins else len(rows)
    out, top, at, done = np.empty((n_rows, 2), np.int32), 0, 0, 0
    for r in range(n_rows):
        if begins:
            before, least, end = -1, np.int64(0), int(data.ends[places[r]])
            if places[r] < done:
                continue
            at = r
        else:
            before = rows[r, _PLACE]
            least, end = data.times[before] + min_gap, int(data.ends[before])
            at = _reached(places, at, before + 1)
        found = at
        while found < len(places) and places[found] < end:
            late = before < 0 or data.times[places[found]] >= least
            if late and (alone or _holds(data, element, places[found])):
                out[top, _PLACE], out[top, _BEFORE] = places[found], before
                top, done = top + 1, end
                break
            found += 1
    return out[:top]


@njit(cache=True, nogil=True)
def _rarest_places(data: Encoded, element: Int32) -> Int32:
    item = element[0] >> 1
    for symbol in element:
        if data.supports[symbol >> 1] < data.supports[item]:
            item = symbol >> 1
    return data.places[data.place_ptr[item] : data.place_ptr[item + 1]]


@njit(cache=True, nogil=True)
def _reached(places: Int32, at: int, least: int) -> int:
    """Give the first position from `at` on with a place of at least `least`, in longer leaps."""
    leap = 1
    while at + leap <= len(places) and places[at + leap - 1] < least:
        at += leap
        leap *= 2
    while leap:
        if at + leap <= len(places) and places[at + leap - 1] < least:
            at += leap
        else:
            leap //= 2
    return at


@njit(cache=True, nogil=True)
def _holds(data: Encoded, element: Int32, basket: int) -> bool:
    """Say whether a basket holds an element; both are in ascending order."""
    p, stop = data.heads[basket], data.heads[basket + 1]
    for symbol in element:
        item = symbol >> 1
        while p < stop and data.items[p] < item:
            p += 1
        if p == stop or data.items[p] != item:
            return False
    return True


@njit(cache=True, nogil=True)
def _greedy_lags(data: Encoded, min_gap: int, rows: Int32, before: Int32) -> Values:
    """Move the element before the last up to the last place that the complete sequence leaves."""
    places, alone = _rarest_places(data, before), len(before) == 1
    lags, at = np.empty(len(rows)), 0
    for r in range(len(rows)):
        end = data.times[rows[r, _PLACE]]
        at = _reached(places, at, rows[r, _PLACE])
        k = at - 1
        while places[k] > rows[r, _BEFORE]:
            soon = end - data.times[places[k]] < min_gap
            if not soon and (alone or _holds(data, before, places[k])):
                break
            k -= 1
        lags[r] = end - data.times[places[k]]
    return lags


@njit(cache=True, nogil=True)
def _within(
    data: Encoded, limits: KernelLimits, rows: Int32, element: Int32, begins: bool
) -> Int32:
    """Find where sequences can end within the limits, by the intervals of their last element.

    A row is end and start of the last element, the latest start of the first one, and that of the
    element before the last. Intervals that hold no smaller one begin and end in the same order, so
    the latest possible element before is the best one: it also has the latest first element.
    """
    intervals = intervals_of(data, element, limits.window)
    out, top, r = np.empty((len(intervals), 4), np.int32), 0, 0
    for k in range(len(intervals)):
        start, end = intervals[k]
        first, before = start, -1
        if not begins:
            while (
                r < len(rows)
                and rows[r, _END] < start
                and (
                    data.owners[rows[r, _END]] != data.owners[start]
                    or data.times[start] - data.times[rows[r, _END]] >= limits.min_gap
                )
            ):
                r += 1
            if r == 0 or data.owners[rows[r - 1, _END]] != data.owners[start]:
                continue
            before, first = rows[r - 1, _START], rows[r - 1, _FIRST]
            if data.times[end] - data.times[before] > limits.max_gap:
                continue
        if data.times[end] - data.times[first] <= limits.max_span:
            out[top, _END], out[top, _START] = end, start
            out[top, _FIRST], out[top, _BEFORE_START] = first, before
            top += 1
    return out[:top]


@njit(cache=True, nogil=True)
def _first_lags(data: Encoded, rows: Int32) -> Values:
    lags, top, owner = np.empty(len(rows)), 0, -1
    for r in range(len(rows)):
        if data.owners[rows[r, _END]] != owner:
            owner = data.owners[rows[r, _END]]
            lags[top] = data.times[rows[r, _END]] - data.times[rows[r, _BEFORE_START]]
            top += 1
    return lags[:top]


@njit(cache=True, nogil=True)
def _sorted(lags: Values) -> Values:
    """Sort whole numbers: those that lie close together by counting."""
    if len(lags) == 0 or lags.max() > _SPREAD * len(lags):
        return np.sort(lags)
    times = np.zeros(int(lags.max()) + 1, np.int64)
    for lag in lags:
        times[int(lag)] += 1
    top = 0
    for lag in range(len(times)):
        lags[top : top + times[lag]] = lag
        top += times[lag]
    return lags


@njit(cache=True, nogil=True)
def _quantile(ordered: Values, share: float) -> float:
    """Interpolate between the neighbours (type 7 of Hyndman and Fan 1996, NumPy's default)."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
