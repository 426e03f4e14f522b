"""High-utility itemsets against brute force, and counts that other programs agree on."""

import re
from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.rules import rules_of_baskets
from models.association.utility import (
    UtilityBaskets,
    estimate_utility,
    expected_profit,
    high_utility_itemsets,
)

small = st.lists(st.dictionaries(st.integers(0, 6), st.integers(0, 9), max_size=7), max_size=14)


def as_given(baskets):
    return UtilityBaskets.from_lists(
        [list(basket) for basket in baskets], [list(basket.values()) for basket in baskets]
    )


def every_itemset(baskets):
    """Sum and count every itemset that stands in a basket."""
    worth, counts = Counter(), Counter()
    for basket in baskets:
        for size in range(1, len(basket) + 1):
            for part in combinations(sorted(basket), size):
                worth[frozenset(part)] += sum(basket[item] for item in part)
                counts[frozenset(part)] += 1
    return {items: (utility, counts[items]) for items, utility in worth.items()}


def as_dict(found):
    pairs = zip(found.utilities.tolist(), found.itemsets.counts.tolist(), strict=True)
    return dict(zip(found.itemsets.sets(), pairs, strict=True))


@settings(max_examples=500, deadline=None)
@given(baskets=small, least=st.integers(1, 60))
@example(baskets=[], least=1)
@example(baskets=[{}, {}], least=1)
@example(baskets=[{3: 5}], least=5)
@example(baskets=[{0: 2, 1: 2, 2: 2}] * 4, least=8)
@example(baskets=[{0: 0, 1: 0}], least=1)
@example(baskets=[{0: 0, 1: 4, 2: 0}, {0: 0, 2: 0}], least=4)
def test_finds_what_brute_force_finds(baskets, least):
    expected = {k: v for k, v in every_itemset(baskets).items() if v[0] >= least}
    found = high_utility_itemsets(as_given(baskets), least)
    assert len(found) == len(expected)
    assert as_dict(found) == expected


@settings(max_examples=150, deadline=None)
@given(baskets=small, least=st.integers(1, 40), length=st.integers(1, 4))
def test_largest_length_cuts_the_longer_ones_only(baskets, least, length):
    every = every_itemset(baskets)
    expected = {k: v for k, v in every.items() if v[0] >= least and len(k) <= length}
    assert as_dict(high_utility_itemsets(as_given(baskets), least, max_length=length)) == expected


@settings(max_examples=100, deadline=None)
@given(baskets=small, least=st.integers(1, 60))
def test_floats_find_the_same_as_whole_numbers(baskets, least):
    whole = as_given(baskets)
    tenths = UtilityBaskets(whole.baskets, whole.utilities / 10)
    found = high_utility_itemsets(tenths, least / 10)
    exact = high_utility_itemsets(whole, least)
    assert as_dict(found) == {
        items: (pytest.approx(utility / 10), count)
        for items, (utility, count) in as_dict(exact).items()
    }


@settings(max_examples=60, deadline=None)
@given(baskets=small, least=st.integers(1, 40), n_jobs=st.integers(2, 4))
def test_threads_and_the_order_of_baskets_change_nothing(baskets, least, n_jobs):
    one = high_utility_itemsets(as_given(baskets), least)
    many = high_utility_itemsets(as_given(baskets[::-1]), least, n_jobs=n_jobs)
    assert one.itemsets.sets() == many.itemsets.sets()
    assert one.utilities.tolist() == many.utilities.tolist()
    assert one.itemsets.counts.tolist() == many.itemsets.counts.tolist()


def test_a_large_total_elsewhere_does_not_blur_small_utilities():
    given = UtilityBaskets.from_lists([["gold"], ["a", "b"], ["a", "b"]],
                                      [[1e15], [0.1, 0.2], [0.1, 0.2]])  # fmt: skip
    found = as_dict(high_utility_itemsets(given, 0.6))
    assert found[frozenset("ab")] == (pytest.approx(0.6), 2)
    assert frozenset("a") not in found


def test_fraction_of_a_cent_as_threshold_is_rounded_up():
    given = UtilityBaskets.from_lists([["a", "b"]], [[5, 6]])
    assert as_dict(high_utility_itemsets(given, 5.5)) == {
        frozenset("b"): (6, 1), frozenset("ab"): (11, 1)}  # fmt: skip


def test_repeats_of_an_item_in_a_basket_add_up():
    given = UtilityBaskets.from_lists([["b", "a", "b"], ["a"]], [[1, 2, 3], [7]])
    assert given.baskets.labels[given.baskets.indices].tolist() == ["a", "b", "a"]
    assert given.utilities.tolist() == [2, 4, 7]
    assert given.totals.tolist() == [6, 7]


