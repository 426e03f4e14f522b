"""Rejected rules bound lists: who meets IF is not offered THEN."""

import pandas as pd
import pytest
from scipy import sparse

from pipelines.findings import record, store_of
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.findings.vetoes import pairs_of, rejected_rules, rules_of, with_vetoes

ITEMS = ["jam", "milk", "rum", "tea"]


@pytest.fixture
def history(shop_snapshot):
    return shop_snapshot.history(pd.Index(ITEMS, dtype=object))


def pairs(matrix, history):
    rows, columns = matrix.nonzero()
    return {
        (history.customers[row], ITEMS[column]) for row, column in zip(rows, columns, strict=True)
    }


def test_who_meets_if_is_kept_from_then(history):
    found = pairs_of([PurchaseRule(("jam", "tea"), "milk")], history)
    assert pairs(found, history) == {("ann", "milk"), ("fay", "milk")}
    assert set(found.data) == {1.0}


def test_a_rule_about_everybody_keeps_its_item_from_all(history):
    found = pairs_of([PurchaseRule((), "rum"), PurchaseRule(("tea",), "rum")], history)
    assert pairs(found, history) == {(who, "rum") for who in history.customers}
    assert set(found.data) == {1.0}


@pytest.mark.parametrize(
    "rules", [[], [PurchaseRule(("tea",), "gin")], [PurchaseRule(("gin",), "tea")]]
)
def test_rules_that_touch_nobody_forbid_nothing(history, rules):
    assert pairs_of(rules, history) is None
    assert with_vetoes(None, rules, history) == (None, [])


def test_vetoes_add_to_what_is_forbidden_anyway(history):
    other = sparse.csr_matrix(([1.0], ([3], [0])), shape=history.shape)
    found, notes = with_vetoes(other, [PurchaseRule(("rum",), "tea")], history)
    assert pairs(found, history) == {("dan", "jam"), ("eve", "tea")}
    assert notes == ["1 rejected pattern in the findings forbids 1 pairs of customer and item"]


def test_only_rejected_rules_of_the_question_count(tmp_path, draft):
    drafts = [draft("tea"), draft("jam"), draft("rum")]
    record(tmp_path, drafts, run_id="r1", question="shop")
    record(tmp_path, [draft("gin")], run_id="r2", question="other")
    store = store_of(tmp_path)
    for one in store.find():
        if one.pattern["if"] != ["rum"]:
            store.change(one.id, "rejected", who="ann")
    assert rejected_rules(tmp_path, "shop") == [
        *(PurchaseRule(("jam",), "milk"), PurchaseRule(("tea",), "milk"))
    ]


def test_without_findings_there_is_no_veto(tmp_path):
    assert rejected_rules(tmp_path / "new", "shop") == []
    assert not (tmp_path / "new").exists()


def test_a_sequence_forbids_without_its_order():
    assert rules_of({"steps": [["b"], ["a"]], "then": ["c"]}) == [PurchaseRule(("a", "b"), "c")]
