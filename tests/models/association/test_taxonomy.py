"""Itemsets and rules over a hierarchy, against brute force and a filtered plain search."""

import re
from itertools import combinations, pairwise, product

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.association.budget import Budget
from models.association.itemsets import frequent_itemsets
from models.association.rare import rules_with_parts
from models.association.rules import association_rules
from models.association.taxonomy import Taxonomy, explained_by_ancestors, taxonomy_itemsets

# Two trees of three and two levels, and an item that stands alone.
PARENTS = {"a": "A", "b": "A", "c": "B", "A": "top", "B": "top", "d": "D", "e": "D"}
ITEMS = "abcdef"
shop = Taxonomy({**PARENTS, "f": "rest"})
small_baskets = st.lists(
    st.lists(st.sampled_from(ITEMS), max_size=6), min_size=1, max_size=16
)  # fmt: skip


def chain(name):
    return (name, *shop.ancestors(name))


def kin(items):
    return any(a in chain(b) or b in chain(a) for a, b in combinations(items, 2))


def levels(items):
    return {shop.level(item) for item in items}


def wide_counts(baskets, brute_force):
    """Count every itemset over items and groups that holds no relatives."""
    wide = [[name for item in basket for name in chain(item)] for basket in baskets]
    return {items: n for items, n in brute_force(wide).items() if not kin(items)}


def as_dict(found):
    return dict(zip(found.sets(), found.counts.tolist(), strict=True))


@settings(max_examples=200, deadline=None)
@given(baskets=small_baskets, least=st.integers(1, 6), length=st.sampled_from([None, 1, 2, 3]))
@example(baskets=[[]], least=1, length=None)
@example(baskets=[list("abcdef")] * 3, least=3, length=None)
def test_finds_what_brute_force_finds(baskets, least, length, brute_force):
    least = min(least, len(baskets))
    expected = {
        items: n
        for items, n in wide_counts(baskets, brute_force).items()
        if n >= least and len(items) <= (length or 99)
    }
    found = taxonomy_itemsets(baskets, shop, min_count=least, max_length=length)
    assert len(found) == len(expected)
    assert as_dict(found) == expected


@settings(max_examples=100, deadline=None)
@given(
    baskets=small_baskets,
    least=st.integers(1, 4),
    confidence=st.sampled_from([0.0, 0.5, 2 / 3, 1.0]),
    cross_level=st.booleans(),
)
def test_rules_are_those_of_brute_force(baskets, least, confidence, cross_level, brute_force):
    least = min(least, len(baskets))
    counts = wide_counts(baskets, brute_force)
    expected = {
        (frozenset(left), whole - frozenset(left)): (n, n / counts[frozenset(left)])
        for whole, n in counts.items()
        if n >= least and (cross_level or len(levels(whole)) == 1)
        for size in range(1, len(whole))
        for left in combinations(whole, size)
        if n / counts[frozenset(left)] >= confidence
    }
    found = taxonomy_itemsets(baskets, shop, min_count=least, cross_level=cross_level)
    rules = association_rules(found, min_confidence=confidence)
    sides = (found.take(side).sets() for side in (rules.antecedents, rules.consequents))
    numbers = zip(found.counts[rules.whole].tolist(), rules.measure("confidence"), strict=True)
    made = dict(zip(zip(*sides, strict=True), numbers, strict=True))
    assert len(rules) == len(made)
    assert made == expected


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets, least=st.integers(1, 4))
def test_single_level_itemsets_hold_one_level_only(baskets, least, brute_force):
    least = min(least, len(baskets))
    found = taxonomy_itemsets(baskets, shop, min_count=least, cross_level=False)
    assert as_dict(found) == {
        items: n
        for items, n in wide_counts(baskets, brute_force).items()
        if n >= least and len(levels(items)) == 1
    }


@settings(max_examples=150, deadline=None)
@given(baskets=small_baskets, numbers=st.tuples(*[st.integers(1, 6)] * 3))
def test_every_level_has_its_own_minimum(baskets, numbers, brute_force):
    by_level = {level: min(n, len(baskets)) for level, n in enumerate(numbers, start=1)}
    found = taxonomy_itemsets(baskets, shop, min_count=by_level)
    assert as_dict(found) == {
        items: n
        for items, n in wide_counts(baskets, brute_force).items()
        if n >= min(by_level[level] for level in levels(items))
    }


