"""`lode mine sequences`: what customers buy after what."""

from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.mine import options as mining
from pipelines.cli.mine.itemsets import Target
from pipelines.cli.output import show

__all__ = ["sequences"]

TIME = "Time, in days or in the numbers of the file"


def _span(what: str) -> object:
    return typer.Option(help=what, show_default=False, rich_help_panel=TIME)


def sequences(
    file: mining.File,
    out: mining.Out,
    min_support: mining.MinSupport = None,
    min_count: mining.MinCount = None,
    target: Annotated[
        Target,
        typer.Option(help="All; those without a longer one of equal count; without a longer one."),
    ] = Target.frequent,
    max_length: mining.MaxLength = None,
    max_elements: Annotated[
        int | None, typer.Option(help="Most baskets in a sequence.", show_default=False)
    ] = None,
    min_gap: Annotated[int, _span("Least time between two elements.")] = 0,
    max_gap: Annotated[int | None, _span("Most time between two elements.")] = None,
    max_span: Annotated[int | None, _span("Most time from the first to the last.")] = None,
    window: Annotated[int, _span("Baskets within this time count as one.")] = 0,
    time_format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="How times are written, such as %d-%m-%Y; default: ISO 8601 or whole numbers.",
            show_default=False,
            rich_help_panel=mining.INPUT,
        ),
    ] = None,
    format: mining.Format = None,  # noqa: A002
    item: mining.Item = None,
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
    """Find the sequences of baskets that enough customers hold, all of them, exactly.

    Supports and counts are those of customers. The file is of format spmf with sequences, or a
    table with customers, times and items.
    """
    from pipelines.mine import mine
    from pipelines.mining.limits import Limits
    from pipelines.mining.sequences import Apart, MineSequences
    from pipelines.mining.source import Source
    from pipelines.mining.support import Support
    from pipelines.progress import open_progress

    task = MineSequences(
        Source(file, format and format.value, item, None, customer, time, delimiter),
        Support(min_support, min_count),
        Limits(budget_memory, budget_itemsets, timeout),
        Apart(min_gap, max_gap, max_span, window),
        target=target.value,
        max_length=max_length,
        max_elements=max_elements,
        time_format=time_format,
        n_jobs=n_jobs,
    )
    with open_progress(quiet=quiet) as progress:
        mined = mine(task, file, out, progress)
    show(mined, as_json=json)