def test_table_gives_the_same_as_lists():
    frame = pd.DataFrame(
        {"order": [2, 1, 2, 1], "what": ["x", "y", "x", "x"], "money": [1.5, 2.0, 1.0, 4.0]}
    )
    given = UtilityBaskets.from_table(frame, "order", "what", "money")
    assert given.baskets.indptr.tolist() == [0, 2, 3]
    assert given.utilities.tolist() == [4.0, 2.0, 2.5]
    assert frame["what"].tolist() == ["x", "y", "x", "x"]


def test_table_without_its_columns_is_refused():
    frame = pd.DataFrame({"order": [1], "what": ["x"], "money": [1.5]})
    with pytest.raises(ValueError, match="columns not found: worth; given:"):
        UtilityBaskets.from_table(frame, "order", "what", "worth")
    with pytest.raises(ValueError, match="columns not found: item"):
        UtilityBaskets.from_table(frame, "order", "item", "money")
    with pytest.raises(ValueError, match="utilities must be finite"):
        UtilityBaskets.from_table(frame.assign(money=np.nan), "order", "what", "money")


def test_threshold_above_every_total_finds_nothing():
    given = UtilityBaskets.from_lists([["a", "b"]], [[5, 6]])
    assert len(high_utility_itemsets(given, 12)) == 0
    assert len(high_utility_itemsets(given, 1e300)) == 0
    assert high_utility_itemsets(given, 12).to_frame().columns.tolist() == [
        "utility", "count", "support", "itemsets"]  # fmt: skip


def test_frame_and_arrow_tell_utility_count_and_support():
    given = UtilityBaskets.from_lists([["a", "b"], ["a"]], [[5, 6], [5]])
    found = high_utility_itemsets(given, 10)
    assert found.to_frame().to_dict("list") == {
        "utility": [11, 10],
        "count": [1, 2],
        "support": [0.5, 1.0],
        "itemsets": [frozenset("ab"), frozenset("a")],
    }
    table = found.to_arrow()
    assert table.column_names == ["itemset", "count", "support", "utility"]
    assert table["utility"].to_pylist() == [11, 10]
    best = found.take(np.array([int(found.utilities.argmax())]))
    assert as_dict(best) == {frozenset("ab"): (11, 1)}


def test_input_is_not_changed():
    given = UtilityBaskets.from_lists([["a", "b"], ["b", "c"]], [[5, 6], [1, 2]])
    before = given.utilities.copy(), given.baskets.indices.copy()
    high_utility_itemsets(given, 1)
    np.testing.assert_array_equal(given.utilities, before[0])
    np.testing.assert_array_equal(given.baskets.indices, before[1])


