"""Kernels that split itemsets into rules.

The way from an itemset to its parts is looked up once: `parts` names each itemset without its k-th
item. From there every antecedent is one step from the one before it, and no set is searched for
by its items while rules are made.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._bits import OVERFULL
from models.association._index import ABSENT, build_index, find_itemset, keys_of_items

__all__ = ["MISSING", "Lookup", "Sides", "count_splits", "find_parts", "lookup", "write_splits"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

MISSING = 3
_LONGEST = 30  # a longer itemset has more parts than there are numbers for itemsets
_LONGEST_TABLE = 16
_ANY_COUNT = 2**31 - 1


class Lookup(NamedTuple):
    """Itemsets with their counts, and the way to find one by its items.

    `singles` is the number of each item alone.
    """

    indptr: Int64
    items: Int32
    counts: Int32
    keys: NDArray[np.uint64]
    table: Int32
    singles: Int32


class Sides(NamedTuple):
    """What may be a rule: its confidence, the size of its consequent, the items of its sides."""

    min_confidence: float
    max_consequent: int
    may_argue: Mask
    may_follow: Mask


@njit(cache=True, nogil=True)
def lookup(indptr: Int64, items: Int32, counts: Int32) -> Lookup:
    """Index the itemsets."""
    n_items = int(items.max()) + 1 if len(items) else 0
    keys = keys_of_items(n_items)
    singles = np.full(n_items, ABSENT, np.int32)
    for itemset in range(len(indptr) - 1):
        if indptr[itemset + 1] - indptr[itemset] == 1:
            singles[items[indptr[itemset]]] = itemset
    return Lookup(indptr, items, counts, keys, build_index(indptr, items, keys), singles)


@njit(cache=True, nogil=True)
def find_parts(sets: Lookup, first: int, last: int, parts: Int32) -> None:
    """Write along the items of the itemsets `first:last` which itemset is left without each.

    `ABSENT` stands where none is, and behind a single item.
    """
    indptr, items, keys = sets.indptr, sets.items, sets.keys
    rest = np.empty(_most_items(indptr, first, last) + 1, np.int32)
    for whole in range(first, last):
        begin, length = indptr[whole], indptr[whole + 1] - indptr[whole]
        if length == 1:
            parts[begin] = ABSENT
            continue
        if length == 2:
            parts[begin] = sets.singles[items[begin + 1]]
            parts[begin + 1] = sets.singles[items[begin]]
            continue
        total = np.uint64(0)
        for k in range(length):
            total += keys[items[begin + k]]
            rest[k] = items[begin + k + 1] if k + 1 < length else 0
        for k in range(length):
            left = total - keys[items[begin + k]]
            parts[begin + k] = find_itemset(indptr, items, sets.table, left, rest, length - 1)
            rest[k] = items[begin + k]


@njit(cache=True, nogil=True)
def _most_items(indptr: Int64, first: int, last: int) -> int:
    most = 0
    for itemset in range(first, last):
        most = max(most, indptr[itemset + 1] - indptr[itemset])
    return most


@njit(cache=True, nogil=True)
def count_splits(
    sets: Lookup, parts: Int32, first: int, last: int, sides: Sides, control: Int64
) -> Int64:
    """Count the rules of each of the itemsets `first:last`.

    `control[0]` turns non-zero when the work has to stop: `MISSING` when an antecedent is not
    among the itemsets, `OVERFULL` when there are more than `control[1]` rules.
    """
    indptr, items, counts = sets.indptr, sets.items, sets.counts
    confidence, most, may_argue, may_follow = sides
    free = may_argue.all() and may_follow.all()
    numbers, total = np.zeros(last - first, np.int64), 0
    nowhere, stack = np.empty(0, np.int32), np.empty((_LONGEST + 1, 2), np.int32)
    for whole in range(first, last):
        begin, length = indptr[whole], indptr[whole + 1] - indptr[whole]
        if control[0] != 0 or length > _LONGEST:
            control[0] = control[0] or MISSING
            break
        if length == 1:
            continue
        ceiling = _largest_antecedent(counts[whole], confidence)
        silent, mute = 0, 0
        if not free:
            silent = _bits_without(items, begin, length, may_argue)
            mute = _bits_without(items, begin, length, may_follow)
        n = _splits(
            indptr, counts, parts, whole, length, ceiling, most, silent, mute,
            stack, False, 0, nowhere, nowhere,
        )  # fmt: skip
        if n == ABSENT:
            control[0] = MISSING
            break
        numbers[whole - first] = n
        total += n
        if total > control[1]:
            control[0] = OVERFULL
    return numbers


@njit(cache=True, nogil=True)
def write_splits(
    sets: Lookup,
    parts: Int32,
    first: int,
    last: int,
    sides: Sides,
    starts: Int64,
    wholes: Int32,
    antecedents: Int32,
    consequents: Int32,
    control: Int64,
) -> None:
    """Write the numbers of the rules; those of itemset `i` go to `starts[i]:starts[i + 1]`."""
    indptr, items, counts, keys, table, singles = sets
    confidence, most, may_argue, may_follow = sides
    free = may_argue.all() and may_follow.all()
    stack = np.empty((_LONGEST + 1, 2), np.int32)
    subsets, sought = np.empty(1 << _LONGEST_TABLE, np.int32), np.empty(_LONGEST, np.int32)
    for whole in range(first, last):
        start, end = starts[whole], starts[whole + 1]
        if control[0] != 0 or start == end:
            continue
        begin, length = indptr[whole], indptr[whole + 1] - indptr[whole]
        ceiling = _largest_antecedent(counts[whole], confidence)
        silent, mute = 0, 0
        if not free:
            silent = _bits_without(items, begin, length, may_argue)
            mute = _bits_without(items, begin, length, may_follow)
        _splits(
            indptr, counts, parts, whole, length, ceiling, most, silent, mute,
            stack, True, start, antecedents, consequents,
        )  # fmt: skip
        named = length > 3 and length <= _LONGEST_TABLE and (end - start) << 3 >= 1 << length
        if named:
            _name_subsets(indptr, parts, whole, length, subsets)
        for k in range(start, end):
            wholes[k], bits = whole, consequents[k]
            if bits & (bits - 1) == 0:
                consequents[k] = singles[items[begin + _lowest_bit(bits)]]
            elif named:
                consequents[k] = subsets[bits]
            elif length == 3:
                consequents[k] = parts[begin + _lowest_bit(~bits)]
            else:
                wanted, n = _chosen(items, begin, length, bits, keys, sought)
                consequents[k] = find_itemset(indptr, items, table, wanted, sought, n)
        for k in range(start, end):
            if consequents[k] == ABSENT:
                control[0] = MISSING


@njit(cache=True, nogil=True)
def _largest_antecedent(count: int, confidence: float) -> int:
    """Give the largest count of an antecedent for which `count` makes the rule sure enough."""
    if count >= confidence * _ANY_COUNT:
        return _ANY_COUNT
    largest = int(count / confidence) + 1
    while count / largest < confidence:
        largest -= 1
    return largest


@njit(cache=True, nogil=True)
def _bits_without(items: Int32, begin: int, length: int, marked: Mask) -> int:
    """Give the items that are not marked, as bits of their positions."""
    bits = 0
    for k in range(length):
        if not marked[items[begin + k]]:
            bits |= 1 << k
    return bits


@njit(cache=True, nogil=True)
def _splits(
    indptr: Int64,
    counts: Int32,
    parts: Int32,
    whole: int,
    length: int,
    ceiling: int,
    max_consequent: int,
    silent: int,
    mute: int,
    stack: Int32,
    write: bool,
    top: int,
    antecedents: Int32,
    chosen: Int32,
) -> int:
    """Go through the consequents of an itemset, depth first; give how many rules there are.

    A larger consequent has no larger confidence, so that a split that fails ends its branch
    (Agrawal and Srikant 1994). Items of `silent` must not stand in an antecedent, those of `mute`
    not in a consequent. With `write`, the antecedents are written from `top` on, and the
    consequents as bits of the positions. `ABSENT` is given when an antecedent is not there.
    """
    most, begins = min(max_consequent, length - 1), top
    size, position, bits, before = 0, 0, 0, whole
    while size > 0 or (position < length and size < most):
        if position == length or size == most:
            size -= 1
            position, before = stack[size, 0], stack[size, 1]
            bits ^= 1 << position
        elif not mute >> position & 1:
            antecedent = parts[indptr[before] + position - size]
            if antecedent == ABSENT:
                return ABSENT
            if counts[antecedent] <= ceiling:
                stack[size, 0], stack[size, 1] = position, before
                size += 1
                bits |= 1 << position
                before = antecedent
                if silent & ~bits == 0:
                    if write:
                        antecedents[top], chosen[top] = antecedent, bits
                    top += 1
        position += 1
    return top - begins


@njit(cache=True, nogil=True)
def _lowest_bit(bits: int) -> int:
    """Give the position of the lowest bit that is set."""
    place = 0
    while not bits >> place & 1:
        place += 1
    return place


@njit(cache=True, nogil=True)
def _name_subsets(indptr: Int64, parts: Int32, whole: int, length: int, subsets: Int32) -> None:
    """Name every part of an itemset: each is a larger one without its lowest missing item."""
    full = (1 << length) - 1
    subsets[full] = whole
    for bits in range(full - 1, 0, -1):
        lowest = _lowest_bit(~bits)
        larger = subsets[bits | 1 << lowest]
        subsets[bits] = ABSENT if larger == ABSENT else parts[indptr[larger] + lowest]


@njit(cache=True, nogil=True)
def _chosen(
    items: Int32, begin: int, length: int, bits: int, keys: NDArray[np.uint64], sought: Int32
) -> tuple[np.uint64, int]:
    """Copy the items whose bit is set; give their hash and number."""
    wanted, n = np.uint64(0), 0
    for k in range(length):
        if bits >> k & 1:
            sought[n] = items[begin + k]
            wanted += keys[sought[n]]
            n += 1
    return wanted, n
