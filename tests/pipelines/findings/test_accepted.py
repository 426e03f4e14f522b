"""Accepted rules make offers to customers and prospects."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from experiments.findings import Filter
from lodeworks import DataError
from pipelines.cli import main
from pipelines.findings import record, store_of
from pipelines.findings.accepted import AcceptedRule, AcceptedRules, Stated, accepted_rules
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.lists import COLUMNS

ITEMS = pd.Index(["jam", "milk", "rum", "tea"], dtype=object)


def rules(*stated):
    return [
        AcceptedRule(f"F{place}", PurchaseRule(needs, item), sure, f"{needs} {item}")
        for place, (needs, item, sure) in enumerate(stated)
    ]


@pytest.fixture
def history(shop_snapshot):
    return shop_snapshot.history(ITEMS)


def offered(found, history):
    return [
        (history.customers[row.customer], ITEMS[row.item], round(row.score, 4))
        for row in found.itertuples()
    ]


def test_who_meets_if_and_lacks_then_is_offered_it(history):
    model = AcceptedRules(rules((("tea",), "milk", 0.3), (("jam", "tea"), "rum", 0.2)), ITEMS)
    assert offered(model.recommend(history), history) == [
        *(("ann", "milk", 0.3), ("ann", "rum", 0.2), ("bob", "milk", 0.3)),
        *(("fay", "milk", 0.3), ("fay", "rum", 0.2)),
    ]


def test_the_surest_rule_speaks_for_an_offer(history):
    model = AcceptedRules(
        rules((("jam",), "milk", 0.1), (("tea",), "milk", 0.3), ((), "milk", 0.05)), ITEMS
    )
    who = history.customers.get_indexer(["ann", "dan", "eve"])
    told = model.explain(history, who, np.full(3, ITEMS.get_loc("milk")), pd.Series(ITEMS))
    assert [one.evidence_id for one in told] == ["finding:F1", "finding:F0", "finding:F2"]
    assert told[0].text == "('tea',) milk"


def test_the_probability_is_the_share_that_was_measured():
    scores = pd.DataFrame({"score": np.array([0.07142857, 0.3], dtype=np.float32)})
    assert Stated().predict_proba(scores).tolist() == [0.071429, 0.3]


def test_only_rules_in_force_that_can_be_applied_are_read(tmp_path, draft):
    drafts = [
        draft("tea", confidence=0.2),
        draft("jam", confidence=0.4),
        draft("rum"),
        draft("tea", then="gin"),
        draft("jam", then="rum", confidence=0.0),
    ]
    record(tmp_path, drafts, run_id="r1", question="shop")
    store = store_of(tmp_path)
    with pytest.raises(DataError, match=r"no accepted rule of 'shop' in .* can be applied"):
        accepted_rules(tmp_path, "shop", ITEMS)
    for one in store.find():
        if one.pattern["if"] != ["rum"]:
            store.change(one.id, "accepted", who="ann")
    found, notes = accepted_rules(tmp_path, "shop", ITEMS)
    assert [(one.rule.needs, one.confidence) for one in found] == [(("jam",), 0.4), (("tea",), 0.2)]
    assert notes == [
        "2 accepted rules left out: their item is not known to the model, or none bought"
    ]
    with pytest.raises(DataError, match="no accepted rule of 'other'"):
        accepted_rules(tmp_path, "other", ITEMS)


@pytest.fixture
def score(finished, shop, tmp_path, capsys, monkeypatch):
    """Score by the findings of a copy of a finished run's; give code, what was told, the list."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    workspace = tmp_path / "ws"
    workspace.mkdir()
    shutil.copy(store_of(finished.workspace).path, workspace / "findings.db")

    def type_command(lines=None, out="list.parquet"):
        data = {**shop.paths, "lines": lines or shop.paths["lines"]}
        given = [f"{name}={data[name]}" for name in ("lines", "items", "customers")]
        files = [part for one in given for part in ("--data", one)]
        words = ["score", str(finished.summary.paths["bundle"]), *files, "--as-of", "2024-12-31"]
        place = ["--out", str(tmp_path / out), "--workspace", str(workspace)]
        code = main([*words, *place, "--findings", "--quiet"])
        return code, capsys.readouterr(), tmp_path / out

    return type_command, store_of(workspace)


