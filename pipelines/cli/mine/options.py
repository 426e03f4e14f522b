"""Options of mining, and the groups of them that several kinds of mining share."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import options
from pipelines.cli.options import read_memory, read_seconds
from pipelines.mining.limits import DEFAULT_MEMORY

if TYPE_CHECKING:
    from pipelines.mining.limits import Limits
    from pipelines.mining.source import Source
    from pipelines.mining.support import Support

__all__ = [
    "INPUT",
    "LIMITS",
    "BasketInput",
    "By",
    "Files",
    "FormatName",
    "Input",
    "Limiting",
    "MaxBasketSize",
    "MaxLength",
    "MinConfidence",
    "Output",
    "Supported",
    "Target",
    "Top",
]

INPUT, LIMITS = "Input", "Limits"


class FormatName(StrEnum):
    """Formats of a file of baskets."""

    fimi = "fimi"
    spmf = "spmf"
    baskets = "baskets"
    csv = "csv"
    parquet = "parquet"


class Target(StrEnum):
    """Which patterns to keep."""

    frequent = "frequent"
    closed = "closed"
    maximal = "maximal"


def _column(what: str) -> object:
    return typer.Option(
        metavar="COLUMN", help=f"Column of {what}.", show_default=False, rich_help_panel=INPUT
    )


def _number(what: str) -> object:
    return typer.Option(help=what, show_default=False)


MaxLength = Annotated[int | None, _number("Most items in a pattern.")]
MaxBasketSize = Annotated[
    int | None, _number("Cut longer baskets down to their most frequent items.")
]
MinConfidence = Annotated[float, typer.Option(metavar="SHARE", help="Smallest confidence.")]
Top = Annotated[
    int | None,
    typer.Option(metavar="K", help="Only the K best, whatever their support.", show_default=False),
]
By = Annotated[
    str | None,
    typer.Option(
        metavar="MEASURE",
        help="The measure of --top; default: leverage of rules, cosine of itemsets.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class Files:
    """What is read and what is written."""

    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The baskets; may be gzipped.", show_default=False),
    ]
    out: Annotated[
        Path,
        typer.Option(metavar="FILE", help="The patterns: .parquet or .csv.", show_default=False),
    ]


@dataclass(frozen=True)
class Supported:
    """In how many baskets a pattern has to stand."""

    min_support: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Smallest share of the baskets, above 0 and up to 1; or",
            show_default=False,
        ),
    ] = None
    min_count: Annotated[int | None, _number("smallest number of baskets.")] = None

    def support(self) -> "Support":
        """Give the support."""
        from pipelines.mining.support import Support

        return Support(self.min_support, self.min_count)


@dataclass(frozen=True)
class Input:
    """How the file is read."""

    format: Annotated[
        FormatName | None,
        typer.Option(
            "--format",
            help="Format of the file; default: by its content and name.",
            show_default=False,
            rich_help_panel=INPUT,
        ),
    ] = None
    item: Annotated[str | None, _column("the items, in a table")] = None
    customer: Annotated[str | None, _column("the customers")] = None
    time: Annotated[str | None, _column("the times")] = None
    delimiter: Annotated[
        str | None,
        typer.Option(
            metavar="CHARACTER",
            help="Between items of baskets (default: comma) or fields of csv (default: as in its "
            "header).",
            show_default=False,
            rich_help_panel=INPUT,
        ),
    ] = None

    def source(self, file: Path, basket: str | None = None) -> "Source":
        """Give the file with how it is read."""
        from pipelines.mining.source import Source

        name = self.format and self.format.value
        return Source(file, name, self.item, basket, self.customer, self.time, self.delimiter)


@dataclass(frozen=True)
class BasketInput(Input):
    """How a file is read in which baskets may have numbers."""

    basket: Annotated[str | None, _column("the basket numbers")] = None

    def source(self, file: Path, basket: str | None = None) -> "Source":
        """Give the file with how it is read."""
        return super().source(file, basket or self.basket)


@dataclass(frozen=True)
class Limiting:
    """What may be spent."""

    budget_memory: Annotated[
        int,
        typer.Option(
            metavar="SIZE",
            parser=read_memory,
            help="Most memory of the search and its result (500MB, 4GB).",
            rich_help_panel=LIMITS,
        ),
    ] = DEFAULT_MEMORY  # type: ignore[assignment]
    budget_itemsets: Annotated[
        int | None,
        typer.Option(help="Most patterns.", show_default=False, rich_help_panel=LIMITS),
    ] = None
    timeout: Annotated[
        int | None,
        typer.Option(
            metavar="TIME",
            parser=read_seconds,
            help="Stop after this time (90s, 10m, 2h).",
            show_default=False,
            rich_help_panel=LIMITS,
        ),
    ] = None
    n_jobs: Annotated[
        int, typer.Option(help="Threads; -1 for all cores.", rich_help_panel=LIMITS)
    ] = 1

    def limits(self) -> "Limits":
        """Give the limits; the time runs from now."""
        from pipelines.mining.limits import Limits

        return Limits(self.budget_memory, self.budget_itemsets, self.timeout)


@dataclass(frozen=True)
class Output:
    """What is told."""

    json: options.Json = False
    quiet: options.Quiet = False
    debug: options.Debug = False
