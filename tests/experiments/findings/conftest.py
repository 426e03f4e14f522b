"""Drafts and stores of findings, small enough to check by hand."""

import pytest

from experiments.findings import Draft, Evidence, FindingStore, RunFacts, Words

LIFT = Evidence(n=1000, support=0.04, confidence=0.4, lift=2.0, p=0.001, p_adjusted=0.01)


def make_rule(*needs, then="milk", evidence=LIFT, **known):
    return Draft(
        kind="rule",
        pattern={"if": sorted(needs), "then": [then]},
        words=Words("rule.baskets", {"if": [name.title() for name in needs], "then": [then]}),
        evidence=evidence,
        touches={"all": [{"bought": name} for name in needs]},
        **known,
    )


def make_run(name, day=1, question="shop", **known):
    return RunFacts(
        run_id=name, question=question, recorded_at=f"2026-01-{day:02d}T12:00:00+00:00", **known
    )


@pytest.fixture
def store(tmp_path):
    return FindingStore(tmp_path / "findings.db")


@pytest.fixture
def rule():
    """Give what makes the draft of a rule."""
    return make_rule


@pytest.fixture
def run():
    """Give what makes the facts of a run."""
    return make_run
