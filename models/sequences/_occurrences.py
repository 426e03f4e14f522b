"""Kernels that find where a customer's baskets hold one given sequence."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.sequences._encode import Encoded
from models.sequences._windows import WIDTH, followed, joined, unbeaten
from models.sequences.limits import KernelLimits

__all__ = ["find_occurrences", "first_lag"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_BEGIN, _BEFORE, _BEFORE_END, _START, _END = 0, 1, 2, 3, 4


@njit(cache=True, nogil=True)
def find_occurrences(
    data: Encoded, limits: KernelLimits, symbols: Int32, begin: int, end: int
) -> Int32:
    """Find the unbeaten occurrences within the baskets `begin:end` of one customer.

    A row is that of `models.sequences._windows`.
    """
    rows = np.full((1, WIDTH), -1, np.int32)
    for k in range(len(symbols)):
        places = _places_within(data, symbols[k] >> 1, begin, end)
        if k == 0:
            rows = np.full((len(places), WIDTH), -1, np.int32)
            rows[:, _BEGIN] = rows[:, _START] = rows[:, _END] = places
        elif symbols[k] & 1:
            rows = _followed_by(data, limits, _settled(data.owners, rows), places)
        else:
            rows = _joined_by(data, limits, rows, places)
        if len(rows) == 0:
            break
    return rows


@njit(cache=True, nogil=True)
def _places_within(data: Encoded, item: int, begin: int, end: int) -> Int32:
    places = data.places[data.place_ptr[item] : data.place_ptr[item + 1]]
    return places[np.searchsorted(places, begin) : np.searchsorted(places, end)]


@njit(cache=True, nogil=True)
def _settled(owners: Int32, rows: Int32) -> Int32:
    """Forget the element before the last: a new element looks only at the last one."""
    rows[:, _BEFORE] = rows[:, _BEFORE_END] = -1
    return unbeaten(owners, rows)


@njit(cache=True, nogil=True)
def _followed_by(data: Encoded, limits: KernelLimits, rows: Int32, places: Int32) -> Int32:
    out, top = np.empty((len(rows) * len(places), WIDTH), np.int32), 0
    for place in places:
        for r in range(len(rows)):
            if followed(data.times, limits, rows[r], place, out[top]):
                top += 1
    return unbeaten(data.owners, out[:top])


@njit(cache=True, nogil=True)
def _joined_by(data: Encoded, limits: KernelLimits, rows: Int32, places: Int32) -> Int32:
    out, top = np.empty((len(rows) * len(places), WIDTH), np.int32), 0
    for place in places:
        for r in range(len(rows)):
            if joined(data.times, limits, rows[r], place, out[top]):
                top += 1
    return unbeaten(data.owners, out[:top])


@njit(cache=True, nogil=True)
def first_lag(times: Int64, rows: Int32) -> int:
    """Give the lag of the first complete occurrence, the shortest of several."""
    best = 0
    for r in range(1, len(rows)):
        earlier = rows[r, _END] < rows[best, _END]
        if earlier or (
            rows[r, _END] == rows[best, _END] and rows[r, _BEFORE] > rows[best, _BEFORE]
        ):
            best = r
    return times[rows[best, _END]] - times[rows[best, _BEFORE]]
