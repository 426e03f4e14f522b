"""Closed and maximal itemsets against their definitions, brute force and other programs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import fpmax

from lodeworks.errors import BudgetExceeded
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.closed import closed_itemsets, maximal_itemsets
from models.association.constraints import ItemConstraints
from models.association.itemsets import frequent_itemsets

items = st.integers(0, 6)
different = st.lists(st.lists(items, max_size=7), min_size=1, max_size=20)
# a few baskets many times: long itemsets, equal counts, merged baskets
repeated = st.lists(st.sets(items), min_size=1, max_size=4).flatmap(
    lambda kinds: st.lists(st.sampled_from(kinds).map(sorted), min_size=1, max_size=30)
)
small_baskets = st.one_of(different, repeated)
marks = {"closed": closed_itemsets, "maximal": maximal_itemsets}


def as_dict(found):
    counts = dict(zip(found.sets(), found.counts.tolist(), strict=True))
    assert len(counts) == len(found)  # none twice
    return counts


def mined(baskets, min_count, target, **arguments):
    count = min(min_count, len(baskets))
    return as_dict(frequent_itemsets(baskets, min_count=count, target=target, **arguments))


def by_definition(frequent, target):
    def beaten(items, n):
        larger = (m for other, m in frequent.items() if items < other)
        return any(m == n or target == "maximal" for m in larger)

    return {items: n for items, n in frequent.items() if not beaten(items, n)}


@pytest.mark.parametrize("target", ["closed", "maximal"])
@pytest.mark.parametrize("n_jobs", [1, 2])
@settings(max_examples=500, deadline=None)
@given(baskets=small_baskets, min_count=st.integers(1, 5))
@example(baskets=[[]], min_count=1)
@example(baskets=[[3]], min_count=1)
@example(baskets=[[0, 1, 2]] * 4, min_count=4)
@example(baskets=[[0, 1, 2]] * 4 + [[0]], min_count=4)
def test_finds_what_brute_force_finds(baskets, min_count, target, n_jobs, brute_force):
    count = min(min_count, len(baskets))
    frequent = {k: n for k, n in brute_force(baskets).items() if n >= count}
    assert mined(baskets, count, target, n_jobs=n_jobs) == by_definition(frequent, target)


@pytest.mark.parametrize("target", ["closed", "maximal"])
@settings(max_examples=150, deadline=None)
@given(baskets=small_baskets, min_count=st.integers(1, 4), max_length=st.integers(1, 4))
def test_a_largest_length_makes_larger_ones_inadmissible(baskets, min_count, max_length, target):
    frequent = mined(baskets, min_count, "frequent", max_length=max_length)
    found = mined(baskets, min_count, target, max_length=max_length)
    assert found == by_definition(frequent, target)


@pytest.mark.parametrize("target", ["closed", "maximal"])
@pytest.mark.parametrize(
    "constraints",
    [
        ItemConstraints(never=[0]),
        ItemConstraints(only=[0, 1, 2, 3]),
        ItemConstraints(any_of=[0, 1]),
        ItemConstraints(all_of=[0]),
        ItemConstraints(at_most_one_of=[0, 1, 2]),
    ],
)
@settings(max_examples=60, deadline=None)
@given(baskets=small_baskets, min_count=st.integers(1, 4))
def test_conditions_make_larger_ones_inadmissible(baskets, min_count, target, constraints):
    baskets = [*baskets, range(7)]
    frequent = mined(baskets, min_count, "frequent", constraints=constraints)
    found = mined(baskets, min_count, target, constraints=constraints)
    assert found == by_definition(frequent, target)


@settings(max_examples=60, deadline=None)
@given(baskets=small_baskets, min_count=st.integers(1, 4))
def test_maximal_ones_are_those_of_mlxtend(baskets, min_count):
    count = min(min_count, len(baskets))
    given = Baskets.from_lists(baskets)
    onehot = pd.DataFrame(given.matrix().toarray(), columns=list(given.labels))
    theirs = fpmax(onehot, (count - 0.5) / len(given), use_colnames=True)
    assert set(mined(baskets, count, "maximal")) == set(theirs["itemsets"])


def skewed(n_baskets, n_items, length, seed):
    rng = np.random.default_rng(seed)
    odds = 1 / np.arange(1, n_items + 1)
    draw = [rng.choice(n_items, rng.integers(1, length), p=odds / odds.sum())
            for _ in range(n_baskets)]  # fmt: skip
    return Baskets.from_lists([basket.tolist() for basket in draw])


@pytest.mark.parametrize("target", ["closed", "maximal"])
@pytest.mark.parametrize(
    ("size", "min_count"), [((6_000, 400, 14), 12), ((6_000, 25, 30), 120), ((300, 20, 60), 6)]
)
def test_sparse_and_dense_baskets_agree_with_the_frequent_ones(size, min_count, target):
    """Large enough that both lists of occurrences and bit rows of several words are used."""
    baskets = skewed(*size, seed=3)
    frequent = frequent_itemsets(baskets, min_count=min_count)
    keep = marks[target](frequent.indptr, frequent.items, frequent.counts)
    found = frequent_itemsets(baskets, min_count=min_count, target=target)
    assert as_dict(found) == as_dict(frequent.take(np.flatnonzero(keep)))
    assert 100 < len(found) <= len(frequent)
    again = frequent_itemsets(baskets, min_count=min_count, target=target, n_jobs=3)
    assert found.codes() == again.codes()
    assert found.counts.tolist() == again.counts.tolist()


@pytest.mark.parametrize("target", ["closed", "maximal"])
def test_dense_baskets_need_not_be_blown_up_first(target):
    """2^60 frequent itemsets, of which a few are closed; a search of the others would not end."""
    baskets = [list(range(60)), list(range(1, 60)), [*range(58), 59]] * 40
    found = mined(baskets, 40, target, budget=Budget(itemsets=10))
    everything = frozenset(range(60))
    closed = {
        everything: 40, everything - {0}: 80, everything - {58}: 80, everything - {0, 58}: 120,
    }  # fmt: skip
    assert found == (closed if target == "closed" else {everything: 40})


@pytest.mark.parametrize("target", ["closed", "maximal"])
def test_budget_counts_the_itemsets_that_are_wanted(target):
    baskets = skewed(2_000, 60, 14, seed=5)
    n = len(frequent_itemsets(baskets, min_count=10, target=target))
    enough = Budget(itemsets=n)
    assert len(frequent_itemsets(baskets, min_count=10, target=target, budget=enough)) == n
    with pytest.raises(BudgetExceeded, match=f"more than {n - 1:,} itemsets at min_count 10"):
        frequent_itemsets(baskets, min_count=10, target=target, budget=Budget(itemsets=n - 1))


def test_equal_baskets_have_one_closed_itemset():
    assert mined([["a", "b", "c"]] * 4, 2, "closed") == {frozenset("abc"): 4}


@pytest.mark.parametrize("target", ["closed", "maximal"])
def test_nothing_frequent_has_nothing_closed(target):
    assert mined([["a"], ["b"]], 2, target) == {}
    assert len(frequent_itemsets([], 0.5, target=target)) == 0


def test_long_basket_is_one_maximal_itemset():
    assert mined([range(10_000), range(3), range(3)], 1, "maximal") == {frozenset(range(10_000)): 1}
