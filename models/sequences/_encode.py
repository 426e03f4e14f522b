"""Baskets without their rare items, with the places of every item, as the search reads them."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.sequences._firsts import Firsts, list_firsts, no_firsts
from models.sequences.sequences import Sequences

__all__ = ["Encoded", "encode"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_ENTRIES_A_BASKET = 32


class Encoded(NamedTuple):
    """Baskets of all customers in one row, and where each item stands.

    The items of basket `b` are `items[heads[b]:heads[b + 1]]`; its customer's baskets are
    `begins[b]:ends[b]`. Item `i` stands in the baskets `places[place_ptr[i]:place_ptr[i + 1]]`.
    `firsts` are the lists of first places, where every basket holds one item and they stay small.
    """

    owners: Int32
    begins: Int32
    ends: Int32
    times: Int64
    heads: Int64
    items: Int32
    place_ptr: Int64
    places: Int32
    supports: Int32
    firsts: Firsts


def encode(sequences: Sequences, min_count: int) -> tuple[Encoded, Int32]:
    """Keep the items of at least `min_count` customers; give their old codes too."""
    frequent = np.flatnonzero(sequences.counts >= min_count).astype(np.int32)
    number = np.full(sequences.n_items, -1, np.int32)
    number[frequent] = np.arange(len(frequent))
    items = number[sequences.items] if sequences.n_items else sequences.items
    lengths = _kept_lengths(sequences, items >= 0)
    kept, items = lengths > 0, items[items >= 0]
    owners = sequences.owners[kept]
    heads = np.concatenate([[0], np.cumsum(lengths[kept])]).astype(np.int64)
    place_ptr, places = _places(heads, items, len(frequent))
    data = Encoded(
        owners,
        np.searchsorted(owners, owners, side="left").astype(np.int32),
        np.searchsorted(owners, owners, side="right").astype(np.int32),
        sequences.times[kept],
        heads,
        items,
        place_ptr,
        places,
        sequences.counts[frequent],
        _firsts(owners, heads, items, len(frequent)),
    )
    return data, frequent


def _firsts(owners: Int32, heads: Int64, items: Int32, n_items: int) -> Firsts:
    if len(items) != len(owners):
        return no_firsts()
    variety = np.asarray(_variety(owners, heads, items, n_items))
    if int(variety.sum()) > _ENTRIES_A_BASKET * len(owners):
        return no_firsts()
    return Firsts(*list_firsts(owners, items, variety))


def _kept_lengths(sequences: Sequences, kept: NDArray[np.bool_]) -> Int64:
    running = np.concatenate([[0], np.cumsum(kept)])
    return np.diff(running[sequences.basket_indptr])


def _places(heads: Int64, items: Int32, n_items: int) -> tuple[Int64, Int32]:
    baskets = np.repeat(np.arange(len(heads) - 1, dtype=np.int32), np.diff(heads))
    ptr = np.concatenate([[0], np.cumsum(np.bincount(items, minlength=n_items))])
    return ptr.astype(np.int64), baskets[np.argsort(items, kind="stable")]


@njit(cache=True, nogil=True)
def _variety(owners: Int32, heads: Int64, items: Int32, n_items: int) -> Int32:
    variety = np.zeros(len(owners), np.int32)
    seen = np.full(n_items, -1, np.int32)
    for basket in range(len(owners) - 1, -1, -1):
        owner = owners[basket]
        if basket + 1 < len(owners) and owners[basket + 1] == owner:
            variety[basket] = variety[basket + 1]
        for p in range(heads[basket], heads[basket + 1]):
            variety[basket] += seen[items[p]] != owner
            seen[items[p]] = owner
    return variety
