"""Conditions on items: the same answer as mining everything and looking afterwards."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.association._plan import Plan
from models.association.baskets import Baskets
from models.association.constraints import ItemConstraints
from models.association.itemsets import frequent_itemsets

# every item occurs, so that every name is known
known = [list(range(7))]
small_baskets = st.lists(st.lists(st.integers(0, 6), max_size=7), max_size=15).map(known.__add__)
some_items = st.frozensets(st.integers(0, 6), max_size=3)


def allowed(items, wanted):
    only = items if wanted.only is None else wanted.only
    return (
        items >= wanted.all_of
        and (not wanted.any_of or bool(items & wanted.any_of))
        and not items & wanted.never
        and items - wanted.all_of <= only
        and len(items & wanted.at_most_one_of) <= 1
    )


@st.composite
def constraints(draw):
    all_of, any_of, never = draw(some_items), draw(some_items), draw(some_items)
    only = draw(st.none() | st.frozensets(st.integers(0, 6), min_size=1))
    exclusive = draw(st.just(frozenset()) | st.frozensets(st.integers(0, 6), max_size=5))
    if only is not None:
        only |= all_of | any_of
    if len(exclusive & all_of) > 1:
        exclusive -= all_of
    return ItemConstraints(all_of, any_of, never - all_of - any_of, only, exclusive)


@settings(max_examples=500, deadline=None)
@given(
    baskets=small_baskets, wanted=constraints(), min_count=st.integers(1, 3),
    max_length=st.none() | st.integers(1, 4),
)  # fmt: skip
def test_search_finds_what_a_filter_keeps(baskets, wanted, min_count, max_length, brute_force):
    min_count = min(min_count, len(baskets))
    expected = {
        items: n
        for items, n in brute_force(baskets).items()
        if n >= min_count and len(items) <= (max_length or 99) and allowed(items, wanted)
    }
    found = frequent_itemsets(
        baskets, min_count=min_count, constraints=wanted, max_length=max_length
    )
    assert len(found) == len(expected)
    assert dict(zip(found.sets(), found.counts.tolist(), strict=True)) == expected
    assert all(list(items) == sorted(items) for items in found.codes())


def test_forbidden_items_are_never_visited():
    baskets = Baskets.from_lists([list(range(40))] * 3)
    wanted = ItemConstraints(only=range(3))
    plan = Plan(baskets, 1, constraints=wanted)
    assert len(plan.order) == 3
    assert len(frequent_itemsets(baskets, min_count=1, constraints=wanted)) == 7


def test_demanded_item_limits_the_search_to_its_baskets():
    plan = Plan(Baskets.from_lists([["a"], ["b"], ["a", "b"]]), 1,
                constraints=ItemConstraints(all_of=["a"]))  # fmt: skip
    assert len(plan.searched) == 2


def test_support_is_a_share_of_all_baskets():
    found = frequent_itemsets(
        [["a", "b"], ["b"], ["a"], []], min_count=1, constraints=ItemConstraints(all_of=["a"])
    )
    frame = found.to_frame()
    assert dict(zip(frame["itemsets"], frame["support"], strict=True)) == {
        frozenset("a"): 0.5, frozenset("ab"): 0.25}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"all_of": ["a"], "never": ["a"]}, "both demanded and forbidden: 'a'"),
        ({"any_of": ["a"], "only": ["b"]}, "both demanded and forbidden: 'a'"),
        ({"all_of": ["a", "b"], "at_most_one_of": ["a", "b"]}, "all_of demands two items"),
        ({"never": "milk"}, "a list of items is wanted, not the text 'milk'"),
    ],
)
def test_contradictions_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ItemConstraints(**arguments)


def test_unknown_items_are_listed():
    with pytest.raises(ValueError, match="unknown items: 'milk'"):
        frequent_itemsets([["a"]], min_count=1, constraints=ItemConstraints(never=["milk"]))
