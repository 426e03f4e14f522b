"""The warehouse: its tables and columns, their quality, and the rows that were rejected."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.asked import whole
from app.bench import bench_of, page
from app.paging import ROWS, Part, place
from app.people import Role
from app.readers.warehouse import loaded_tables, rejected_rows
from app.security import demand, session_of
from experiments.report.tables import table

__all__ = ["router"]

router = APIRouter()
QUALITY = ("rows", "completeness", "validity", "uniqueness", "latest")


@router.get("/data")
def data(request: Request) -> Response:
    """Show the tables, the loads and why rows were rejected."""
    bench = bench_of(request)
    if not bench.workspace.warehouse.is_file():
        return page(request, "data_empty.html")
    tables, loads, rejected = loaded_tables(bench.workspace.warehouse)
    return page(
        request,
        "data.html",
        tables=tables.to_dict("records"),
        loads=table(loads, ""),
        rejected=table(rejected, ""),
        owner=session_of(request).person.may(Role.OWNER),
    )


@router.get("/data/rejected")
def rejected(request: Request, rows: int = ROWS) -> Response:
    """Show rejected rows in full; they hold what the sources held."""
    bench = bench_of(request)
    person = demand(request, Role.OWNER)
    _, total = rejected_rows(bench.workspace.warehouse, 0, 0)
    number, size = place(whole(request, "page", 1), rows, total)
    bench.audit.write(person, "view rejected rows", f"page {number}")
    frame, total = rejected_rows(bench.workspace.warehouse, (number - 1) * size, size)
    return page(
        request,
        "table.html",
        run=None,
        which="rejected rows",
        asked=rows,
        part=Part(range(len(frame)), number, size, total),
        table=table(frame, ""),
    )


@router.get("/data/quality")
def quality(request: Request) -> Response:
    """Measure the quality of everything; with many rows this takes a while."""
    from pipelines.catalog import measure_quality

    found = measure_quality(bench_of(request).workspace.warehouse)
    return page(
        request,
        "quality.html",
        found=found,
        columns=table(found.columns, ""),
        checks=table(found.checks, ""),
    )


@router.get("/data/tables/{name}")
def one_table(request: Request, name: str) -> Response:
    """Show the columns of a table: meaning, tag, rules, quality, readers."""
    import pandas as pd

    from pipelines.catalog import describe

    (found,) = describe(bench_of(request).workspace.warehouse, name).tables
    rows = [
        {
            "column": column.facts.column,
            "type": column.facts.type,
            "meaning": column.facts.meaning or "",
            "tag": column.facts.tag or "",
            "rules": list(column.facts.rules),
            **{name: column.quality.get(name) for name in QUALITY},
            "read by": list(column.read_by),
        }
        for column in found.columns
    ]
    return page(request, "data_table.html", found=found, columns=table(pd.DataFrame(rows), ""))
