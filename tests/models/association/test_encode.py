"""The renumbered baskets that the search reads."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.association._encode import count_items, encode, expected_work, sort_baskets
from models.association._plan import Plan
from models.association.baskets import Baskets

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


@settings(max_examples=200, deadline=None)
@given(baskets=small_baskets, kept=st.sets(st.integers(0, 6)), seed=st.integers(0, 99))
def test_every_occurrence_lists_the_more_frequent_items_beside_it(baskets, kept, seed):
    indptr, items = sort_baskets(*csr(baskets))
    order = np.random.default_rng(seed).permutation(sorted(kept)).astype(int)
    rank_of = np.full(7, -1, np.int32)
    rank_of[order] = np.arange(len(order))
    supports = count_items(items, 7)[order].astype(np.int32)
    encoded = encode(indptr, items, rank_of, supports)
    for rank in range(len(order)):
        beside = sorted(
            encoded.ranks[encoded.starts[v] : encoded.ends[v]].tolist()
            for v in range(encoded.heads[rank], encoded.heads[rank + 1])
        )
        kept_ranks = [{rank_of[i] for i in basket if rank_of[i] >= 0} for basket in baskets]
        expected = [sorted(r for r in own if r < rank) for own in kept_ranks if rank in own]
        assert beside == sorted(part for part in expected if part)
        assert expected_work(encoded)[rank] == sum(map(len, beside))


def test_ranks_go_by_frequency_and_ties_by_code():
    plan = Plan(Baskets.from_lists([["c", "b"], ["b", "a"], ["a", "c", "b"], ["d"]]), 1)
    names = plan.baskets.labels[plan.order].tolist()
    assert names == ["b", "a", "c", "d"]
    assert plan.changed(min_count=2).order.tolist() == [1, 0, 2]