def accept_some(store, count=5):
    wanted = Filter(kinds=("rule",))
    some = [one for one in store.find(wanted) if one.pattern["if"]]
    some = [one for one in some if one.latest.evidence.confidence > 0.02][:count]
    assert len(some) == count
    for one in some:
        store.change(one.id, "accepted", who="ann")
    return {one.id: one for one in some}


def test_a_list_is_made_of_accepted_rules_alone(score, shop):
    command, store = score
    accepted = accept_some(store)
    code, told, out = command()
    assert code == 0
    assert "its interval is not known" in told.out
    rows = pd.read_parquet(out)
    assert tuple(rows.columns) == COLUMNS
    assert len(rows)
    used = {one.removeprefix("finding:") for one in rows["evidence_id"]}
    assert used <= set(accepted)
    lines = pd.read_csv(shop.paths["lines"], dtype=str)
    owned = lines.groupby("customer_id")["item_id"].agg(set)
    for row in rows.itertuples():
        finding = accepted[row.evidence_id.removeprefix("finding:")]
        assert [row.item_id] == finding.pattern["then"]
        assert set(finding.pattern["if"]) <= owned[row.customer_id]
        assert row.probability == pytest.approx(finding.latest.evidence.confidence, abs=1e-6)
        assert row.reason.startswith("Who bought ")
    manifest = json.loads(out.with_name(f"{out.name}.manifest.json").read_text())
    sent = set(rows.loc[rows["group"] == "target", "evidence_id"].str.removeprefix("finding:"))
    assert set(manifest["findings"]) == sent
    assert sent
    assert {one.id for one in store.find(Filter(statuses=("acted",)))} == sent


def test_a_prospect_whom_the_model_never_saw_is_served(score, shop, tmp_path):
    command, store = score
    one = next(iter(accept_some(store).values()))
    lines = pd.read_csv(shop.paths["lines"], dtype=str)
    row = lines[lines["item_id"] == one.pattern["if"][0]].tail(1)
    row = row.assign(customer_id="PROSPECT", order_id="N1", ordered_at="2024-12-30 10:00:00")
    needs = [row.assign(item_id=item) for item in one.pattern["if"]]
    pd.concat([lines, *needs]).to_csv(tmp_path / "more.csv", index=False)
    code, _, out = command(tmp_path / "more.csv")
    assert code == 0
    rows = pd.read_parquet(out)
    assert one.pattern["then"][0] in set(rows.loc[rows["customer_id"] == "PROSPECT", "item_id"])


def test_the_same_findings_give_the_same_bytes(score):
    command, store = score
    accept_some(store)
    first = command(out="a.parquet")[2].read_bytes()
    assert command(out="b.parquet")[2].read_bytes() == first


def test_a_rejected_rule_keeps_its_item_from_those_who_meet_it(score):
    command, store = score
    accepted = accept_some(store)
    rows = pd.read_parquet(command(out="a.parquet")[2])
    name = rows["evidence_id"].iloc[0].removeprefix("finding:")
    store.change(name, "rejected", who="ann")
    (rule,) = PurchaseRule.of(accepted[name].pattern)
    before = set(rows.loc[rows["evidence_id"] == f"finding:{name}", "customer_id"])
    code, told, out = command(out="b.parquet")
    assert code == 0
    assert "1 rejected pattern in the findings forbids" in told.out
    rows = pd.read_parquet(out)
    assert not before & set(rows.loc[rows["item_id"] == rule.item, "customer_id"])


def test_without_an_accepted_rule_no_list_is_written(score, tmp_path):
    command, _ = score
    code, told, out = command()
    assert code == 3
    assert "accept some with `lode findings accept`" in told.err
    assert not out.exists()
