"""Drafts refuse at the door what could not be kept or understood."""

import math

import pytest

from experiments.findings import KINDS, Draft, Evidence, Words
from experiments.findings.touches import OPERATORS, check_touches, parts_of

FINE = {
    "kind": "rule",
    "pattern": {"if": ["a"]},
    "words": Words("rule"),
    "evidence": Evidence(n=1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_taken(kind):
    assert Draft(**{**FINE, "kind": kind}).kind == kind


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "rul"}, "kind must be one of rule, sequence, .* but got 'rul'"),
        ({"pattern": {}}, "a pattern must say something"),
        ({"pattern": {"if": {1, 2}}}, "pattern must hold plain values only"),
        ({"touches": {"bougth": "a"}}, "a query has one of bought, segment, column, all, any, not"),
        ({"touches": {"all": [{"bought": "a", "segment": "b"}]}}, "a query has one of"),
    ],
)
def test_what_nobody_could_use_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        Draft(**{**FINE, **changes})


def test_words_hold_plain_values():
    with pytest.raises(ValueError, match="values must hold plain values only"):
        Words("rule", {"if": object()})


def test_all_wrong_figures_are_named_at_once():
    with pytest.raises(ValueError, match=r"confidence must .* 1.5; p must .* -1; n must be"):
        Evidence(n=-1, confidence=1.5, p=-1)


def test_a_number_that_is_none_passes():
    assert math.isnan(Evidence(n=1, confidence=math.nan).confidence)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_taken(operator):
    check_touches({"column": "age", "op": operator, "value": 3})


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"column": "age", "op": "=<", "value": 3}, "op must be one of"),
        ({"column": "age", "op": "<"}, "the condition on 'age' has no value"),
        ({"not": {"any": [{"bought": "a"}, {"x": 1}]}}, "a query has one of .* got {'x': 1}"),
        ({"all": ["a"]}, "a query is a mapping but got 'a'"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused(query, said):
    with pytest.raises(ValueError, match=said):
        check_touches(query)


def test_missing_needs_no_value_and_everybody_no_condition():
    check_touches({"column": "age", "op": "missing"})
    check_touches({})


def test_all_parts_of_a_query_are_seen():
    query = {"all": [{"bought": "a"}, {"not": {"any": [{"segment": "s"}, {"bought": "b"}]}}]}
    assert len(list(parts_of(query))) == 6
