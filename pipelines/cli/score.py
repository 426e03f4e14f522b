"""`lode score`: a cross-sell list from a bundle and today's data."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lodeworks import ConfigError
from pipelines.cli import options
from pipelines.cli.limits import time_limit
from pipelines.cli.output import show

__all__ = ["read_data", "score"]

DEFAULT_TABLE = "lines"
NO_TIME = "the time is over: no list was written; what is known stands in OUT.partial.json"
WORKSPACE = ".lode"  # as in a configuration that states none


class ScoringProgram(StrEnum):
    """Programs that make a list's rows."""

    duckdb = "duckdb"
    spark = "spark"


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


def _place(workspace: Path | None) -> Path:
    return workspace or Path(WORKSPACE)


def _missing(data: list[str], as_of: date | None, out: Path | None) -> list[str]:
    given = {"--data": data, "--as-of": as_of, "--out": out}
    return [name for name, value in given.items() if not value]


def _only_basket(**given: object) -> None:
    """Refuse options that mean nothing for a basket."""
    idle = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
    if idle:
        raise ConfigError(f"--basket makes no list: leave out {', '.join(idle)}")


def _score_records(
    bundle: str,
    data: list[str],
    as_of: date | None,
    out: Path | None,
    timeout: options.Timeout,
    workspace: Path | None,
    others: dict[str, object],
    *,
    quiet: bool,
    json: bool,
) -> None:
    """Score with the bundle of another question."""
    if out is None or not data:
        lacking = [name for name in _missing(data, as_of, out) if name != "--as-of"]
        raise ConfigError(f"missing: {', '.join(lacking)}")
    files = read_data(data)
    with time_limit(timeout):
        from pipelines.progress import open_progress
        from pipelines.score import score_records

        with open_progress(quiet=quiet) as progress:
            summary = score_records(
                bundle,
                data=files,
                out=out,
                as_of=as_of,
                workspace=_place(workspace),
                progress=progress,
                **others,
            )
    show(summary, as_json=json)


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
    ] = [],  # noqa: B006 (typer copies it)
    as_of: Annotated[
        date | None,
        typer.Option(
            metavar="DATE",
            parser=options.read_day,
            help="The last day that may be seen.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The list: .parquet or .csv.", show_default=False),
    ] = None,
    basket: Annotated[
        str | None,
        typer.Option(
            metavar="ITEM[,ITEM...]",
            help="Instead of a list: what to offer beside this basket. Only --rows goes with it.",
            show_default=False,
        ),
    ] = None,
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
    stock: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Most customers for single items: item_id, stock.",
            show_default=False,
        ),
    ] = None,
    contacts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Earlier contacts; who was reached often enough is left out.",
            show_default=False,
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Probability of a purchase without the offer.",
            show_default=False,
        ),
    ] = None,
    findings: Annotated[
        bool,
        typer.Option(
            "--findings",
            help="Offer by the accepted rules in the workspace, in place of the model.",
        ),
    ] = False,
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Memory to use at most, such as 4GiB; default: laid out for 4GiB, no limit.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Processes; default: a core each. The list is the same.",
            show_default=False,
        ),
    ] = None,
    engine: Annotated[
        ScoringProgram,
        typer.Option(help="What makes the rows: this machine, or Spark, into a folder."),
    ] = ScoringProgram.duckdb,
    spark_master: Annotated[
        str | None,
        typer.Option(
            metavar="MASTER",
            help="Where Spark runs: local[N], or a cluster's address; default: local[2].",
            show_default=False,
        ),
    ] = None,
    workspace: options.Workspace = None,
    timeout: options.Timeout = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Make a list from a bundle, for the customers in the data; or answer for a basket.

    A list needs --data, --out and, of purchases, --as-of. The same bundle and data give the same
    bytes.
    """
    if basket is not None:
        _only_basket(
            data=data, as_of=as_of, out=out, opt_out=opt_out, stock=stock, findings=findings
        )
        with time_limit(timeout):
            from pipelines.score import basket_offers

            show(
                basket_offers(bundle, basket, rows=rows, workspace=_place(workspace)), as_json=json
            )
        return
    from pipelines.bundle_kind import CROSS_SELL, kind_of

    if kind_of(bundle, _place(workspace)) != CROSS_SELL:
        others: dict[str, object] = {
            "opt_out": opt_out,
            "suppress": suppress,
            "rows": rows,
            "control": control,
        }
        others |= {"seed": seed, "stock": stock, "contacts": contacts, "baseline": baseline}
        others |= {"findings": findings, "memory": memory, "workers": workers}
        others |= {"engine": engine if engine != ScoringProgram.duckdb else None}
        others |= {"spark_master": spark_master}
        _score_records(bundle, data, as_of, out, timeout, workspace, others, quiet=quiet, json=json)
        return
    if as_of is None or out is None or not data:
        raise ConfigError(f"missing: {', '.join(_missing(data, as_of, out))} (or --basket)")
    if out.suffix not in (".parquet", ".csv"):
        raise ConfigError(f"--out {out}: the name must end in .parquet or .csv")
    files = read_data(data)
    with time_limit(timeout, NO_TIME):
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
                stock=stock,
                contacts=contacts,
                baseline=baseline,
                findings=findings,
                memory=memory,
                workers=workers,
                engine=engine.value,
                spark_master=spark_master,
                workspace=_place(workspace),
                progress=progress,
            )
    show(summary, as_json=json)