@pytest.mark.parametrize(
    ("utilities", "message"),
    [
        ([[1, -2], [3]], "negative utilities are not supported (1 of 3, the first is -2)"),
        ([[1, float("nan")], [3]], "utilities must be finite"),
        ([[1, float("inf")], [3]], "utilities must be finite"),
        ([[1], [3]], "every item needs one utility: the lists differ in length"),
        ([["1", "2"], ["3"]], "utilities must be one flat run of numbers"),
        ([[2**61, 2**61], [2**61]], "the utilities add up to more than 2**62"),
    ],
)
def test_bad_utilities_are_refused(utilities, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        UtilityBaskets.from_lists([["a", "b"], ["a"]], utilities)


def test_as_many_utilities_as_items_are_needed():
    with pytest.raises(ValueError, match="2 items need as many utilities, not 1"):
        UtilityBaskets(Baskets.from_lists([["a", "b"]]), np.array([1]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_utility": 0}, "min_utility must be a number above 0, not 0"),
        ({"min_utility": -1}, "above 0, not -1"),
        ({"min_utility": float("nan")}, "above 0, not nan"),
        ({"min_utility": 1, "max_length": 0}, "max_length must be at least 1, not 0"),
        ({"min_utility": 1, "n_jobs": 0}, "n_jobs must be -1"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    given = UtilityBaskets.from_lists([["a"]], [[1]])
    with pytest.raises(ValueError, match=re.escape(message)):
        high_utility_itemsets(given, **arguments)


def test_budget_of_itemsets_is_kept_and_the_message_says_what_fits():
    given = UtilityBaskets.from_lists([range(12)] * 2, [[1] * 12] * 2)
    with pytest.raises(BudgetExceeded) as refused:
        high_utility_itemsets(given, 2, budget=Budget(itemsets=100))
    assert "over the budget of 100 itemsets at min_utility 2" in refused.value.message
    assert refused.value.problems == (
        "min_utility 19 would fit: 79 itemsets",
        "max_length 2 would fit: 78 itemsets",
    )
    assert len(high_utility_itemsets(given, 2, budget=Budget(itemsets=4_095))) == 4_095


def test_budget_of_bytes_too_small_for_the_baskets():
    given = UtilityBaskets.from_lists([["a", "b"]], [[1, 2]])
    with pytest.raises(BudgetExceeded, match="over the budget of 10 bytes"):
        high_utility_itemsets(given, 1, budget=Budget(bytes=10))


def test_expected_profit_is_confidence_times_profit_less_cost():
    baskets = [["a", "b"], ["a", "b", "c"], ["a"], ["c"]]
    rules = rules_of_baskets(baskets, min_count=1, antecedents=["a"], consequents=["b", "c"])
    earned = dict(
        zip(
            rules.to_frame()["consequents"],
            expected_profit(rules, {"b": 6.0, "c": 3.0}, cost=0.5),
            strict=True,
        )
    )
    assert earned == {
        frozenset("b"): pytest.approx(2 / 3 * 6 - 0.5),
        frozenset("c"): pytest.approx(1 / 3 * 3 - 0.5),
    }


def test_expected_profit_of_a_longer_consequent_adds_the_profits():
    rules = rules_of_baskets(
        [["a", "b", "c"], ["a"]], min_count=1, max_consequent=2,
        antecedents=["a"], consequents=["b", "c"],
    )  # fmt: skip
    longest = int(rules.itemsets.lengths[rules.consequents].argmax())
    assert expected_profit(rules, {"b": 6.0, "c": 3.0})[longest] == pytest.approx(4.5)


def test_expected_profit_names_the_items_without_one():
    rules = rules_of_baskets([["a", "b"]], min_count=1)
    with pytest.raises(ValueError, match="items without a profit: 'b'"):
        expected_profit(rules, {"a": 1.0})


@pytest.fixture(scope="module")
def foodmart(real_data):
    """Read SPMF's form: items, total and utilities of one basket a line, with colons between."""
    lines = (real_data / "foodmart_utility.txt").read_text(encoding="ascii").split("\n")
    parts = [line.split(":") for line in lines if line]
    numbers = [[[int(word) for word in part.split()] for part in line] for line in parts]
    given = UtilityBaskets.from_lists([n[0] for n in numbers], [n[2] for n in numbers])
    assert given.totals.tolist() == [n[1][0] for n in numbers]
    return given


@pytest.mark.real
@pytest.mark.parametrize(
    ("least", "n_itemsets", "money"), [(5_000, 17_439, 105_754_375), (1_000, 219_012, 633_646_178)]
)
def test_foodmart_gives_what_five_programs_give(foodmart, least, n_itemsets, money):
    assert (len(foodmart), foodmart.baskets.n_items) == (4_141, 1_559)
    found = high_utility_itemsets(foodmart, least, n_jobs=2)
    assert len(found) == n_itemsets
    assert int(found.utilities.sum()) == money


@pytest.mark.real
def test_foodmart_equals_a_plain_count_of_every_part_of_its_baskets(foodmart):
    """Baskets have up to 14 items: their parts of one to three items can all be summed."""
    indptr, items = foodmart.baskets.indptr.tolist(), foodmart.baskets.indices.tolist()
    worth = Counter()
    for begin, end in pairwise(indptr):
        basket = list(zip(items[begin:end], foodmart.utilities[begin:end].tolist(), strict=True))
        for size in (1, 2, 3):
            for part in combinations(basket, size):
                worth[tuple(item for item, _ in part)] += sum(value for _, value in part)
    expected = {items: utility for items, utility in worth.items() if utility >= 1_000}
    found = high_utility_itemsets(foodmart, 1_000, max_length=3)
    assert dict(zip(found.itemsets.codes(), found.utilities.tolist(), strict=True)) == expected


@settings(max_examples=60, deadline=None)
@given(baskets=small, least=st.integers(1, 20), length=st.none() | st.integers(1, 3))
def test_estimate_is_exact_where_all_branches_are_searched(baskets, least, length):
    found = high_utility_itemsets(as_given(baskets), least, length)
    estimate = estimate_utility(as_given(baskets), least, length)
    lengths = found.itemsets.lengths
    assert (estimate.items, estimate.pairs) == ((lengths == 1).sum(), (lengths == 2).sum())
    assert (estimate.itemsets, estimate.at_least) == (len(found), False)
    assert estimate.bytes >= 72 * len(found)


def test_estimate_is_a_lower_bound_when_cut_short():
    given_ = UtilityBaskets.from_lists([range(14)] * 2, [[1] * 14] * 2)
    estimate = estimate_utility(given_, 2, most=100)
    assert estimate.at_least
    assert 100 < estimate.itemsets < 2**14


def test_estimate_refuses_what_the_search_refuses():
    with pytest.raises(ValueError, match="min_utility must be a number above 0, not 0"):
        estimate_utility(as_given([]), 0)
    with pytest.raises(ValueError, match="max_length must be at least 1, not 0"):
        estimate_utility(as_given([]), 1, 0)
