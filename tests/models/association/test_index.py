"""Itemsets found by their items."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.association._index import (
    ABSENT,
    build_index,
    find_itemset,
    hash_of,
    keys_of_items,
)

itemsets = st.lists(st.frozensets(st.integers(0, 20), min_size=1, max_size=6), unique=True)


def found(sets, sought, keys):
    indptr = np.cumsum([0, *map(len, sets)]).astype(np.int64)
    items = np.array([item for one in sets for item in sorted(one)], np.int32)
    table = build_index(indptr, items, keys)
    wanted = np.array(sorted(sought), np.int32)
    total = np.uint64(hash_of(wanted, 0, len(wanted), keys))
    return find_itemset(indptr, items, table, total, wanted, len(wanted))


@settings(max_examples=200, deadline=None)
@given(sets=itemsets, other=st.frozensets(st.integers(0, 20), max_size=6))
def test_finds_each_and_no_other(sets, other):
    keys = keys_of_items(21)
    assert [found(sets, one, keys) for one in sets] == list(range(len(sets)))
    assert found(sets, other, keys) == (sets.index(other) if other in sets else ABSENT)


@settings(max_examples=100, deadline=None)
@given(sets=itemsets, other=st.frozensets(st.integers(0, 20), max_size=6))
def test_equal_hashes_are_told_apart(sets, other):
    """With one key for all items every set of the same size collides."""
    keys = np.ones(21, np.uint64)
    assert [found(sets, one, keys) for one in sets] == list(range(len(sets)))
    assert found(sets, other, keys) == (sets.index(other) if other in sets else ABSENT)


def test_keys_differ():
    assert len(np.unique(keys_of_items(100_000))) == 100_000
