"""Two runs side by side: settings, figures and profit curves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from app.bench import bench_of, page
from app.readers.figures import changes_between, figures_of
from app.readers.runs import Run
from experiments.report.numbers import compact
from experiments.report.plots import Plot
from experiments.report.svg import Line, line_chart
from experiments.report.tables import heading, table, written

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["router"]

router = APIRouter()
POINTS = 80


@router.get("/compare")
def compare(request: Request) -> Response:
    """Show what differs between two runs."""
    bench = bench_of(request)
    names = list(dict.fromkeys(request.query_params.getlist("run")))
    if len(names) != 2:
        raise HTTPException(400, f"Choose two runs to compare; {len(names)} are chosen.")
    first, second = sorted((bench.runs.get(name) for name in names), key=lambda r: r.id)
    return page(
        request,
        "compare.html",
        first=first,
        second=second,
        changes=changes_between(first.config, second.config),
        figures=table(_differences(first, second), first.currency),
        curves=_curves((first, second)),
    )


def _differences(first: Run, second: Run) -> "pd.DataFrame":
    import pandas as pd

    old, new = figures_of(first), figures_of(second)
    names, currency = [name for name in old if name in new], first.currency
    return pd.DataFrame(
        {
            "figure": [heading(name) for name in names],
            "earlier": [written(old[name], name, currency) for name in names],
            "later": [written(new[name], name, currency) for name in names],
            "difference": [written(new[name] - old[name], name, currency) for name in names],
        }
    )


def _curves(runs: Sequence[Run]) -> Plot | None:
    """Lay the measured profit of the winners over each other, by share of customers."""
    import pandas as pd

    parts, lines = [], []
    for style, run in zip(("c1", "c2"), runs, strict=True):
        frame = run.table("profit_curves")
        if frame is None or "candidate" not in frame:
            continue
        own = frame[frame["candidate"] == run.winner.get("candidate")]
        own = own.iloc[:: max(1, len(own) // POINTS)].assign(run=run.id)
        parts.append(own)
        x, y = (own[name].to_numpy(dtype=float) for name in ("depth", "realised_profit"))
        lines.append(Line(run.id, x, y, style))
    if len(lines) < 2:
        return None
    currency = runs[0].currency
    picture = line_chart(
        "curves",
        "Measured profit of both runs by depth",
        "One line a run, each at the candidate it chose.",
        lines,
        x_label="share of customers contacted",
        y_label=f"measured profit ({currency})",
        x_text=lambda value: f"{compact(value * 100)}%",
        y_text=lambda value: compact(value, currency),
    )
    frame = pd.concat(parts)[["run", "candidate", "customers", "depth", "realised_profit"]]
    caption = "Measured on held-out outcomes; the windows of the two runs may differ."
    return Plot(picture, caption, frame, tuple((line.name, line.style) for line in lines))
