"""The options that test rules."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipelines.mining.significance import Significance

__all__ = ["Testing"]

PANEL = "Significance"


class Correction(StrEnum):
    """Corrections for many tests."""

    holm = "holm"
    bh = "bh"
    none = "none"


@dataclass(frozen=True)
class Testing:
    """Whether rules are more than chance."""

    max_p: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            help="Largest corrected p-value of Fisher's exact test; default: no test.",
            show_default=False,
            rich_help_panel=PANEL,
        ),
    ] = None
    correction: Annotated[
        Correction,
        typer.Option(
            help="For many tests: Bonferroni-Holm, Benjamini-Hochberg or none. It counts all rules "
            "that were searched.",
            rich_help_panel=PANEL,
        ),
    ] = Correction.holm
    hold_out: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Mine without this share of the baskets, and test the rules on it.",
            show_default=False,
            rich_help_panel=PANEL,
        ),
    ] = None
    seed: Annotated[
        int, typer.Option(help="Which baskets are held out.", rich_help_panel=PANEL)
    ] = 0

    def significance(self) -> "Significance":
        """Give the test."""
        from pipelines.mining.significance import Significance

        return Significance(self.max_p, self.correction.value, self.hold_out, self.seed)
