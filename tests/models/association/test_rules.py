"""Rules against brute force and mlxtend."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import association_rules as mlxtend_rules

from lodeworks.errors import BudgetExceeded
from models.association import mine_rules
from models.association.baskets import Baskets
from models.association.itemsets import frequent_itemsets
from models.association.rules import association_rules, rules_of_baskets

small_baskets = st.lists(st.lists(st.integers(0, 6), max_size=7), min_size=1, max_size=18)


def all_rules(counts, min_count, min_confidence, max_consequent=99):
    rules = {}
    for items, n in counts.items():
        if n < min_count:
            continue
        for size in range(1, min(len(items) - 1, max_consequent) + 1):
            for then in map(frozenset, combinations(items, size)):
                if n / counts[items - then] >= min_confidence:
                    rules[items - then, then] = n
    return rules


def as_dict(rules):
    sides = rules.to_frame([])
    keys = zip(sides["antecedents"], sides["consequents"], strict=True)
    return dict(zip(keys, rules.counts.n_xy.tolist(), strict=True))


@settings(max_examples=300, deadline=None)
@given(
    baskets=small_baskets, min_count=st.integers(1, 4),
    min_confidence=st.sampled_from([0.0, 0.25, 0.5, 2 / 3, 0.9, 1.0]),
    max_consequent=st.none() | st.integers(1, 3),
)  # fmt: skip
def test_all_splits_that_are_sure_enough(
    baskets, min_count, min_confidence, max_consequent, brute_force
):
    min_count = min(min_count, len(baskets))
    found = frequent_itemsets(baskets, min_count=min_count)
    rules = association_rules(found, min_confidence=min_confidence, max_consequent=max_consequent)
    counts = brute_force(baskets)
    expected = all_rules(counts, min_count, min_confidence, max_consequent or 99)
    assert len(rules) == len(expected)
    assert as_dict(rules) == expected
    assert rules.n_searched == len(all_rules(counts, min_count, 0.0, max_consequent or 99))


@pytest.mark.filterwarnings("ignore:invalid value encountered in divide:RuntimeWarning:mlxtend")
@settings(max_examples=40, deadline=None)
@given(baskets=small_baskets, min_confidence=st.sampled_from([0.1, 0.5, 0.8]))
def test_frame_is_that_of_mlxtend(baskets, min_confidence):
    found = frequent_itemsets(baskets, min_count=1)
    assume(len(found))
    theirs = mlxtend_rules(
        found.to_frame(), metric="confidence", min_threshold=min_confidence,
        num_itemsets=len(baskets),
    )  # fmt: skip
    ours = association_rules(found, min_confidence=min_confidence).to_frame()
    assert len(ours) == len(theirs)
    if len(ours):
        columns = list(ours.columns)
        assert [c for c in theirs.columns if c != "representativity"] == columns
        ours, theirs = (
            frame[columns].set_index(
                [frame["antecedents"].map(sorted).map(tuple),
                 frame["consequents"].map(sorted).map(tuple)]
            ).drop(columns=["antecedents", "consequents"]).sort_index()
            for frame in (ours, theirs)
        )  # fmt: skip
        pd.testing.assert_frame_equal(ours, theirs.astype(float), rtol=1e-9, atol=1e-9)


@settings(max_examples=150, deadline=None)
@given(
    baskets=small_baskets, left=st.frozensets(st.integers(0, 6), min_size=1),
    right=st.frozensets(st.integers(0, 6), min_size=1), max_consequent=st.sampled_from([1, None]),
)  # fmt: skip
def test_sides_may_be_limited_to_lists(baskets, left, right, max_consequent, brute_force):
    baskets = [*baskets, list(range(7))]
    rules = rules_of_baskets(
        baskets, min_count=1, antecedents=left, consequents=right, max_consequent=max_consequent
    )
    expected = {
        (x, y): n
        for (x, y), n in all_rules(brute_force(baskets), 1, 0.0, max_consequent or 99).items()
        if x <= left and y <= right
    }
    assert as_dict(rules) == expected


def test_then_only_items_are_never_paired_in_the_search():
    """Two items that may stand behind THEN only make no rule, so no itemset holds both."""
    rules = rules_of_baskets(
        [["a", "y", "z"]] * 3, min_count=1, antecedents=["a"], consequents=["y", "z"]
    )
    assert frozenset("yz") not in rules.itemsets.sets()
    assert as_dict(rules).keys() == {(frozenset("a"), frozenset("y")),
                                     (frozenset("a"), frozenset("z"))}  # fmt: skip


def test_further_thresholds():
    baskets = [["a", "b"]] * 3 + [["a", "c"]] + [["a"]] + [["c"]]
    above = rules_of_baskets(baskets, min_count=1, thresholds={"lift": 1.0, "support": 0.4})
    assert as_dict(above).keys() == {(frozenset("a"), frozenset("b")),
                                     (frozenset("b"), frozenset("a"))}  # fmt: skip
    weak = rules_of_baskets(baskets, min_count=1, thresholds={"lift": 0.0})
    assert len(weak) == 4
    with pytest.raises(ValueError, match="did you mean 'lift'"):
        rules_of_baskets(baskets, min_count=1, thresholds={"lifft": 1.0})


@pytest.mark.parametrize("n_jobs", [2, 3])
def test_threads_do_not_change_the_answer(n_jobs):
    rng = np.random.default_rng(1)
    baskets = [rng.integers(0, 12, 6).tolist() for _ in range(300)]
    found = frequent_itemsets(baskets, min_count=2)
    one = association_rules(found, min_confidence=0.2)
    many = association_rules(found, min_confidence=0.2, n_jobs=n_jobs)
    assert len(one) > 1_000
    for side in ("whole", "antecedents", "consequents"):
        np.testing.assert_array_equal(getattr(one, side), getattr(many, side))


def test_closed_itemsets_do_not_do():
    found = frequent_itemsets([["a", "b"], ["a"]], min_count=1, target="maximal")
    with pytest.raises(ValueError, match="a part of an itemset is missing"):
        association_rules(found)


def test_arrow_table():
    rules = rules_of_baskets([["a", "b"], ["a"]], min_count=1, min_confidence=0.9)
    assert rules.to_arrow().to_pylist() == [
        {"antecedent": ["b"], "consequent": ["a"], "count": 1,
         "support": 0.5, "confidence": 1.0, "lift": 1.0}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_confidence": 1.5}, r"min_confidence lies in 0 \.\. 1, not 1.5"),
        ({"min_confidence": -0.1}, "not -0.1"),
        ({"max_consequent": 0}, "max_consequent must be at least 1"),
        ({"consequents": ["q"]}, "unknown items: 'q'"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        association_rules(frequent_itemsets([["a", "b"]], min_count=1), **arguments)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_too_many_rules_are_refused_not_cut(n_jobs):
    found = frequent_itemsets([list(range(10))], min_count=1)
    every = association_rules(found)
    assert len(every) == 3**10 - 2 * 2**10 + 1
    assert len(association_rules(found, max_rules=len(every), n_jobs=n_jobs)) == len(every)
    with pytest.raises(BudgetExceeded, match="more than 57,000 rules; a larger min_confidence"):
        association_rules(found, max_rules=57_000, n_jobs=n_jobs)


# the plain form for recommenders


@settings(max_examples=150, deadline=None)
@given(baskets=small_baskets, min_count=st.integers(1, 3), max_length=st.integers(1, 4))
def test_plain_rules(baskets, min_count, max_length, brute_force):
    counts = brute_force(baskets)
    given_ = Baskets.from_csr(
        np.cumsum([0, *map(len, baskets)]), [item for b in baskets for item in b], 7
    )
    frame = mine_rules(
        given_.indptr, given_.indices, 7,
        min_count=min_count, max_length=max_length, min_confidence=0.3,
    )  # fmt: skip
    expected = {
        (tuple(sorted(x)), next(iter(y))): n
        for (x, y), n in all_rules(counts, min_count, 0.3, 1).items()
        if len(x) < max_length
    }
    keys = zip(frame["antecedent"], frame["consequent"], strict=True)
    assert dict(zip(keys, frame["count"], strict=True)) == expected
    n = len(baskets)
    for row in frame.itertuples():
        x, y = frozenset(row.antecedent), frozenset([row.consequent])
        assert row.support == pytest.approx(row.count / n)
        assert row.confidence == pytest.approx(row.count / counts[x])
        assert row.lift == pytest.approx(row.count * n / counts[x] / counts[y])


def test_plain_rules_come_best_first_and_are_cut():
    baskets = [[0, 1], [0, 1, 2], [0, 2], [1, 2], [0]]
    arrays = np.cumsum([0, *map(len, baskets)]), np.concatenate(baskets)
    frame = mine_rules(*arrays, 3, min_count=1, min_confidence=0.0)
    keys = [
        (-r.confidence, -r.count, len(r.antecedent), r.antecedent, r.consequent)
        for r in frame.itertuples()
    ]
    assert keys == sorted(keys)
    cut = mine_rules(*arrays, 3, min_count=1, min_confidence=0.0, max_rules=4)
    pd.testing.assert_frame_equal(cut, frame.head(4))


def test_plain_rules_of_nothing():
    frame = mine_rules([0], [], 0, min_count=1, min_confidence=0.5)
    assert len(frame) == 0
    columns = ["antecedent", "consequent", "count", "support", "confidence", "lift"]
    assert frame.columns.tolist() == columns
    assert len(mine_rules([0, 2], [0, 1], 2, min_count=5, min_confidence=0.5)) == 0


def test_plain_rules_refuse_a_negative_number():
    with pytest.raises(ValueError, match="max_rules must not be negative"):
        mine_rules([0], [], 0, min_count=1, min_confidence=0.5, max_rules=-1)


def test_more_rules_than_allowed_are_refused_while_baskets_are_mined():
    baskets = [list("abcd")] * 3
    every = rules_of_baskets(baskets, min_count=2, max_rules=28)
    assert len(every) == 28
    with pytest.raises(BudgetExceeded, match="more than 27 rules"):
        rules_of_baskets(baskets, min_count=2, max_rules=27)
