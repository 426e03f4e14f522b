"""Closed and maximal itemsets against their definitions."""

from hypothesis import given, settings
from hypothesis import strategies as st

from models.association.itemsets import frequent_itemsets

small_baskets = st.lists(st.lists(st.integers(0, 6), max_size=7), min_size=1, max_size=20)


def mined(baskets, min_count, target):
    found = frequent_itemsets(baskets, min_count=min(min_count, len(baskets)), target=target)
    return dict(zip(found.sets(), found.counts.tolist(), strict=True))


@settings(max_examples=300, deadline=None)
@given(baskets=small_baskets, min_count=st.integers(1, 5))
def test_definitions(baskets, min_count):
    frequent = mined(baskets, min_count, "frequent")
    closed = {
        items: n
        for items, n in frequent.items()
        if not any(items < other and n == m for other, m in frequent.items())
    }
    maximal = {
        items: n for items, n in frequent.items() if not any(items < other for other in frequent)
    }
    assert mined(baskets, min_count, "closed") == closed
    assert mined(baskets, min_count, "maximal") == maximal


def test_equal_baskets_have_one_closed_itemset():
    assert mined([["a", "b", "c"]] * 4, 2, "closed") == {frozenset("abc"): 4}


def test_nothing_frequent_has_nothing_closed():
    assert mined([["a"], ["b"]], 2, "closed") == {}
