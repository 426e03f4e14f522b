"""`lode score`: a cross-sell list from a bundle and today's data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from lodeworks import ConfigError
from lodeworks.files import did_you_mean_file
from pipelines.cli import options
from pipelines.cli.limits import time_limit
from pipelines.cli.output import show
from pipelines.given import given_options

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
            f"--data {text}: no file {file!r}{did_you_mean_file(file)}"
            for file in files
            if not Path(file).is_file()
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


@dataclass(frozen=True)
class _Asked:
    """What every scoring is asked: with which bundle, from what, where to, and how to tell."""

    bundle: str
    data: list[str]
    as_of: date | None
    out: Path | None
    workspace: Path
    timeout: float | None
    quiet: bool
    json: bool

    def offers_beside(self, basket: str, rows: int | None, policy: dict[str, Any]) -> None:
        """Say what to offer beside one basket."""
        idle = given_options(data=self.data, as_of=self.as_of, out=self.out, **policy)
        if idle:
            raise ConfigError(f"--basket makes no list: leave out {', '.join(idle)}")
        from pipelines.score import basket_offers

        with time_limit(self.timeout):
            offers = basket_offers(self.bundle, basket, rows=rows, workspace=self.workspace)
            show(offers, as_json=self.json)

    def scored_records(self, others: dict[str, Any]) -> None:
        """Score with the bundle of another question."""
        if self.out is None or not self.data:
            lacking = [name for name in self.missing() if name != "--as-of"]
            raise ConfigError(f"missing: {', '.join(lacking)}")
        from pipelines.score import score_records

        with time_limit(self.timeout):
            self._show(score_records, out=self.out, as_of=self.as_of, **others)

    def list_of_offers(self, policy: dict[str, Any]) -> None:
        """Make a cross-sell list."""
        if self.as_of is None or self.out is None or not self.data:
            raise ConfigError(f"missing: {', '.join(self.missing())} (or --basket)")
        if self.out.suffix not in (".parquet", ".csv"):
            raise ConfigError(f"--out {self.out}: the name must end in .parquet or .csv")
        from pipelines.score import score as make_list

        with time_limit(self.timeout, NO_TIME):
            self._show(make_list, out=self.out, as_of=self.as_of, **policy)

    def missing(self) -> list[str]:
        """Name what is needed and was not given."""
        given = {"--data": self.data, "--as-of": self.as_of, "--out": self.out}
        return [name for name, value in given.items() if not value]

    def _show(self, work: Callable[..., Any], **options: Any) -> None:
        from pipelines.progress import open_progress

        data = read_data(self.data)
        with open_progress(quiet=self.quiet) as progress:
            place = {"workspace": self.workspace, "progress": progress}
            summary = work(self.bundle, data=data, **options, **place)
        show(summary, as_json=self.json)


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
    place = workspace or Path(WORKSPACE)
    asked = _Asked(bundle, data, as_of, out, place, timeout, quiet, json)
    policy = {
        "opt_out": opt_out,
        "suppress": suppress,
        "control": control,
        "seed": seed,
        "stock": stock,
        "contacts": contacts,
        "baseline": baseline,
        "findings": findings,
        "memory": memory,
        "workers": workers,
        "spark_master": spark_master,
    }
    spark = engine if engine != ScoringProgram.duckdb else None
    if basket is not None:
        asked.offers_beside(basket, rows, policy | {"engine": spark})
        return
    from pipelines.bundle_kind import CROSS_SELL, kind_of

    if kind_of(bundle, place) == CROSS_SELL:
        asked.list_of_offers(policy | {"rows": rows, "engine": engine.value})
    else:
        asked.scored_records(policy | {"rows": rows, "engine": spark})
