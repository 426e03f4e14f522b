"""Closed and maximal itemsets among frequent ones."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._index import ABSENT, build_index, find_itemset, hash_of, keys_of_items

__all__ = ["closed_itemsets", "maximal_itemsets"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]


def closed_itemsets(indptr: Int64, items: Int32, counts: Int32) -> Mask:
    """Mark the itemsets that no larger one matches in count (Pasquier et al. 1999).

    Parameters
    ----------
    indptr, items : ndarray
        Itemsets as a CSR pair, items ascending within each.
    counts : ndarray of int32
        How many baskets hold each.

    Returns
    -------
    ndarray of bool
    """
    return np.asarray(_unbeaten(indptr, items, counts, True))


def maximal_itemsets(indptr: Int64, items: Int32, counts: Int32) -> Mask:
    """Mark the itemsets that no larger one contains (Bayardo 1998); see `closed_itemsets`."""
    return np.asarray(_unbeaten(indptr, items, counts, False))


@njit(cache=True, nogil=True)
def _unbeaten(indptr: Int64, items: Int32, counts: Int32, same_count: bool) -> Mask:
    """Strike out every itemset that one with one item more beats."""
    keys = keys_of_items(int(items.max()) + 1 if len(items) else 0)
    table = build_index(indptr, items, keys)
    keep = np.ones(len(counts), np.bool_)
    rest = np.empty(len(keys) + 1, np.int32)
    for itemset in range(len(counts)):
        begin, end = indptr[itemset], indptr[itemset + 1]
        total = hash_of(items, begin, end, keys)
        for left_out in range(begin, end):
            _copy_without(items, begin, end, left_out, rest)
            wanted = total - keys[items[left_out]]
            smaller = find_itemset(indptr, items, table, wanted, rest, end - begin - 1)
            if smaller != ABSENT and (not same_count or counts[smaller] == counts[itemset]):
                keep[smaller] = False
    return keep


@njit(cache=True, nogil=True)
def _copy_without(items: Int32, begin: int, end: int, left_out: int, rest: Int32) -> None:
    position = 0
    for p in range(begin, end):
        if p != left_out:
            rest[position] = items[p]
            position += 1
