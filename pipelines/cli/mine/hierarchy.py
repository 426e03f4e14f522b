"""The options of a product hierarchy."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipelines.mining.hierarchy import Hierarchy

__all__ = ["Groups"]

PANEL = "Product hierarchy"


@dataclass(frozen=True)
class Groups:
    """Items and the groups above them."""

    taxonomy: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Groups of items, to be found like items: a table of item and parent, or of the "
            "item and its groups from the smallest to the largest.",
            show_default=False,
            rich_help_panel=PANEL,
        ),
    ] = None
    level_support: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LEVEL=SHARE",
            help="Smallest share of the baskets on a level, 1 at the top or the name of its "
            "column; may be given several times. Default: as on the other levels.",
            show_default=False,
            rich_help_panel=PANEL,
        ),
    ] = None
    same_level: Annotated[
        bool,
        typer.Option("--same-level", help="Never mix levels.", rich_help_panel=PANEL),
    ] = False

    def hierarchy(self) -> "Hierarchy | None":
        """Give the hierarchy; None without a file.

        Raises
        ------
        ConfigError
            When there are options of a hierarchy but no file.
        """
        from pipelines.mining.hierarchy import hierarchy_of

        return hierarchy_of(self.taxonomy, tuple(self.level_support or ()), self.same_level)
