"""Frequent itemsets against brute force and mlxtend."""

import math
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import fpgrowth

from models.association.baskets import Baskets
from models.association.constraints import ItemConstraints
from models.association.itemsets import frequent_itemsets, least_count, top_itemsets

small_baskets = st.lists(st.lists(st.integers(0, 7), max_size=9), min_size=1, max_size=24)
all_equal = [[0, 1, 2, 3]] * 5


def found_counts(found):
    return dict(zip(found.sets(), found.counts.tolist(), strict=True))


@settings(max_examples=400, deadline=None)
@given(baskets=small_baskets, min_count=st.integers(1, 6))
@example(baskets=[[]], min_count=1)
@example(baskets=[[], [], [3]], min_count=1)
@example(baskets=[[5]], min_count=1)
@example(baskets=all_equal, min_count=5)
@example(baskets=[[0, 0, 0, 1]], min_count=1)
def test_finds_what_brute_force_finds(baskets, min_count, brute_force):
    min_count = min(min_count, len(baskets))
    expected = {k: n for k, n in brute_force(baskets).items() if n >= min_count}
    found = frequent_itemsets(baskets, min_count=min_count)
    assert len(found) == len(expected)  # none twice
    assert found_counts(found) == expected


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets, min_count=st.integers(1, 4), max_length=st.integers(1, 5))
def test_stops_at_the_largest_length(baskets, min_count, max_length, brute_force):
    min_count = min(min_count, len(baskets))
    counts = brute_force(baskets).items()
    expected = {k: n for k, n in counts if n >= min_count and len(k) <= max_length}
    assert found_counts(frequent_itemsets(baskets, min_count=min_count, max_length=max_length)) == (
        expected
    )


@settings(max_examples=60, deadline=None)
@given(
    baskets=st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=12),
    min_support=st.sampled_from([0.05, 0.1, 0.2, 0.25, 1 / 3, 0.5, 2 / 3, 1.0]),
)
def test_agrees_with_mlxtend(baskets, min_support):
    found = frequent_itemsets(baskets, min_support)
    onehot = Baskets.from_lists(baskets).matrix().toarray()
    theirs = fpgrowth(pd.DataFrame(onehot), min_support=min_support)
    labels = Baskets.from_lists(baskets).labels
    expected = {
        frozenset(labels[code] for code in items): support
        for items, support in zip(theirs["itemsets"], theirs["support"], strict=True)
    }
    frame = found.to_frame()
    ours = dict(zip(frame["itemsets"], frame["support"], strict=True))
    assert ours.keys() == expected.keys()
    assert all(math.isclose(ours[key], expected[key]) for key in ours)


@settings(max_examples=60, deadline=None)
@given(baskets=small_baskets, seed=st.integers(0, 9))
def test_the_order_of_baskets_and_items_says_nothing(baskets, seed):
    rng = np.random.default_rng(seed)
    shuffled = [rng.permutation(basket).tolist() for basket in rng.permutation(
        np.array([*baskets, None], dtype=object)) if basket is not None]  # fmt: skip
    one = frequent_itemsets(baskets, min_count=1)
    two = frequent_itemsets(shuffled, min_count=1)
    assert one.items.tolist() == two.items.tolist()
    assert one.counts.tolist() == two.counts.tolist()


