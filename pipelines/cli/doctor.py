"""`lode doctor`: is this machine ready, and does anything look personal that nobody has tagged."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import emit, emit_json

__all__ = ["doctor"]


def doctor(
    config: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CONFIG]",
            help="The configuration whose tags count too.",
            show_default=False,
        ),
    ] = None,
    changes: options.Overrides = [],  # noqa: B006 (typer copies it)
    accept: Annotated[
        list[str],
        typer.Option(
            metavar="TABLE.COLUMN",
            help="A column that was looked at and is fine; may be given several times.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 (typer copies it)
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Look at the machine, and for untagged columns that look personal.

    Ends with code 4 when such a column is found.
    """
    from lodeworks.errors import GateRefused
    from pipelines.doctor import examine

    found = examine(config, options.overrides_with(changes, workspace), workspace, accept)
    looks_personal = found.personal.findings if found.personal is not None else []
    if json:
        emit_json(found.to_dict())
        raise typer.Exit(GateRefused.exit_code if looks_personal else 0)
    emit(found.text())
    if looks_personal:
        raise GateRefused(
            f"{len(looks_personal)} untagged columns look personal: tag them none, personal or"
            " sensitive in their source, or --accept them"
        )
