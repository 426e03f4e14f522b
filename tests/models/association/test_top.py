"""The best patterns are those that looking at all of them finds, ties included."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded
from models.association._scores import RULE_SCORES, bound, score
from models.association._top import ITEMSET_SCORES, itemset_score
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.measures import RuleCounts, measure
from models.association.top import top_itemsets_by, top_rules

small_baskets = st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=14)


def holders(baskets, items):
    return sum(set(items) <= set(basket) for basket in baskets)


def all_rules(baskets, name, min_count, max_length, left, right):
    """Score every rule; best first by value, count, length, codes."""
    given_baskets = Baskets.from_lists(baskets)
    codes = {label: code for code, label in enumerate(given_baskets.labels.tolist())}
    kind, n, found = RULE_SCORES.index(name), len(baskets), []
    for size in range(1, max_length):
        for antecedent in combinations(sorted(codes), size):
            for then in codes:
                n_xy = holders(baskets, {*antecedent, then})
                if then in antecedent or n_xy < min_count:
                    continue
                if (left and not {*antecedent} <= left) or (right and then not in right):
                    continue
                n_x, n_y = holders(baskets, antecedent), holders(baskets, [then])
                value = score(kind, n, n_x, n_y, n_xy)
                if not np.isnan(value):
                    key = (-value, -n_xy, size, [codes[i] for i in antecedent], codes[then])
                    found.append((key, frozenset(antecedent), frozenset([then]), n_x, n_xy))
    return sorted(found, key=lambda row: row[0])


@settings(max_examples=200, deadline=None)
@given(
    baskets=small_baskets, name=st.sampled_from(RULE_SCORES), k=st.integers(1, 12),
    min_count=st.integers(1, 3), max_length=st.integers(2, 5),
)  # fmt: skip
def test_the_best_rules_are_found(baskets, name, k, min_count, max_length):
    expected = all_rules(baskets, name, min_count, max_length, None, None)[:k]
    rules = top_rules(baskets, k, name, min_count=min_count, max_length=max_length)
    frame = rules.to_frame([name])
    assert frame["antecedents"].tolist() == [row[1] for row in expected]
    assert frame["consequents"].tolist() == [row[2] for row in expected]
    assert rules.counts.n_x.tolist() == [row[3] for row in expected]
    assert rules.counts.n_xy.tolist() == [row[4] for row in expected]


@settings(max_examples=100, deadline=None)
@given(
    baskets=small_baskets, name=st.sampled_from(RULE_SCORES),
    left=st.frozensets(st.integers(0, 5), min_size=1),
    right=st.frozensets(st.integers(0, 5), min_size=1),
)  # fmt: skip
def test_only_allowed_items_stand_on_a_side(baskets, name, left, right):
    baskets = [*baskets, list(range(6))]
    expected = all_rules(baskets, name, 1, 3, left, right)[:5]
    rules = top_rules(baskets, 5, name, max_length=3, antecedents=left, consequents=right)
    assert rules.to_frame([])["antecedents"].tolist() == [row[1] for row in expected]
    assert rules.to_frame([])["consequents"].tolist() == [row[2] for row in expected]


@pytest.mark.parametrize("name", RULE_SCORES)
def test_scores_are_the_measures(name):
    kind = RULE_SCORES.index(name)
    tables = [(12, x, y, xy) for x, y, xy in product(range(1, 13), repeat=3)
              if max(1, x + y - 12) <= xy <= min(x, y)]  # fmt: skip
    values = np.array([score(kind, *table) for table in tables])
    expected = measure(name, RuleCounts(12, *np.array(tables).T[1:]))
    expected = -np.log(expected) if name == "fisher_p" else expected
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", RULE_SCORES)
def test_no_larger_antecedent_exceeds_the_bound(name):
    kind, n = RULE_SCORES.index(name), 9
    for x, y, xy, least in product(range(1, n + 1), range(1, n + 1), range(1, n + 1), (1, 2)):
        if not max(least, x + y - n) <= xy <= min(x, y):
            continue
        most = bound(kind, n, x, y, xy, least)
        for inner_xy in range(least, xy + 1):
            for rest in range(x - xy + 1):
                value = score(kind, n, inner_xy + rest, y, inner_xy)
                assert np.isnan(value) or value <= most, (x, y, xy, inner_xy, rest)


def test_equal_values_tie_whatever_the_counts():
    kind = RULE_SCORES.index("lift")
    assert score(kind, 30, 10, 9, 7) == score(kind, 60, 20, 18, 14) == 7 / 3


def itemsets_by_hand(baskets, name, min_count, max_length):
    codes = {label: code for code, label in enumerate(Baskets.from_lists(baskets).labels.tolist())}
    kind, found = ITEMSET_SCORES.index(name), []
    for size in range(2, max_length + 1):
        for items in combinations(sorted(codes), size):
            count = holders(baskets, items)
            if count >= min_count:
                union = sum(bool({*items} & {*basket}) for basket in baskets)
                # rarest first, ties by code, as the search adds the terms
                supports = np.sort([holders(baskets, [item]) for item in items])
                value = itemset_score(kind, len(baskets), count, union, supports)
                found.append((-value, -count, size, [codes[i] for i in items], frozenset(items)))
    return sorted(found, key=lambda row: row[:4])


@settings(max_examples=150, deadline=None)
@given(
    baskets=small_baskets, name=st.sampled_from(ITEMSET_SCORES), k=st.integers(1, 12),
    min_count=st.integers(1, 3), max_length=st.integers(2, 5),
)  # fmt: skip
def test_the_best_itemsets_are_found(baskets, name, k, min_count, max_length):
    expected = itemsets_by_hand(baskets, name, min_count, max_length)[:k]
    found, values = top_itemsets_by(baskets, k, name, min_count=min_count, max_length=max_length)
    assert found.sets() == [row[4] for row in expected]
    assert found.counts.tolist() == [-row[1] for row in expected]
    assert values.tolist() == [-row[0] for row in expected]


def test_measures_of_itemsets_by_their_formulas():
    baskets = [["a", "b", "c"], ["a", "b"], ["a", "c"], ["d"]]
    # P(all) is 1/4; a stands in 3 baskets, b and c in 2 each; 3 hold any
    expected = {
        "all_confidence": 1 / 3, "max_confidence": 1 / 2, "kulczynski": (1 / 3 + 1) / 3,
        "cosine": 1 / (3 * 2 * 2) ** (1 / 3), "jaccard": 1 / 3,
        "lift": 1 / 4 / (3 / 4 / 4), "leverage": 1 / 4 - 3 / 16,
    }  # fmt: skip
    for name, value in expected.items():
        found, values = top_itemsets_by(baskets, 9, name)
        assert values[found.sets().index(frozenset("abc"))] == pytest.approx(value)


def test_the_order_of_the_baskets_says_nothing():
    rng = np.random.default_rng(3)
    baskets = [np.flatnonzero(rng.random(10) < 0.3).tolist() for _ in range(80)]
    shuffled = [baskets[i] for i in rng.permutation(80)]
    for name in ("lift", "leverage", "fisher_p"):
        one, two = (
            top_rules(b, 15, name, min_count=2).to_frame([name]) for b in (baskets, shuffled)
        )
        assert one.equals(two)


def test_fewer_than_asked_for():
    assert len(top_rules([["a"], []], 5)) == 0
    assert len(top_rules([], 5)) == 0
    assert len(top_itemsets_by([["a", "b"]], 5)[0]) == 1
    assert top_rules([["a", "b"]], 5, "lift").n_searched == 2


def test_number_of_rules_that_could_be_asked_for():
    rules = top_rules([list("abcd")], 1, "lift", max_length=3, consequents=["a"])
    assert rules.n_searched == 3 + 3  # one or two of b, c, d


def test_the_clock_is_looked_at():
    rng = np.random.default_rng(0)
    baskets = [np.flatnonzero(rng.random(200) < 0.3).tolist() for _ in range(300)]
    with pytest.raises(BudgetExceeded, match=r"of 200 branches are searched; nothing"):
        top_rules(baskets, 10, "lift", budget=Budget(seconds=1e-9), max_length=3)
    with pytest.raises(BudgetExceeded, match="a larger min_count"):
        top_itemsets_by(baskets, 10, "lift", budget=Budget(seconds=1e-9), max_length=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "at least 1, not 0 and 1"),
        ({"k": 1, "min_count": 0}, "at least 1, not 1 and 0"),
        ({"k": 1, "max_length": 1}, "max_length must be at least 2, not 1"),
        ({"k": 1, "measure": "levrage"}, "'levrage'; did you mean 'leverage'"),
    ],
)
@pytest.mark.parametrize("search", [top_rules, top_itemsets_by])
def test_arguments_out_of_range(search, arguments, message):
    with pytest.raises(ValueError, match=message):
        search([["a", "b"]], **arguments)


def test_unknown_items_are_told():
    with pytest.raises(ValueError, match="unknown items: 'z'"):
        top_rules([["a", "b"]], 1, consequents=["z"])
