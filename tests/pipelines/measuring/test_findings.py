"""What a list caused becomes findings; what was acted on is measured then."""

import pytest

from experiments.effect import EffectRecord
from experiments.findings import Draft, Evidence, Filter, RunFacts, Words
from experiments.findings.language import Language
from lodeworks.files import file_digest
from pipelines.findings import store_of
from pipelines.findings.effects import effect_drafts

CONFIG = {
    "name": "shop",
    "workspace": ".lode",
    "window": {"outcome": 31, "gap": 0},
    "economics": {"margin": 0.4, "contact_cost": 0.1, "currency": "GBP"},
    "policy": {"control": 0.3},
}


@pytest.fixture
def kept(sent, tmp_path):
    """Record the patterns that the list rests on, as its run does; accept and act on one."""
    sent.write(sent.rows, config=CONFIG)
    store = store_of(tmp_path / "ws")
    drafts = [
        Draft(
            kind="rule",
            pattern={"if": [], "then": [name]},
            words=Words("plain", {"en": name}),
            evidence=Evidence(n=1),
            evidence_ids=(f"rule:{name}",),
        )
        for name in ("P1", "P2")
    ]
    sha = file_digest(sent.path)
    store.record(RunFacts(run_id="r1", question="shop", list_sha256=sha), drafts)
    store.change("rule:P1", "accepted", who="ann")
    store.follow("r1", status="acted", who="lode run", names=["rule:P1", "rule:P2"], why="sent")
    return store


def test_effects_are_kept_and_what_was_acted_on_is_measured(sent, kept, tmp_path):
    told = sent.measure("--workspace", tmp_path / "ws")
    assert told.code == 0
    assert "findings: " in told.out
    assert "1 acted on are measured now" in told.out
    assert [kept.get(f"rule:{name}").status for name in ("P1", "P2")] == ["measured", "proposed"]
    assert kept.history("rule:P1")[1][-1].who == "lode measure"
    whole = {
        one.pattern["outcome"]: one
        for one in kept.find(Filter(kinds=("effect",), question="shop"))
        if one.pattern["subject"] == "list"
    }
    profit, figures = whole["profit"], sent.effect("profit")
    assert profit.latest.money == pytest.approx(figures["total"])
    assert profit.latest.evidence.value == pytest.approx(figures["difference"])
    assert profit.latest.evidence.p_adjusted == pytest.approx(figures["p_holm"])
    assert (profit.latest.currency, profit.latest.evidence.held_out) == ("GBP", True)
    assert "Contacts for the list: " in Language("en").tell(profit.latest.words)
    assert "针对整个名单的联系" in Language("zh").tell(profit.latest.words)


def test_measuring_again_replaces_what_was_said(sent, kept, tmp_path):
    sent.measure("--workspace", tmp_path / "ws")
    count, runs = kept.count(), len(kept.runs())
    sent.measure("--workspace", tmp_path / "ws")
    assert (kept.count(), len(kept.runs())) == (count, runs)


def test_a_look_before_the_end_is_not_kept(sent, kept, tmp_path):
    early = sent.rows.head(0)
    assert early.empty
    told = sent.measure("--workspace", tmp_path / "ws", "--so-far", "--through", "2024-12-20")
    assert told.code == 0
    assert "findings: an effect is kept when its outcome is over" in told.out
    assert kept.find(Filter(kinds=("effect",))) == []
    assert kept.get("rule:P1").status == "acted"


def test_damaged_findings_cost_no_measurement(sent, kept, tmp_path):
    kept.path.write_bytes(b"nothing of use" * 100)
    told = sent.measure("--workspace", tmp_path / "ws")
    assert told.code == 0
    assert "findings: not kept: " in told.out
    assert "are damaged" in told.out
    assert (sent.out / "measure.json").is_file()
    assert kept.path.read_bytes() == b"nothing of use" * 100


def test_without_findings_nothing_is_made(sent, tmp_path):
    sent.write(sent.rows, config=CONFIG)
    told = sent.measure("--workspace", tmp_path / "ws")
    assert told.code == 0
    assert "findings:" not in told.out
    assert not (tmp_path / "ws").exists()


def record(**known):
    plain = {
        **dict.fromkeys(("target_mean", "control_mean", "difference", "low", "high"), 0.1),
        **dict.fromkeys(("total", "total_low", "total_high"), 5.0),
        **dict.fromkeys(("p", "p_adjusted"), 0.01),
        **dict.fromkeys(("effect_id", "statement", "method", "list_sha256", "as_of"), "x"),
        "subject": "rule",
        "pattern_id": "r",
        "outcome": "profit",
        "verdict": "more",
        "target": 10,
        "control": 5,
        "currency": "GBP",
        "level": 0.95,
        "needed_customers": None,
        "outcome_from": "a",
        "outcome_to": "b",
        "interim": False,
    }
    return EffectRecord(**{**plain, **known})


def test_parts_are_kept_where_they_are_clear_and_the_whole_always():
    open_one = "too small to tell"
    records = [
        record(subject="list", pattern_id="", verdict=open_one),
        record(verdict=open_one),
        record(pattern_id="clear"),
        record(pattern_id="none", p=float("nan"), p_adjusted=float("nan"), currency=""),
    ]
    drafts = effect_drafts(records)
    assert [one.pattern["part"] for one in drafts] == ["", "clear", "none"]
    assert (drafts[1].money, drafts[1].evidence.unit) == (5.0, "money")
    assert (drafts[2].money, drafts[2].evidence.p) == (None, None)
