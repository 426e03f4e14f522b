"""Closed and maximal sequences among frequent ones."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.sequences._shapes import ABSENT, find, new_table

__all__ = ["closed_sequences", "maximal_sequences"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]


def closed_sequences(indptr: Int64, symbols: Int32, counts: Int32, *, gaps: bool = False) -> Mask:
    """Mark the sequences that no longer one matches in count (Yan, Han and Afshar 2003).

    A sequence is part of a longer one when its elements are parts of different elements of that,
    in the same order.

    Parameters
    ----------
    indptr, symbols : ndarray
        Sequences as a CSR pair; a symbol is `2 * item`, plus 1 where the item begins an element.
    counts : ndarray of int32
        How many customers hold each.
    gaps : bool, default False
        Whether a maximum gap was set. A sequence may then be frequent without its parts, so that
        looking at those with one item less does not do.

    Returns
    -------
    ndarray of bool
    """
    return _marked(indptr, symbols, counts, True, gaps)


def maximal_sequences(indptr: Int64, symbols: Int32, counts: Int32, *, gaps: bool = False) -> Mask:
    """Mark the sequences that are part of no longer one; see `closed_sequences`."""
    return _marked(indptr, symbols, counts, False, gaps)


def _marked(indptr: Int64, symbols: Int32, counts: Int32, same_count: bool, gaps: bool) -> Mask:
    keep = np.asarray(_strike_parts(indptr, symbols, counts, same_count))
    if gaps:
        _strike_far_parts(indptr, symbols, counts, same_count, keep)
    return keep


@njit(cache=True, nogil=True)
def _strike_parts(indptr: Int64, symbols: Int32, counts: Int32, same_count: bool) -> Mask:
    """Strike out every sequence that one with one item more beats."""
    table = new_table(indptr, symbols)
    keep = np.ones(len(counts), np.bool_)
    rest = np.empty(len(symbols) + 1, np.int32)
    for number in range(len(counts)):
        own = symbols[indptr[number] : indptr[number + 1]]
        for left_out in range(len(own)):
            _copy_without(own, left_out, rest)
            part = find(indptr, symbols, table, rest, len(own) - 1)
            if part != ABSENT and (not same_count or counts[part] == counts[number]):
                keep[part] = False
    return keep


@njit(cache=True, nogil=True)
def _copy_without(own: Int32, left_out: int, rest: Int32) -> None:
    """Copy all symbols but one; when that began an element, the next one of it begins it."""
    rest[:left_out] = own[:left_out]
    rest[left_out : len(own) - 1] = own[left_out + 1 :]
    if left_out + 1 < len(own):
        rest[left_out] |= own[left_out] & 1


@njit(cache=True, nogil=True)
def _strike_far_parts(
    indptr: Int64, symbols: Int32, counts: Int32, same_count: bool, keep: Mask
) -> None:
    """Compare those still kept pair by pair, among those with the rarest item of the part.

    Being beaten passes on from one to the next, so whatever is beaten is beaten by a kept one.
    """
    heads, listed = _listed_by_item(indptr, symbols, keep)
    for part in range(len(counts)):
        own = symbols[indptr[part] : indptr[part + 1]]
        if not keep[part]:
            continue
        item = _rarest(own, heads)
        for k in range(heads[item], heads[item + 1]):
            other = listed[k]
            whole = symbols[indptr[other] : indptr[other + 1]]
            able = counts[other] == counts[part] or not same_count
            if able and len(whole) > len(own) and _holds(whole, own):
                keep[part] = False
                break


@njit(cache=True, nogil=True)
def _listed_by_item(indptr: Int64, symbols: Int32, keep: Mask) -> tuple[Int64, Int32]:
    heads = np.zeros((symbols.max() >> 1) + 2 if len(symbols) else 1, np.int64)
    for number in range(len(keep)):
        for p in range(indptr[number], indptr[number + 1]):
            heads[(symbols[p] >> 1) + 1] += keep[number]
    heads = np.cumsum(heads)
    free, listed = heads.copy(), np.empty(heads[-1], np.int32)
    for number in range(len(keep)):
        if keep[number]:
            for p in range(indptr[number], indptr[number + 1]):
                listed[free[symbols[p] >> 1]] = number
                free[symbols[p] >> 1] += 1
    return heads, listed


@njit(cache=True, nogil=True)
def _rarest(own: Int32, heads: Int64) -> int:
    best = own[0] >> 1
    for symbol in own:
        item = symbol >> 1
        if heads[item + 1] - heads[item] < heads[best + 1] - heads[best]:
            best = item
    return best


@njit(cache=True, nogil=True)
def _holds(whole: Int32, part: Int32) -> bool:
    """Fit every element of the part into the first element of the whole that takes it."""
    begin, p = 0, 0
    while p < len(part):
        element_end = _element_end(part, p)
        while begin < len(whole):
            end = _element_end(whole, begin)
            fits = _is_subset(part[p:element_end], whole[begin:end])
            begin = end
            if fits:
                break
        else:
            return False
        p = element_end
    return True


@njit(cache=True, nogil=True)
def _element_end(symbols: Int32, begin: int) -> int:
    end = begin + 1
    while end < len(symbols) and not symbols[end] & 1:
        end += 1
    return end


@njit(cache=True, nogil=True)
def _is_subset(few: Int32, many: Int32) -> bool:
    p = 0
    for symbol in many:
        if p < len(few) and few[p] >> 1 == symbol >> 1:
            p += 1
    return p == len(few)
