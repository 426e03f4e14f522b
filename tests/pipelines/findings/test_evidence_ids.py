"""What a list's row rests on, read back into the pattern."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.findings import Evidence
from experiments.findings.language import Language
from pipelines.findings.evidence_ids import Steps, parsed
from pipelines.findings.purchase_rule import PurchaseRule

KNOWN = {"A", "B", "C", "A+B", "A>B", "x>y"}


@pytest.mark.parametrize(
    ("evidence_id", "item", "pattern"),
    [
        ("rule:A>C", "C", PurchaseRule(("A",), "C")),
        ("rule:B+A>C", "C", PurchaseRule(("A", "B"), "C")),
        ("ease:A>C", "C", PurchaseRule(("A",), "C")),
        ("order:A+B>C", "C", PurchaseRule(("A+B",), "C")),
        ("popular:C", "C", PurchaseRule((), "C")),
        ("similar:C", "C", PurchaseRule((), "C")),
        ("favourite:C", "C", PurchaseRule(("C",), "C")),
        ("content:x>y>C", "C", PurchaseRule(("x>y",), "C")),
        ("rule:A>x>y", "x>y", PurchaseRule(("A",), "x>y")),
        ("sequence:A>C", "C", Steps((("A",),), "C")),
        ("sequence:B>A>C", "C", Steps((("B",), ("A",)), "C")),
        ("sequence:A>B>C", "C", Steps((("A>B",),), "C")),
        ("leaf:12", "C", None),
        ("segment:3>C", "C", None),
        ("finding:F123", "C", None),
    ],
)
def test_the_pattern_is_read(evidence_id, item, pattern):
    known = KNOWN if evidence_id != "rule:B+A>C" else KNOWN - {"A+B"}
    assert parsed(evidence_id, item, known) == pattern


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_two_identifiers_are_told_apart(cause, item):
    assert parsed(f"ease:{cause}>{item}", item, {cause, item}) == PurchaseRule((cause,), item)


def test_a_sequence_without_its_order_is_a_rule():
    assert Steps((("b",), ("a", "b")), "c").rule == PurchaseRule(("a", "b"), "c")


def test_a_pattern_with_several_items_behind_then_is_several_rules():
    assert PurchaseRule.of({"if": ["b", "a"], "then": ["c", "d"]}) == [
        *(PurchaseRule(("a", "b"), "c"), PurchaseRule(("a", "b"), "d"))
    ]


@pytest.mark.parametrize(
    ("rule", "touches", "key"),
    [
        (PurchaseRule((), "c"), {"not": {"bought": "c"}}, "rule.everybody"),
        (PurchaseRule(("c",), "c"), {"bought": "c"}, "rule.again"),
        (
            PurchaseRule(("a",), "c"),
            {"all": [{"bought": "a"}, {"not": {"bought": "c"}}]},
            "rule",
        ),
    ],
)
def test_a_rule_says_whom_it_is_about(rule, touches, key):
    import pandas as pd

    draft = rule.draft(Evidence(n=1), 1, 31, pd.Series({"c": "Cream"}))
    assert (draft.touches, draft.words.key) == (touches, key)
    nobody = rule.draft(Evidence(n=1, confidence=0.0, lift=0.0), 43, 31, pd.Series(dtype=object))
    said = Language("en").tell(nobody.words)
    assert "in the test none of 43" in said
    assert "times the" not in said
    assert Language("zh").tell(nobody.words) != said
    assert draft.words.values["then"] == ["Cream"]
    assert PurchaseRule.of(draft.pattern) == [rule]