def quest_like(n_baskets, n_items, seed=0):
    """Draw baskets with hidden patterns of very different frequency."""
    rng = np.random.default_rng(seed)
    patterns = [rng.choice(n_items, rng.integers(2, 7), replace=False) for _ in range(60)]
    odds = rng.dirichlet(np.full(len(patterns), 0.3))
    return [
        np.concatenate([patterns[k] for k in rng.choice(len(patterns), 3, p=odds)]
                       + [rng.integers(0, n_items, 4)]).tolist()
        for _ in range(n_baskets)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def generated():
    return Baskets.from_lists(quest_like(4_000, 300))


@pytest.mark.parametrize("n_jobs", [2, 3, -1])
def test_threads_do_not_change_the_answer(generated, n_jobs):
    one = frequent_itemsets(generated, min_count=8)
    many = frequent_itemsets(generated, min_count=8, n_jobs=n_jobs)
    assert len(one) > 5_000
    for array in ("indptr", "items", "counts"):
        np.testing.assert_array_equal(getattr(one, array), getattr(many, array))


def test_wide_and_narrow_groups_agree_with_direct_counts(generated):
    """Baskets enough that both the occurrence lists and the bit rows of several words are used."""
    found = frequent_itemsets(generated, min_count=20)
    matrix = generated.matrix().toarray()
    direct = [matrix[:, list(items)].all(axis=1).sum() for items in found.codes()]
    assert found.counts.tolist() == direct
    assert found.lengths.max() >= 5


def test_monotone_in_the_threshold(generated):
    low = frequent_itemsets(generated, min_count=30)
    high = frequent_itemsets(generated, min_count=60)
    kept = low.take(np.flatnonzero(low.counts >= 60))
    assert set(kept.sets()) == set(high.sets())


def test_input_is_not_changed():
    indptr, indices = np.array([0, 3, 5]), np.array([2, 0, 2, 1, 0])
    baskets = Baskets.from_csr(indptr, indices, 3)
    before = baskets.indptr.copy(), baskets.indices.copy()
    frequent_itemsets(baskets, min_count=1)
    assert indices.tolist() == [2, 0, 2, 1, 0]
    np.testing.assert_array_equal(baskets.indptr, before[0])
    np.testing.assert_array_equal(baskets.indices, before[1])


def test_no_baskets_have_no_itemsets():
    found = frequent_itemsets([], 0.5)
    assert len(found) == 0
    assert found.to_frame().columns.tolist() == ["support", "itemsets"]
    assert found.to_arrow().num_rows == 0


def test_long_basket_of_ten_thousand_items_is_no_trouble():
    found = frequent_itemsets([range(10_000), range(3), range(3)], min_count=2)
    assert len(found) == 7


def test_capped_baskets_keep_their_most_frequent_items_and_are_reported():
    baskets = [["a", "b", "c"], ["a", "b"], ["a"]]
    found = frequent_itemsets(baskets, min_count=1, max_basket_size=2)
    assert found_counts(found) == {frozenset("a"): 3, frozenset("b"): 2, frozenset("ab"): 2}
    assert found.n_capped == 1
    assert frequent_itemsets(baskets, min_count=1, max_basket_size=3).n_capped == 0


def test_frame_has_the_form_of_mlxtend():
    frame = frequent_itemsets([["a", "b"], ["a"]], 0.5).to_frame()
    assert frame.to_dict("list") == {
        "support": [1.0, 0.5, 0.5],
        "itemsets": [frozenset("a"), frozenset("b"), frozenset("ab")],
    }


def test_arrow_table_names_the_items_of_every_set():
    table = frequent_itemsets([["a b", "ü,😀"], ["a b"]], 0.5).to_arrow()
    assert table.column_names == ["itemset", "count", "support"]
    assert [sorted(items) for items in table["itemset"].to_pylist()] == [
        ["a b"], ["ü,😀"], ["a b", "ü,😀"]]  # fmt: skip
    assert table["count"].to_pylist() == [2, 1, 1]
    assert table["support"].to_pylist() == [1.0, 0.5, 0.5]


@settings(max_examples=200, deadline=None)
@given(n=st.integers(1, 500), k=st.integers(1, 500))
def test_share_that_is_a_count_is_that_count(n, k):
    k = min(k, n)
    assert least_count(k / n, n) == k


@settings(max_examples=200, deadline=None)
@given(n=st.integers(1, 10_000), share=st.floats(1e-6, 1.0))
def test_least_count_is_the_first_that_reaches_the_share(n, share):
    count = least_count(share, n)
    assert count / n >= share
    assert count == 1 or (count - 1) / n < share
    assert abs(count - math.ceil(Fraction(share) * n)) <= 1


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets, k=st.integers(1, 30), min_length=st.integers(1, 3))
def test_top_k_are_the_largest_with_their_ties(baskets, k, min_length, brute_force):
    counts = {s: n for s, n in brute_force(baskets).items() if len(s) >= min_length}
    found = top_itemsets(baskets, k, min_length=min_length)
    ordered = sorted(counts.values(), reverse=True)
    least = ordered[k - 1] if len(ordered) >= k else 1
    assert found_counts(found) == {s: n for s, n in counts.items() if n >= least}
    assert found.counts.tolist() == sorted(found.counts.tolist(), reverse=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give either min_support"),
        ({"min_support": 0.1, "min_count": 1}, "give either min_support"),
        ({"min_support": 0.0}, "min_support is a share above 0 and up to 1, not 0.0"),
        ({"min_support": -0.5}, "not -0.5"),
        ({"min_support": 20}, "give min_count for a number of baskets"),
        ({"min_count": 0}, "min_count is a whole number of at least 1, not 0"),
        ({"min_count": 1.5}, "min_count is a whole number of at least 1, not 1.5"),
        ({"min_count": 3}, "min_count is 3 but there are only 2 baskets"),
        ({"min_count": 1, "max_length": 0}, "max_length must be at least 1, not 0"),
        ({"min_count": 1, "max_basket_size": 0}, "max_basket_size must be at least 1"),
        ({"min_count": 1, "target": "open"}, "not 'open'"),
        ({"min_count": 1, "n_jobs": 0}, "n_jobs must be -1"),
    ],
)
def test_bad_arguments_are_refused_in_words(arguments, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace("-", r"\-")):
        frequent_itemsets([["a"], ["b"]], **arguments)


