"""The search with a threshold per item and with kin that never stand together."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.association._threads import Overrun
from models.association._varied import Kin, VariedPlan
from models.association.baskets import Baskets

small_baskets = st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=14)
thresholds = st.lists(st.integers(1, 6), min_size=6, max_size=6)
kinds = st.lists(st.integers(0, 2), min_size=6, max_size=6)


def plan_of(rows, numbers, **more):
    """Keep all six codes, also those that occur nowhere."""
    indptr = np.cumsum([0, *map(len, rows)])
    baskets = Baskets.from_csr(indptr, np.array([i for row in rows for i in row], int), 6)
    return VariedPlan(baskets, 1, item_counts=np.array(numbers, np.int64), **more)


def found_by(plan):
    found = plan.run()
    ends = found.indptr.tolist()
    sets = [frozenset(found.items[a:b].tolist()) for a, b in pairwise(ends)]
    assert len(sets) == len(set(sets))
    return dict(zip(sets, found.counts.tolist(), strict=True))


def apart(kind):
    """Let no two items of unlike kind stand together; nobody is anybody's ancestor."""
    places = np.arange(6, dtype=np.int32)
    return Kin(places, places + 1, np.array(kind, np.int32))


@settings(max_examples=200, deadline=None)
@given(rows=small_baskets, numbers=thresholds, kind=kinds)
def test_both_conditions_hold_at_once(rows, numbers, kind, brute_force):
    expected = {
        items: n
        for items, n in brute_force(rows).items()
        if n >= min(numbers[i] for i in items) and len({kind[i] for i in items}) == 1
    }
    assert found_by(plan_of(rows, numbers, kin=apart(kind))) == expected


@settings(max_examples=100, deadline=None)
@given(rows=small_baskets, numbers=thresholds)
def test_kin_that_excludes_nothing_changes_nothing(rows, numbers):
    with_kin = found_by(plan_of(rows, numbers, kin=apart([0] * 6)))
    assert with_kin == found_by(plan_of(rows, numbers))


@settings(max_examples=100, deadline=None)
@given(rows=small_baskets, numbers=thresholds)
def test_ancestors_are_read_from_the_places(rows, numbers, brute_force):
    """Item 0 is above 1 and 2, item 1 above 2; 3 is above 4; 5 stands alone."""
    enters = np.array([0, 1, 2, 3, 4, 5], np.int32)
    leaves = np.array([3, 3, 3, 5, 5, 6], np.int32)
    related = {(0, 1), (0, 2), (1, 2), (3, 4)}
    expected = {
        items: n
        for items, n in brute_force(rows).items()
        if n >= min(numbers[i] for i in items) and not related & set(combinations(sorted(items), 2))
    }
    kin = Kin(enters, leaves, np.zeros(6, np.int32))
    assert found_by(plan_of(rows, numbers, kin=kin)) == expected


@settings(max_examples=60, deadline=None)
@given(rows=small_baskets, numbers=thresholds, floor=st.integers(1, 6))
def test_smallest_count_is_a_floor_under_every_threshold(rows, numbers, floor):
    raised = plan_of(rows, np.maximum(numbers, floor))
    assert found_by(plan_of(rows, numbers).changed(min_count=floor)) == found_by(raised)


def test_largest_threshold_comes_first_in_the_order():
    plan = plan_of([[0, 1, 2], [0, 1, 2], [0, 1], [3]], [2, 3, 2, 9, 1, 1])
    assert plan.order.tolist() == [3, 1, 0, 2]


@pytest.mark.parametrize("kin", [None, apart([0] * 6)])
def test_limit_of_itemsets_stops_the_search(kin):
    plan = plan_of([range(6)] * 2, [1] * 6, kin=kin)
    assert len(plan.nodes(limit=63)) == 63
    with pytest.raises(Overrun, match="itemsets"):
        plan.nodes(limit=62)


@pytest.mark.parametrize("kin", [None, apart([0, 0, 0, 1, 1, 1])])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_largest_length_is_kept(kin, length):
    plan = plan_of([range(6)] * 2, [1] * 6, kin=kin).changed(max_length=length)
    sizes = {len(items) for items in found_by(plan)}
    assert sizes == set(range(1, length + 1))
