"""`lode mine itemsets`: sets of items that stand together in many baskets."""

from typing import Annotated

import typer

from pipelines.cli.mine import options
from pipelines.cli.mine.carry_out import carry_out
from pipelines.cli.mine.engine import ItemsetSearch
from pipelines.cli.mine.expanded import expanded
from pipelines.cli.mine.hierarchy import Groups

__all__ = ["itemsets"]


@expanded
def itemsets(
    files: options.Files,
    supported: options.Supported,
    read: options.BasketInput,
    groups: Groups,
    search: ItemsetSearch,
    limiting: options.Limiting,
    output: options.Output,
    target: Annotated[
        options.Target,
        typer.Option(
            help="All; those without a larger one of equal count; those without a larger one."
        ),
    ] = options.Target.frequent,
    max_length: options.MaxLength = None,
    max_basket_size: options.MaxBasketSize = None,
    top: options.Top = None,
    by: options.By = None,
) -> None:
    """Find the sets of items that stand together in enough baskets, all of them, exactly.

    A search that would cost more than the limits is refused before it costs anything, and the
    message says which support would fit.
    """
    from pipelines.mining.itemsets import MineItemsets

    task = MineItemsets(
        read.source(files.file),
        supported.support(),
        limiting.limits(),
        target=target.value,
        max_length=max_length,
        max_basket_size=max_basket_size,
        hierarchy=groups.hierarchy(),
        engine=search.chosen(),
        stream=search.stream,
        update=search.update,
        n_jobs=limiting.n_jobs,
    )
    if top is None and by is None:
        return carry_out(task, files, output)
    from pipelines.mining.top import TopItemsets

    return carry_out(TopItemsets(task, top or 0, by or "cosine"), files, output)
