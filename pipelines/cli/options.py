"""Options that several commands share."""

import json as json_format
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Config",
    "Debug",
    "Fresh",
    "Json",
    "Memory",
    "Overrides",
    "Quiet",
    "Timeout",
    "Workspace",
    "overrides_with",
    "read_day",
    "read_memory",
    "read_seconds",
]

OUTPUT = "Output"


def read_seconds(text: str | int) -> int:
    """Read a span of time such as ``10m``."""
    from pipelines.config.quantities import parse_seconds

    try:
        return parse_seconds(int(text) if str(text).isdigit() else text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: {error}") from None


def read_memory(text: str | int) -> int:
    """Read an amount of memory such as ``4GB``, in bytes."""
    from pipelines.mining.limits import parse_bytes

    try:
        return parse_bytes(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: {error}") from None


def read_day(text: str | date) -> date:
    """Read a day such as ``2011-11-08``."""
    try:
        return text if isinstance(text, date) else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date such as 2011-11-08") from None


def overrides_with(changes: Sequence[str], workspace: Path | None) -> list[str]:
    """Add ``--workspace`` to the changes of ``--set``; it goes last and so wins."""
    if workspace is None:
        return list(changes)
    text = json_format.dumps(str(workspace).replace("${", "$${"))
    return [*changes, f"workspace={text}"]


Config = Annotated[
    Path,
    typer.Argument(metavar="CONFIG", help="The configuration, a YAML file.", show_default=False),
]
Overrides = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="KEY.PATH=VALUE",
        help="Change a value of the configuration; may be given several times.",
        show_default=False,
    ),
]
Workspace = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for everything that is written.",
        show_default=False,
        file_okay=False,
    ),
]
Timeout = Annotated[
    int | None,
    typer.Option(
        metavar="TIME",
        parser=read_seconds,
        help="Stop after this time (90s, 10m, 2h); run again to resume.",
        show_default=False,
    ),
]
Memory = Annotated[
    int | None,
    typer.Option(
        metavar="SIZE",
        parser=read_memory,
        help="Stop when more memory than this is in use (500MB, 4GB); run again to resume.",
        show_default=False,
    ),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Do everything again, whatever is finished already.")
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON object, errors too.", rich_help_panel=OUTPUT),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.", rich_help_panel=OUTPUT)]
Debug = Annotated[
    bool,
    typer.Option("--debug", help="Show the traceback of an error.", rich_help_panel=OUTPUT),
]
