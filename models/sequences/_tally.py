"""What one step of the search counts and hands on, per possible next item."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["NOWHERE", "Tally", "clean", "frequent_symbols", "new_tally", "note", "open_buckets"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

NOWHERE = -1
_TIME, _TOUCHED = 0, 1


class Tally(NamedTuple):
    """Counts per symbol; a symbol is `2 * item`, plus 1 where the item begins an element.

    `state` holds a clock that ticks once a customer and the number of touched symbols. `stamps`
    say when a symbol was last seen, so that each customer counts once.
    """

    customers: Int32
    rows: Int64
    buckets: Int64
    stamps: Int64
    touched: Int32
    state: Int64


@njit(cache=True, nogil=True)
def new_tally(n_items: int) -> Tally:
    """Make a clean tally."""
    return Tally(
        np.zeros(2 * n_items, np.int32),
        np.zeros(2 * n_items, np.int64),
        np.full(2 * n_items, NOWHERE, np.int64),
        np.zeros(2 * n_items, np.int64),
        np.empty(2 * n_items, np.int32),
        np.zeros(2, np.int64),
    )


@njit(cache=True, nogil=True)
def note(tally: Tally, symbol: int, first_only: bool, deliver: bool) -> int:
    """Count one occurrence, or give the row to which it is to be written (`NOWHERE`: none)."""
    new = tally.stamps[symbol] != tally.state[_TIME]
    if first_only and not new:
        return NOWHERE
    tally.stamps[symbol] = tally.state[_TIME]
    if deliver:
        row = tally.buckets[symbol]
        if row != NOWHERE:
            tally.buckets[symbol] = row + 1
        return row
    if tally.rows[symbol] == 0:
        tally.touched[tally.state[_TOUCHED]] = symbol
        tally.state[_TOUCHED] += 1
    tally.rows[symbol] += 1
    tally.customers[symbol] += new
    return NOWHERE


@njit(cache=True, nogil=True)
def frequent_symbols(tally: Tally, min_count: int) -> Int32:
    """Give the touched symbols of enough customers, ascending."""
    customers, touched, n = tally.customers, tally.touched, 0
    for k in range(tally.state[_TOUCHED]):
        n += customers[touched[k]] >= min_count
    symbols, n = np.empty(n, np.int32), 0
    for k in range(tally.state[_TOUCHED]):
        if customers[touched[k]] >= min_count:
            symbols[n] = touched[k]
            n += 1
    symbols.sort()
    return symbols


@njit(cache=True, nogil=True)
def open_buckets(tally: Tally, symbols: Int32) -> Int64:
    """Reserve a run of rows per symbol and give where the runs begin."""
    heads = np.zeros(len(symbols) + 1, np.int64)
    for k in range(len(symbols)):
        tally.buckets[symbols[k]] = heads[k]
        heads[k + 1] = heads[k] + tally.rows[symbols[k]]
    return heads


@njit(cache=True, nogil=True)
def clean(tally: Tally) -> None:
    """Forget all counts."""
    customers, rows, buckets, touched = tally.customers, tally.rows, tally.buckets, tally.touched
    for k in range(tally.state[_TOUCHED]):
        symbol = touched[k]
        customers[symbol] = 0
        rows[symbol] = 0
        buckets[symbol] = NOWHERE
    tally.state[_TOUCHED] = 0
