"""Options that several kinds of mining share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import read_seconds
from pipelines.mining.limits import DEFAULT_MEMORY, parse_bytes

__all__ = [
    "DEFAULT_MEMORY",
    "INPUT",
    "Basket",
    "BudgetItemsets",
    "BudgetMemory",
    "Customer",
    "Delimiter",
    "File",
    "Format",
    "FormatName",
    "Item",
    "MaxBasketSize",
    "MaxLength",
    "MinCount",
    "MinSupport",
    "NJobs",
    "Out",
    "Time",
    "Timeout",
]

INPUT, LIMITS = "Input", "Limits"


class FormatName(StrEnum):
    """Formats of a file of baskets."""

    fimi = "fimi"
    spmf = "spmf"
    baskets = "baskets"
    csv = "csv"
    parquet = "parquet"


def _read_memory(text: str | int) -> int:
    try:
        return parse_bytes(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: {error}") from None


def _column(what: str) -> object:
    return typer.Option(
        metavar="COLUMN", help=f"Column of {what}.", show_default=False, rich_help_panel=INPUT
    )


File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="The baskets; may be gzipped.", show_default=False),
]
Format = Annotated[
    FormatName | None,
    typer.Option(
        "--format",
        help="Format of the file; default: by its content and name.",
        show_default=False,
        rich_help_panel=INPUT,
    ),
]
Item = Annotated[str | None, _column("the items, in a table")]
Basket = Annotated[str | None, _column("the basket numbers")]
Customer = Annotated[str | None, _column("the customers")]
Time = Annotated[str | None, _column("the times")]
Delimiter = Annotated[
    str | None,
    typer.Option(
        metavar="CHARACTER",
        help="Between items of baskets (default: comma) or fields of csv (default: as in its "
        "header).",
        show_default=False,
        rich_help_panel=INPUT,
    ),
]
MinSupport = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Smallest share of the baskets, above 0 and up to 1; or",
        show_default=False,
    ),
]
MinCount = Annotated[
    int | None, typer.Option(help="smallest number of baskets.", show_default=False)
]
MaxLength = Annotated[
    int | None, typer.Option(help="Most items in an itemset.", show_default=False)
]
MaxBasketSize = Annotated[
    int | None,
    typer.Option(help="Cut longer baskets down to their most frequent items.", show_default=False),
]
BudgetMemory = Annotated[
    int,
    typer.Option(
        metavar="SIZE",
        parser=_read_memory,
        help="Most memory of the search and its result (500MB, 4GB).",
        rich_help_panel=LIMITS,
    ),
]
BudgetItemsets = Annotated[
    int | None,
    typer.Option(help="Most itemsets.", show_default=False, rich_help_panel=LIMITS),
]
Timeout = Annotated[
    int | None,
    typer.Option(
        metavar="TIME",
        parser=read_seconds,
        help="Stop the search after this time (90s, 10m, 2h).",
        show_default=False,
        rich_help_panel=LIMITS,
    ),
]
NJobs = Annotated[int, typer.Option(help="Threads; -1 for all cores.", rich_help_panel=LIMITS)]
Out = Annotated[
    Path,
    typer.Option(metavar="FILE", help="The patterns: .parquet or .csv.", show_default=False),
]
