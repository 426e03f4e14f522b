"""Kernels that find which of many itemsets a basket holds, and what their rules offer it."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Consequences", "Matcher", "build_matcher", "count_matches", "offer"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Values = NDArray[np.float64]

NOBODY = -1


class Matcher(NamedTuple):
    """Itemsets listed under their rarest item; a basket is compared with few of them.

    `listed[heads[i]:heads[i + 1]]` are the itemsets whose rarest item is `i`; their other items
    are `rest[rest_ptr[s]:rest_ptr[s + 1]]`, rarest first.
    """

    heads: Int64
    listed: Int32
    rest_ptr: Int64
    rest: Int32


class Consequences(NamedTuple):
    """The rules of each antecedent, the items behind THEN of each rule, and its weight."""

    rule_ptr: Int64
    rules: Int32
    then_ptr: Int64
    then: Int32
    weights: Values


class _Tally(NamedTuple):
    """What speaks for each item in the basket at work; `stamp` says whether a value is of it."""

    stamp: Int32
    score: Values
    best: Values
    evidence: Int32
    touched: Int32


@njit(cache=True, nogil=True)
def build_matcher(indptr: Int64, items: Int32, frequency: Int64) -> Matcher:
    """List the itemsets under their rarest item, ties by the smallest code."""
    n_sets = len(indptr) - 1
    rest_ptr = indptr - np.arange(n_sets + 1)
    rest = np.empty(len(items) - n_sets, np.int32)
    key = np.empty(n_sets, np.int32)
    for s in range(n_sets):
        own = items[indptr[s] : indptr[s + 1]]
        by_rarity = own[np.argsort(frequency[own], kind="mergesort")]
        key[s] = by_rarity[0]
        rest[rest_ptr[s] : rest_ptr[s + 1]] = by_rarity[1:]
    heads = np.zeros(len(frequency) + 1, np.int64)
    for item in key:
        heads[item + 1] += 1
    return Matcher(
        np.cumsum(heads), np.argsort(key, kind="mergesort").astype(np.int32), rest_ptr, rest
    )


@njit(cache=True, nogil=True)
def _holds_rest(rest_ptr: Int64, rest: Int32, itemset: int, owner: Int32, basket: int) -> bool:
    for p in range(rest_ptr[itemset], rest_ptr[itemset + 1]):  # noqa: SIM110 (compiled)
        if owner[rest[p]] != basket:
            return False
    return True


@njit(cache=True, nogil=True)
def _stamp(indptr: Int64, indices: Int32, basket: int, owner: Int32) -> None:
    for p in range(indptr[basket], indptr[basket + 1]):
        owner[indices[p]] = basket


@njit(cache=True, nogil=True)
def count_matches(indptr: Int64, indices: Int32, first: int, last: int, matcher: Matcher) -> Int64:
    """Count for every itemset the baskets `first:last` that hold it."""
    heads, listed, rest_ptr, rest = matcher
    counts = np.zeros(len(listed), np.int64)
    owner = np.full(len(heads) - 1, NOBODY, np.int32)
    for basket in range(first, last):
        _stamp(indptr, indices, basket, owner)
        for p in range(indptr[basket], indptr[basket + 1]):
            for k in range(heads[indices[p]], heads[indices[p] + 1]):
                counts[listed[k]] += _holds_rest(rest_ptr, rest, listed[k], owner, basket)
    return counts


@njit(cache=True, nogil=True)
def offer(
    indptr: Int64,
    indices: Int32,
    first: int,
    last: int,
    matcher: Matcher,
    then: Consequences,
    add_up: bool,
    keep_owned: bool,
    limit: int,
) -> tuple[Int64, Int32, Int32, Values]:
    """Give up to `limit` offers for each of the baskets `first:last`, best first.

    The result is how many each basket got, and of every offer the item, the rule with the
    largest weight that argues for it, and the score.
    """
    n_items = len(matcher.heads) - 1
    owner = np.full(n_items, NOBODY, np.int32)
    tally = _Tally(
        np.full(n_items, NOBODY, np.int32), np.empty(n_items), np.empty(n_items),
        np.empty(n_items, np.int32), np.empty(n_items, np.int32),
    )  # fmt: skip
    given = np.zeros(last - first, np.int64)
    items = np.empty((last - first) * limit, np.int32)
    evidence, scores = np.empty_like(items), np.empty(len(items))
    top = 0
    for basket in range(first, last):
        _stamp(indptr, indices, basket, owner)
        n = _collect(indptr, indices, basket, matcher, then, add_up, keep_owned, owner, tally)
        m = _select(tally, n, limit)
        for k in range(m):
            item = tally.touched[k]
            items[top], evidence[top] = item, tally.evidence[item]
            scores[top] = tally.score[item]
            top += 1
        given[basket - first] = m
    return given, items[:top].copy(), evidence[:top].copy(), scores[:top].copy()


@njit(cache=True, nogil=True)
def _collect(
    indptr: Int64,
    indices: Int32,
    basket: int,
    matcher: Matcher,
    then: Consequences,
    add_up: bool,
    keep_owned: bool,
    owner: Int32,
    tally: _Tally,
) -> int:
    """Let every rule whose antecedent the basket holds speak; give the number of items."""
    heads, listed, rest_ptr, rest = matcher  # inside the loops each access would count a reference
    rule_ptr, rules, then_ptr, items, weights = then
    n = 0
    for p in range(indptr[basket], indptr[basket + 1]):
        for k in range(heads[indices[p]], heads[indices[p] + 1]):
            antecedent = listed[k]
            if not _holds_rest(rest_ptr, rest, antecedent, owner, basket):
                continue
            for r in range(rule_ptr[antecedent], rule_ptr[antecedent + 1]):
                rule = rules[r]
                for q in range(then_ptr[rule], then_ptr[rule + 1]):
                    if keep_owned or owner[items[q]] != basket:
                        n = _speak(tally, n, items[q], basket, rule, weights[rule], add_up)
    return n


@njit(cache=True, nogil=True)
def _speak(
    tally: _Tally, n: int, item: int, basket: int, rule: int, weight: float, add_up: bool
) -> int:
    """Add one rule's voice for an item; of equal weights the first rule is the evidence."""
    if tally.stamp[item] != basket:
        tally.stamp[item] = basket
        tally.score[item], tally.best[item], tally.evidence[item] = weight, weight, rule
        tally.touched[n] = item
        return n + 1
    if add_up:
        tally.score[item] += weight
    if weight > tally.best[item] or (weight == tally.best[item] and rule < tally.evidence[item]):
        tally.best[item], tally.evidence[item] = weight, rule
        if not add_up:
            tally.score[item] = weight
    return n


@njit(cache=True, nogil=True)
def _select(tally: _Tally, n: int, limit: int) -> int:
    """Bring the best items to the front: largest score, then smallest code."""
    m = min(n, limit)
    for place in range(m):
        best = place
        for k in range(place + 1, n):
            if _better(tally, tally.touched[k], tally.touched[best]):
                best = k
        tally.touched[place], tally.touched[best] = tally.touched[best], tally.touched[place]
    return m


@njit(cache=True, nogil=True)
def _better(tally: _Tally, one: int, two: int) -> bool:
    if tally.score[one] != tally.score[two]:
        return tally.score[one] > tally.score[two]
    return one < two
