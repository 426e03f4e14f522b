"""The loop that merges categories, compiled."""

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["log_chi_square_tail", "merge_labels"]

Values = NDArray[np.float64]
Labels = NDArray[np.int64]


@nb.njit(cache=True, nogil=True)
def log_chi_square_tail(statistic: float, degrees: int) -> float:
    """Give the log p-value of a chi-square statistic.

    A series near the middle and a continued fraction in the tail (Abramowitz and Stegun 1964,
    6.5.29 and 6.5.31).
    """
    if degrees <= 0 or statistic <= 0:
        return 0.0
    a, x = degrees / 2, statistic / 2
    front = a * math.log(x) - x - math.lgamma(a)
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * 1e-16:
            n += 1
            term *= x / n
            total += term
        return math.log1p(-min(math.exp(front + math.log(total)), 1 - 1e-16))
    fraction = 0.0
    for n in range(200, 0, -1):
        fraction = n * (n - a) / (x + 2 * n + 1 - a - fraction)
    return front - math.log(x + 1 - a - fraction)


@nb.njit(cache=True, nogil=True)
def _closeness(first: Values, second: Values) -> float:
    """Give the log p-value that two groups have the same classes."""
    n, m = first.sum(), second.sum()
    if n <= 0 or m <= 0:
        return 0.0
    statistic, here = 0.0, 0
    for k in range(len(first)):
        both = first[k] + second[k]
        if both > 0:
            here += 1
            # Of a table of two rows: sum over classes of the squared cross difference.
            away = first[k] * m - second[k] * n
            statistic += away * away / (both * n * m)
    return log_chi_square_tail(statistic, here - 1)


@nb.njit(cache=True, nogil=True)
def _may_merge(i: int, j: int, low: Labels, high: Labels, ordered: bool) -> bool:
    """Say whether two groups are neighbours; missing alone has no ends and joins any."""
    if not ordered or high[i] < 0 or high[j] < 0:
        return True
    return low[i] == high[j] + 1 or low[j] == high[i] + 1


@nb.njit(cache=True, nogil=True)
def _largest(close: Values, alive: NDArray[np.bool_], row: int) -> tuple[int, int]:
    """Give the closest pair, of all groups or with one of them."""
    best, first, second = -np.inf, -1, -1
    for i in range(len(alive)):
        for j in range(i + 1, len(alive)):
            if alive[i] and alive[j] and close[i, j] > best and row in (-1, i, j):
                best, first, second = close[i, j], i, j
    return first, second


@nb.njit(cache=True, nogil=True)
def merge_labels(
    table: Values, sizes: Values, ordered: bool, free: int, log_alpha: float, min_leaf: int
) -> Labels:
    """Merge rows of a table; give each the number of the first row of its group."""
    n = len(table)
    counts, size, labels = table.copy(), sizes.copy(), np.arange(n)
    low, high, alive = np.arange(n), np.arange(n), np.ones(n, np.bool_)
    if free >= 0:
        low[free], high[free] = n, -1
    close = np.full((n, n), -np.inf)
    for i in range(n):
        for j in range(i + 1, n):
            if _may_merge(i, j, low, high, ordered):
                close[i, j] = _closeness(counts[i], counts[j])
    for _ in range(n - 1):
        i, j = _largest(close, alive, -1)
        if close[i, j] <= log_alpha:
            small = int(np.argmin(np.where(alive, size, np.inf)))
            if size[small] >= min_leaf:
                break
            i, j = _largest(close, alive, small)
        counts[i] += counts[j]
        size[i] += size[j]
        low[i], high[i] = min(low[i], low[j]), max(high[i], high[j])
        alive[j] = False
        labels[labels == j] = i
        for other in range(n):
            if alive[other] and other != i:
                first, second = min(i, other), max(i, other)
                allowed = _may_merge(i, other, low, high, ordered)
                own = _closeness(counts[first], counts[second]) if allowed else -np.inf
                close[first, second] = own
    return labels
