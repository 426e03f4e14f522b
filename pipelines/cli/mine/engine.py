"""The options that say which program searches."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.mining.search import DEFAULT_MASTER

if TYPE_CHECKING:
    from pipelines.mining.engines import ItemsetEngine, SequenceEngine

__all__ = ["ItemsetSearch", "SequenceSearch"]

PANEL = "Engine"

Master = Annotated[
    str,
    typer.Option(
        metavar="MASTER",
        help="Where Spark runs: local[N] for N threads here, or the address of a cluster.",
        rich_help_panel=PANEL,
    ),
]


class ItemsetProgram(StrEnum):
    """Programs that find itemsets."""

    numba = "numba"
    mlxtend = "mlxtend"
    spark = "spark"


class SequenceProgram(StrEnum):
    """Programs that find sequences."""

    numba = "numba"
    spark = "spark"


def _engine() -> object:
    return typer.Option(help="The program that searches.", rich_help_panel=PANEL)


@dataclass(frozen=True)
class ItemsetSearch:
    """Which program finds the itemsets."""

    engine: Annotated[ItemsetProgram, _engine()] = ItemsetProgram.numba
    spark_master: Master = DEFAULT_MASTER
    stream: Annotated[
        bool,
        typer.Option(
            "--stream",
            help="Read the file in parts, as is done anyway when it is larger than "
            "--budget-memory.",
            rich_help_panel=PANEL,
        ),
    ] = False
    update: Annotated[
        Path | None,
        typer.Option(
            metavar="STATE",
            help="Add the baskets to this file, begun when it is missing, and find the patterns "
            "of all baskets in it.",
            show_default=False,
            rich_help_panel=PANEL,
        ),
    ] = None

    def chosen(self) -> "ItemsetEngine":
        """Give the engine."""
        from pipelines.mining.engines import itemset_engine

        return itemset_engine(self.engine.value, self.spark_master)


@dataclass(frozen=True)
class SequenceSearch:
    """Which program finds the sequences."""

    engine: Annotated[SequenceProgram, _engine()] = SequenceProgram.numba
    spark_master: Master = DEFAULT_MASTER

    def chosen(self) -> "SequenceEngine":
        """Give the engine."""
        from pipelines.mining.engines import sequence_engine

        return sequence_engine(self.engine.value, self.spark_master)
