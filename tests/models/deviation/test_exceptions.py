"""Exceptions to strong rules, against counting by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.association import rules_of_baskets
from models.deviation import rule_exceptions

SHOP = [["tea", "milk"]] * 18 + [["tea"], ["tea", "jam"], ["jam"]]


def test_who_meets_if_and_not_then():
    found = rule_exceptions(SHOP, min_count=10)
    assert found["basket"].tolist() == [18, 19]
    row = found.iloc[0]
    assert row[["rank", "missing", "keep", "exceptions"]].tolist() == [1, "milk", 18, 2]
    assert row["confidence"] == pytest.approx(0.9)
    assert row["surprise"] == pytest.approx(3.3219, abs=1e-4)
    assert row["text"] == "has tea but not milk; 18 of 20 with tea have it"


def test_the_surest_rule_comes_first():
    baskets = [["a", "b"]] * 49 + [["a"]] + [["c", "d"]] * 18 + [["c"]] * 2
    found = rule_exceptions(baskets, min_count=10)
    assert found["rule"].tolist() == ["a > b", "c > d", "c > d"]
    assert found["rank"].tolist() == [1, 2, 3]


def test_one_exception_a_basket_unless_more_are_wanted():
    baskets = [["a", "b", "c"]] * 20 + [["a"]]
    assert len(rule_exceptions(baskets, min_count=10)) == 1
    assert set(rule_exceptions(baskets, min_count=10, per_basket=5)["missing"]) == {"b", "c"}


def test_rules_may_be_given_and_weak_ones_are_left_out():
    rules = rules_of_baskets(SHOP, min_count=1)
    found = rule_exceptions(SHOP, rules=rules, min_confidence=0.85)
    assert set(found["rule"]) == {"tea > milk"}


def test_no_rule_and_no_basket_give_an_empty_table_with_columns():
    for baskets in ([], [["a"]], [["a", "b"]] * 3):
        found = rule_exceptions(baskets, min_count=2)
        assert len(found) == 0
        assert "text" in found


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sets(st.sampled_from("abcd")), min_size=1, max_size=25))
def test_against_counting(baskets):
    baskets = [sorted(basket) for basket in baskets]
    found = rule_exceptions(baskets, min_count=2, min_confidence=0.6, per_basket=4)
    for row in found.to_dict("records"):
        condition = set(row["antecedent"])
        met = [set(b) for b in baskets if condition <= set(b)]
        kept = sum(row["missing"] in b for b in met)
        assert condition <= set(baskets[row["basket"]])
        assert row["missing"] not in baskets[row["basket"]]
        assert (row["keep"], row["exceptions"]) == (kept, len(met) - kept)
        assert row["confidence"] == pytest.approx(kept / len(met))
    assert found["confidence"].is_monotonic_decreasing
    alone = {(a, b) for a in "abcd" for b in "abcd" if a != b}
    broken = {
        (number, b)
        for a, b in alone
        for number, basket in enumerate(baskets)
        if a in basket
        and b not in basket
        and (both := sum(a in one and b in one for one in baskets)) >= 2
        and both / sum(a in one for one in baskets) >= 0.6
    }
    assert broken <= {(row.basket, row.missing) for row in found.itertuples()}


@pytest.mark.parametrize("arguments", [{"min_confidence": 0.0}, {"per_basket": 0}])
def test_wrong_arguments_are_told(arguments):
    with pytest.raises(ValueError, match="min_confidence must be above 0"):
        rule_exceptions(SHOP, **arguments)
