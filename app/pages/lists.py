"""Past and coming lists: how deep to go, the control group, what came of them, the file."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import FileResponse, Response

from app.asked import whole
from app.bench import bench_of, page
from app.paging import ROWS, Part, place
from app.people import Role
from app.readers.items import item_names
from app.readers.offers import figures_of, holds_offers, list_rows, measured, promised_curve
from app.readers.runs import Gone, Run
from app.security import demand, session_of
from experiments.report.numbers import compact, count
from experiments.report.svg import Line, line_chart
from experiments.report.tables import table

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["router"]

router = APIRouter()


@router.get("/lists")
def lists(request: Request) -> Response:
    """Show all lists, the newest first."""
    runs = [run for run in bench_of(request).runs.all() if run.list_file is not None]
    outcomes = {run.id: measured(_list_of(run)) for run in runs[:ROWS]}
    return page(request, "lists.html", runs=runs[:ROWS], total=len(runs), outcomes=outcomes)


@router.get("/lists/{name}")
def one(request: Request, name: str) -> Response:
    """Show one list in figures, with the depth that is asked for."""
    bench = bench_of(request)
    run = bench.runs.get(name)
    path = _list_of(run)
    owner = session_of(request).person.may(Role.OWNER)
    if not holds_offers(path):
        _, total = list_rows(path, 0, 0)
        return page(request, "other_list.html", run=run, total=total, owner=owner, file=path.name)
    found = figures_of(path)
    names = item_names(
        bench.workspace.warehouse, [*found.items["item_id"], *found.reasons["item_id"]]
    )
    curve = promised_curve(path)
    depth = whole(request, "depth", int(curve["customers"].iloc[-1]) if len(curve) else 0)
    return page(
        request,
        "list.html",
        run=run,
        groups=table(found.groups, run.currency),
        items=table(_named(found.items, names), run.currency),
        segments=table(found.segments, run.currency),
        reasons=table(_named(found.reasons, names), run.currency),
        curve=curve,
        depth=depth,
        at=_at(curve, depth),
        picture=_picture(curve, depth, run.currency) if len(curve) > 1 else None,
        outcome=measured(path),
        owner=owner,
        file=path.name,
    )


@router.get("/lists/{name}/rows")
def rows(request: Request, name: str, rows: int = ROWS) -> Response:
    """Show rows of a list; customers are named."""
    bench = bench_of(request)
    person = demand(request, Role.OWNER)
    run = bench.runs.get(name)
    path = _list_of(run)
    _, total = list_rows(path, 0, 0)
    number, size = place(whole(request, "page", 1), rows, total)
    bench.audit.write(person, "view list", f"{run.id}, page {number}")
    frame, total = list_rows(path, (number - 1) * size, size)
    return page(
        request,
        "table.html",
        run=run,
        which="list",
        asked=rows,
        part=Part(range(len(frame)), number, size, total),
        table=table(frame, run.currency),
    )


@router.get("/lists/{name}/file")
def download(request: Request, name: str) -> Response:
    """Give the file of a list."""
    bench = bench_of(request)
    person = demand(request, Role.OWNER)
    run = bench.runs.get(name)
    path = _list_of(run)
    bench.audit.write(person, "download list", run.id)
    return FileResponse(path, filename=f"{run.id}-{path.name}")


def _list_of(run: Run) -> "Path":
    path = run.list_file
    if path is None:
        raise Gone(f"Run {run.id} has no list (any more).")
    return path


def _at(curve: "pd.DataFrame", depth: int) -> dict[str, float]:
    """Give the row of the curve that is nearest to a depth."""
    if not len(curve):
        return {}
    nearest = int((curve["customers"] - depth).abs().to_numpy().argmin())
    row = curve.iloc[nearest]
    return {"customers": int(row["customers"]), "profit": float(row["expected_profit"])}


def _picture(curve: "pd.DataFrame", depth: int, currency: str) -> Markup:
    x, y = (curve[name].to_numpy(dtype=float) for name in ("customers", "expected_profit"))
    best = float(x[y.argmax()])
    return line_chart(
        "depth",
        "Promised profit by number of customers contacted",
        f"The most promising customers first; highest at {count(best)} customers.",
        [Line("promised", x, y, "c1")],
        x_label="customers contacted, most promising first",
        y_label=f"promised profit ({currency})",
        x_text=compact,
        y_text=lambda value: compact(value, currency),
        mark=float(min(max(depth, x[0]), x[-1])),
        mark_text=f"stop at {count(depth)}",
    )


def _named(frame: "pd.DataFrame", names: dict[str, str]) -> "pd.DataFrame":
    shown = frame.rename(columns={"item_id": "item"})
    return shown.assign(item=[names.get(item, item) for item in shown["item"]])
