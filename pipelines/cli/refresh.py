"""`lode refresh`: learn again as the champion did, and say what changed."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.limits import time_limit
from pipelines.cli.output import show

__all__ = ["refresh"]


def refresh(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="models:/NAME@champion.", show_default=False),
    ],
    changes: options.Overrides = [],  # noqa: B006 (typer copies it)
    language: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Of the findings: en or zh.", show_default=False),
    ] = None,
    workspace: options.Workspace = None,
    fresh: options.Fresh = False,
    timeout: options.Timeout = None,
    memory: options.Memory = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Run the champion's configuration on today's data; promote only through the gate.

    It tells which knowledge is new, gone, stronger, weaker or contradicted since the champion.
    """
    with time_limit(timeout):
        from pipelines.progress import open_progress
        from pipelines.refresh import refresh as run_again

        with open_progress(quiet=quiet) as progress:
            summary = run_again(
                model,
                workspace=workspace or Path(".lode"),
                overrides=changes,
                language=language,
                progress=progress,
                fresh=fresh,
                memory=memory,
            )
    show(summary, as_json=json)
    if summary.exit_code:
        raise typer.Exit(summary.exit_code)
