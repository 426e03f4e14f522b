"""Rules: filtered, drawn as points and as a network, opened one by one."""

import math
from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.asked import number, whole
from app.bench import Bench, bench_of, page
from app.paging import part_of
from app.readers.rules import (
    ORDERS,
    Rule,
    Wanted,
    chosen,
    rules_in_file,
    rules_of_run,
)
from app.readers.runs import Gone
from experiments.findings import STATUSES
from experiments.report.network import Arrow, network_chart
from experiments.report.numbers import percent
from experiments.report.plots import Plot
from experiments.report.scatter import Dot, scatter_chart

__all__ = ["router"]

router = APIRouter()
KEPT = "findings"
POINTS = 400
LINKS = 30
RUNS = 30


@router.get("/rules")
def rules(request: Request, item: str = "", status: str = "", order: str = "") -> Response:
    """Show rules of one source, filtered and put in order."""
    bench = bench_of(request)
    sources = _sources(bench)
    source = request.query_params.get("from", "")
    source = source if source in sources else next(iter(sources), "")
    wanted = Wanted(
        item=item,
        support=number(request, "support"),
        confidence=number(request, "confidence"),
        lift=number(request, "lift"),
        money=number(request, "money"),
        status=status,
        order=order if order in ORDERS else "money" if source == KEPT else "lift",
    )
    everything = _read(bench, source) if source else []
    shown = chosen(everything, wanted)
    return page(
        request,
        "rules.html",
        sources=sources,
        source=source,
        wanted=wanted,
        total=len(everything),
        part=part_of(shown, whole(request, "page", 1)),
        orders=list(ORDERS),
        statuses=STATUSES if source == KEPT else (),
        scatter=_scatter(shown),
        network=_network(shown),
    )


@router.get("/rules/one")
def one(request: Request, rule: str = "") -> Response:
    """Show one rule that is not kept as a finding."""
    bench = bench_of(request)
    source = request.query_params.get("from", "")
    everything = _read(bench, source) if source in _sources(bench) else []
    found = next((each for each in everything if each.id == rule), None)
    if found is None:
        raise Gone("That rule is not there (any more): its run or file may have been replaced.")
    return page(
        request,
        "rule.html",
        rule=found,
        source=source,
        simpler=_simpler(found, everything),
        longer=[each for each in everything if _is_within(found, each)][:10],
    )


def _sources(bench: Bench) -> dict[str, str]:
    """Name where rules can be read, the kept ones first."""
    found = {KEPT: "kept as findings"} if bench.findings.rules() else {}
    for run in bench.runs.all()[:RUNS]:
        if (run.folder / "rules.parquet").is_file():
            found[run.id] = f"run {run.id}"
    return found | {path.name: f"file {path.name}" for path in bench.settings.rules}


def _read(bench: Bench, source: str) -> list[Rule]:
    if source == KEPT:
        return bench.findings.rules()
    files = [path for path in bench.settings.rules if path.name == source]
    return rules_in_file(files[0]) if files else rules_of_run(bench.runs.get(source))


def _scatter(rules: Sequence[Rule]) -> Plot | None:
    """Draw support against confidence; a point is larger and warmer where the lift is higher."""
    import pandas as pd

    drawn = [
        rule
        for rule in rules[:POINTS]
        if math.isfinite(rule.support) and math.isfinite(rule.confidence)
    ]
    if len(drawn) < 2:
        return None
    lifts = [rule.lift for rule in drawn if math.isfinite(rule.lift)]
    low, high = (min(lifts), max(lifts)) if lifts else (1.0, 1.0)
    dots = [
        Dot(
            rule.support,
            rule.confidence,
            f"{rule.text}: lift {rule.lift:.2f}",
            _warmth(rule.lift, low, high),
            _share(rule.lift, low, high),
            rule.link,
        )
        for rule in drawn
    ]
    picture = scatter_chart(
        "scatter",
        "Rules by support, confidence and lift",
        "A dot is a rule; the larger, the higher its lift. Each leads to the rule.",
        dots,
        x_label="support",
        y_label="confidence",
        x_text=percent,
        y_text=percent,
    )
    more = f" The first {POINTS} of {len(rules):,} are drawn." if len(rules) > POINTS else ""
    caption = f"Larger and warmer dots have a higher lift, from {low:.2f} to {high:.2f}.{more}"
    frame = pd.DataFrame(
        [(r.text, r.support, r.confidence, r.lift) for r in drawn[:50]],
        columns=["rule", "support", "confidence", "lift"],
    )
    return Plot(picture, caption, frame)


def _network(rules: Sequence[Rule]) -> Plot | None:
    """Draw what goes with what, by the first rules."""
    import pandas as pd

    shown = [rule for rule in rules if rule.needs and rule.then][:LINKS]
    lifts = [rule.lift for rule in shown if math.isfinite(rule.lift)]
    low, high = (min(lifts), max(lifts)) if lifts else (1.0, 1.0)
    arrows = [
        Arrow(need, then, _share(rule.lift, low, high), rule.text, rule.link)
        for rule in shown
        for need in rule.needs
        for then in rule.then
        if need != then
    ]
    if not arrows:
        return None
    picture = network_chart(
        "network",
        "What goes with what",
        "An arrow leads from the item bought to the one that follows; the thicker, the higher the "
        "lift.",
        arrows,
    )
    caption = f"The first {len(shown)} rules of the table, as arrows from IF to THEN."
    frame = pd.DataFrame([(a.start, a.end) for a in arrows], columns=["if", "then"])
    return Plot(picture, caption, frame)


def _share(value: float, low: float, high: float) -> float:
    if not math.isfinite(value) or high <= low:
        return 0.0
    return math.sqrt((value - low) / (high - low))


def _warmth(value: float, low: float, high: float) -> str:
    share = _share(value, low, high)
    return "c3" if share < 1 / 3 else "c1" if share < 2 / 3 else "c2"


def _simpler(rule: Rule, rules: Sequence[Rule]) -> list[Rule]:
    """List rules that say less to conclude the same at least as surely."""
    return [
        each for each in rules if _is_within(each, rule) and each.confidence >= rule.confidence
    ][:10]


def _is_within(short: Rule, long: Rule) -> bool:
    return short.then == long.then and set(short.needs) < set(long.needs)
