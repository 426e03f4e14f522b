"""Itemsets with a minimum support per item, against brute force."""

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.association.budget import Budget
from models.association.itemsets import frequent_itemsets
from models.association.rare import minimum_counts, rare_itemsets, rules_with_parts, with_parts

small_baskets = st.lists(st.lists(st.integers(0, 6), max_size=8), min_size=1, max_size=20)
thresholds = st.lists(st.integers(1, 9), min_size=7, max_size=7)


def wanted(baskets, numbers):
    return {item: numbers[item] for basket in baskets for item in basket}


def as_dict(found):
    return dict(zip(found.sets(), found.counts.tolist(), strict=True))


@settings(max_examples=400, deadline=None)
@given(baskets=small_baskets, numbers=thresholds, length=st.sampled_from([None, 1, 2, 3]))
@example(baskets=[[]], numbers=[1] * 7, length=None)
@example(baskets=[[0, 1, 2]] * 4, numbers=[9, 4, 5, 1, 1, 1, 1], length=None)
def test_finds_what_brute_force_finds(baskets, numbers, length, brute_force):
    expected = {
        items: n
        for items, n in brute_force(baskets).items()
        if n >= min(numbers[i] for i in items) and len(items) <= (length or 99)
    }
    found = rare_itemsets(baskets, wanted(baskets, numbers), max_length=length)
    assert len(found) == len(expected)
    assert as_dict(found) == expected


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets, n=st.integers(1, 6))
def test_one_minimum_for_all_is_the_plain_search(baskets, n):
    found = rare_itemsets(baskets, wanted(baskets, [n] * 7))
    plain = frequent_itemsets(baskets, min_count=min(n, len(baskets)))
    assert as_dict(found) == {s: c for s, c in as_dict(plain).items() if c >= n}


@settings(max_examples=60, deadline=None)
@given(baskets=small_baskets, numbers=thresholds)
def test_threads_and_the_order_of_baskets_change_nothing(baskets, numbers):
    one = rare_itemsets(baskets, wanted(baskets, numbers))
    many = rare_itemsets(baskets[::-1], wanted(baskets, numbers), n_jobs=3)
    assert one.codes() == many.codes()
    assert one.counts.tolist() == many.counts.tolist()


@settings(max_examples=150, deadline=None)
@given(baskets=small_baskets, numbers=thresholds)
def test_missing_parts_get_their_counts(baskets, numbers, brute_force):
    counts = brute_force(baskets)
    found = rare_itemsets(baskets, wanted(baskets, numbers))
    whole = with_parts(baskets, found)
    assert whole.codes()[: len(found)] == found.codes()
    expected = {part for part in counts if any(part <= items for items in found.sets())}
    assert as_dict(whole) == {part: counts[part] for part in expected}
    assert len(whole) == len(expected)


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets, numbers=thresholds, sure=st.sampled_from([0.0, 0.4, 0.8]))
def test_rules_split_the_found_itemsets_only(baskets, numbers, sure, brute_force):
    counts = brute_force(baskets)
    found = rare_itemsets(baskets, wanted(baskets, numbers))
    frame = rules_with_parts(baskets, found, min_confidence=sure).to_frame(["confidence"])
    got = {(r.antecedents, r.consequents): r.confidence for r in frame.itertuples()}
    expected = {}
    for items in found.sets():
        for left in (part for part in counts if part < items):
            if counts[items] / counts[left] >= sure:
                expected[left, items - left] = counts[items] / counts[left]
    assert got == pytest.approx(expected)


def test_minimum_is_a_share_of_the_own_count_with_a_floor():
    baskets = [["a", "b"]] * 3 + [["a"]] * 7 + [["c"]]
    assert minimum_counts(baskets, 0.5, 2) == {"a": 5, "b": 2, "c": 2}
    assert minimum_counts(baskets, 0.0, 1) == {"a": 1, "b": 1, "c": 1}
    assert minimum_counts(baskets, 1.0, 0.3) == {"a": 10, "b": 4, "c": 4}


@pytest.mark.parametrize(
    ("share", "least", "message"),
    [
        (1.5, 1, "share lies in 0 .. 1, not 1.5"),
        (0.5, 0, "least must be at least 1, not 0"),
        (0.5, 1.5, "least is a share above 0 and up to 1, or a whole number, not 1.5"),
    ],
)
def test_bad_shares_are_refused(share, least, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        minimum_counts([["a"]], share, least)


def test_all_problems_of_the_minimum_counts_are_told_at_once():
    with pytest.raises(ValueError, match="every item needs a minimum count") as refused:
        rare_itemsets([["milk", "bread"]], {"mlik": 2, "bread": 0})
    assert "unknown item 'mlik' (did you mean 'milk'?)" in str(refused.value)
    assert "item 'milk' has none" in str(refused.value)
    assert "that of 'bread' is 0" in str(refused.value)


def test_length_below_one_is_refused():
    with pytest.raises(ValueError, match="max_length must be at least 1, not 0"):
        rare_itemsets([["a"]], {"a": 1}, max_length=0)


def test_no_baskets_have_no_itemsets():
    assert len(rare_itemsets([], {})) == 0
    assert minimum_counts([], 0.5, 1) == {}


def test_budget_says_what_would_fit():
    baskets = [range(10)] * 4
    with pytest.raises(BudgetExceeded) as refused:
        rare_itemsets(baskets, dict.fromkeys(range(10), 2), budget=Budget(itemsets=60))
    assert "over the budget of 60 itemsets" in refused.value.message
    assert "max_length 2 would fit: 55 itemsets" in refused.value.problems


@pytest.mark.real
def test_rare_groceries_are_found_without_drowning_in_common_ones(groceries):
    counts = minimum_counts(groceries, share=0.2, least=10)
    found = rare_itemsets(groceries, counts, max_length=3)
    plain = frequent_itemsets(groceries, min_count=10, max_length=3)
    by_set = as_dict(plain)
    expected = {s: n for s, n in by_set.items() if n >= min(counts[item] for item in s)}
    assert as_dict(found) == expected
    assert len(found) < len(plain) / 2
    assert np.all(found.counts >= 10)


def test_strange_names_are_kept():
    baskets = [["a b", 'c,"d"', "ü😀"], ["a b", "ü😀"], ["a b"]]
    counts = {"a b": 3, 'c,"d"': 1, "ü😀": 3}
    found = as_dict(rare_itemsets(baskets, counts))
    assert found == {
        frozenset(["a b"]): 3,
        frozenset(['c,"d"']): 1,
        frozenset(['c,"d"', "a b"]): 1,
        frozenset(['c,"d"', "ü😀"]): 1,
        frozenset(['c,"d"', "a b", "ü😀"]): 1,
    }


def test_input_is_not_changed():
    baskets, counts = [["b", "a"], ["a"]], {"a": 1, "b": 1}
    rules_with_parts(baskets, rare_itemsets(baskets, counts), min_confidence=0.1)
    assert (baskets, counts) == ([["b", "a"], ["a"]], {"a": 1, "b": 1})
