"""`lode cube`: a cube turned to the view a person asks for."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.limits import time_limit
from pipelines.cli.output import show

__all__ = ["cube"]

VIEW, COMPARE, OUTPUT = "View", "Comparisons", "Output"


class Totals(StrEnum):
    """Kinds of totals."""

    NESTED = "nested"
    ALL = "all"


def _listed(flag: str, panel: str, text: str) -> object:
    return typer.Option(
        flag, metavar="NAME,...", help=text, show_default=False, rich_help_panel=panel
    )


def _names(texts: list[str]) -> tuple[str, ...]:
    return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())


def _file(text: str) -> object:
    return typer.Option(
        metavar="FILE", help=text, show_default=False, rich_help_panel=OUTPUT, dir_okay=False
    )


def cube(
    path: Annotated[
        Path,
        typer.Argument(metavar="CUBE", help="The declaration, a YAML file.", show_default=False),
    ],
    rows: Annotated[list[str], _listed("--rows", VIEW, "Levels, such as store.city.")] = [],  # noqa: B006 (typer copies it)
    columns: Annotated[list[str], _listed("--columns", VIEW, "Levels.")] = [],  # noqa: B006 (typer copies it)
    measures: Annotated[list[str], _listed("--measures", VIEW, "Default: all.")] = [],  # noqa: B006 (typer copies it)
    where: Annotated[
        list[str],
        typer.Option(
            metavar="LEVEL=MEMBERS",
            help="Members that count: time.year=1997, product.family=Drink,Food, time.month=3..6, "
            "store.city!=Salem. Repeatable.",
            show_default=False,
            rich_help_panel=VIEW,
        ),
    ] = [],  # noqa: B006 (typer copies it)
    totals: Annotated[
        bool, typer.Option("--totals", help="Show totals of each side.", rich_help_panel=VIEW)
    ] = False,
    all_totals: Annotated[
        bool,
        typer.Option(
            "--all-totals", help="Over every combination of dimensions.", rich_help_panel=VIEW
        ),
    ] = False,
    share_of_parent: Annotated[
        list[str], _listed("--share-of-parent", COMPARE, "Share in the next coarser member.")
    ] = [],  # noqa: B006 (typer copies it)
    rank: Annotated[list[str], _listed("--rank", COMPARE, "1 is the greatest.")] = [],  # noqa: B006 (typer copies it)
    difference: Annotated[
        list[str], _listed("--difference", COMPARE, "To the period before.")
    ] = [],  # noqa: B006 (typer copies it)
    growth: Annotated[
        list[str], _listed("--growth", COMPARE, "Relative, to the period before.")
    ] = [],  # noqa: B006 (typer copies it)
    running_total: Annotated[
        list[str], _listed("--running-total", COMPARE, "Of the periods shown so far.")
    ] = [],  # noqa: B006 (typer copies it)
    along: Annotated[
        str | None,
        typer.Option(
            metavar="DIMENSION",
            help="Of shares and ranks; default: the last on the rows.",
            show_default=False,
            rich_help_panel=COMPARE,
        ),
    ] = None,
    what_if: Annotated[
        list[str],
        typer.Option(
            metavar="SCENARIO",
            help="'NAME: sales * 1.1 where product.family=Drink; ...', or a declared name. "
            "Repeatable.",
            show_default=False,
            rich_help_panel=COMPARE,
        ),
    ] = [],  # noqa: B006 (typer copies it)
    trend: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Forecast N periods of the finest level of time shown.",
            show_default=False,
            rich_help_panel=COMPARE,
        ),
    ] = None,
    wallet: Annotated[
        bool, typer.Option("--wallet", help="Share of wallet.", rich_help_panel=COMPARE)
    ] = False,
    members: Annotated[
        str | None,
        typer.Option(
            metavar="LEVEL",
            help="List the members of a level instead.",
            show_default=False,
            rich_help_panel=VIEW,
        ),
    ] = None,
    out: Annotated[Path | None, _file("Write the cells: .csv, .parquet or .xlsx.")] = None,
    plot: Annotated[Path | None, _file("Draw the first measure: .svg or .png.")] = None,
    workspace: options.Workspace = None,
    timeout: options.Timeout = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Look at measures by dimensions: slice, drill, compare, suppose, forecast.

    Tables without a path are read from the warehouse of the workspace.
    """
    with time_limit(timeout, "the time limit is over; nothing was written"):
        from pipelines.cube import cube as ask
        from pipelines.cubes.request import CubeRequest

        request = CubeRequest(
            path=path,
            workspace=workspace or Path(".lode"),
            rows=_names(rows),
            columns=_names(columns),
            measures=_names(measures),
            where=tuple(where),
            totals="all" if all_totals else "nested" if totals else None,
            share_of_parent=_names(share_of_parent),
            rank=_names(rank),
            difference=_names(difference),
            growth=_names(growth),
            running_total=_names(running_total),
            along=along,
            what_if=tuple(what_if),
            trend=trend,
            wallet=wallet,
            members=members,
            out=out,
            plot=plot,
        )
        show(ask(request), as_json=json)
