"""Kernels that split itemsets into rules."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._bits import OVERFULL
from models.association._index import ABSENT, build_index, find_itemset, hash_of, keys_of_items

__all__ = ["MISSING", "Lookup", "generate", "lookup"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

MISSING = 3


class Lookup(NamedTuple):
    """Itemsets with their counts, and the way to find one by its items."""

    indptr: Int64
    items: Int32
    counts: Int32
    keys: NDArray[np.uint64]
    table: Int32


class _Split(NamedTuple):
    """The two sides of the rule at work, and the positions that make the consequent."""

    positions: Int32
    chosen: Mask
    antecedent: Int32
    consequent: Int32


@njit(cache=True, nogil=True)
def lookup(indptr: Int64, items: Int32, counts: Int32) -> Lookup:
    """Index the itemsets."""
    keys = keys_of_items(int(items.max()) + 1 if len(items) else 0)
    return Lookup(indptr, items, counts, keys, build_index(indptr, items, keys))


@njit(cache=True, nogil=True)
def _with_room(rules: Int32, needed: int) -> Int32:
    if needed <= len(rules):
        return rules
    larger = np.empty((2 * needed, 3), np.int32)
    larger[: len(rules)] = rules
    return larger


@njit(cache=True, nogil=True)
def generate(
    sets: Lookup,
    first: int,
    last: int,
    min_confidence: float,
    max_consequent: int,
    may_argue: Mask,
    may_follow: Mask,
    control: Int64,
) -> Int32:
    """Split the itemsets `first:last`; a rule is (whole, antecedent, consequent).

    A larger consequent of the same itemset has no larger confidence, so that a split that fails
    ends its branch (Agrawal and Srikant 1994). `control[0]` turns non-zero when the work has to
    stop: `MISSING` when a side of a rule is not among the itemsets, `OVERFULL` when there are more
    than `control[1]` rules.
    """
    longest = 0
    for whole in range(first, last):
        longest = max(longest, sets.indptr[whole + 1] - sets.indptr[whole])
    space = _Split(
        np.empty(longest + 1, np.int32),
        np.zeros(longest + 1, np.bool_),
        np.empty(longest + 1, np.int32),
        np.empty(longest + 1, np.int32),
    )
    rules, top = np.empty((1024, 3), np.int32), 0
    for whole in range(first, last):
        if control[0] == 0 and sets.indptr[whole + 1] - sets.indptr[whole] > 1:
            rules, top = _split(
                sets, whole, min_confidence, max_consequent, may_argue, may_follow,
                space, rules, top, control,
            )  # fmt: skip
    return rules[:top].copy()


@njit(cache=True, nogil=True)
def _split(
    sets: Lookup,
    whole: int,
    min_confidence: float,
    max_consequent: int,
    may_argue: Mask,
    may_follow: Mask,
    space: _Split,
    rules: Int32,
    top: int,
    control: Int64,
) -> tuple[Int32, int]:
    """Go through the consequents of one itemset, depth first."""
    begin = sets.indptr[whole]
    length = sets.indptr[whole + 1] - begin
    size, position = 0, 0
    while size >= 0 and control[0] == 0:
        if position == length:
            size -= 1
            if size >= 0:
                position = space.positions[size]
                space.chosen[position] = False
                position += 1
            continue
        if not may_follow[sets.items[begin + position]]:
            position += 1
            continue
        space.chosen[position] = True
        space.positions[size] = position
        size += 1
        antecedent = _antecedent(sets, whole, size, space)
        if antecedent == ABSENT:
            control[0] = MISSING
        holds = antecedent != ABSENT and (
            sets.counts[whole] / sets.counts[antecedent] >= min_confidence
        )
        if holds and _all_may(may_argue, space.antecedent, length - size):
            consequent = _consequent(sets, size, space)
            if consequent == ABSENT:
                control[0] = MISSING
            rules = _with_room(rules, top + 1)
            rules[top, 0], rules[top, 1], rules[top, 2] = whole, antecedent, consequent
            top += 1
            if top > control[1]:
                control[0] = OVERFULL
        position += 1
        if not holds or size == max_consequent or size == length - 1:
            size -= 1
            space.chosen[position - 1] = False
    _clear(space)
    return rules, top


@njit(cache=True, nogil=True)
def _clear(space: _Split) -> None:
    space.chosen[:] = False


@njit(cache=True, nogil=True)
def _all_may(may: Mask, items: Int32, length: int) -> bool:
    for k in range(length):  # noqa: SIM110 (numba compiles the loop to less)
        if not may[items[k]]:
            return False
    return True


@njit(cache=True, nogil=True)
def _antecedent(sets: Lookup, whole: int, size: int, space: _Split) -> int:
    """Divide the items into the two sides; give the number of the antecedent."""
    begin, end = sets.indptr[whole], sets.indptr[whole + 1]
    wanted, n, m = np.uint64(0), 0, 0
    for p in range(begin, end):
        item = sets.items[p]
        if space.chosen[p - begin]:
            space.consequent[m] = item
            m += 1
        else:
            space.antecedent[n] = item
            wanted += sets.keys[item]
            n += 1
    return find_itemset(sets.indptr, sets.items, sets.table, wanted, space.antecedent, n)


@njit(cache=True, nogil=True)
def _consequent(sets: Lookup, size: int, space: _Split) -> int:
    wanted = hash_of(space.consequent, 0, size, sets.keys)
    return find_itemset(sets.indptr, sets.items, sets.table, wanted, space.consequent, size)
