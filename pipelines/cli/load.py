"""`lode load`: files into the warehouse, once each."""

from datetime import date
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.limits import time_limit
from pipelines.cli.output import show

__all__ = ["load"]


def load(
    config: options.Config,
    source: Annotated[
        list[str],
        typer.Option(metavar="NAME", help="Load this source only; repeatable.", show_default=False),
    ] = [],  # noqa: B006 (typer copies it)
    effective: Annotated[
        date | None,
        typer.Option(
            metavar="DATE",
            parser=options.read_day,
            help="Day from which attributes of customers and items are valid, where their source "
            "states none.",
            show_default=False,
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Begin with an empty warehouse.")
    ] = False,
    changes: options.Overrides = [],  # noqa: B006 (typer copies it)
    workspace: options.Workspace = None,
    timeout: options.Timeout = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Load the files of a configuration into the warehouse.

    A file that was loaded as it is changes nothing; one that changed replaces its own rows; a new
    one adds its rows. A load that fails leaves the warehouse as it was.
    """
    with time_limit(timeout):
        from pipelines.config import load as read
        from pipelines.load import load as load_files
        from pipelines.progress import open_progress

        checked = read(config, options.overrides_with(changes, workspace))
        with open_progress(quiet=quiet) as progress:
            summary = load_files(
                checked, only=source, effective=effective, replace=replace, progress=progress
            )
    show(summary, as_json=json)
