"""`lode monitor`: whether today's data are still what the model was trained on."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lodeworks import ConfigError
from pipelines.cli import options
from pipelines.cli.limits import time_limit
from pipelines.cli.output import show
from pipelines.cli.score import read_data

__all__ = ["monitor", "read_limits"]

WORKSPACE = ".lode"


def read_limits(given: list[str]) -> dict[str, float]:
    """Read ``NAME=NUMBER`` texts.

    Raises
    ------
    ConfigError
        When one has another form; all of them at once.

    Examples
    --------
    >>> read_limits(["psi=0.4"])
    {'psi': 0.4}
    """
    found, problems = {}, []
    for text in given:
        name, _, number = text.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            problems.append(f"--limit {text}: give NAME=NUMBER, such as psi=0.3")
    if problems:
        raise ConfigError("limits cannot be used", problems)
    return found


def monitor(
    bundle: Annotated[
        str,
        typer.Argument(
            metavar="BUNDLE",
            help="A bundle's folder, or models:/NAME@champion.",
            show_default=False,
        ),
    ],
    data: Annotated[
        list[str],
        typer.Option(
            metavar="[NAME=]FILE[,FILE...]",
            help="Data; NAME is a source of the bundle (default: lines). Repeatable.",
            show_default=False,
        ),
    ],
    as_of: Annotated[
        date,
        typer.Option(
            metavar="DATE",
            parser=options.read_day,
            help="The day to look at.",
            show_default=False,
        ),
    ],
    earlier: Annotated[
        Path | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="An earlier list whose days are over: were its probabilities right?",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=NUMBER",
            help="Another limit than the bundle's, such as psi=0.3. Repeatable.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 (typer copies it)
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the manifest there (JSON).", show_default=False),
    ] = None,
    workspace: options.Workspace = None,
    timeout: options.Timeout = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Compare new data with a bundle's training: schema, volume, distributions, scores, offers.

    Exit code 4 says that something went beyond its limit.
    """
    files, limits = read_data(data), read_limits(limit)
    with time_limit(timeout):
        from pipelines.monitor import monitor as look
        from pipelines.monitoring import MonitorRequest
        from pipelines.progress import open_progress

        request = MonitorRequest(
            address=bundle, data=files, as_of=as_of, earlier=earlier, limits=limits, out=out
        )
        with open_progress(quiet=quiet) as progress:
            summary = look(request, workspace=workspace or Path(WORKSPACE), progress=progress)
    show(summary, as_json=json)
    if summary.exit_code:
        raise typer.Exit(summary.exit_code)
