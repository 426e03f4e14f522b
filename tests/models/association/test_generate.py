"""Kernels that make rules, and the runs they are written out with."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.association._gather import gather_runs
from models.association._generate import _largest_antecedent, find_parts, lookup
from models.association._join import join_nodes
from models.association.itemsets import Itemsets, frequent_itemsets
from models.association.offering import by_antecedent, check_offers, checked_weights
from models.association.rules import association_rules

lists = st.lists(st.lists(st.integers(0, 6), max_size=7), min_size=1, max_size=12)


@settings(max_examples=100, deadline=None)
@given(baskets=lists)
def test_parts_are_the_itemsets_without_one_item(baskets):
    sets = frequent_itemsets(baskets, min_count=1)
    parts = np.full(len(sets.items), 99, np.int32)
    find_parts(lookup(sets.indptr, sets.items, sets.counts), 0, len(sets), parts)
    codes = sets.codes()
    expected = [
        codes.index(items[:k] + items[k + 1 :]) if len(items) > 1 else -1
        for items in codes
        for k in range(len(items))
    ]
    assert parts.tolist() == expected


@settings(deadline=None)
@given(count=st.integers(1, 10**6), confidence=st.floats(0, 1))
def test_the_largest_antecedent_agrees_with_the_division(count, confidence):
    largest = _largest_antecedent(count, confidence)
    assert largest >= count
    assert count / largest >= confidence
    assert largest == 2**31 - 1 or count / (largest + 1) < confidence


@pytest.mark.parametrize("confidence", [1e-300, 1e-12, 5e-324])
def test_tiny_confidences_let_everything_pass(confidence):
    assert _largest_antecedent(3, confidence) == 2**31 - 1


def test_long_itemsets_name_their_consequents_by_search():
    """Beyond the table of subsets, and with few rules of many splits."""
    rows = [list(range(17)), [0], [1]]
    rules = association_rules(frequent_itemsets(rows, min_count=1), max_consequent=2)
    longest = rules.take(rules.itemsets.lengths[rules.whole] == 17)
    sides = longest.to_frame([])
    assert set(sides["consequents"]) == {
        frozenset(side) for size in (1, 2) for side in combinations(range(17), size)
    }
    assert (sides["antecedents"].map(len) + sides["consequents"].map(len) == 17).all()


def test_an_itemset_with_too_many_items_lacks_parts():
    labels = np.array(list(range(40)), object)
    one = Itemsets(np.array([0, 40]), np.arange(40, dtype=np.int32), np.array([3], np.int32),
                   9, labels)  # fmt: skip
    with pytest.raises(ValueError, match="a part of an itemset is missing"):
        association_rules(one)


@settings(deadline=None)
@given(runs=st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1), data=st.data())
def test_runs_are_gathered_in_any_order(runs, data):
    numbers = data.draw(st.lists(st.integers(0, len(runs) - 1)))
    indptr = np.cumsum([0, *map(len, runs)]).astype(np.int64)
    items = np.array([item for run in runs for item in run], np.int32)
    ends, copied = gather_runs(indptr, items, np.array(numbers, np.int32))
    assert np.diff(ends).tolist() == [len(runs[k]) for k in numbers]
    assert copied.tolist() == [item for k in numbers for item in runs[k]]


def test_nodes_of_threads_keep_their_parents():
    one = np.array([[-1, 0, 5], [0, 1, 3]], np.int32)
    two = np.array([[-1, 2, 4], [0, 3, 2], [1, 4, 2]], np.int32)
    joined = join_nodes([one, two])
    assert joined[:, 0].tolist() == [-1, 0, -1, 2, 3]
    assert join_nodes([one]) is one
    assert join_nodes([]).shape == (0, 3)
    assert two[1, 0] == 0


def test_batches_are_the_table_in_pieces():
    rules = association_rules(frequent_itemsets([[0, 1, 2], [0, 1], [2]], min_count=1))
    batches = list(rules.to_batches(["lift"], size=5))
    assert [len(batch) for batch in batches] == [5, 5, 2]
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert rows == rules.to_arrow(["lift"]).to_pylist()
    none = rules.take(np.zeros(len(rules), bool))
    assert none.to_arrow().column_names == rules.to_arrow().column_names
    assert len(none.to_arrow()) == 0


def test_rules_of_one_antecedent_come_together():
    used, ends, rules = by_antecedent(np.array([4, 2, 4, 7, 2], np.int32))
    assert used.tolist() == [2, 4, 7]
    assert ends.tolist() == [0, 2, 4, 5]
    assert rules.tolist() == [1, 4, 0, 2, 3]


@pytest.mark.parametrize(
    ("weights", "message"),
    [([1.0], "2 rules need as many weights"), ([1.0, np.nan], "a weight is NaN")],
)
def test_weights_are_checked(weights, message):
    with pytest.raises(ValueError, match=message):
        checked_weights(weights, 2)


def test_ways_to_offer_are_checked():
    check_offers("sum", 1)
    with pytest.raises(ValueError, match="combine must be 'max' or 'sum', not 'mean'"):
        check_offers("mean", 1)
    with pytest.raises(ValueError, match="limit must be at least 1, not 0"):
        check_offers("max", 0)
