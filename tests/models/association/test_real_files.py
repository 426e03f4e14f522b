"""Counts on real files that several other programs agree on."""

import pytest

from models.association.itemsets import frequent_itemsets

pytestmark = pytest.mark.real


@pytest.mark.parametrize(("min_count", "expected"), [(10, 13_492), (3, 166_682)])
def test_groceries(groceries, min_count, expected):
    assert (len(groceries), groceries.n_items) == (9_835, 169)
    assert len(frequent_itemsets(groceries, min_count=min_count)) == expected


@pytest.mark.parametrize(("min_count", "expected"), [(882, 159), (88, 7_712), (18, 67_186)])
def test_retail(retail, min_count, expected):
    assert (len(retail), retail.n_items) == (88_162, 16_470)
    assert len(frequent_itemsets(retail, min_count=min_count, n_jobs=2)) == expected


@pytest.mark.parametrize(("min_count", "expected"), [(60, 3_991), (36, 461_521)])
def test_web_sessions(web_sessions, min_count, expected):
    """This copy has 59,601 sessions instead of 59,602; pyfim's eclat counts the same on it."""
    assert (len(web_sessions), web_sessions.n_items) == (59_601, 497)
    assert len(frequent_itemsets(web_sessions, min_count=min_count)) == expected


def test_largest_grocery_items(groceries):
    found = frequent_itemsets(groceries, min_count=1_372, max_length=1)
    counts = dict(zip(found.to_frame()["itemsets"], found.counts.tolist(), strict=True))
    assert counts == {
        frozenset(["whole milk"]): 2_513,
        frozenset(["other vegetables"]): 1_903,
        frozenset(["rolls/buns"]): 1_809,
        frozenset(["soda"]): 1_715,
        frozenset(["yogurt"]): 1_372,
    }


def test_closed_and_maximal_groceries(groceries):
    closed = frequent_itemsets(groceries, min_count=10, target="closed")
    maximal = frequent_itemsets(groceries, min_count=10, target="maximal")
    assert (len(closed), len(maximal)) == (13_464, 7_794)