@pytest.mark.parametrize("k", [0, -1])
def test_top_k_needs_a_number(k):
    with pytest.raises(ValueError, match="k and min_length must be at least 1"):
        top_itemsets([["a"]], k)


@pytest.mark.slow
def test_another_process_gives_the_same_bytes():
    program = (
        "import hashlib; from models.association.itemsets import frequent_itemsets as f;"
        "r = f([['x', 'y'], ['y', 'z', 'x'], ['z']], min_count=1);"
        "print(hashlib.sha256(r.items.tobytes() + r.counts.tobytes()).hexdigest())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(answers) == 1


@pytest.mark.parametrize("target", ["frequent", "closed", "maximal"])
@settings(max_examples=100, deadline=None)
@given(baskets=st.lists(st.sets(st.integers(0, 5)).map(sorted), min_size=1, max_size=8),
       seed=st.integers(0, 99), min_count=st.integers(1, 6))  # fmt: skip
def test_weights_count_like_equal_baskets(baskets, seed, min_count, target):
    weights = np.random.default_rng(seed).integers(1, 5, len(baskets))
    whole = [basket for basket, n in zip(baskets, weights, strict=True) for _ in range(n)]
    wanted = {"min_count": min(min_count, len(whole)), "target": target}
    for conditions in (None, ItemConstraints(all_of=baskets[0][:1])):
        one = frequent_itemsets(baskets, weights=weights, constraints=conditions, **wanted)
        two = frequent_itemsets(whole, constraints=conditions, **wanted)
        assert one.n_baskets == two.n_baskets == weights.sum()
        assert dict(zip(one.sets(), one.counts.tolist(), strict=True)) == dict(
            zip(two.sets(), two.counts.tolist(), strict=True)
        )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1], "one whole number for each of the 2 baskets"),
        ([1.0, 2.0], "one whole number for each of the 2 baskets"),
        ([1, 0], "at least 1 and at most 2,147,483,647 together"),
        ([2**31 - 1, 1], "at least 1 and at most 2,147,483,647 together"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        frequent_itemsets([["a"], ["b"]], min_count=1, weights=np.array(weights))


def test_a_cap_and_weights_do_not_go_together():
    with pytest.raises(ValueError, match="max_basket_size cuts single baskets"):
        frequent_itemsets([["a"], ["b"]], min_count=1, weights=np.array([2, 3]), max_basket_size=1)
