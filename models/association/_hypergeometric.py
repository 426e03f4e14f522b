"""Kernels for the tails of the hypergeometric distribution, a microsecond a value."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["lower_tails", "upper_quantiles", "upper_tails"]

Int64 = NDArray[np.int64]
Values = NDArray[np.float64]

_NEGLIGIBLE = 1e-17


@njit(cache=True, nogil=True)
def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)


@njit(cache=True, nogil=True)
def _log_mass(n: int, x: int, y: int, both: int) -> float:
    return _log_choose(x, both) + _log_choose(n - x, y - both) - _log_choose(n, y)


@njit(cache=True, nogil=True)
def _sum_up(n: int, x: int, y: int, both: int) -> float:
    """P(count >= both), summed outwards from `both` until terms no longer matter."""
    if both > min(x, y):
        return 0.0
    term, total, k = 1.0, 1.0, both
    while k < min(x, y):
        term *= (x - k) * (y - k) / ((k + 1.0) * (n - x - y + k + 1.0))
        total += term
        k += 1
        if term < _NEGLIGIBLE * total:
            break
    return math.exp(_log_mass(n, x, y, both)) * total


@njit(cache=True, nogil=True)
def _sum_down(n: int, x: int, y: int, both: int) -> float:
    """P(count <= both), summed outwards likewise."""
    least = max(0, x + y - n)
    if both < least:
        return 0.0
    term, total, k = 1.0, 1.0, both
    while k > least:
        term *= k * (n - x - y + k) / ((x - k + 1.0) * (y - k + 1.0))
        total += term
        k -= 1
        if term < _NEGLIGIBLE * total:
            break
    return math.exp(_log_mass(n, x, y, both)) * total


@njit(cache=True, nogil=True)
def _upper(n: int, x: int, y: int, both: int) -> float:
    """P(count >= both): the shorter tail is summed."""
    if both * n > x * y:
        return min(1.0, _sum_up(n, x, y, both))
    return max(0.0, 1.0 - _sum_down(n, x, y, both - 1))


@njit(cache=True, nogil=True)
def upper_tails(n: Int64, x: Int64, y: Int64, both: Int64) -> Values:
    """Give P(count >= both) when `x` and `y` of `n` baskets are drawn independently."""
    out = np.empty(len(both))
    for i in range(len(both)):
        out[i] = _upper(n[i], x[i], y[i], both[i])
    return out


@njit(cache=True, nogil=True)
def lower_tails(n: Int64, x: Int64, y: Int64, both: Int64) -> Values:
    """Give P(count < both)."""
    out = np.empty(len(both))
    for i in range(len(both)):
        if both[i] * n[i] > x[i] * y[i]:
            out[i] = max(0.0, 1.0 - _sum_up(n[i], x[i], y[i], both[i]))
        else:
            out[i] = min(1.0, _sum_down(n[i], x[i], y[i], both[i] - 1))
    return out


@njit(cache=True, nogil=True)
def upper_quantiles(n: Int64, x: Int64, y: Int64, level: float) -> Int64:
    """Give the smallest count with P(count <= it) of at least `level`."""
    out = np.empty(len(x), np.int64)
    for i in range(len(x)):
        low, high = max(0, x[i] + y[i] - n[i]), min(x[i], y[i])
        while low < high:
            middle = (low + high) // 2
            if 1.0 - _upper(n[i], x[i], y[i], middle + 1) >= level:
                high = middle
            else:
                low = middle + 1
        out[i] = low
    return out
