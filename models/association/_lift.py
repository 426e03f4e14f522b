"""Kernels that compare each rule with those that have ancestors in the place of some items."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._generate import Lookup
from models.association._index import ABSENT, find_itemset

__all__ = ["Chains", "RuleTable", "mark_explained", "rule_table"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]
Values = NDArray[np.float64]


class Chains(NamedTuple):
    """Item `i` and the ancestors above it: `codes[heads[i]:heads[i + 1]]`; baskets with each."""

    heads: Int64
    codes: Int32
    baskets: Values


class RuleTable(NamedTuple):
    """Rules found by the numbers of their sides: sorted keys, and the rule of each key."""

    keys: Int64
    rules: Int64
    antecedents: Int32
    consequents: Int32


class _Lifted(NamedTuple):
    """The itemsets with ancestors for some items, how far up, and the share that is kept."""

    numbers: Int32
    steps: Int32
    shares: Values


@njit(cache=True, nogil=True)
def rule_table(antecedents: Int32, consequents: Int32, n_sets: int) -> RuleTable:
    """Sort the rules by their sides."""
    keys = antecedents.astype(np.int64) * n_sets + consequents
    order = np.argsort(keys)
    return RuleTable(keys[order], order, antecedents, consequents)


@njit(cache=True, nogil=True)
def mark_explained(
    sets: Lookup,
    chains: Chains,
    table: RuleTable,
    order: Int64,
    counts: Values,
    confidences: Values,
    factor: float,
) -> Mask:
    """Mark the rules that their closest interesting ancestors let expect.

    `order` puts every rule behind its ancestors. A rule is `factor` times as frequent or as sure
    as expected, or it is marked; marked ones explain nothing.
    """
    explained = np.zeros(len(order), np.bool_)
    for rule in order:
        left = _lifts(sets, chains, table.antecedents[rule])
        right = _lifts(sets, chains, table.consequents[rule])
        rules, a, b = _interesting_ancestors(sets, table, explained, left, right)
        for k in range(len(rules)):
            if not _is_closest(left.steps, right.steps, a, b, k):
                continue
            share, then = left.shares[a[k]] * right.shares[b[k]], right.shares[b[k]]
            more = counts[rule] >= factor * counts[rules[k]] * share
            surer = confidences[rule] >= factor * confidences[rules[k]] * then
            explained[rule] |= not (more or surer)
    return explained


@njit(cache=True, nogil=True)
def _lifts(sets: Lookup, chains: Chains, itemset: int) -> _Lifted:
    """Put ancestors in the place of items in every way that gives an itemset; itself first."""
    own = sets.items[sets.indptr[itemset] : sets.indptr[itemset + 1]]
    length, n_ways = len(own), 1
    for item in own:
        n_ways *= chains.heads[item + 1] - chains.heads[item]
    numbers, shares = np.empty(n_ways, np.int32), np.empty(n_ways)
    steps, taken = np.empty((n_ways, length), np.int32), np.zeros(length, np.int32)
    upper, top = np.empty(length, np.int32), 0
    for _ in range(n_ways):
        wanted, share = np.uint64(0), 1.0
        for k in range(length):
            upper[k] = chains.codes[chains.heads[own[k]] + taken[k]]
            wanted += sets.keys[upper[k]]
            share *= chains.baskets[own[k]] / chains.baskets[upper[k]]
        _sort(upper)
        found = find_itemset(sets.indptr, sets.items, sets.table, wanted, upper, length)
        if found != ABSENT:
            numbers[top], shares[top] = found, share
            steps[top] = taken
            top += 1
        _next_way(chains, own, taken)
    return _Lifted(numbers[:top], steps[:top], shares[:top])


@njit(cache=True, nogil=True)
def _sort(few: Int32) -> None:
    for k in range(1, len(few)):
        value, place = few[k], k
        while place > 0 and few[place - 1] > value:
            few[place] = few[place - 1]
            place -= 1
        few[place] = value


@njit(cache=True, nogil=True)
def _next_way(chains: Chains, own: Int32, taken: Int32) -> None:
    """Count up, as an odometer does."""
    for k in range(len(own)):
        taken[k] += 1
        if chains.heads[own[k]] + taken[k] < chains.heads[own[k] + 1]:
            return
        taken[k] = 0


@njit(cache=True, nogil=True)
def _interesting_ancestors(
    sets: Lookup, table: RuleTable, explained: Mask, left: _Lifted, right: _Lifted
) -> tuple[Int64, Int32, Int32]:
    """Give the rules that stand above and are not explained, and which lifts make them."""
    most = len(left.numbers) * len(right.numbers)
    rules, top = np.empty(most, np.int64), 0
    lefts, rights = np.empty(most, np.int32), np.empty(most, np.int32)
    for a in range(len(left.numbers)):
        for b in range(len(right.numbers)):
            if a == 0 and b == 0:
                continue
            key = left.numbers[a] * np.int64(len(sets.counts)) + right.numbers[b]
            place = np.searchsorted(table.keys, key)
            if place == len(table.keys) or table.keys[place] != key:
                continue
            if not explained[table.rules[place]]:
                rules[top], lefts[top], rights[top] = table.rules[place], a, b
                top += 1
    return rules[:top], lefts[:top], rights[:top]


@njit(cache=True, nogil=True)
def _is_closest(left: Int32, right: Int32, a: Int32, b: Int32, k: int) -> bool:
    """Say whether no other ancestor lies between the rule and its ancestor `k`."""
    for other in range(len(a)):
        below = other != k and _no_higher(left[a[other]], left[a[k]])
        if below and _no_higher(right[b[other]], right[b[k]]):
            return False
    return True


@njit(cache=True, nogil=True)
def _no_higher(one: Int32, two: Int32) -> bool:
    for k in range(len(one)):  # noqa: SIM110 (numba compiles the loop to less)
        if one[k] > two[k]:
            return False
    return True
