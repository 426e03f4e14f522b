"""Patterns that `lode mine` found, as findings of a workspace."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.findings import Draft, Evidence, RunFacts, Words
from lodeworks.files import digest
from pipelines.findings.place import store_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MOST", "keep_patterns"]

MOST = 10_000


def keep_patterns(
    found: "pa.Table", what: str, about: Mapping[str, Any], workspace: str | Path, question: str
) -> str:
    """Keep rules or sequences as findings; of many, those in most baskets.

    Parameters
    ----------
    found : pyarrow.Table
        What `lode mine` wrote.
    what : str
        ``rules``, ``sequences`` or ``sequential rules``.
    about : mapping
        The manifest: ``source``, ``settings``, ``counts``.
    workspace : str or Path
        Where the findings lie.
    question : str
        What the patterns are about; the same pattern of another question is another finding.

    Returns
    -------
    str
        What became of them, in one line.
    """
    kept = found.sort_by([("count", "descending")]).slice(0, MOST) if len(found) > MOST else found
    n, draft = int(about["counts"]["baskets"]), _draft_of(found.column_names)
    run = RunFacts(
        run_id=f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-mine-{question}",
        question=question,
        config_sha256=digest([what, about["settings"]]),
        data_sha256=str(about["source"]["sha256"]),
    )
    drafts = (draft(row, n) for row in _rows(kept))
    said = store_of(workspace).record(run, drafts).text()
    left = len(found) - len(kept)
    return f"{said}; {left:,} of {len(found):,} patterns not kept" if left else said


def _draft_of(columns: list[str]) -> Callable[[Mapping[str, Any], int], Draft]:
    if "sequence" in columns:
        return _sequence
    return _rule


def _rows(table: "pa.Table") -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(1_000):
        yield from batch.to_pylist()


def _rule(row: Mapping[str, Any], n: int) -> Draft:
    # Not held out: a test may have been on other baskets, the figures are of those mined.
    evidence = Evidence(
        n=_cases(row, n),
        support=row.get("support", row["count"] / n if n else None),
        confidence=row.get("confidence"),
        lift=row.get("lift"),
        p_adjusted=row.get("p_value"),
    )
    if row["antecedent"] and isinstance(row["antecedent"][0], list):
        return _sequential(row, evidence)
    pattern = {"if": sorted(row["antecedent"]), "then": sorted(row["consequent"])}
    values = {**pattern, "confidence": evidence.confidence, "times": evidence.lift}
    return Draft(
        kind="rule",
        pattern={**pattern, "in": "baskets"},
        words=Words("rule.baskets", values),
        evidence=evidence,
        touches=_touches(pattern["if"], pattern["then"]),
        source="lode mine",
    )


def _cases(row: Mapping[str, Any], baskets: int) -> int:
    """Give what the support is a share of: baskets, or customers, or those of them not held out."""
    share = row.get("support")
    return round(row["count"] / share) if share else baskets


def _sequential(row: Mapping[str, Any], evidence: Evidence) -> Draft:
    steps = [sorted(step) for step in (*row["antecedent"], row["consequent"])]
    return _steps(steps, evidence)


def _sequence(row: Mapping[str, Any], n: int) -> Draft:
    cases, share = _cases(row, n), row["support"]
    evidence = Evidence(n=cases, support=share, value=share, unit="share")
    return _steps([sorted(step) for step in row["sequence"]], evidence)


def _steps(steps: list[list[str]], evidence: Evidence) -> Draft:
    told = [" + ".join(step) for step in steps]
    values = {"steps": told, "support": evidence.support, "n": evidence.n}
    return Draft(
        kind="sequence",
        pattern={"steps": steps, "in": "baskets"},
        words=Words("sequence.pattern", values),
        evidence=evidence,
        touches=_touches(sorted({item for step in steps[:-1] for item in step}), steps[-1]),
        source="lode mine",
    )


def _touches(needs: list[str], then: list[str]) -> dict[str, Any]:
    """Give those who have IF and lack a part of THEN."""
    lacking = [{"not": {"bought": item}} for item in then if item not in needs]
    parts: list[dict[str, Any]] = [{"bought": item} for item in needs]
    if lacking:
        parts.append(lacking[0] if len(lacking) == 1 else {"any": lacking})
    return {"all": parts} if parts else {}
