"""Kernels that find what may follow a sequence whose elements are single baskets.

An occurrence is a row: the basket of its last element and the latest basket in which it can
have begun. All last baskets are kept, not only the first, so that a maximum gap stays exact
(Zaki 2000, cSPADE); for the same last basket only the latest begin matters. Where nothing is
limited from above, a later last basket adds no later ones: it is kept only when an item may still
join it, that is when the new item is not the last of its basket.

Arrays are taken out of their tuples before a loop: inside, each access would count a reference.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.sequences._encode import Encoded
from models.sequences._tally import NOWHERE, Tally
from models.sequences.limits import KernelLimits

__all__ = ["count_baskets", "deliver_baskets"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@njit(cache=True, nogil=True)
def count_baskets(
    data: Encoded, limits: KernelLimits, rows: Int32, last_item: int, may_grow: bool, tally: Tally
) -> None:
    """Count what extends the occurrences: customers and rows per symbol.

    Items above `last_item` in the last basket join the last element; with `may_grow`, items of
    later baskets begin a new one.
    """
    _count_joining(data, limits.free, rows, last_item, tally)
    if may_grow:
        _count_following(data, limits, rows, tally)


@njit(cache=True, nogil=True)
def deliver_baskets(
    data: Encoded,
    limits: KernelLimits,
    rows: Int32,
    last_item: int,
    may_grow: bool,
    tally: Tally,
    out: Int32,
) -> None:
    """Write the extended occurrences into the buckets of `out` that the tally has opened."""
    _deliver_joining(data, limits.free, rows, last_item, tally, out)
    if may_grow:
        _deliver_following(data, limits, rows, tally, out)


@njit(cache=True, nogil=True)
def _count_joining(data: Encoded, free: bool, rows: Int32, last_item: int, tally: Tally) -> None:
    heads, items, owners = data.heads, data.items, data.owners
    customers, n_rows, stamps, touched = tally.customers, tally.rows, tally.stamps, tally.touched
    clock, n_touched, owner = tally.state[0], tally.state[1], NOWHERE
    for r in range(len(rows)):
        basket = rows[r, 0]
        if owners[basket] != owner:
            owner = owners[basket]
            clock += 1
        last = heads[basket + 1] - 1
        p = last
        while p >= heads[basket] and items[p] > last_item:
            symbol = 2 * items[p]
            if stamps[symbol] != clock:
                stamps[symbol] = clock
                touched[n_touched] = symbol
                n_touched += n_rows[symbol] == 0
                customers[symbol] += 1
                n_rows[symbol] += 1
            elif not (free and p == last):
                n_rows[symbol] += 1
            p -= 1
    tally.state[0], tally.state[1] = clock, n_touched


@njit(cache=True, nogil=True)
def _deliver_joining(
    data: Encoded, free: bool, rows: Int32, last_item: int, tally: Tally, out: Int32
) -> None:
    heads, items, owners = data.heads, data.items, data.owners
    buckets, stamps = tally.buckets, tally.stamps
    clock, owner = tally.state[0], NOWHERE
    for r in range(len(rows)):
        basket, begin = rows[r, 0], rows[r, 1]
        if owners[basket] != owner:
            owner = owners[basket]
            clock += 1
        last = heads[basket + 1] - 1
        p = last
        while p >= heads[basket] and items[p] > last_item:
            symbol = 2 * items[p]
            place = buckets[symbol]
            if place != NOWHERE and not (free and p == last and stamps[symbol] == clock):
                out[place, 0], out[place, 1] = basket, begin
                buckets[symbol] = place + 1
            stamps[symbol] = clock
            p -= 1
    tally.state[0] = clock


@njit(cache=True, nogil=True)
def _count_following(data: Encoded, limits: KernelLimits, rows: Int32, tally: Tally) -> None:
    heads, items, times = data.heads, data.items, data.times
    customers, n_rows, stamps, touched = tally.customers, tally.rows, tally.stamps, tally.touched
    clock, n_touched, free, first = tally.state[0], tally.state[1], limits.free, 0
    while first < len(rows):
        end = _end_of_customer(data.owners, rows, first)
        clock += 1
        oldest, latest = first, times[rows[end - 1, 0]]
        for basket in range(rows[first, 0] + 1, data.ends[rows[first, 0]]):
            if times[basket] - latest > limits.max_gap:
                break
            oldest = _still_near(times, rows, oldest, basket, limits.max_gap)
            if _latest_begin(times, limits, rows, oldest, end, basket) == NOWHERE:
                continue
            last = heads[basket + 1] - 1
            for p in range(heads[basket], last + 1):
                symbol = 2 * items[p] + 1
                if stamps[symbol] != clock:
                    stamps[symbol] = clock
                    touched[n_touched] = symbol
                    n_touched += n_rows[symbol] == 0
                    customers[symbol] += 1
                    n_rows[symbol] += 1
                elif not (free and p == last):
                    n_rows[symbol] += 1
        first = end
    tally.state[0], tally.state[1] = clock, n_touched


@njit(cache=True, nogil=True)
def _deliver_following(
    data: Encoded, limits: KernelLimits, rows: Int32, tally: Tally, out: Int32
) -> None:
    heads, items, times = data.heads, data.items, data.times
    buckets, stamps = tally.buckets, tally.stamps
    clock, free, first = tally.state[0], limits.free, 0
    while first < len(rows):
        end = _end_of_customer(data.owners, rows, first)
        clock += 1
        oldest, latest = first, times[rows[end - 1, 0]]
        for basket in range(rows[first, 0] + 1, data.ends[rows[first, 0]]):
            if times[basket] - latest > limits.max_gap:
                break
            oldest = _still_near(times, rows, oldest, basket, limits.max_gap)
            begin = _latest_begin(times, limits, rows, oldest, end, basket)
            if begin == NOWHERE:
                continue
            last = heads[basket + 1] - 1
            for p in range(heads[basket], last + 1):
                symbol = 2 * items[p] + 1
                place = buckets[symbol]
                if place != NOWHERE and not (free and p == last and stamps[symbol] == clock):
                    out[place, 0], out[place, 1] = basket, begin
                    buckets[symbol] = place + 1
                stamps[symbol] = clock
        first = end
    tally.state[0] = clock


@njit(cache=True, nogil=True)
def _end_of_customer(owners: Int32, rows: Int32, first: int) -> int:
    end = first + 1
    while end < len(rows) and owners[rows[end, 0]] == owners[rows[first, 0]]:
        end += 1
    return end


@njit(cache=True, nogil=True)
def _still_near(times: Int64, rows: Int32, oldest: int, basket: int, max_gap: int) -> int:
    while times[basket] - times[rows[oldest, 0]] > max_gap:
        oldest += 1
    return oldest


@njit(cache=True, nogil=True)
def _latest_begin(
    times: Int64, limits: KernelLimits, rows: Int32, oldest: int, end: int, basket: int
) -> int:
    """Give the latest begin of an occurrence that a basket may follow, or `NOWHERE`."""
    best, time = NOWHERE, times[basket]
    for r in range(oldest, end):
        if time - times[rows[r, 0]] < limits.min_gap:
            break
        if rows[r, 1] > best and time - times[rows[r, 1]] <= limits.max_span:
            best = rows[r, 1]
        if limits.free:
            break
    return best
