"""Counts on real files that several other programs agree on."""

import re

import pytest

from lodeworks.errors import BudgetExceeded
from models.association.budget import Budget
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


@pytest.mark.parametrize(
    ("name", "limit"),
    [("groceries", 5_000), ("retail", 100_000), ("web_sessions", 3_000), ("web_sessions", 100_000)],
)
def test_the_support_that_is_advised_comes_near_the_budget(request, name, limit):
    """At the advice half the budget is used at least, or one basket less would be over it."""
    baskets, budget = request.getfixturevalue(name), Budget(itemsets=limit)
    with pytest.raises(BudgetExceeded) as refused:
        frequent_itemsets(baskets, min_count=2, budget=budget)
    advice = refused.value.problems
    count, n = re.match(r"min_count ([\d,]+) .* fit: ([\d,]+)", advice[0]).groups()
    count, n = int(count.replace(",", "")), int(n.replace(",", ""))
    assert n == len(frequent_itemsets(baskets, min_count=count)) <= limit
    if n < limit / 2:
        with pytest.raises(BudgetExceeded):
            frequent_itemsets(baskets, min_count=count - 1, budget=budget)
