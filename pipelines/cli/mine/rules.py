"""`lode mine rules`: IF these items THEN those, with confidence, lift and other measures."""

from pathlib import Path
from typing import Annotated

import typer

from lodeworks.errors import ConfigError
from pipelines.cli.mine import options
from pipelines.cli.mine.carry_out import carry_out
from pipelines.cli.mine.engine import ItemsetSearch
from pipelines.cli.mine.expanded import expanded
from pipelines.cli.mine.hierarchy import PANEL, Groups
from pipelines.cli.mine.keeping import Keeping
from pipelines.cli.mine.testing import Testing

__all__ = ["rules"]


@expanded
def rules(
    files: options.Files,
    supported: options.Supported,
    read: options.BasketInput,
    groups: Groups,
    search: ItemsetSearch,
    testing: Testing,
    limiting: options.Limiting,
    keeping: Keeping,
    output: options.Output,
    min_confidence: options.MinConfidence = 0.5,
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
    max_length: options.MaxLength = None,
    max_basket_size: options.MaxBasketSize = None,
    min_improvement: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Leave out rules whose confidence exceeds that of a simpler rule by no more.",
            show_default=False,
        ),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The form of the rules: how many items of which groups stand on each side.",
            show_default=False,
        ),
    ] = None,
    top: options.Top = None,
    by: options.By = None,
    interest: Annotated[
        float,
        typer.Option(
            metavar="FACTOR",
            help="How many times what the rule on its groups lets expect a rule must have.",
            rich_help_panel=PANEL,
        ),
    ] = 1.1,
    keep_uninteresting: Annotated[
        bool,
        typer.Option(
            "--keep-uninteresting",
            help="Keep the rules that a rule on larger groups explains.",
            rich_help_panel=PANEL,
        ),
    ] = False,
) -> None:
    """Find the rules IF these items THEN those that hold often enough.

    They are made of the itemsets that `lode mine itemsets` finds with the same options.
    """
    from pipelines.mining.itemsets import MineItemsets
    from pipelines.mining.rules import DEFAULT_MEASURES, MineRules

    sets = MineItemsets(
        read.source(files.file),
        supported.support(),
        limiting.limits(),
        max_length=max_length,
        max_basket_size=max_basket_size,
        hierarchy=groups.hierarchy(),
        engine=search.chosen(),
        stream=search.stream,
        update=search.update,
        n_jobs=limiting.n_jobs,
    )
    chosen, significance = tuple(measure or DEFAULT_MEASURES), testing.significance()
    only_plain = {
        "--max-consequent": max_consequent is not None,
        "--min-improvement": min_improvement is not None,
    }
    if template is not None:
        from pipelines.mining.template import MineTemplateRules

        _refuse_with("--template", {"--top": top is not None or by is not None, **only_plain})
        formed = MineTemplateRules(sets, template, min_confidence, chosen, significance)
        return carry_out(formed, files, output, keeping)
    if top is not None or by is not None:
        from pipelines.mining.top import TopRules

        _refuse_with("--top", {"--max-p": testing.max_p is not None, **only_plain})
        best = TopRules(sets, top or 0, by or "leverage", chosen)
        return carry_out(best, files, output, keeping)
    task = MineRules(
        sets,
        min_confidence=min_confidence,
        max_consequent=max_consequent,
        measures=chosen,
        interest=None if keep_uninteresting else interest,
        significance=significance,
        min_improvement=min_improvement,
    )
    return carry_out(task, files, output, keeping)


def _refuse_with(option: str, others: dict[str, bool]) -> None:
    """Refuse options that another one knows nothing of."""
    if clashes := [f"{option} and {name} do not go together" for name, on in others.items() if on]:
        raise ConfigError(clashes[0], clashes[1:])
