"""`lode mine utility`: sets of items that are worth much together."""

from typing import Annotated

import typer

from pipelines.cli.mine import options
from pipelines.cli.mine.carry_out import carry_out
from pipelines.cli.mine.expanded import expanded

__all__ = ["utility"]


@expanded
def utility(
    files: options.Files,
    min_utility: Annotated[
        float,
        typer.Option(help="Smallest worth of an itemset over all baskets.", show_default=False),
    ],
    read: options.BasketInput,
    limiting: options.Limiting,
    output: options.Output,
    utility: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Column of what a row of a table is worth.", show_default=False
        ),
    ] = None,
    max_length: options.MaxLength = None,
) -> None:
    """Find the sets of items that are worth enough together, all of them, exactly.

    The file is of format spmf with utilities, or a table with a column that says what a row is
    worth: quantity times unit profit.
    """
    from pipelines.mining.utility import MineUtility

    task = MineUtility(
        read.source(files.file),
        limiting.limits(),
        min_utility,
        utility=utility,
        max_length=max_length,
        n_jobs=limiting.n_jobs,
    )
    carry_out(task, files, output)
