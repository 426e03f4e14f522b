"""A run of the main job leaves findings, and what people decided bounds the next one."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.findings import Filter
from experiments.findings.language import Language
from models.recommend.tree import Tree
from pipelines.findings import store_of
from pipelines.findings.leaves import paths_of
from pipelines.findings.list_evidence import list_evidence
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.run import run


@pytest.fixture(scope="session")
def store(finished):
    return store_of(finished.workspace)


@pytest.fixture(scope="session")
def manifest(finished):
    return json.loads(finished.summary.paths["manifest"].read_text())


@pytest.fixture(scope="session")
def found(store, manifest):
    """Give what the finished run found, by kind; others may have run in its workspace since."""
    by_kind = {}
    for one in store.find(Filter(run=manifest["run_id"])):
        by_kind.setdefault(one.kind, []).append(one)
    return by_kind


@pytest.fixture(scope="session")
def ids(store, manifest):
    return store.evidence_ids(manifest["run_id"])


@pytest.fixture(scope="session")
def rows(finished):
    return pd.read_parquet(finished.summary.paths["list"])


def test_a_run_records_rules_segments_and_leaves(found):
    assert {"rule", "segment", "leaf"} <= set(found)
    for one in (*found["rule"], *found["segment"], *found["leaf"]):
        said = {code: Language(code).tell(one.latest.words) for code in ("en", "zh")}
        assert said["en"] != said["zh"]
        assert one.status == "proposed"


def test_the_summary_says_how_many(finished, found):
    count = sum(map(len, found.values()))
    assert finished.summary.notes[-1] == f"findings: {count:,} new, 0 seen again"


def test_findings_lead_back_to_run_config_data_and_list(store, manifest):
    (facts,) = (one for one in store.runs() if one.run_id == manifest["run_id"])
    assert facts.question == "shop"
    assert facts.list_sha256 == manifest["list_sha256"]
    assert facts.data_sha256 == manifest["load"]["digest"]
    assert facts.as_of == manifest["list_as_of"]
    assert len(facts.config_sha256) == 64


def test_the_evidence_of_every_row_leads_to_a_finding(store, rows, ids, manifest):
    assert set(rows["evidence_id"]) <= set(ids)
    for evidence_id in rows["evidence_id"].unique():
        assert store.get(evidence_id, run=manifest["run_id"]).id == ids[evidence_id]


def test_the_money_of_a_finding_is_that_of_its_rows(found, rows, ids):
    target = rows[rows["group"] == "target"]
    expected = target.groupby(target["evidence_id"].map(ids))["expected_profit"].sum()
    latest = {one.id: one.latest for some in found.values() for one in some}
    for name, money in expected.items():
        assert latest[name].money == pytest.approx(money)
        assert latest[name].money_low < latest[name].money < latest[name].money_high
    assert len(expected)


def test_a_rule_is_measured_on_the_window_that_found_nothing(found, shop, manifest):
    """Count one rule again from the files that the run read."""
    one = max(
        (
            each
            for each in found["rule"]
            if each.latest.evidence.held_out and each.latest.source == "rules"
        ),
        key=lambda each: each.latest.words.values["covered"],
    )
    (rule,) = PurchaseRule.of(one.pattern)
    lines = pd.read_csv(shop.paths["lines"], dtype=str).drop_duplicates()
    lines = lines.assign(
        at=pd.to_datetime(lines["ordered_at"], errors="coerce", format="%Y-%m-%d %H:%M:%S"),
        quantity=pd.to_numeric(lines["quantity"], errors="coerce"),
        price=pd.to_numeric(lines["price"], errors="coerce"),
    )
    fine = lines["customer_id"].notna() & lines["at"].notna() & ~lines["order_id"].str.match("C")
    lines = lines[fine & (lines["quantity"] > 0) & (lines["price"] > 0)]
    as_of = pd.Timestamp(manifest["windows"][0]["as_of"])
    before = lines[lines["at"] < as_of + pd.Timedelta(days=1)]
    after = lines[
        (lines["at"] >= as_of + pd.Timedelta(days=1))
        & (lines["at"] < as_of + pd.Timedelta(days=32))
    ]
    owned = before.groupby("customer_id")["item_id"].agg(set)
    later = after.groupby("customer_id")["item_id"].agg(set).reindex(owned.index)
    may = owned[[rule.item not in items for items in owned]]
    met = np.array([set(rule.needs) <= items for items in may])
    bought = np.array([isinstance(got, set) and rule.item in got for got in later[may.index]])
    evidence = one.latest.evidence
    assert evidence.n == len(may)
    assert one.latest.words.values["covered"] == met.sum()
    assert evidence.support == pytest.approx((met & bought).sum() / len(may))
    exact = stats.fisher_exact(
        [
            [(met & bought).sum(), (met & ~bought).sum()],
            [(~met & bought).sum(), (~met & ~bought).sum()],
        ],
        alternative="greater",
    )
    assert evidence.p == pytest.approx(exact.pvalue)


def test_what_a_later_list_rests_on_says_that_it_saw_the_window(found, manifest):
    assert manifest["list_as_of"] > manifest["windows"][0]["as_of"]
    listed = [one for one in found["rule"] if one.latest.source == "list"]
    assert not any(one.latest.evidence.held_out for one in listed)


def test_every_window_tells_a_lift(found, manifest):
    days = {window["as_of"] for window in manifest["windows"]}
    seen = [set(one.latest.evidence.stability) for one in found["rule"]]
    assert all(some <= days for some in seen)
    assert any(some == days for some in seen)


def test_leaves_are_the_offers_of_the_test_date_once_each(found):
    leaves = found["leaf"]
    (n,) = {one.latest.evidence.n for one in leaves}
    covered = sum(one.latest.words.values["covered"] for one in leaves)
    small = 10 * 32  # of leaves that are too small nothing is told
    assert n - small <= covered <= n
    assert all(one.latest.evidence.held_out for one in leaves)


def test_nothing_is_told_of_groups_too_small(found, ids):
    listed = set(ids.values())
    for one in (*found["rule"], *found["segment"], *found["leaf"]):
        values = one.latest.words.values
        if one.id not in listed:
            assert values.get("covered", values.get("customers")) >= 10


def test_what_nobody_did_is_no_rule_and_is_told_only_where_the_list_rests_on_it(found, ids):
    listed, none = set(ids.values()), 0
    for one in found["rule"]:
        said = Language("en").tell(one.latest.words)
        assert " 0.0 times" not in said
        if one.latest.evidence.confidence == 0:
            none += 1
            assert one.id in listed
            assert "The model offers" in said
            assert "in the test none of" in said
    assert none


def test_a_csv_list_says_the_same_as_a_parquet_one(rows, tmp_path):
    evil = rows.head(3).assign(evidence_id=["'=1+1", "'@x", "rule:a>b"], item_id=["1", "'-2", "3"])
    evil.to_csv(tmp_path / "list.csv", index=False)
    told = list_evidence(tmp_path / "list.csv")
    assert told["evidence_id"].tolist() == ["=1+1", "@x", "rule:a>b"]
    assert told["item_id"].tolist() == ["1", "-2", "3"]
    assert told["expected_profit"].tolist() == pytest.approx(evil["expected_profit"].tolist())


SMALL = {"candidates": [{"kind": "rules", "tune": False, "params": {"min_confidence": 0.05}}]}


@pytest.fixture
def twice(prepared, tmp_path):
    """Run with rules alone, let a person decide, and run again."""
    config = prepared(**SMALL)
    first = run(config)
    store = store_of(tmp_path / "workspace")
    offered = pd.read_parquet(first.paths["list"])
    counts = offered["evidence_id"].value_counts()
    veto, good = counts.index[:2]
    store.change(veto, "rejected", who="ann")
    store.change(good, "accepted", who="ann")
    return store, store.get(veto), store.get(good), run(prepared(**SMALL)), offered


def test_a_rejected_rule_is_not_offered_nor_proposed_and_an_accepted_one_is_acted_on(twice):
    store, veto, good, second, offered = twice
    rows = pd.read_parquet(second.paths["list"])
    ids = store.evidence_ids(second.run_id)
    assert veto.id not in {ids[name] for name in rows["evidence_id"]}
    (rule,) = PurchaseRule.of(veto.pattern)
    if not rule.needs:
        assert rule.item not in set(rows["item_id"])
        assert rule.item in set(offered["item_id"])
    assert any("rejected pattern in the findings forbids" in note for note in second.notes)
    assert store.get(veto.id).status == "rejected"
    assert store.get(good.id).status == "acted"
    assert store.get(good.id).times == 2


def test_vetoes_and_the_record_can_be_turned_off(prepared, tmp_path):
    changes = {**SMALL, "knowledge": {"vetoes": False, "record": False}}
    summary = run(prepared(**changes))
    assert summary.paths["list"].is_file()
    assert not store_of(tmp_path / "workspace").path.exists()


def test_damaged_findings_stop_a_run_before_its_work(prepared, tmp_path):
    from lodeworks import DataError

    path = store_of(tmp_path / "workspace").path
    path.write_bytes(b"nothing of use" * 99)
    with pytest.raises(DataError, match="are damaged"):
        run(prepared(**SMALL))
    assert not (tmp_path / "workspace" / "runs").exists()
    assert path.read_bytes() == b"nothing of use" * 99


class FewNodes(Tree):
    """A tree that was never grown, with a frame as `Tree.tree_frame` gives it."""

    def tree_frame(self):
        return pd.DataFrame(
            {
                "node": [0, 1, 2, 3, 4],
                "depth": [0, 1, 2, 2, 1],
                "condition": ["all candidates", "a up to 5", "a up to 2", "a above 2", "a above 5"],
                "split": ["a", "a", "", "", ""],
            }
        )


def test_a_later_answer_to_a_question_replaces_an_earlier():
    assert paths_of(FewNodes()) == {
        0: [],
        1: ["a up to 5"],
        2: ["a up to 2"],
        3: ["a above 2", "a up to 5"],
        4: ["a above 5"],
    }
