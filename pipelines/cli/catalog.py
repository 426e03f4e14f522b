"""`lode catalog`: list and describe what a warehouse holds."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import emit, show

__all__ = ["catalog"]


def catalog(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[TABLE[.COLUMN]]", help="Describe only this.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write it as one HTML page too.",
            show_default=False,
            dir_okay=False,
        ),
    ] = None,
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """List the tables of the warehouse; describe one table or one column.

    Meaning, tag, source, rules, quality, loads, and which indicators and lists read it.
    """
    from pipelines.catalog import describe, write_report

    found = describe((workspace or Path(".lode")) / "warehouse.duckdb", name)
    if html is not None:
        write_report(found, html)
    show(found, as_json=json)
    if html is not None and not json:
        emit(f"page      {html}")
