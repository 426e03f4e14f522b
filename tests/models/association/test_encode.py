"""The renumbered baskets that the search reads."""

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.association._encode import (
    Lists,
    _sort_all,
    count_items,
    count_pairs,
    count_weighted_items,
    encode,
    expected_work,
    occurrences,
    renumber,
    sort_baskets,
)
from models.association._merge import merge_lists
from models.association._plan import Plan
from models.association.baskets import Baskets

NO_WEIGHTS = np.empty(0, np.int64)

small_baskets = st.lists(st.lists(st.integers(0, 6), max_size=8), max_size=12)


def csr(baskets):
    indptr = np.cumsum([0, *map(len, baskets)]).astype(np.int64)
    return indptr, np.array([item for basket in baskets for item in basket], np.int32)


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets)
def test_sorting_drops_repeats(baskets):
    indptr, items = sort_baskets(*csr(baskets))
    ends = indptr.tolist()
    tidy = [items[a:b].tolist() for a, b in pairwise(ends)]
    assert tidy == [sorted(set(basket)) for basket in baskets]


def ranked(baskets, kept, seed):
    """Number the kept items in some order; give the CSR, the ranks and the supports by rank."""
    indptr, items = sort_baskets(*csr(baskets))
    order = np.random.default_rng(seed).permutation(sorted(kept)).astype(int)
    rank_of = np.full(7, -1, np.int32)
    rank_of[order] = np.arange(len(order))
    return indptr, items, rank_of, count_items(items, 7)[order].astype(np.int32)


def rank_lists(baskets, rank_of):
    own = [sorted(int(rank_of[item]) for item in set(basket)) for basket in baskets]
    return [[rank for rank in ranks if rank >= 0] for ranks in own]


def weighted(lists):
    """Give the ranks of each basket, sorted, with its weight."""
    parts = [lists.ranks[a:b].tolist() for a, b in pairwise(lists.begins.tolist())]
    return [(tuple(sorted(part[1:])), part[0]) for part in parts]


@settings(max_examples=200, deadline=None)
@given(baskets=small_baskets, kept=st.sets(st.integers(0, 6)), seed=st.integers(0, 99),
       least=st.integers(1, 3))  # fmt: skip
def test_renumbered_baskets_hold_the_ranks_of_the_kept_items(baskets, kept, seed, least):
    indptr, items, rank_of, _ = ranked(baskets, kept, seed)
    expected = [tuple(own) for own in rank_lists(baskets, rank_of) if len(own) >= least]
    assert weighted(renumber(indptr, items, NO_WEIGHTS, rank_of, least)) == [
        (own, 1) for own in expected
    ]


@settings(max_examples=200, deadline=None)
@given(baskets=small_baskets, copies=st.integers(2, 4), seed=st.integers(0, 99))
def test_equal_baskets_are_merged_with_their_weights(baskets, copies, seed):
    shuffled = [baskets[k] for k in np.random.default_rng(seed).permutation(
        np.repeat(np.arange(len(baskets)), copies))]  # fmt: skip
    indptr, items, rank_of, _ = ranked(shuffled, range(7), seed)
    merged = weighted(merge_lists(renumber(indptr, items, NO_WEIGHTS, rank_of, 2), 7))
    own = [tuple(ranks) for ranks in rank_lists(shuffled, rank_of) if len(ranks) >= 2]
    assert Counter(dict(merged)) == Counter(own)
    assert len(merged) == len(set(own))


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets, seed=st.integers(0, 99))
def test_weights_stand_for_equal_baskets(baskets, seed):
    weights = np.random.default_rng(seed).integers(1, 5, len(baskets))
    indptr, items, rank_of, _ = ranked(baskets, range(7), seed)
    whole = [basket for basket, n in zip(baskets, weights, strict=True) for _ in range(n)]
    counts = count_weighted_items(indptr, items, weights, 7)
    assert counts.tolist() == count_items(sort_baskets(*csr(whole))[1], 7).tolist()
    merged = weighted(merge_lists(renumber(indptr, items, weights, rank_of, 2), 7))
    own = [tuple(ranks) for ranks in rank_lists(whole, rank_of) if len(ranks) >= 2]
    total = Counter()
    for ranks, weight in merged:
        total[ranks] += weight
    assert total == Counter(own)


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets, seed=st.integers(0, 99))
def test_pairs_are_counted_with_their_weights(baskets, seed):
    indptr, items, rank_of, _ = ranked(baskets, range(7), seed)
    lists = merge_lists(renumber(indptr, items, NO_WEIGHTS, rank_of, 2), 7)
    _sort_all(lists)
    pairs = count_pairs(lists, 7).tolist()
    own = [ranks for ranks in rank_lists(baskets, rank_of) if len(ranks) >= 2]
    expected = [sum(i in r and j in r for r in own) for j in range(7) for i in range(j)]
    held = sum(len(ranks) * (len(ranks) - 1) // 2 for ranks, _ in weighted(lists))
    assert pairs == (expected if held >= 21 else [])


def test_baskets_that_differ_are_not_looked_at_twice():
    lists = renumber(
        np.arange(0, 42, 2), np.arange(40, dtype=np.int32), NO_WEIGHTS,
        np.arange(40, dtype=np.int32), 2,
    )  # fmt: skip
    assert merge_lists(lists, 40) is lists


@settings(max_examples=200, deadline=None)
@given(baskets=small_baskets, kept=st.sets(st.integers(0, 6)), seed=st.integers(0, 99))
def test_every_occurrence_lists_the_more_frequent_items_beside_it(baskets, kept, seed):
    indptr, items, rank_of, supports = ranked(baskets, kept, seed)
    lists = renumber(indptr, items, NO_WEIGHTS, rank_of, 2)
    encoded = encode(lists, supports)
    again = Lists(lists.ranks.copy(), lists.begins)
    _sort_all(again)  # the way of very many baskets
    again = occurrences(again, supports, encoded.pairs)
    assert again.ranks.tolist() == encoded.ranks.tolist()
    kept_ranks = rank_lists(baskets, rank_of)
    for rank in range(len(supports)):
        expected = [[r for r in own if r < rank] for own in kept_ranks if rank in own]
        expected = sorted(part for part in expected if part)
        assert beside(encoded, rank) == beside(again, rank) == expected
        assert expected_work(encoded)[rank] == sum(map(len, expected))


def beside(encoded, rank):
    return sorted(
        encoded.ranks[encoded.starts[v] : encoded.ends[v]].tolist()
        for v in range(encoded.heads[rank], encoded.heads[rank + 1])
    )


def test_ranks_go_by_frequency_and_ties_by_code():
    plan = Plan(Baskets.from_lists([["c", "b"], ["b", "a"], ["a", "c", "b"], ["d"]]), 1)
    names = plan.baskets.labels[plan.order].tolist()
    assert names == ["b", "a", "c", "d"]
    assert plan.changed(min_count=2).order.tolist() == [1, 0, 2]
