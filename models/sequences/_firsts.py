"""Kernels for baskets of one item without limits of time: only first places matter.

Then one occurrence a customer is enough, and what may follow it stands ready in a list: the first
place of each different item from a basket on. Repeats are never read twice.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.sequences._tally import NOWHERE, Tally

__all__ = ["Firsts", "count_firsts", "deliver_firsts", "list_firsts", "no_firsts"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


class Firsts(NamedTuple):
    """From basket `b` on, each item stands first in `places[heads[b]:heads[b + 1]]`.

    Without lists both are empty.
    """

    heads: Int64
    places: Int32


def no_firsts() -> Firsts:
    """Give no lists."""
    return Firsts(np.empty(0, np.int64), np.empty(0, np.int32))


@njit(cache=True, nogil=True)
def list_firsts(owners: Int32, items: Int32, variety: Int32) -> Firsts:
    """Build the lists from the back: the basket itself, then the list behind it without its item.

    `variety` is the length of each list; basket `b` holds the one item `items[b]`.
    """
    heads = np.zeros(len(variety) + 1, np.int64)
    heads[1:] = np.cumsum(variety)
    places = np.empty(heads[-1], np.int32)
    for basket in range(len(owners) - 1, -1, -1):
        top = heads[basket]
        places[top] = basket
        if basket + 1 == len(owners) or owners[basket + 1] != owners[basket]:
            continue
        for p in range(heads[basket + 1], heads[basket + 2]):
            if items[places[p]] != items[basket]:
                top += 1
                places[top] = places[p]
    return Firsts(heads, places)


@njit(cache=True, nogil=True)
def count_firsts(items: Int32, ends: Int32, firsts: Firsts, rows: Int32, tally: Tally) -> None:
    """Count the items that follow; each customer has one row."""
    heads, places = firsts.heads, firsts.places
    customers, n_rows, touched, n_touched = tally.customers, tally.rows, tally.touched, 0
    for r in range(len(rows)):
        basket = rows[r, 0]
        if basket + 1 < ends[basket]:
            for p in range(heads[basket + 1], heads[basket + 2]):
                symbol = 2 * items[places[p]] + 1
                if n_rows[symbol] == 0:
                    touched[n_touched] = symbol
                    n_touched += 1
                n_rows[symbol] += 1
    for k in range(n_touched):
        customers[touched[k]] = n_rows[touched[k]]
    tally.state[1] = n_touched


@njit(cache=True, nogil=True)
def deliver_firsts(
    items: Int32, ends: Int32, firsts: Firsts, rows: Int32, tally: Tally, out: Int32
) -> None:
    """Write the first place of every item that follows into its bucket."""
    heads, places, buckets = firsts.heads, firsts.places, tally.buckets
    for r in range(len(rows)):
        basket = rows[r, 0]
        if basket + 1 < ends[basket]:
            for p in range(heads[basket + 1], heads[basket + 2]):
                symbol = 2 * items[places[p]] + 1
                row = buckets[symbol]
                if row != NOWHERE:
                    out[row, 0] = out[row, 1] = places[p]
                    buckets[symbol] = row + 1
