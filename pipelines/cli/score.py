"""`lode score`: a cross-sell list from a bundle and today's data."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lodeworks import ConfigError
from pipelines.cli import options
from pipelines.cli.limits import time_limit
from pipelines.cli.output import show

__all__ = ["read_data", "score"]

DEFAULT_TABLE = "lines"
WORKSPACE = ".lode"  # as in a configuration that states none


def read_data(given: list[str]) -> dict[str, tuple[Path, ...]]:
    """Sort the files of ``--data`` by the source that they stand for.

    Parameters
    ----------
    given : list of str
        ``FILE``, ``FILE,FILE`` or ``NAME=FILE,FILE``.

    Returns
    -------
    dict of str to tuple of Path
        Files of each source; those without a name are ``lines``.

    Raises
    ------
    ConfigError
        When a name or a file is empty, or a file does not exist; all of them at once.

    Examples
    --------
    >>> read_data(["items="])
    Traceback (most recent call last):
    lodeworks.errors.ConfigError: --data items=: give FILE or NAME=FILE
    """
    found: dict[str, tuple[Path, ...]] = {}
    problems = []
    for text in given:
        name, files = _parted(text)
        if not name or not all(files):
            problems.append(f"--data {text}: give FILE or NAME=FILE")
            continue
        problems += [
            f"--data {text}: no file {file!r}" for file in files if not Path(file).is_file()
        ]
        found[name] = (*found.get(name, ()), *map(Path, files))
    if problems:
        more = len(problems) > 1
        raise ConfigError("data cannot be used" if more else problems[0], problems if more else ())
    return found


def _parted(text: str) -> tuple[str, list[str]]:
    if Path(text).is_file():
        return DEFAULT_TABLE, [text]
    name, equals, files = text.partition("=")
    return (name.strip(), files.split(",")) if equals else (DEFAULT_TABLE, text.split(","))


def score(
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
            help="The last day that may be seen.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="FILE", help="The list: .parquet or .csv.", show_default=False),
    ],
    opt_out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Customers who must not be contacted.", show_default=False
        ),
    ] = None,
    suppress: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE",
            help="Customers, items or pairs that must not be listed. May be given several times.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 (typer copies it)
    rows: Annotated[
        int | None,
        typer.Option(
            min=1, help="Most rows a customer; default: the bundle's.", show_default=False
        ),
    ] = None,
    control: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Share of the control group; default: the bundle's.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, help="Draws the control group; default: the bundle's.", show_default=False
        ),
    ] = None,
    workspace: options.Workspace = None,
    timeout: options.Timeout = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Make a cross-sell list from a bundle, for the customers in the data.

    The same bundle and data give the same bytes.
    """
    if out.suffix not in (".parquet", ".csv"):
        raise ConfigError(f"--out {out}: the name must end in .parquet or .csv")
    files = read_data(data)
    with time_limit(timeout):
        from pipelines.progress import open_progress
        from pipelines.score import score as make_list

        with open_progress(quiet=quiet) as progress:
            summary = make_list(
                bundle,
                data=files,
                as_of=as_of,
                out=out,
                opt_out=opt_out,
                suppress=suppress,
                rows=rows,
                control=control,
                seed=seed,
                workspace=workspace or Path(WORKSPACE),
                progress=progress,
            )
    show(summary, as_json=json)
