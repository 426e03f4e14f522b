"""Redundant and unproductive rules and derivable itemsets, against their definitions."""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.association.itemsets import Itemsets, frequent_itemsets
from models.association.pruning import derivable, improvement, productive_p, redundant
from models.association.rules import association_rules, rules_of_baskets

small_baskets = st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=18)


def parts(items):
    items = sorted(items)
    return map(
        frozenset, chain.from_iterable(combinations(items, k) for k in range(len(items) + 1))
    )


def counter(baskets):
    sets = [frozenset(basket) for basket in baskets]
    return lambda items: sum(items <= basket for basket in sets)


@settings(max_examples=150, deadline=None)
@given(baskets=small_baskets, max_consequent=st.sampled_from([1, 2]))
def test_improvement_is_over_every_simpler_rule(baskets, max_consequent):
    count = counter(baskets)
    rules = rules_of_baskets(baskets, min_count=1, max_consequent=max_consequent)
    for row, value in zip(
        rules.to_frame(["confidence"]).itertuples(), improvement(rules), strict=True
    ):
        best = max(
            count(part | row.consequents) / count(part)
            for part in parts(row.antecedents)
            if part != row.antecedents
        )
        assert value == pytest.approx(row.confidence - best, abs=1e-12)


def test_rule_that_an_item_does_not_help_is_redundant():
    baskets = [["a", "b", "y"]] * 4 + [["a", "y"]] * 4 + [["a"]] * 2 + [["b"]] * 5 + [["b", "a"]]
    rules = rules_of_baskets(baskets, min_count=1, consequents=["y"])
    drop = dict(zip(rules.to_frame([])["antecedents"], redundant(rules), strict=True))
    # y follows a 8 of 11 times, a and b 4 of 5, b 4 of 10, anyhow 8 of 16
    assert drop == {frozenset("a"): False, frozenset("b"): True, frozenset("ab"): False}
    assert redundant(rules, 0.1).sum() == 2


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets)
def test_productive_p_is_the_worst_test_of_an_item(baskets):
    count = counter(baskets)
    rules = rules_of_baskets(baskets, min_count=1)
    for row, value in zip(rules.to_frame([]).itertuples(), productive_p(rules), strict=True):
        x, y = row.antecedents, row.consequents
        worst = 0.0
        for item in x:
            rest = x - {item}
            with_y, without = count(x | y), count(x)
            other_y, other = count(rest | y) - with_y, count(rest) - without
            cells = [[with_y, without - with_y], [other_y, other - other_y]]
            worst = max(worst, stats.fisher_exact(cells, alternative="greater").pvalue)
        assert value == pytest.approx(worst, rel=1e-8, abs=1e-12)


def bounds(items, count):
    """Bound the count of `items` by inclusion and exclusion over each of its parts."""
    low, high = 0, min(count(items - {i}) for i in items)
    for base in parts(items):
        if base == items:
            continue
        total = sum(
            (-1) ** (len(items - middle) + 1) * count(middle)
            for middle in parts(items)
            if base <= middle != items
        )
        if len(items - base) % 2:
            high = min(high, total)
        else:
            low = max(low, total)
    return low, high


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets)
def test_derivable_where_the_bounds_meet(baskets):
    count = counter(baskets)
    found = frequent_itemsets(baskets, min_count=1, max_length=4)
    for items, answer in zip(found.sets(), derivable(found), strict=True):
        low, high = bounds(items, count)
        assert low <= count(items) <= high
        assert answer == (low == high)


def test_missing_parts_are_noticed():
    maximal = frequent_itemsets([["a", "b", "c"]], min_count=1, target="maximal")
    with pytest.raises(ValueError, match="a part of an itemset is missing"):
        derivable(maximal)


def test_very_long_itemsets_are_refused():
    items = np.arange(21, dtype=np.int32)
    found = Itemsets(np.array([0, 21]), items, np.array([1], np.int32), 1, items.astype(object))
    with pytest.raises(ValueError, match="21 items on one side"):
        derivable(found)


def test_no_rules():
    rules = association_rules(frequent_itemsets([["a"]], min_count=1))
    assert len(improvement(rules)) == len(productive_p(rules)) == 0
    assert isinstance(redundant(rules), np.ndarray)
