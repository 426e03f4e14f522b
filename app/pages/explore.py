"""The cube: choose, filter, drill by clicking, turn, suppose; the address holds the view."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from app.bench import Bench, bench_of, page
from app.people import Role
from app.readers.cubes import personal_levels
from app.readers.runs import Gone
from app.readers.views import Asked, grid_of, turned, turns_of
from app.security import session_of
from experiments.report.numbers import compact
from experiments.report.plots import Plot
from experiments.report.svg import Bar, Line, bar_chart, interval_chart, line_chart
from lodeworks.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from features.cube import CellSet, Cube

__all__ = ["router"]

router = APIRouter()
BARS = 16
LINES = 6


@router.get("/explore")
def explore(request: Request) -> Response:
    """Show a view of a cube."""
    bench = bench_of(request)
    names = bench.cubes.names
    if not names:
        return page(request, "explore.html", cubes=[])
    with bench.cubes.opened(_chosen(request, names)) as cube:
        return _shown(request, bench, cube, names)


def _shown(request: Request, bench: Bench, cube: "Cube", names: list[str]) -> Response:
    allowed = _levels(request, bench, cube)
    asked = _with_something(Asked.of(request, cube_name(request, names)), cube, allowed)
    told: dict[str, Any] = {"grid": None, "picture": None, "problem": None, "turns": []}
    try:
        cells = _answer(request, bench, cube, asked, allowed)
        told |= {
            "grid": grid_of(cube, asked, cells, request),
            "picture": _picture(cells, cube),
            "turns": turns_of(cube, asked),
        }
    except ConfigError as error:
        told["problem"] = error
    return page(
        request,
        "explore.html",
        code=400 if told["problem"] else 200,
        cubes=names,
        asked=asked,
        levels=allowed,
        measures=list(cube.view.names),
        changeable=_changeable(cube),
        csv=asked.address("/explore.csv"),
        **told,
    )


@router.get("/explore.csv")
def cells(request: Request) -> Response:
    """Give the cells of a view as CSV, a row a cell."""
    from lodeworks.spreadsheet import neutral

    bench = bench_of(request)
    names = bench.cubes.names
    with bench.cubes.opened(_chosen(request, names)) as cube:
        allowed = _levels(request, bench, cube)
        asked = _with_something(Asked.of(request, cube_name(request, names)), cube, allowed)
        found = _answer(request, bench, cube, asked, allowed)
    text = neutral(found.to_pandas()).to_csv(index=False, lineterminator="\n")
    headers = {"Content-Disposition": 'attachment; filename="cells.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def cube_name(request: Request, names: list[str]) -> str:
    """Give the cube that is asked for, or the first."""
    return request.query_params.get("cube") or names[0]


def _chosen(request: Request, names: list[str]) -> str:
    if not names:
        raise Gone("There is no cube here, and no warehouse to make one of.")
    return cube_name(request, names)


def _levels(request: Request, bench: Bench, cube: "Cube") -> list[str]:
    """Name the levels that this person may look at."""
    every = list(cube.layout.levels)
    if session_of(request).person.may(Role.OWNER):
        return every
    personal = personal_levels(cube, bench.workspace.warehouse)
    return [key for key in every if key not in personal]


def _with_something(asked: Asked, cube: "Cube", allowed: list[str]) -> Asked:
    """Choose a first view where nothing was chosen."""
    if not asked.rows and not asked.columns:
        products = [key for key in allowed if key.startswith("product.")]
        asked = replace(asked, rows=tuple((products or allowed)[:1]))
    if not asked.measures:
        asked = replace(asked, measures=cube.view.names[:1])
    return asked


def _answer(
    request: Request, bench: Bench, cube: "Cube", asked: Asked, allowed: list[str]
) -> "CellSet":
    closed = sorted(asked.levels & (set(cube.layout.levels) - set(allowed)))
    if closed:
        raise HTTPException(
            403, f"{', '.join(closed)} shows single customers or personal data; owners see it."
        )
    personal = sorted(asked.levels & personal_levels(cube, bench.workspace.warehouse))
    if personal:
        told = f"{asked.cube}: {', '.join(personal)}"
        bench.audit.write(session_of(request).person, "explore personal columns", told)
    return bench.cubes.cells(asked.cube, asked, lambda: turned(cube, asked))


def _changeable(cube: "Cube") -> list[str]:
    measures = cube.declaration.measures
    return [name for name, measure in measures.items() if measure.kind in ("sum", "balance")]


def _picture(cells: "CellSet", cube: "Cube") -> Plot | None:
    """Draw the first measure: lines where time is shown, else bars."""
    frame = cells.frame[[not any(row) for row in zip(*_totals(cells), strict=True)]]
    if not len(frame) or not cells.levels:
        return None
    times = [key for key in cells.levels if cube.layout.level(key).is_time]
    if times:
        return _over_time(cells, frame, times)
    return _bars(cells, frame)


def _totals(cells: "CellSet") -> list[list[bool]]:
    return [cells.is_total(level).tolist() for level in cells.levels] or [[False] * len(cells)]


def _over_time(cells: "CellSet", frame: "pd.DataFrame", times: list[str]) -> Plot | None:
    measure = cells.measures[0]
    others = [key for key in cells.levels if key not in times and frame[key].nunique() > 1]
    told = frame.assign(
        period=[_period(times, row) for row in frame[times].to_numpy()],
        series=frame[others].astype(str).agg(", ".join, axis=1) if others else measure,
    )
    wide = told.pivot_table(index="period", columns="series", values=measure, sort=False)
    wide = wide[wide.sum().sort_values(ascending=False, kind="stable").index[:LINES]]
    if len(wide) < 2:
        return None
    labels = [str(label) for label in wide.index]
    lines = [
        Line(str(name), _places(len(labels)), wide[name].to_numpy(dtype=float), f"c{place + 1}")
        for place, name in enumerate(wide.columns)
    ]
    picture = line_chart(
        "view",
        f"{measure} over time",
        f"{len(lines)} lines from {labels[0]} to {labels[-1]}.",
        lines,
        x_label=", ".join(times),
        y_label=measure,
        x_text=lambda value: labels[int(value)] if _is_place(value, labels) else "",
        y_text=compact,
    )
    caption = f"{measure} by period" + (f"; the {LINES} largest of {told['series'].nunique()}"
                                        if told["series"].nunique() > LINES else "")  # fmt: skip
    legend = tuple((line.name, line.style) for line in lines) if len(lines) > 1 else ()
    return Plot(picture, caption, wide.reset_index(), legend)


def _bars(cells: "CellSet", frame: "pd.DataFrame") -> Plot:
    measure = cells.measures[0]
    levels = list(cells.levels)
    best = frame.dropna(subset=[measure]).nlargest(BARS, measure)
    bars = [
        Bar(", ".join(map(str, members)), float(value))
        for members, value in zip(best[levels].to_numpy(), best[measure], strict=True)
    ]
    negative = any(bar.value < 0 for bar in bars if math.isfinite(bar.value))
    draw = interval_chart if negative else bar_chart
    picture = draw("view", f"{measure} by {', '.join(levels)}", "The largest first.", bars, compact)
    more = f"; the {BARS} largest of {len(frame):,}" if len(frame) > BARS else ""
    return Plot(picture, f"{measure} by {', '.join(levels)}{more}", best)


def _period(times: list[str], members: "np.ndarray") -> str:
    """Write a period as people do: 2024 Q1, 2024-03, or the member itself.

    Examples
    --------
    >>> _period(["time.year", "time.quarter"], ["2024", 1])
    '2024 Q1'
    >>> _period(["time.year", "time.month"], [2024, 3])
    '2024-03'
    """
    known = {key.partition(".")[2]: member for key, member in zip(times, members, strict=True)}
    if "day" in known or "week" in known:
        return str(known.get("day", known.get("week")))[:10]
    if "month" in known:
        return f"{known.get('year', '')}-{int(known['month']):02}".lstrip("-")
    if "quarter" in known:
        return f"{known.get('year', '')} Q{known['quarter']}".strip()
    return str(members[-1])


def _places(count: int) -> "np.ndarray":
    import numpy as np

    return np.arange(count, dtype=float)


def _is_place(value: float, labels: list[str]) -> bool:
    return value.is_integer() and 0 <= value < len(labels)