@settings(max_examples=60, deadline=None)
@given(baskets=small_baskets)
def test_threads_and_the_order_of_baskets_change_nothing(baskets):
    by_level = {1: 1, 2: min(2, len(baskets)), 3: 1}
    one = taxonomy_itemsets(baskets, shop, min_count=by_level)
    many = taxonomy_itemsets(baskets[::-1], shop, min_count=by_level, n_jobs=3)
    assert one.sets() == many.sets()
    assert one.counts.tolist() == many.counts.tolist()


def expected_by_paper(rules, counts, n, factor):
    """Follow the definitions of Srikant and Agrawal word by word, one rule at a time."""

    def lifted(side):
        return [frozenset(one) for one in product(*(chain(item) for item in sorted(side)))]

    def above(rule):
        pairs = product(lifted(rule[0]), lifted(rule[1]))
        return {
            other for other in pairs
            if other != rule and [len(s) for s in other] == [len(s) for s in rule]
        }  # fmt: skip

    def ratio(lower, upper):
        out = 1.0
        for item in lower:
            (up,) = [name for name in upper if name in chain(item)]
            out *= counts[frozenset([item])] / counts[frozenset([up])]
        return out

    interesting = set()
    for rule in sorted(rules, key=lambda r: sum(shop.level(i) for i in r[0] | r[1])):
        known = above(rule) & interesting
        close = [one for one in known if not any(one in above(other) for other in known)]
        holds = True
        for left, right in close:
            both, his = counts[rule[0] | rule[1]], counts[left | right]
            support = his * ratio(rule[0], left) * ratio(rule[1], right)
            confidence = his / counts[left] * ratio(rule[1], right)
            share = both / counts[rule[0]]
            slack = 1 - 1e-12
            holds &= both >= factor * support * slack or share >= factor * confidence * slack
        if holds:
            interesting.add(rule)
    return interesting


@settings(max_examples=80, deadline=None)
@given(baskets=small_baskets, factor=st.sampled_from([1.0, 1.1, 1.5, 3.0]))
def test_explained_rules_are_those_of_the_paper(baskets, factor, brute_force):
    counts = wide_counts(baskets, brute_force)
    found = taxonomy_itemsets(baskets, shop, min_count=1, max_length=3)
    rules = association_rules(found, min_confidence=0.3)
    frame = rules.to_frame([])
    pairs = list(zip(frame["antecedents"], frame["consequents"], strict=True))
    explained = explained_by_ancestors(rules, shop, factor)
    kept = {pair for pair, gone in zip(pairs, explained, strict=True) if not gone}
    assert kept == expected_by_paper(pairs, counts, len(baskets), factor)


def test_example_of_the_paper():
    """Half of the clothes' baskets hold outerwear: a rule with half of the support is no news."""
    taxonomy = Taxonomy({"jacket": "outerwear", "coat": "outerwear", "boots": "footwear"})
    even = [["jacket", "boots"], ["coat", "boots"]] * 8 + [["boots"]] * 4
    found = taxonomy_itemsets(even, taxonomy, min_count=2, max_length=2)
    rules = association_rules(found, consequents=["boots", "footwear"])
    frame = rules.take(~explained_by_ancestors(rules, taxonomy)).to_frame([])
    assert [(set(r.antecedents), set(r.consequents)) for r in frame.itertuples()] == [
        ({"outerwear"}, {"footwear"})
    ]
    uneven = [["jacket", "boots"]] * 8 + [["coat"]] * 8 + [["boots"]] * 4
    found = taxonomy_itemsets(uneven, taxonomy, min_count=2, max_length=2)
    rules = association_rules(found, consequents=["footwear"], antecedents=["jacket", "outerwear"])
    assert explained_by_ancestors(rules, taxonomy).tolist() == [False, False]


