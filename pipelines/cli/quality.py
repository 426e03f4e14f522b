"""`lode quality`: how complete, valid, unique, consistent and fresh the data are."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import show

__all__ = ["quality"]

BAD_DATA = 3


def quality(
    config: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CONFIG]",
            help="The configuration whose sources say what is demanded.",
            show_default=False,
        ),
    ] = None,
    changes: options.Overrides = [],  # noqa: B006 (typer copies it)
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the report there, .html or .json.",
            show_default=False,
            dir_okay=False,
        ),
    ] = None,
    rejected: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the rejected rows there, as CSV; personal values too.",
            show_default=False,
            dir_okay=False,
        ),
    ] = None,
    as_of: Annotated[
        date | None,
        typer.Option(
            metavar="DATE",
            parser=options.read_day,
            help="Day that freshness counts from; default: today.",
            show_default=False,
        ),
    ] = None,
    warn_only: Annotated[
        bool, typer.Option("--warn-only", help="End well even when a demand is broken.")
    ] = False,
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Measure the quality of every column of the warehouse, and hold it against the contracts.

    Ends with code 3 when a demand (completeness, unique, fresh_within) is broken.
    """
    from pipelines.catalog import check_report_name, measure_quality, write_report

    check_report_name(out)
    place, sources = _place(config, changes, workspace)
    found = measure_quality(place / "warehouse.duckdb", sources, today=as_of, rejected=rejected)
    if out is not None:
        write_report(found, out)
    show(found, as_json=json)
    if found.broken and not warn_only:
        raise typer.Exit(BAD_DATA)


def _place(
    config: Path | None, changes: list[str], workspace: Path | None
) -> tuple[Path, "tuple[object, ...] | None"]:
    """Give the workspace, and the sources of the configuration when there is one."""
    if config is None:
        return workspace or Path(".lode"), None
    from pipelines.config import load

    checked = load(config, options.overrides_with(changes, workspace))
    return Path(checked.workspace), checked.sources
