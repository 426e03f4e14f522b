"""Kernels that find an itemset among many by its items: an open-addressing hash table."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["ABSENT", "build_index", "find_itemset", "keys_of_items"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Words = NDArray[np.uint64]

ABSENT = -1


@njit(cache=True, nogil=True)
def keys_of_items(n_items: int) -> Words:
    """Give every item code a well-mixed 64-bit number (splitmix64, Steele et al. 2014)."""
    keys = np.empty(n_items, np.uint64)
    for item in range(n_items):
        x = np.uint64(item + 1) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        keys[item] = x ^ (x >> np.uint64(31))
    return keys


@njit(cache=True, nogil=True)
def hash_of(items: Int32, begin: int, end: int, keys: Words) -> np.uint64:
    """Hash a set of items: the sum of their keys, whatever their order."""
    total = np.uint64(0)
    for p in range(begin, end):
        total += keys[items[p]]
    return total


@njit(cache=True, nogil=True)
def build_index(indptr: Int64, items: Int32, keys: Words) -> Int32:
    """Make a table of itemset numbers, at most half full, for `find_itemset`."""
    size = 16
    while size < 2 * len(indptr):
        size *= 2
    table = np.full(size, ABSENT, np.int32)
    mask = np.uint64(size - 1)
    for itemset in range(len(indptr) - 1):
        slot = hash_of(items, indptr[itemset], indptr[itemset + 1], keys) & mask
        while table[slot] != ABSENT:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = itemset
    return table


@njit(cache=True, nogil=True)
def find_itemset(
    indptr: Int64, items: Int32, table: Int32, wanted: np.uint64, sought: Int32, length: int
) -> int:
    """Find the itemset whose items are `sought[:length]`, ascending, with hash `wanted`."""
    mask = np.uint64(len(table) - 1)
    slot = wanted & mask
    while table[slot] != ABSENT:
        itemset = table[slot]
        if _equal(indptr, items, itemset, sought, length):
            return itemset
        slot = (slot + np.uint64(1)) & mask
    return ABSENT


@njit(cache=True, nogil=True)
def _equal(indptr: Int64, items: Int32, itemset: int, sought: Int32, length: int) -> bool:
    begin = indptr[itemset]
    if indptr[itemset + 1] - begin != length:
        return False
    for k in range(length):  # noqa: SIM110 (numba compiles the loop to less)
        if items[begin + k] != sought[k]:
            return False
    return True