def test_no_rules_are_explained_by_none():
    found = taxonomy_itemsets([["a"]], shop, min_count=1)
    rules = association_rules(found)
    assert explained_by_ancestors(rules, shop).tolist() == []
    with pytest.raises(ValueError, match=r"factor must be at least 1, not 0\.5"):
        explained_by_ancestors(rules, shop, 0.5)


def test_levels_and_ancestors():
    assert shop.ancestors("a") == ("A", "top")
    assert [shop.level(name) for name in ("top", "A", "a", "D", "d")] == [1, 2, 3, 1, 2]
    assert shop.names == {*ITEMS, "A", "B", "D", "top", "rest"}


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("a", "a")], "the taxonomy has a cycle: 'a' -> 'a'"),
        ([("x", "a"), ("a", "b"), ("b", "c"), ("c", "a")], "cycle: 'a' -> 'b' -> 'c' -> 'a'"),
        ([("a", "b"), ("a", "c")], "'a' has two parents: 'b' and 'c'"),
        ([("a", None)], "a name is missing in the pair 'a', None"),
        ([(float("nan"), "b")], "a name is missing in the pair nan, 'b'"),
    ],
)
def test_bad_pairs_are_refused(pairs, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Taxonomy.from_pairs(pairs)


def test_a_pair_may_come_twice_and_a_chain_may_be_long():
    assert Taxonomy.from_pairs([("a", "b"), ("a", "b")]).level("a") == 2
    long = Taxonomy.from_pairs([(k, k + 1) for k in range(3_000)])
    assert (long.level(0), long.level(3_000)) == (3_001, 1)


def test_items_that_the_taxonomy_does_not_know_are_named():
    with pytest.raises(ValueError, match="not in the taxonomy: 'milk', 'tea'"):
        taxonomy_itemsets([["a", "tea"], ["milk"]], shop, min_count=1)
    wine = Taxonomy({"red wine": "wine"})
    with pytest.raises(ValueError, match="'red wnie'; did you mean 'red wine'"):
        wine.extended([["red wnie"]])
    with pytest.raises(ValueError, match="not in the taxonomy: 'gin'"):
        wine.ancestors("gin")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give either min_support"),
        ({"min_support": 0.5, "min_count": 1}, "give either min_support"),
        ({"min_support": 0.0}, "is a share above 0 and up to 1, not 0.0"),
        ({"min_support": {1: 0.5, 2: 2, 3: 0.5}}, "min_support of level 2 is a share"),
        ({"min_count": {1: 1, 3: 1}}, "levels without a minimum: [2]; the taxonomy has [1, 2, 3]"),
        ({"min_count": 3}, "is a whole number from 1 to 2, not 3"),
        ({"min_count": 1, "max_length": 0}, "max_length must be at least 1, not 0"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        taxonomy_itemsets([["a"], ["b"]], shop, **arguments)


def test_no_baskets_have_no_itemsets():
    assert len(taxonomy_itemsets([], shop, 0.1)) == 0


def test_budget_is_kept():
    with pytest.raises(BudgetExceeded, match="over the budget of 5 itemsets"):
        taxonomy_itemsets([list("abcdef")] * 2, shop, min_count=1, budget=Budget(itemsets=5))


def test_table_names_groups_with_their_column():
    frame = pd.DataFrame({"item": ["ham", "beef"], "kind": ["ham", "beef"], "area": ["meat"] * 2})
    taxonomy = Taxonomy.from_table(frame, ["item", "kind", "area"])
    assert taxonomy.ancestors("ham") == ("kind: ham", "area: meat")
    with pytest.raises(ValueError, match=re.escape("columns not found: ['shelf']")):
        Taxonomy.from_table(frame, ["item", "shelf"])
    with pytest.raises(ValueError, match="a name is missing in the column 'kind'"):
        Taxonomy.from_table(frame.assign(kind=["ham", None]), ["item", "kind"])


@pytest.fixture(scope="module")
def departments(real_data):
    frame = pd.read_csv(real_data / "groceries_items.csv")
    return Taxonomy.from_table(frame, ["labels", "level2", "level1"])


@pytest.mark.real
def test_groceries_have_three_levels(departments):
    levels = pd.Series([departments.level(name) for name in departments.names])
    assert levels.value_counts().to_dict() == {3: 169, 2: 55, 1: 10}


@pytest.mark.real
def test_groceries_equal_the_plain_search_without_relatives(groceries, departments):
    found = taxonomy_itemsets(groceries, departments, 0.02, n_jobs=2)
    plain = as_dict(frequent_itemsets(departments.extended(groceries), 0.02))
    up = {name: {name, *departments.ancestors(name)} for name in departments.names}
    expected = {
        items: n
        for items, n in plain.items()
        if not any(a in up[b] or b in up[a] for a, b in combinations(items, 2))
    }
    assert as_dict(found) == expected
    assert len(found) < len(plain) / 3


@pytest.mark.real
def test_groceries_rules_with_a_minimum_per_level(groceries, departments):
    found = taxonomy_itemsets(groceries, departments, {1: 0.05, 2: 0.02, 3: 0.01}, max_length=3)
    rules = rules_with_parts(
        departments.extended(groceries), found, min_confidence=0.4, max_consequent=1
    )
    explained = explained_by_ancestors(rules, departments, 1.1)
    assert 0 < explained.sum() < len(rules)
    frame = rules.take(~explained).to_frame(["confidence", "lift"])
    assert (frame["confidence"] >= 0.4).all()
    singles = {items: n for items, n in as_dict(found).items() if len(items) == 1}
    assert singles[frozenset(["whole milk"])] == 2_513
    least = {1: 0.05, 2: 0.02, 3: 0.01}
    assert all(
        n >= least[departments.level(name)] * len(groceries)
        for (name,), n in ((tuple(items), n) for items, n in singles.items())
    )


@settings(max_examples=100, deadline=None)
@given(baskets=small_baskets)
def test_extended_baskets_hold_every_ancestor_once(baskets):
    before = [list(basket) for basket in baskets]
    wide = shop.extended(baskets)
    names = wide.labels[wide.indices].tolist()
    ends = wide.indptr.tolist()
    for basket, (begin, end) in zip(baskets, pairwise(ends), strict=True):
        assert len(names[begin:end]) == len(set(names[begin:end]))
        assert set(names[begin:end]) == {name for item in basket for name in chain(item)}
    assert baskets == before


def test_a_group_may_stand_in_a_basket_itself():
    """A till may book a whole group where it does not know the item."""
    wide = shop.extended([["A"], ["a", "A"]])
    assert dict(zip(wide.labels.tolist(), wide.counts.tolist(), strict=True)) == {
        "A": 2, "a": 1, "top": 2}  # fmt: skip
    found = taxonomy_itemsets([["A"], ["a", "A"]], shop, min_count=1)
    assert all(len(items) == 1 for items in found.sets())


@pytest.mark.parametrize("cross_level", [True, False])
def test_kin_tells_ancestors_by_their_places(cross_level):
    names = ["c", "top", "A", "a", "D", "b", "B", "f"]
    kin_of = shop.kin(names, cross_level)
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            inside = kin_of.enters[i] <= kin_of.enters[j] < kin_of.leaves[i]
            assert inside == (one in chain(other))
            same = cross_level or shop.level(one) == shop.level(other)
            assert (kin_of.kinds[i] == kin_of.kinds[j]) == same


def test_names_that_begin_alike_are_not_kin():
    taxonomy = Taxonomy({"red": "wine", "red wine": "wine", "wine gum": "sweets"})
    found = taxonomy_itemsets([["red", "red wine", "wine gum"]], taxonomy, min_count=1)
    assert frozenset(["red", "red wine"]) in found.sets()
    assert frozenset(["wine", "wine gum"]) in found.sets()
    assert frozenset(["wine", "red wine"]) not in found.sets()


def test_names_may_be_numbers():
    taxonomy = Taxonomy.from_pairs([(1, 100), (2, 100), (3, 200)])
    found = taxonomy_itemsets([[1, 3], [2, 3]], taxonomy, min_count=2)
    assert as_dict(found) == {
        frozenset([3]): 2,
        frozenset([100]): 2,
        frozenset([200]): 2,
        frozenset([3, 100]): 2,
        frozenset([100, 200]): 2,
    }
