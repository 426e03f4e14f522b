"""`lode mine utility`: sets of items that are worth much together."""

from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.mine import options as mining
from pipelines.cli.output import show

__all__ = ["utility"]


def utility(
    file: mining.File,
    out: mining.Out,
    min_utility: Annotated[
        float,
        typer.Option(help="Smallest worth of an itemset over all baskets.", show_default=False),
    ],
    utility: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Column of what a row of a table is worth.", show_default=False
        ),
    ] = None,
    max_length: mining.MaxLength = None,
    format: mining.Format = None,  # noqa: A002
    item: mining.Item = None,
    basket: mining.Basket = None,
    customer: mining.Customer = None,
    time: mining.Time = None,
    delimiter: mining.Delimiter = None,
    budget_memory: mining.BudgetMemory = mining.DEFAULT_MEMORY,  # type: ignore[assignment]
    budget_itemsets: mining.BudgetItemsets = None,
    timeout: mining.Timeout = None,
    n_jobs: mining.NJobs = 1,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Find the sets of items that are worth enough together, all of them, exactly.

    The file is of format spmf with utilities, or a table with a column that says what a row is
    worth: quantity times unit profit.
    """
    from pipelines.mine import mine
    from pipelines.mining.limits import Limits
    from pipelines.mining.source import Source
    from pipelines.mining.utility import MineUtility
    from pipelines.progress import open_progress

    task = MineUtility(
        Source(file, format and format.value, item, basket, customer, time, delimiter),
        Limits(budget_memory, budget_itemsets, timeout),
        min_utility,
        utility=utility,
        max_length=max_length,
        n_jobs=n_jobs,
    )
    with open_progress(quiet=quiet) as progress:
        mined = mine(task, file, out, progress)
    show(mined, as_json=json)
