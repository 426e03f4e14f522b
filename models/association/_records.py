"""Kernels for found itemsets written one after another: count, length, then the ranks."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Records", "add_record", "empty_records", "expand_records", "records_with_room"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_TOP, _FOUND = 0, 1


class Records(NamedTuple):
    """Itemsets in `words[:tally[0]]`; there are `tally[1]` of them."""

    words: Int32
    tally: Int64


@njit(cache=True, nogil=True)
def empty_records() -> Records:
    """Give records with little room."""
    return Records(np.empty(1024, np.int32), np.zeros(2, np.int64))


@njit(cache=True, nogil=True)
def records_with_room(records: Records, n_items: int) -> Records:
    """Give the same records with room for one more itemset of `n_items`."""
    needed = records.tally[_TOP] + n_items + 2
    if needed <= len(records.words):
        return records
    words = np.empty(max(needed, 2 * len(records.words)), np.int32)
    words[: len(records.words)] = records.words
    return Records(words, records.tally)


@njit(cache=True, nogil=True)
def add_record(records: Records, path: Int32, n_path: int, count: int) -> Records:
    """Write the first `n_path` ranks of `path` down."""
    records = records_with_room(records, n_path)
    words, top = records.words, records.tally[_TOP]
    words[top], words[top + 1] = count, n_path
    words[top + 2 : top + 2 + n_path] = path[:n_path]
    records.tally[_TOP] = top + 2 + n_path
    records.tally[_FOUND] += 1
    return records


@njit(cache=True, nogil=True)
def expand_records(words: Int32, n_found: int, item_of: Int32) -> tuple[Int64, Int32, Int32]:
    """Give the itemsets as a CSR pair of arrays, items ascending, and their counts."""
    indptr, counts = np.zeros(n_found + 1, np.int64), np.empty(n_found, np.int32)
    items = np.empty(len(words) - 2 * n_found, np.int32)
    place = 0
    for k in range(n_found):
        counts[k], length = words[place], words[place + 1]
        indptr[k + 1] = indptr[k] + length
        own = items[indptr[k] : indptr[k + 1]]
        for p in range(length):
            own[p] = item_of[words[place + 2 + p]]
        own.sort()
        place += 2 + length
    return indptr, items, counts
