"""The options of whatever is found in the order of time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.mine import options
from pipelines.cli.mine.engine import SequenceSearch

if TYPE_CHECKING:
    from pipelines.mining.sequences import MineSequences

__all__ = ["InTime", "sequences_task"]

TIME = "Time, in days or in the numbers of the file"


def _span(what: str) -> object:
    return typer.Option(help=what, show_default=False, rich_help_panel=TIME)


@dataclass(frozen=True)
class InTime:
    """How long a sequence may be, and how far apart in time."""

    max_length: options.MaxLength = None
    max_elements: Annotated[
        int | None, typer.Option(help="Most baskets in a sequence.", show_default=False)
    ] = None
    min_gap: Annotated[int, _span("Least time between two elements.")] = 0
    max_gap: Annotated[int | None, _span("Most time between two elements.")] = None
    max_span: Annotated[int | None, _span("Most time from the first to the last.")] = None
    window: Annotated[int, _span("Baskets within this time count as one.")] = 0
    time_format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="How times are written, such as %d-%m-%Y; default: ISO 8601 or whole numbers.",
            show_default=False,
            rich_help_panel=options.INPUT,
        ),
    ] = None


def sequences_task(
    files: options.Files,
    supported: options.Supported,
    read: options.Input,
    in_time: InTime,
    search: SequenceSearch,
    limiting: options.Limiting,
    target: options.Target = options.Target.frequent,
) -> "MineSequences":
    """Make the task of finding sequences."""
    from pipelines.mining.search import Apart
    from pipelines.mining.sequences import MineSequences

    return MineSequences(
        read.source(files.file),
        supported.support(),
        limiting.limits(),
        Apart(in_time.min_gap, in_time.max_gap, in_time.max_span, in_time.window),
        target=target.value,
        max_length=in_time.max_length,
        max_elements=in_time.max_elements,
        time_format=in_time.time_format,
        engine=search.chosen(),
        n_jobs=limiting.n_jobs,
    )
