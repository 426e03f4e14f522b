"""`lode web`: what the access logs of a site tell about its visitors."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import show

__all__ = ["web"]


class By(StrEnum):
    """What makes a visitor."""

    agent = "agent"
    user = "user"


def web(
    logs: Annotated[
        list[Path],
        typer.Argument(
            metavar="LOG...",
            help="Access logs, common or combined; may be gzipped.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for sessions, visitors, views and transitions.",
            show_default=False,
        ),
    ] = None,
    inactivity: Annotated[
        int,
        typer.Option(
            metavar="TIME", parser=options.read_seconds, help="Longest pause within a session."
        ),
    ] = "30m",  # type: ignore[assignment]
    visitor_by: Annotated[
        By, typer.Option(help="A visitor is an address with a program, or a signed-in user.")
    ] = By.agent,
    pages_a_minute: Annotated[
        int, typer.Option(help="More pages than these within a minute are a robot's.")
    ] = 30,
    step: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=PATTERN",
            help="A step of the funnel and a regular expression of its pages; repeat in order.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 (typer copies it)
    orders: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Table with customer_id and ordered_at (UTC), the last step of the funnel.",
            show_default=False,
        ),
    ] = None,
    workspace: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Leave out users who opted out or did not consent by its warehouse; "
            "needs --visitor-by user.",
            show_default=False,
            file_okay=False,
        ),
    ] = None,
    top: Annotated[int, typer.Option(help="Pages and ways in the summary.")] = 10,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Turn access logs into sessions, ways through the site and figures of visitors.

    Robots and parts of pages are told apart; lines that are no requests are rejected and counted.
    Neither addresses nor users are shown.
    """
    from datetime import timedelta

    from pipelines.progress import open_progress
    from pipelines.web import WebTask
    from pipelines.web import web as work_up

    task = WebTask(
        logs=logs,
        out=out,
        inactivity=timedelta(seconds=inactivity),
        visitor_by=visitor_by.value,
        pages_a_minute=pages_a_minute,
        steps=_steps(step),
        orders=orders,
        workspace=workspace,
        top=top,
    )
    with open_progress(quiet=quiet) as progress:
        summary = work_up(task, progress)
    show(summary, as_json=json)


def _steps(given: list[str]) -> dict[str, str]:
    steps: dict[str, str] = {}
    for text in given:
        name, equals, pattern = text.partition("=")
        if not (name.strip() and equals and pattern):
            raise typer.BadParameter(
                f"--step {text!r}: write NAME=PATTERN, such as basket=^/basket"
            )
        if name in steps:
            raise typer.BadParameter(f"--step {name!r} is given twice")
        steps[name] = pattern
    return steps
