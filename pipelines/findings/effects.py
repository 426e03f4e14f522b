"""Measured effects as findings; what was acted on is measured then."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.effect import EffectRecord
from experiments.effect.words import difference_text
from experiments.findings import Draft, Evidence, FindingStore, RunFacts, Words
from lodeworks.errors import LodeError
from pipelines.findings.place import store_of
from pipelines.measuring.outcomes import OUTCOMES

__all__ = ["effect_drafts", "record_effects"]

WHO = "lode measure"
OPEN = "too small to tell"


def record_effects(
    records: Sequence[EffectRecord],
    manifest: Mapping[str, Any],
    evidence_ids: Sequence[str],
    workspace: Path | None,
) -> str | None:
    """Keep the effects of a list where the findings of its run lie.

    Parameters
    ----------
    records : sequence of EffectRecord
        What was measured.
    manifest : mapping
        Of the list; it names the question and the workspace.
    evidence_ids : sequence of str
        What the rows of the list rest on: findings among them that were acted on are measured now.
    workspace : Path, optional
        Default: that of the run.

    Returns
    -------
    str or None
        What to tell; None where there are no findings. A look before the end is not kept.
    """
    config = manifest.get("config", {})
    store = store_of(workspace or Path(config.get("workspace", ".lode")))
    question = config.get("name") or manifest.get("model")
    if not records or not question or not store.path.is_file():
        return None
    if records[0].interim:
        return "findings: an effect is kept when its outcome is over"
    try:
        return _record(store, records, str(question), evidence_ids)
    except LodeError as error:
        return f"findings: not kept: {error.message}"


def effect_drafts(records: Sequence[EffectRecord]) -> list[Draft]:
    """Make drafts of the effects of the whole list, and of those of parts that are clear."""
    return [
        Draft(
            kind="effect",
            pattern={"subject": one.subject, "part": one.pattern_id, "outcome": one.outcome},
            words=Words("effect", _values(one)),
            evidence=Evidence(
                n=one.target + one.control,
                value=one.difference,
                value_low=one.low,
                value_high=one.high,
                unit=_kind(one),
                p=_known(one.p),
                p_adjusted=_known(one.p_adjusted),
                level=one.level,
                held_out=True,
            ),
            currency=one.currency,
            source=one.method,
            **_money(one),
        )
        for one in records
        if one.subject == "list" or one.verdict != OPEN
    ]


def _record(
    store: FindingStore, records: Sequence[EffectRecord], question: str, ids: Sequence[str]
) -> str:
    first = records[0]
    made_by = [run for run in store.runs() if run.list_sha256 == first.list_sha256]
    run = RunFacts(
        run_id=f"measure-{first.list_sha256[:12]}-{first.outcome_to}",
        question=question,
        as_of=first.as_of,
        list_sha256=first.list_sha256,
    )
    said = store.record(run, effect_drafts(records)).text()
    moved = store.follow(
        made_by[0].run_id if made_by else "",
        status="measured",
        who=WHO,
        names=ids,
        why=f"{first.outcome_from} to {first.outcome_to}",
    )
    return f"{said}; {moved:,} acted on are measured now" if moved else said


def _values(one: EffectRecord) -> dict[str, Any]:
    subject = "list" if one.subject == "list" else f"{one.subject} {one.pattern_id}"
    numbers = {"difference": one.difference, "low": one.low, "high": one.high}
    told = {
        name: difference_text(value, _kind(one), one.currency) for name, value in numbers.items()
    }
    what = OUTCOMES[one.outcome].words if one.outcome in OUTCOMES else one.outcome
    return {"subject": subject, "outcome": what, "verdict": one.verdict, **told}


def _kind(one: EffectRecord) -> str:
    return OUTCOMES[one.outcome].kind if one.outcome in OUTCOMES else "money"


def _money(one: EffectRecord) -> dict[str, Any]:
    if not one.currency:
        return {}
    return {"money": one.total, "money_low": one.total_low, "money_high": one.total_high}


def _known(p: float) -> float | None:
    return p if math.isfinite(p) else None
