"""Kernels that write sequences out as symbols and find one among many.

A symbol is `2 * item`, plus 1 where the item begins an element.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["ABSENT", "Table", "expand_nodes", "find", "hash_of", "new_table"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Table = Int32

ABSENT = -1


@njit(cache=True, nogil=True)
def expand_nodes(nodes: Int32, item_of: Int32) -> tuple[Int64, Int32]:
    """Write out the symbols of every node's sequence as one CSR pair."""
    indptr = np.zeros(len(nodes) + 1, np.int64)
    for node in range(len(nodes)):
        parent = nodes[node, 0]
        length = 1 if parent < 0 else indptr[parent + 1] - indptr[parent] + 1
        indptr[node + 1] = indptr[node] + length
    symbols = np.empty(indptr[-1], np.int32)
    for node in range(len(nodes)):
        start, end, parent = indptr[node], indptr[node + 1] - 1, nodes[node, 0]
        if parent >= 0:
            symbols[start:end] = symbols[indptr[parent] : indptr[parent + 1]]
        symbols[end] = 2 * item_of[nodes[node, 1] >> 1] + (nodes[node, 1] & 1)
    return indptr, symbols


@njit(cache=True, nogil=True)
def hash_of(symbols: Int32, length: int) -> np.uint64:
    """Hash the first symbols in their order (FNV-1a on whole words, then a last mix)."""
    total = np.uint64(0xCBF29CE484222325)
    for p in range(length):
        total = (total ^ np.uint64(symbols[p] + 1)) * np.uint64(0x100000001B3)
    total = (total ^ (total >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
    return total ^ (total >> np.uint64(29))


@njit(cache=True, nogil=True)
def new_table(indptr: Int64, symbols: Int32) -> Table:
    """Make a table of sequence numbers, at most half full, for `find`."""
    size = 16
    while size < 2 * len(indptr):
        size *= 2
    table = np.full(size, ABSENT, np.int32)
    mask = np.uint64(size - 1)
    for number in range(len(indptr) - 1):
        own = symbols[indptr[number] : indptr[number + 1]]
        slot = hash_of(own, len(own)) & mask
        while table[slot] != ABSENT:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = number
    return table


@njit(cache=True, nogil=True)
def find(indptr: Int64, symbols: Int32, table: Table, sought: Int32, length: int) -> int:
    """Find the number of the sequence `sought[:length]`, or `ABSENT`."""
    mask = np.uint64(len(table) - 1)
    slot = hash_of(sought, length) & mask
    while table[slot] != ABSENT:
        number = table[slot]
        if _is_same(symbols[indptr[number] : indptr[number + 1]], sought, length):
            return number
        slot = (slot + np.uint64(1)) & mask
    return ABSENT


@njit(cache=True, nogil=True)
def _is_same(one: Int32, other: Int32, length: int) -> bool:
    if len(one) != length:
        return False
    for p in range(length):  # noqa: SIM110  (compiled)
        if one[p] != other[p]:
            return False
    return True
