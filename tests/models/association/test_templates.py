"""Templates: the same answer as finding everything and looking afterwards."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.association._grouped import grouped_search
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.constraints import ItemConstraints
from models.association.itemsets import frequent_itemsets
from models.association.rules import association_rules
from models.association.templates import (
    Some,
    Template,
    _bounds,
    _of_sides,
    _of_whole,
    _reduced,
    template_itemsets,
    template_rules,
)

ITEMS = range(7)
small_baskets = st.lists(st.lists(st.integers(0, 6), max_size=7), max_size=12).map(
    lambda baskets: [list(ITEMS), *baskets]
)
GROUPS = {"low": [0, 1, 2], "mid": [2, 3, 4], "one": [5], "gone": [99]}


@st.composite
def parts(draw):
    of = draw(st.sampled_from(["low", "mid", "one"]) | st.frozensets(st.integers(0, 6), max_size=3))
    at_least = draw(st.integers(0, 2))
    return Some(of, at_least, draw(st.none() | st.integers(at_least, 3)))


some_parts = st.lists(parts(), max_size=3)
some_items = st.frozensets(st.integers(0, 6), max_size=2)


def members(some):
    return frozenset(GROUPS[some.of] if isinstance(some.of, str) else some.of)


def holds(items, wanted, others):
    """Say whether items are as a side of a template wants them."""
    if not others and wanted and items - frozenset().union(*map(members, wanted)):
        return False
    return all(some.at_least <= len(items & members(some)) <= some.most for some in wanted)


def everything(baskets, min_count, max_length):
    found = frequent_itemsets(baskets, min_count=min_count, max_length=max_length)
    return dict(zip(found.sets(), found.counts.tolist(), strict=True))


@settings(max_examples=200, deadline=None)
@given(
    baskets=small_baskets, wanted=some_parts, others=st.booleans(), min_count=st.integers(1, 3),
    max_length=st.integers(1, 7),
)  # fmt: skip
def test_itemsets_equal_a_filter(baskets, wanted, others, min_count, max_length):
    expected = {
        items: n
        for items, n in everything(baskets, min(min_count, len(baskets)), max_length).items()
        if n >= min_count and holds(items, wanted, others)
    }
    found = template_itemsets(
        baskets, wanted, min_count=min_count, max_length=max_length, groups=GROUPS, others=others
    )
    assert len(found) == len(expected)
    assert dict(zip(found.sets(), found.counts.tolist(), strict=True)) == expected
    codes = found.codes()
    assert codes == sorted(codes, key=lambda items: (len(items), items))


@settings(max_examples=200, deadline=None)
@given(
    baskets=small_baskets, wanted=some_parts, all_of=some_items, any_of=some_items,
    never=some_items, only=st.none() | st.frozensets(st.integers(0, 6)), exclusive=some_items,
)  # fmt: skip
def test_constraints_hold_beside_parts(baskets, wanted, all_of, any_of, never, only, exclusive):
    if len(all_of & exclusive) > 1:
        exclusive -= all_of
    only = None if only is None else only | all_of | any_of
    conditions = ItemConstraints(all_of, any_of, never - all_of - any_of, only, exclusive)
    plain = frequent_itemsets(baskets, min_count=1, constraints=conditions)
    expected = {
        items: n
        for items, n in zip(plain.sets(), plain.counts.tolist(), strict=True)
        if holds(items, wanted, True)
    }
    found = template_itemsets(baskets, wanted, min_count=1, groups=GROUPS, constraints=conditions)
    assert dict(zip(found.sets(), found.counts.tolist(), strict=True)) == expected


@settings(max_examples=150, deadline=None)
@given(
    baskets=small_baskets, left=some_parts, right=some_parts, other_left=st.booleans(),
    other_right=st.booleans(), min_count=st.integers(1, 2), max_length=st.integers(2, 6),
    min_confidence=st.sampled_from([0.0, 0.5, 0.9]),
)  # fmt: skip
def test_rules_equal_a_filter(
    baskets, left, right, other_left, other_right, min_count, max_length, min_confidence
):
    min_count = min(min_count, len(baskets))
    found = frequent_itemsets(baskets, min_count=min_count, max_length=max_length)
    plain = association_rules(found, min_confidence=min_confidence).to_frame(["confidence"])
    expected = {
        (row.antecedents, row.consequents, row.confidence)
        for row in plain.itertuples()
        if holds(row.antecedents, left, other_left) and holds(row.consequents, right, other_right)
    }
    rules = template_rules(
        baskets, Template(left, right, other_left, other_right), min_count=min_count,
        max_length=max_length, min_confidence=min_confidence, groups=GROUPS,
    )  # fmt: skip
    frame = rules.to_frame(["confidence"])
    assert len(frame) == len(expected)
    assert {(row.antecedents, row.consequents, row.confidence) for row in frame.itertuples()} == (
        expected
    )


def test_a_template_of_a_cross_sell():
    baskets = [["milk", "rye", "port"]] * 3 + [["milk", "rye", "rum"]] * 2 + [["milk", "port"]]
    template = Template([Some("dairy"), Some("bread")], [Some("drink", at_most=1)],
                        other_antecedents=False)  # fmt: skip
    groups = {"dairy": ["milk", "butter"], "bread": ["rye"], "drink": ["port", "rum"]}
    rules = template_rules(baskets, template, min_count=2, groups=groups)
    assert rules.to_frame(["support", "confidence"]).to_dict("list") == {
        "antecedents": [frozenset({"milk", "rye"})] * 2,
        "consequents": [frozenset({"port"}), frozenset({"rum"})],
        "support": [0.5, 2 / 6],
        "confidence": [0.6, 0.4],
    }
    assert rules.n_searched == 2
    sure = template_rules(baskets, template, min_count=2, groups=groups, thresholds={"lift": 1.1})
    assert len(sure) == 1


def test_baskets_that_lack_a_group_are_left_out_until_nothing_changes():
    baskets = Baskets.from_lists([["a", "b"], ["a", "c"], ["c", "d"], ["d", "e"], ["a", "b", "c"]])
    bounds = _bounds(baskets, [Some(["a"])], {}, others=True)
    order, indptr, _ = _reduced(baskets, bounds, 2)
    # without the baskets that lack a, the item d is rare, and then e as well
    assert sorted(baskets.labels[order]) == ["a", "b", "c"]
    assert len(indptr) - 1 == 3


def test_the_search_visits_no_branch_that_a_bound_forbids():
    """Of 40 items, only sets of two of one group may be found: 780, not 2 ** 40."""
    baskets = [list(range(40))] * 3
    found = template_itemsets(baskets, [Some(range(40), 2, 2)], min_count=1, max_length=40)
    assert len(found) == len(list(combinations(range(40), 2)))
    template = Template([Some(range(20), 1, 2)], [Some(range(20, 40), 1, 1)],
                        other_antecedents=False)  # fmt: skip
    rules = template_rules(baskets, template, min_count=1, max_length=20)
    assert len(rules) == (20 + 190) * 20


def test_sides_bound_the_whole():
    baskets = Baskets.from_lists([list("abcd")])
    template = Template([Some("ab", 1, 1)], [Some(["c"], 1, 1)], other_antecedents=False)
    whole = _of_whole(*_of_sides(baskets, template, {"ab": ["a", "b"]}))
    # a or b; none but them before THEN; c; none but it behind THEN; all; neither side
    assert whole.lows.tolist() == [1, 0, 1, 0, 2, 0]
    assert whole.highs[0] == 1
    assert whole.highs[2] == 1
    assert whole.highs[-1] == 0
    assert whole.belongs[-1].tolist() == [False, False, False, True]


def test_nothing_to_find():
    assert len(template_itemsets([], [Some(["a"])], min_count=1)) == 0
    assert len(template_itemsets([["a"]], [Some("none")], 1.0, groups={"none": ["z"]})) == 0
    assert len(template_rules([["a"]], Template(), min_count=1)) == 0
    assert callable(grouped_search)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"parts": [Some("dary")], "min_count": 1, "groups": {"dairy": []}},
            "'dary'; did you mean 'dairy'",
        ),
        ({"parts": [], "min_support": 2}, "above 0 and up to 1, not 2"),
        ({"parts": [], "min_support": 0.5, "min_count": 1}, "give either min_support"),
        ({"parts": [], "min_count": 0}, "at least 1, not 0"),
        ({"parts": [], "min_count": 1, "max_length": 0}, "max_length must be at least 1, not 0"),
        ({"parts": [], "min_count": 1, "constraints": ItemConstraints(never=["z"])}, "items: 'z'"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    with pytest.raises(ValueError, match=message):
        template_itemsets([["a"]], **arguments)


@pytest.mark.parametrize(("low", "high"), [(-1, None), (2, 1), (0, -1)])
def test_numbers_of_a_part(low, high):
    with pytest.raises(ValueError, match="must have 0 <= at_least <= at_most"):
        Some("dairy", low, high)


def test_rules_out_of_range():
    with pytest.raises(ValueError, match="at most 20, not 21"):
        template_rules([["a"]], Template(), min_count=1, max_length=21)
    with pytest.raises(ValueError, match=r"min_confidence lies in 0 \.\. 1, not 2"):
        template_rules([["a"]], Template(), min_count=1, min_confidence=2)


def test_too_many_are_refused():
    with pytest.raises(
        BudgetExceeded, match="over the budget of 100 itemsets: more itemsets of the form than fit"
    ):
        template_itemsets([list(range(20))], [], min_count=1, budget=Budget(itemsets=100))


def test_the_search_stops_when_its_time_is_over():
    with pytest.raises(BudgetExceeded, match=r"over the budget of 1e-09 seconds: still searching"):
        template_itemsets([list(range(18))], [], min_count=1, budget=Budget(seconds=1e-9))


@pytest.mark.parametrize("n_jobs", [2, 3])
def test_any_number_of_threads_gives_the_same_itemsets(n_jobs):
    chance = np.random.default_rng(3)
    baskets = [np.flatnonzero(chance.random(12) < 0.4).tolist() for _ in range(80)]
    parts = [Some([0, 1, 2, 3]), Some([4, 5, 6], 0, 1)]
    one, other = (
        template_itemsets(baskets, parts, min_count=3, n_jobs=jobs) for jobs in (1, n_jobs)
    )
    assert one.codes() == other.codes()
    assert one.counts.tolist() == other.counts.tolist()
    assert len(one) > 50
