"""Kernels of the search for itemsets of high utility."""

import os
import subprocess
import sys
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.association._utility import first_frame, search_utility
from models.association.apply import offers
from models.association.budget import Budget
from models.association.itemsets import frequent_itemsets
from models.association.rules import rules_of_baskets
from models.association.utility import UtilityBaskets, expected_profit, high_utility_itemsets

rows = st.lists(
    st.dictionaries(st.integers(1, 5), st.integers(0, 9), max_size=5), min_size=1, max_size=10
)


def frame_of(baskets, least, n_ranks=6):
    """Set up baskets of rank -> utility; rank 0 is put before them."""
    full = [{0: 0, **dict(sorted(basket.items()))} for basket in baskets]
    indptr = np.cumsum([0, *map(len, full)])
    ranks = np.array([rank for basket in full for rank in basket], np.int32)
    own = np.array([worth for basket in full for worth in basket.values()], np.int64)
    return first_frame(indptr, ranks, own, np.arange(n_ranks, dtype=np.int32), least)


def search(frame, first, last, least, max_length=99, limit=10**6):
    control = np.array([0, limit], np.int64)
    ends, items, counts, utilities = search_utility(frame, first, last, least, max_length, control)
    sets = [tuple(items[a:b].tolist()) for a, b in pairwise([0, *ends.tolist()])]
    return list(zip(sets, counts.tolist(), utilities.tolist(), strict=True)), int(control[0])


def by_hand(baskets, least):
    out = {}
    for basket in baskets:
        for size in range(1, len(basket) + 1):
            for part in combinations(sorted(basket), size):
                n, worth = out.get(part, (0, 0))
                out[part] = n + 1, worth + sum(basket[item] for item in part)
    return sorted((part, n, worth) for part, (n, worth) in out.items() if worth >= least)


def test_first_frame_sums_every_item_and_drops_the_poor_ones():
    frame = frame_of([{1: 5, 2: 1}, {1: 4, 3: 2}, {4: 1}], least=3)
    assert frame.items.tolist() == [1, 2, 3]
    assert frame.utilities.tolist() == [9, 1, 2]
    assert frame.counts.tolist() == [2, 1, 1]
    assert frame.subtrees.tolist() == [12, 1, 2]


def test_equal_baskets_are_merged_and_single_items_dropped():
    frame = frame_of([{1: 5, 2: 1}] * 3 + [{1: 4, 2: 2, 3: 1}, {2: 9}], least=1)
    group = frame.group
    assert group.ends.tolist() == [2, 5]
    assert group.weights.tolist() == [3, 1]
    assert group.own.tolist() == [15, 3, 4, 2, 1]
    assert group.rest.tolist() == [18, 3, 7, 3, 1]
    # Item 1 stands first in both baskets, item 2 ends one of them.
    assert group.heads.tolist() == [0, 2, 3, 3]


@settings(max_examples=200, deadline=None)
@given(baskets=rows, least=st.integers(1, 30), cut=st.integers(0, 5))
def test_parts_of_the_search_make_the_whole(baskets, least, cut):
    frame = frame_of(baskets, least)
    n = len(frame.items)
    cut = min(cut, n)
    whole, _ = search(frame, 0, n, least)
    assert search(frame, 0, cut, least)[0] + search(frame, cut, n, least)[0] == whole
    assert sorted(whole) == by_hand(baskets, least)


@settings(max_examples=100, deadline=None)
@given(baskets=rows, least=st.integers(1, 20))
def test_limit_stops_the_search(baskets, least):
    frame = frame_of(baskets, least)
    whole, state = search(frame, 0, len(frame.items), least)
    assert state == 0
    if whole:
        assert search(frame, 0, len(frame.items), least, limit=len(whole))[1] == 0
        assert search(frame, 0, len(frame.items), least, limit=len(whole) - 1)[1] == 2


def test_a_search_that_is_told_to_stop_stops():
    frame = frame_of([{1: 5, 2: 1}], least=1)
    control = np.array([1, 100], np.int64)
    ends, *_ = search_utility(frame, 0, len(frame.items), 1, 99, control)
    assert len(ends) == 0


def test_room_is_made_for_many_itemsets():
    baskets = [dict.fromkeys(range(1, 15), 1)]
    frame = frame_of(baskets, 1, n_ranks=15)
    found, _ = search(frame, 0, 14, 1)
    assert len(found) == len(set(found)) == 2**14 - 1
    assert all(worth == len(items) for items, _, worth in found)


@settings(max_examples=80, deadline=None)
@given(
    baskets=st.lists(st.sets(st.integers(0, 6), max_size=6), min_size=1, max_size=12),
    least=st.integers(1, 20),
)
def test_items_worth_one_give_count_times_length(baskets, least):
    given_ = UtilityBaskets.from_lists(baskets, [[1] * len(basket) for basket in baskets])
    found = high_utility_itemsets(given_, least)
    plain = frequent_itemsets(given_.baskets, min_count=1)
    worth = dict(zip(plain.sets(), (plain.counts * plain.lengths).tolist(), strict=True))
    assert dict(zip(found.itemsets.sets(), found.utilities.tolist(), strict=True)) == {
        items: n for items, n in worth.items() if n >= least
    }


def test_deadline_is_kept():
    given_ = UtilityBaskets.from_lists([range(24)], [[1] * 24])
    with pytest.raises(BudgetExceeded, match="over the budget of 1e-09 seconds"):
        high_utility_itemsets(given_, 1, budget=Budget(seconds=1e-9))


def test_strange_names_and_a_basket_of_ten_thousand_items():
    names = ["a b", "c,d", '"e"', "ü😀", *map(str, range(10_000))]
    given_ = UtilityBaskets.from_lists([names, names[:3]], [[1] * len(names), [50, 50, 1]])
    found = high_utility_itemsets(given_, 100, max_length=2)
    assert found.itemsets.sets() == [frozenset(["a b", "c,d"])]
    assert (found.utilities.tolist(), found.itemsets.counts.tolist()) == ([102], [2])


def test_expected_profit_may_order_offers():
    rules = rules_of_baskets(
        [["a", "b"], ["a", "b"], ["a", "c"]], min_count=1, antecedents=["a"], consequents=["b", "c"]
    )  # fmt: skip
    profit = expected_profit(rules, {"b": 1.0, "c": 9.0})
    assert offers([["a"]], rules, weight=profit)["item"].tolist() == ["c", "b"]


@pytest.mark.slow
def test_another_process_gives_the_same_bytes():
    program = (
        "import hashlib; from models.association.utility import UtilityBaskets as U;"
        "from models.association.utility import high_utility_itemsets as f;"
        "r = f(U.from_lists([['x', 'y'], ['y', 'z', 'x'], ['z']], [[1, 2], [3, 4, 5], [6]]), 3);"
        "print(hashlib.sha256(r.itemsets.items.tobytes() + r.utilities.tobytes()).hexdigest())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(answers) == 1
