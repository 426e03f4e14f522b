"""Kernel that finds the smallest stretches of baskets that hold all items of an element."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.sequences._encode import Encoded

__all__ = ["intervals_of"]

Int32 = NDArray[np.int32]


@njit(cache=True, nogil=True)
def intervals_of(data: Encoded, element: Int32, window: int) -> Int32:
    """Give first and last basket of the stretches that hold an element and no smaller such one.

    A stretch lies within one customer's baskets and takes `window` at most. Both its ends ascend.
    """
    n = len(element)
    cursors, stops = np.empty(n, np.int64), np.empty(n, np.int64)
    for k in range(n):
        cursors[k], stops[k] = (
            data.place_ptr[element[k] >> 1],
            data.place_ptr[(element[k] >> 1) + 1],
        )
    out, top = np.empty(((stops - cursors).sum(), 2), np.int32), 0
    latest, former = np.full(n, -1, np.int64), -1
    while True:
        basket = _next_basket(data.places, cursors, stops)
        if basket < 0:
            break
        for k in range(n):
            if cursors[k] < stops[k] and data.places[cursors[k]] == basket:
                latest[k] = basket
                cursors[k] += 1
        start = latest.min()
        if start > former and start >= data.begins[basket]:
            former = start
            if data.times[basket] - data.times[start] <= window:
                out[top, 0], out[top, 1] = start, basket
                top += 1
    return out[:top]


@njit(cache=True, nogil=True)
def _next_basket(places: Int32, cursors: NDArray[np.int64], stops: NDArray[np.int64]) -> int:
    """Give the first basket under a cursor; -1 at the end."""
    basket = -1
    for k in range(len(cursors)):
        if cursors[k] < stops[k] and (basket < 0 or places[cursors[k]] < basket):
            basket = places[cursors[k]]
    return basket
