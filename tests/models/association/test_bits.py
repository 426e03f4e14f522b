"""The search on bit rows, of one word and of several."""

from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.association._bits import Rows, search_rows
from models.association._nodes import ROOT, add_node, add_subsets, expand_nodes
from models.association._threads import control_of
from models.association.budget import Budget
from models.association.itemsets import frequent_itemsets


def rows_of(matrix, width):
    """Pack one row an item; more words than needed do no harm."""
    bits = np.zeros((len(matrix), width * 64), np.uint8)
    bits[:, : matrix.shape[1]] = matrix
    words = np.packbits(bits, axis=1, bitorder="little").view(np.uint64)
    items = np.arange(len(matrix), dtype=np.int32)
    return Rows(items, matrix.sum(1).astype(np.int32), words.ravel())


def searched(matrix, width, least, room, limit=None):
    control = control_of(limit)
    nodes, top, _ = search_rows(
        np.empty((1, 3), np.int32), 0, ROOT, rows_of(matrix, width), len(matrix), width,
        least, room, np.empty((len(matrix) + 2, 4), np.int64), control,
    )  # fmt: skip
    nodes = nodes[:top]
    indptr, items = expand_nodes(nodes, np.arange(len(matrix), dtype=np.int32))
    sets = [frozenset(items[a:b].tolist()) for a, b in pairwise(indptr.tolist())]
    return dict(zip(sets, nodes[:, 2].tolist(), strict=True)), len(sets), control[0]


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 8])
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n_items=st.integers(1, 7), fill=st.floats(0.3, 1.0),
       room=st.integers(1, 8), share=st.floats(0.1, 1.0))  # fmt: skip
def test_all_frequent_combinations_of_rows_are_found(width, seed, n_items, fill, room, share):
    matrix = np.random.default_rng(seed).random((n_items, 64 * width - 5)) < fill
    least = max(1, int(share * matrix.sum(1).max()))
    matrix = matrix[matrix.sum(1) >= least]
    counts = {
        frozenset(part): int(matrix[list(part)].all(0).sum())
        for size in range(1, min(room, len(matrix)) + 1)
        for part in combinations(range(len(matrix)), size)
    }
    found, n, stopped = searched(matrix, width, least, room)
    assert found == {part: count for part, count in counts.items() if count >= least}
    assert (n, stopped) == (len(found), 0)  # none twice


@pytest.mark.parametrize(("limit", "stopped"), [(1023, 0), (1022, 2), (10, 2)])
def test_equal_rows_count_against_the_limit(limit, stopped):
    _, n, control = searched(np.ones((10, 40), bool), 1, 40, 99, limit)
    assert control == stopped
    assert n <= limit + 1


def test_more_subsets_than_can_be_numbered_are_refused_at_once():
    with pytest.raises(BudgetExceeded, match="more than 1,000,000 itemsets"):
        frequent_itemsets([range(45)] * 70, min_count=70, budget=Budget(itemsets=1_000_000))


@settings(deadline=None)
@given(n_items=st.integers(0, 8))
def test_subsets_come_in_the_order_of_the_search(n_items):
    nodes = np.empty((1 << n_items, 3), np.int32)
    top = add_subsets(nodes, add_node(nodes, 0, ROOT, n_items, 5), np.arange(n_items))
    indptr, items = expand_nodes(nodes[:top], np.arange(n_items + 1, dtype=np.int32))
    sets = [tuple(items[a:b].tolist()) for a, b in pairwise(indptr.tolist())]
    expected = [(*part, n_items) for size in range(n_items + 1)
                for part in combinations(range(n_items), size)]  # fmt: skip
    assert Counter(sets) == Counter(expected)
    assert sets == sorted(sets, key=lambda own: own[::-1])
    assert set(nodes[:top, 2].tolist()) == {5}
