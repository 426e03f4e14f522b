"""What is known and what became of it: findings with their states, decisions and notes."""

import json
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.asked import number, whole
from app.bench import Bench, bench_of, page
from app.paging import part_of
from app.people import Person, Role
from app.readers.cubes import FEWEST
from app.readers.findings import Opened
from app.readers.offers import rows_with_evidence
from app.security import demand, form_of, session_of
from experiments.findings import KINDS, STATUSES, Finding
from experiments.report.numbers import compact
from experiments.report.plots import Plot
from experiments.report.svg import Line, line_chart
from experiments.report.tables import table
from lodeworks.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["router"]

router = APIRouter()
LONGEST_NOTE = 4000
FIGURES = ("support", "confidence", "lift", "value", "p", "p_adjusted")


@router.get("/findings")
def findings(request: Request, status: str = "", kind: str = "", q: str = "") -> Response:
    """Show the findings, filtered."""
    shelf = bench_of(request).findings
    everything = shelf.all()
    least = number(request, "money")
    told = shelf.told()
    wanted = q.strip().casefold()
    shown = [
        one
        for one in everything
        if (not status or one.status == status)
        and (not kind or one.kind == kind)
        and (least is None or (one.latest.money or 0.0) >= least)
        and (not wanted or wanted in f"{one.id} {told[one.id]}".casefold())
    ]
    return page(
        request,
        "findings.html",
        part=part_of(shown, whole(request, "page", 1)),
        total=len(everything),
        counts=[(name, sum(one.status == name for one in everything)) for name in STATUSES],
        kinds=[name for name in KINDS if any(one.kind == name for one in everything)],
        told=told,
        status=status,
        kind=kind,
        q=q,
        least=least,
        language=shelf.language,
    )


@router.get("/findings/{name}")
def finding(request: Request, name: str) -> Response:
    """Show one finding: statement, evidence, trend, whom it fits, what people said."""
    bench = bench_of(request)
    return _shown(request, bench, bench.findings.open(name))


@router.post("/findings/{name}/status")
async def decide(request: Request, name: str) -> Response:
    """Change the status of a finding, unless somebody else was quicker."""
    form = await form_of(request)
    person = demand(request, Role.ANALYST)
    after, version = form.get("status", ""), form.get("version", "")
    if after not in STATUSES:
        raise ConfigError(f"no status is called {after!r}; {did_you_mean(after, STATUSES)}")
    bench = bench_of(request)

    def change() -> Finding:
        opened = bench.findings.open(name)
        bench.audit.write(person, after, f"finding {opened.finding.id}")
        return bench.findings.store.change(
            opened.finding.id,
            after,
            who=person.name,
            note=form.get("note", "").strip()[:LONGEST_NOTE],
            version=int(version) if version.isdigit() else opened.finding.version,
        )

    changed = await run_in_threadpool(change)
    return RedirectResponse(f"/findings/{changed.id}", 303)


@router.post("/findings/{name}/note")
async def note(request: Request, name: str) -> Response:
    """Write a note to a finding."""
    form = await form_of(request)
    person = demand(request, Role.ANALYST)
    bench = bench_of(request)

    def write() -> str:
        found = bench.findings.open(name).finding.id
        bench.audit.write(person, "note", f"finding {found}")
        bench.findings.store.note(found, form.get("note", "")[:LONGEST_NOTE], who=person.name)
        return found

    return RedirectResponse(f"/findings/{await run_in_threadpool(write)}#notes", 303)


def _shown(request: Request, bench: Bench, opened: Opened) -> Response:
    one, words = opened.finding, bench.findings.language
    return page(
        request,
        "finding.html",
        opened=opened,
        one=one,
        told=words.tell(one.latest.words),
        figures=[
            (name, value)
            for name in FIGURES
            if (value := getattr(one.latest.evidence, name)) is not None
        ],
        trend=_trend(one),
        seen=table(_observations(opened), one.latest.currency),
        fits=_fits(bench, one),
        now=_now(bench, one, session_of(request).person),
        redundant=_alike(bench, one),
        may=session_of(request).person.may(Role.ANALYST),
        language=words,
        runs={run.id for run in bench.runs.all()},
    )


def _trend(one: Finding) -> Plot | None:
    """Draw the main figure over months or dates, where the evidence has it."""
    import numpy as np
    import pandas as pd

    stability = one.latest.evidence.stability
    if len(stability) < 2:
        return None
    labels = list(stability)
    values = np.array([float(stability[label]) for label in labels])
    name = "lift" if one.latest.evidence.lift is not None else one.latest.evidence.unit or "value"
    usual = Line("no difference", np.array([0.0, len(labels) - 1.0]), np.ones(2), "chance")
    picture = line_chart(
        "trend",
        f"{name} over time",
        f"From {labels[0]} to {labels[-1]}.",
        [
            *([usual] if name == "lift" else []),
            Line(name, np.arange(len(labels), dtype=float), values, "c1", dots=True),
        ],
        x_label="time",
        y_label=name,
        x_text=lambda place: (
            labels[int(place)] if place.is_integer() and 0 <= place < len(labels) else ""
        ),
        y_text=compact,
    )
    frame = pd.DataFrame({"when": labels, name: values})
    return Plot(picture, "A pattern that holds stays on one side of the dotted line.", frame)


def _observations(opened: Opened) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "run": seen.run_id,
                "when": seen.recorded_at[:10],
                "n": seen.evidence.n,
                "confidence": seen.evidence.confidence,
                "lift": seen.evidence.lift,
                "lift_low": seen.evidence.lift_low,
                "lift_high": seen.evidence.lift_high,
                "value": seen.evidence.value,
                "p after correction": seen.evidence.p_adjusted,
                "held out": seen.evidence.held_out,
                "expected_profit": seen.money,
            }
            for seen in opened.observations
        ]
    ).dropna(axis="columns", how="all")


def _fits(bench: Bench, one: Finding) -> list[tuple[str, int, int]]:
    """Count the rows and customers of the newest lists that this finding is the reason of."""
    found = []
    for run in bench.runs.all()[:10]:
        ids = bench.findings.evidence_ids(run.id, one.id) if run.list_file else []
        if ids and run.list_file is not None:
            rows, customers = rows_with_evidence(run.list_file, ids)
            found.append((run.id, rows, customers))
    return found


def _now(bench: Bench, one: Finding, person: Person) -> str | None:
    """Count the customers whom it is about now; None where the warehouse cannot tell."""
    from pipelines.findings.touched import touched

    warehouse = bench.workspace.warehouse
    if not one.touches or not warehouse.is_file():
        return None
    query = json.dumps(one.touches, sort_keys=True)
    found = bench.cubes.answers.get(
        ("touched", bench.cubes.mark(), query),
        lambda: touched(warehouse, one.touches),
        lambda _: 1,
    )
    if found is None:
        return None
    few = 0 < found < FEWEST and not person.may(Role.OWNER)
    return f"fewer than {FEWEST}" if few else f"{found:,}"


def _alike(bench: Bench, one: Finding) -> list[Finding]:
    """List rules that say less to conclude the same at least as surely: this one adds nothing."""
    needs, then = one.pattern.get("if"), one.pattern.get("then")
    if not isinstance(needs, list) or not needs:
        return []
    surely = one.latest.evidence.confidence or 0.0
    return [
        other
        for other in bench.findings.all()
        if other.id != one.id
        and other.pattern.get("then") == then
        and isinstance(other.pattern.get("if"), list)
        and set(map(str, other.pattern["if"])) < set(map(str, needs))
        and (other.latest.evidence.confidence or 0.0) >= surely
    ][:10]
