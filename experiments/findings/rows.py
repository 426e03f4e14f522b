"""Between rows of the tables and what they stand for."""

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from experiments.findings.draft import Draft, Evidence, Words
from experiments.findings.finding import Event, Finding, Observation
from experiments.findings.identity import canonical

__all__ = ["as_event", "as_finding", "as_observation", "observation_values", "searched", "to_json"]

MONEY = ("money", "money_low", "money_high")


def to_json(value: Any) -> str:
    """Write plain values on one line; a number that is none or infinite is null."""
    return json.dumps(_finite(canonical(value)), ensure_ascii=False, sort_keys=True)


def searched(draft: Draft) -> str:
    """Give all text of a draft that a person may look for, without capitals."""
    texts = [*_texts(draft.pattern), *_texts(draft.words.values), *draft.evidence_ids]
    return "\n".join(dict.fromkeys(texts)).casefold()


def observation_values(draft: Draft) -> dict[str, Any]:
    """Give the columns of the observation that a draft makes."""
    figures = {one.name: getattr(draft.evidence, one.name) for one in fields(Evidence)}
    evidence = {name: value for name, value in figures.items() if value is not None}
    return {
        "words_key": draft.words.key,
        "words_values": to_json(draft.words.values),
        "evidence": to_json(evidence),
        **{name: _number(getattr(draft, name)) for name in MONEY},
        "currency": draft.currency,
        "source": draft.source,
    }


def as_observation(row: sqlite3.Row | Mapping[str, Any]) -> Observation:
    """Read a row of ``observations`` with ``recorded_at`` of its run."""
    return Observation(
        finding_id=row["finding_id"],
        run_id=row["run_id"],
        recorded_at=row["recorded_at"],
        found=bool(row["found"]),
        words=Words(row["words_key"], json.loads(row["words_values"])),
        evidence=Evidence(**json.loads(row["evidence"])),
        currency=row["currency"],
        source=row["source"],
        **{name: row[name] for name in MONEY},
    )


def as_finding(row: sqlite3.Row) -> Finding:
    """Read a row of ``findings`` joined with the observation to show."""
    return Finding(
        **{
            name: row[name]
            for name in (
                *("id", "kind", "question", "status", "version"),
                *("first_seen", "last_seen", "times"),
            )
        },
        pattern=json.loads(row["pattern"]),
        touches=json.loads(row["touches"]),
        latest=as_observation(row),
    )


def as_event(row: sqlite3.Row) -> Event:
    """Read a row of ``events``."""
    return Event(**{one.name: row[one.name] for one in fields(Event)})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for below in value.values():
            yield from _texts(below)
    elif isinstance(value, list | tuple):
        for below in value:
            yield from _texts(below)


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_finite(below) for below in value]
    return _number(value) if isinstance(value, float) else value
