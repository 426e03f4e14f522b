"""`lode mine rules`: IF these items THEN those, with confidence, lift and other measures."""

from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.mine import options as mining
from pipelines.cli.output import show

__all__ = ["rules"]


def rules(
    file: mining.File,
    out: mining.Out,
    min_support: mining.MinSupport = None,
    min_count: mining.MinCount = None,
    min_confidence: Annotated[
        float, typer.Option(metavar="SHARE", help="Smallest confidence.")
    ] = 0.5,
    max_consequent: Annotated[
        int | None, typer.Option(help="Most items behind THEN.", show_default=False)
    ] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A measure to write, such as leverage or odds_ratio; may be given several times. "
            "Default: support, confidence, lift.",
            show_default=False,
        ),
    ] = None,
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
    """Find the rules IF these items THEN those that hold often enough.

    They are made of the itemsets that `lode mine itemsets` finds with the same options.
    """
    from pipelines.mine import mine
    from pipelines.mining.itemsets import MineItemsets
    from pipelines.mining.limits import Limits
    from pipelines.mining.rules import DEFAULT_MEASURES, MineRules
    from pipelines.mining.source import Source
    from pipelines.mining.support import Support
    from pipelines.progress import open_progress

    sets = MineItemsets(
        Source(file, format and format.value, item, basket, customer, time, delimiter),
        Support(min_support, min_count),
        Limits(budget_memory, budget_itemsets, timeout),
        max_length=max_length,
        max_basket_size=max_basket_size,
        n_jobs=n_jobs,
    )
    task = MineRules(
        sets,
        min_confidence=min_confidence,
        max_consequent=max_consequent,
        measures=tuple(measure or DEFAULT_MEASURES),
    )
    with open_progress(quiet=quiet) as progress:
        mined = mine(task, file, out, progress)
    show(mined, as_json=json)
