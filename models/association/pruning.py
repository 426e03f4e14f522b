"""Rules that say no more than simpler ones, and itemsets whose counts follow from others."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.association._generate import Lookup, lookup
from models.association._hypergeometric import upper_tails
from models.association._index import ABSENT, find_itemset
from models.association.itemsets import Itemsets
from models.association.rules import Rules

__all__ = ["derivable", "improvement", "productive_p", "redundant"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_LONGEST = 20


def improvement(rules: Rules) -> NDArray[np.float64]:
    """Give how far the confidence of each rule exceeds that of every simpler one.

    The simpler ones have a part of its IF, nothing included, and the same THEN
    (Bayardo, Agrawal, Gunopulos 2000).

    Parameters
    ----------
    rules : Rules
        With at most 20 items in an antecedent.

    Returns
    -------
    ndarray of float
        Zero or below: the rule is redundant.

    Raises
    ------
    ValueError
        When an antecedent has more than 20 items, or a part of an itemset is missing.

    Examples
    --------
    >>> from models.association.rules import rules_of_baskets
    >>> rules = rules_of_baskets([["a", "b"], ["a", "b"], ["a"], []], min_count=1)
    >>> improvement(rules).round(3).tolist()
    [0.25, 0.167]
    """
    sets = _lookup(rules.itemsets)
    _check_length(rules.itemsets.lengths[rules.antecedents])
    best = _best_simpler(sets, rules.antecedents, rules.consequents, rules.itemsets.n_baskets)
    _check_found(best)
    return rules.measure("confidence") - best


def redundant(rules: Rules, least: float = 0.0) -> NDArray[np.bool_]:
    """Mark the rules whose improvement is not above `least`; see `improvement`."""
    return improvement(rules) <= least


def productive_p(rules: Rules) -> NDArray[np.float64]:
    """Test whether every item of IF adds to the rule.

    For each item, Fisher's exact test asks whether THEN is more frequent with the item among the
    baskets that hold the rest of IF. The largest of these p-values is given: a rule with a value
    above the chosen level is unproductive (Webb, *Discovering Significant Patterns*, 2007).

    Raises
    ------
    ValueError
        When a part of an itemset is missing.
    """
    _check_length(rules.itemsets.lengths[rules.antecedents])
    sets = _lookup(rules.itemsets)
    owner, n, x, y, both = _leave_one_out(
        sets, rules.whole, rules.antecedents, rules.consequents, rules.itemsets.n_baskets
    )
    _check_found(np.minimum(n, y).astype(float))
    p = upper_tails(n, x, y, both)
    largest = np.zeros(len(rules))
    np.maximum.at(largest, owner, p)
    return largest


def derivable(itemsets: Itemsets) -> NDArray[np.bool_]:
    """Mark the itemsets whose count follows from those of their parts (Calders, Goethals 2002).

    The counts of the parts bound the count from below and above by inclusion and exclusion; it is
    derivable where the bounds meet.

    Parameters
    ----------
    itemsets : Itemsets
        With all their parts, and at most 20 items each.

    Raises
    ------
    ValueError
        When an itemset is longer, or a part is missing.
    """
    _check_length(itemsets.lengths)
    gaps = _bound_gaps(_lookup(itemsets), len(itemsets), itemsets.n_baskets)
    if (gaps < 0).any():
        raise ValueError(_MISSING)
    return np.asarray(gaps == 0)


_MISSING = "a part of an itemset is missing: all frequent itemsets are needed"


def _lookup(itemsets: Itemsets) -> Lookup:
    found: Lookup = lookup(itemsets.indptr, itemsets.items, itemsets.counts)
    return found


def _check_length(lengths: NDArray[np.int64]) -> None:
    if lengths.max(initial=0) > _LONGEST:
        raise ValueError(
            f"{lengths.max()} items on one side have too many parts to look at; "
            f"the most is {_LONGEST}: mine with a smaller max_length"
        )


def _check_found(values: NDArray[np.float64]) -> None:
    if (values < 0).any():
        raise ValueError(_MISSING)


@njit(cache=True, nogil=True)
def _count(sets: Lookup, items: Int32, length: int, n_baskets: int) -> int:
    """Look up the count of sorted items; that of nothing is the number of baskets."""
    if length == 0:
        return n_baskets
    wanted = np.uint64(0)
    for k in range(length):
        wanted += sets.keys[items[k]]
    itemset = find_itemset(sets.indptr, sets.items, sets.table, wanted, items, length)
    return ABSENT if itemset == ABSENT else sets.counts[itemset]


@njit(cache=True, nogil=True)
def _items_of(sets: Lookup, itemset: int) -> Int32:
    return sets.items[sets.indptr[itemset] : sets.indptr[itemset + 1]]


@njit(cache=True, nogil=True)
def _masked(items: Int32, mask: int, out: Int32) -> int:
    """Copy the items whose bit is set; give their number."""
    n = 0
    for k in range(len(items)):
        if mask >> k & 1:
            out[n] = items[k]
            n += 1
    return n


@njit(cache=True, nogil=True)
def _merged(one: Int32, n: int, two: Int32, out: Int32) -> int:
    """Copy two sorted runs without common items into one sorted run."""
    a, b = 0, 0
    for k in range(n + len(two)):
        if b == len(two) or (a < n and one[a] < two[b]):
            out[k] = one[a]
            a += 1
        else:
            out[k] = two[b]
            b += 1
    return n + len(two)


@njit(cache=True, nogil=True)
def _best_simpler(
    sets: Lookup, antecedents: Int32, consequents: Int32, n_baskets: int
) -> NDArray[np.float64]:
    best = np.zeros(len(antecedents))
    part, merged = np.empty(64, np.int32), np.empty(len(sets.keys) + 64, np.int32)
    for rule in range(len(antecedents)):
        own, then = _items_of(sets, antecedents[rule]), _items_of(sets, consequents[rule])
        for mask in range((1 << len(own)) - 1):
            n = _masked(own, mask, part)
            base = _count(sets, part, n, n_baskets)
            both = _count(sets, merged, _merged(part, n, then, merged), n_baskets)
            if base == ABSENT or both == ABSENT:
                best[rule] = np.inf
            else:
                best[rule] = max(best[rule], both / base)
        if best[rule] == np.inf:
            best[rule] = -1.0
    return best


@njit(cache=True, nogil=True)
def _leave_one_out(
    sets: Lookup, whole: Int32, antecedents: Int32, consequents: Int32, n_baskets: int
) -> tuple[Int64, Int64, Int64, Int64, Int64]:
    """Give for every item of every IF the rule and the four counts of its test."""
    total = 0
    for rule in range(len(whole)):
        total += len(_items_of(sets, antecedents[rule]))
    owner, n, x = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    y, both = np.empty(total, np.int64), np.empty(total, np.int64)
    part, merged = np.empty(64, np.int32), np.empty(len(sets.keys) + 64, np.int32)
    top = 0
    for rule in range(len(whole)):
        own, then = _items_of(sets, antecedents[rule]), _items_of(sets, consequents[rule])
        for left_out in range(len(own)):
            m = _masked(own, ((1 << len(own)) - 1) ^ (1 << left_out), part)
            owner[top] = rule
            n[top] = _count(sets, part, m, n_baskets)
            x[top] = sets.counts[antecedents[rule]]
            y[top] = _count(sets, merged, _merged(part, m, then, merged), n_baskets)
            both[top] = sets.counts[whole[rule]]
            top += 1
    return owner, n, x, y, both


@njit(cache=True, nogil=True)
def _bound_gaps(sets: Lookup, n_sets: int, n_baskets: int) -> Int64:
    """Give how far the bounds of every itemset's count lie apart; -1 where a part is missing."""
    gaps = np.empty(n_sets, np.int64)
    part = np.empty(64, np.int32)
    for itemset in range(n_sets):
        own = _items_of(sets, itemset)
        sums, complete = _signed_counts(sets, own, part, n_baskets)
        gaps[itemset] = _gap(sums, len(own)) if complete else -1
    return gaps


@njit(cache=True, nogil=True)
def _signed_counts(sets: Lookup, own: Int32, part: Int32, n_baskets: int) -> tuple[Int64, bool]:
    """Sum for every part X the counts of the J with X <= J < I, signed by |I - J|."""
    full = (1 << len(own)) - 1
    sums = np.zeros(full + 1, np.int64)
    for mask in range(full):
        n = _masked(own, mask, part)
        count = _count(sets, part, n, n_baskets)
        if count == ABSENT:
            return sums, False
        sums[mask] = count if (len(own) - n) % 2 else -count
    for k in range(len(own)):
        for mask in range(full + 1):
            if not mask >> k & 1:
                sums[mask] += sums[mask | 1 << k]
    return sums, True


@njit(cache=True, nogil=True)
def _gap(sums: Int64, length: int) -> int:
    """Take the upper bound from parts that miss an odd number of items, else the lower one."""
    low, high = 0, sums[len(sums) - 2] if length else 0
    for mask in range(len(sums) - 1):
        missing = length
        for k in range(length):
            missing -= mask >> k & 1
        if missing % 2:
            high = min(high, sums[mask])
        else:
            low = max(low, sums[mask])
    return high - low
