"""`lode ui`: the workbench in the browser."""

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import emit

__all__ = ["ui"]

ACCESS = "Access"


class Role(StrEnum):
    """What a visitor may do."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    OWNER = "owner"


def _files(flag: str, text: str) -> object:
    return typer.Option(flag, metavar="FILE", help=text, show_default=False, dir_okay=False)


def ui(
    workspace: options.Workspace = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on.", rich_help_panel=ACCESS)
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any free one.")] = 8765,
    role: Annotated[
        Role,
        typer.Option(
            help="Of a visitor without a name of their own; only an owner sees customers and "
            "downloads lists.",
            rich_help_panel=ACCESS,
        ),
    ] = Role.ANALYST,
    people: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Who may sign in, YAML: name, role, token_sha256.",
            show_default=False,
            dir_okay=False,
            rich_help_panel=ACCESS,
        ),
    ] = None,
    cube: Annotated[list[Path], _files("--cube", "A cube to explore. Repeatable.")] = [],  # noqa: B006 (typer copies it)
    rules: Annotated[list[Path], _files("--rules", "Rules that were mined. Repeatable.")] = [],  # noqa: B006 (typer copies it)
    mlflow: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Tracking server, for links.", show_default=False),
    ] = None,
    debug: options.Debug = False,
) -> None:
    """Look at a workspace in the browser: runs, cube, rules, segments, lists, findings, data.

    On another address than 127.0.0.1 visitors sign in with the token in LODE_UI_TOKEN, or with one
    that is made and shown.
    """
    # The workbench stands above the commands, so they know it by name only.
    serving = import_module("app.serving")
    start = serving.Start(
        workspace=workspace or Path(".lode"),
        host=host,
        port=port,
        role=role.value,
        people=people,
        cubes=tuple(cube),
        rules=tuple(rules),
        mlflow=mlflow,
    )
    serving.serve(start, emit)
