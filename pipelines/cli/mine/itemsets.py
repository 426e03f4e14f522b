"""`lode mine itemsets`: sets of items that stand together in many baskets."""

from enum import StrEnum
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.mine import options as mining
from pipelines.cli.output import show

__all__ = ["itemsets"]


class Target(StrEnum):
    """Which itemsets to keep."""

    frequent = "frequent"
    closed = "closed"
    maximal = "maximal"


def itemsets(
    file: mining.File,
    out: mining.Out,
    min_support: mining.MinSupport = None,
    min_count: mining.MinCount = None,
    target: Annotated[
        Target,
        typer.Option(
            help="All; those without a larger one of equal count; those without a larger one."
        ),
    ] = Target.frequent,
    max_length: mining.MaxLength = None,
    max_basket_size: mining.MaxBasketSize = None,
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
    """Find the sets of items that stand together in enough baskets, all of them, exactly.

    A search that would cost more than the limits is refused before it costs anything, and the
    message says which support would fit.
    """
    from pipelines.mine import mine
    from pipelines.mining.itemsets import MineItemsets
    from pipelines.mining.limits import Limits
    from pipelines.mining.source import Source
    from pipelines.mining.support import Support
    from pipelines.progress import open_progress

    task = MineItemsets(
        Source(file, format and format.value, item, basket, customer, time, delimiter),
        Support(min_support, min_count),
        Limits(budget_memory, budget_itemsets, timeout),
        target=target.value,
        max_length=max_length,
        max_basket_size=max_basket_size,
        n_jobs=n_jobs,
    )
    with open_progress(quiet=quiet) as progress:
        mined = mine(task, file, out, progress)
    show(mined, as_json=json)
