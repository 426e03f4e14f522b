"""All runs: a leaderboard across them, what is running, and each one opened."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, JSONResponse, Response

from app.asked import whole
from app.bench import bench_of, page
from app.paging import ROWS, Part, part_of, place
from app.people import Role
from app.readers.figures import main_figure, one_board
from app.readers.frames import is_personal
from app.readers.running import Running, running_in
from app.readers.runs import Gone, Run
from app.security import demand
from experiments.report.tables import table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["router"]

router = APIRouter()
BOARD = 14
REPORT_POLICY = "sandbox allow-downloads; default-src 'none'; style-src 'unsafe-inline'"
ORDERS: dict[str, Callable[[Run], Any]] = {
    "newest": lambda run: run.id,
    "figure": lambda run: figure.value if (figure := main_figure(run)) else float("-inf"),
    "longest": lambda run: run.seconds,
}


@router.get("/")
def runs(request: Request, q: str = "", kind: str = "", order: str = "newest") -> Response:
    """Show the runs, filtered and put in order."""
    bench = bench_of(request)
    everything = bench.runs.all()
    shown = _ordered(_filtered(everything, q, kind), order)
    number = whole(request, "page", 1)
    return page(
        request,
        "runs.html",
        part=part_of(shown, number),
        total=len(everything),
        kinds=sorted({run.kind for run in everything}),
        orders=list(ORDERS),
        q=q,
        kind=kind,
        order=order,
        figure=main_figure,
        running=_state(running_in(bench.settings.workspace), everything),
        mlflow=lambda run: _mlflow(run, bench.settings.mlflow),
    )


@router.get("/candidates")
def candidates(request: Request, kind: str = "", q: str = "") -> Response:
    """Show the candidates of all runs of a kind on one leaderboard."""
    everything = [run for run in bench_of(request).runs.all() if run.board]
    kinds = list(dict.fromkeys(run.kind for run in everything))
    chosen = kind if kind in kinds else next(iter(kinds), "")
    frame = one_board(_filtered(everything, q, chosen))
    if "expected_profit" in frame:
        frame = frame.sort_values("expected_profit", ascending=False, kind="stable")
    part = part_of(range(len(frame)), whole(request, "page", 1))
    currency = everything[0].currency if everything else ""
    rows = frame.iloc[list(part.rows)]
    mark = rows["winner"].fillna(False).astype(bool) if "winner" in rows else None
    return page(
        request,
        "candidates.html",
        kinds=kinds,
        kind=chosen,
        q=q,
        part=part,
        board=table(rows, currency, columns=_main_columns(rows), mark=mark),
    )


@router.get("/running")
def running(request: Request) -> Response:
    """Say how far a running one is, for the script of the page."""
    bench = bench_of(request)
    state = _state(running_in(bench.settings.workspace), bench.runs.all())
    return JSONResponse({"running": state})


@router.get("/runs/{name}")
def run(request: Request, name: str) -> Response:
    """Show one run."""
    import pandas as pd

    bench = bench_of(request)
    found = bench.runs.get(name)
    board = pd.DataFrame(found.board)
    mark = board["candidate"] == found.winner.get("candidate") if "candidate" in board else None
    names = _main_columns(board)
    main = table(board, found.currency, columns=names, mark=mark) if len(board) else None
    return page(
        request,
        "run.html",
        run=found,
        figure=main_figure(found),
        board=main,
        whole=table(board, found.currency) if len(board) else None,
        config=_text(found, "config.yaml"),
        timings=list((found.about.get("timings") or {}).items()),
        mlflow=_mlflow(found, bench.settings.mlflow),
        has_report=(found.folder / "report.html").is_file(),
    )


@router.get("/runs/{name}/report.html")
def report(request: Request, name: str) -> Response:
    """Give the report as it was written; it may show its styles and nothing else."""
    path = bench_of(request).runs.get(name).file("report.html")
    return FileResponse(path, headers={"Content-Security-Policy": REPORT_POLICY})


@router.get("/runs/{name}/tables/{which}")
def run_table(request: Request, name: str, which: str, rows: int = ROWS) -> Response:
    """Show a table of a run; one that names customers is for owners."""
    bench = bench_of(request)
    found = bench.runs.get(name)
    frame = found.table(which) if which in found.tables() else None
    if frame is None:
        raise Gone(f"Run {name} has no table {which!r}.")
    if is_personal(which, frame):
        bench.audit.write(demand(request, Role.OWNER), "view table", f"{name}/{which}")
    number, size = place(whole(request, "page", 1), rows, len(frame))
    shown = frame.iloc[(number - 1) * size : number * size]
    return page(
        request,
        "table.html",
        run=found,
        which=which,
        asked=rows,
        part=Part(range(len(shown)), number, size, len(frame)),
        table=table(shown, found.currency),
    )


def _main_columns(board: "pd.DataFrame") -> list[str]:
    """Name the columns that fit on a page, with their intervals."""
    ends = ("_low", "_high")
    names = [name for name in board.columns if not name.endswith(ends) and name != "winner"]
    return [*names[:BOARD], *(f"{name}{end}" for name in names[:BOARD] for end in ends)]


def _filtered(runs: list[Run], q: str, kind: str) -> list[Run]:
    wanted = q.strip().casefold()
    return [
        run
        for run in runs
        if (not kind or run.kind == kind)
        and wanted in f"{run.id} {run.headline} {run.winner.get('candidate', '')}".casefold()
    ]


def _ordered(runs: list[Run], order: str) -> list[Run]:
    return sorted(runs, key=ORDERS.get(order, ORDERS["newest"]), reverse=True)


def _state(running: Running | None, runs: list[Run]) -> dict[str, Any] | None:
    """Put a running one beside the last finished one, whose parts say about how far it is."""
    if running is None:
        return None
    parts = [len(run.about.get("timings") or {}) for run in runs[:1]]
    expected = max(parts[0] if parts else 0, len(running.done) + 1)
    return {
        "pid": running.pid,
        "seconds": max(0, round(time.time() - running.began)),
        "done": len(running.done),
        "of": expected,
        "last": running.done[-1] if running.done else "",
    }


def _mlflow(run: Run, server: str | None) -> str | None:
    uri = server or str((run.config.get("tracking") or {}).get("uri") or "")
    tracked = run.about.get("mlflow_run_id")
    if not tracked or not uri.startswith(("http://", "https://")):
        return None
    return f"{uri.rstrip('/')}/#/runs/{tracked}"


def _text(run: Run, name: str) -> str:
    try:
        return (run.folder / name).read_text(encoding="utf-8")
    except OSError:
        return ""
