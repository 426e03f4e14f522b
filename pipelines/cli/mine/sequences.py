"""`lode mine sequences`: what customers buy after what."""

from typing import Annotated

import typer

from pipelines.cli.mine import options
from pipelines.cli.mine.carry_out import carry_out
from pipelines.cli.mine.engine import SequenceSearch
from pipelines.cli.mine.expanded import expanded
from pipelines.cli.mine.in_time import InTime, sequences_task
from pipelines.cli.mine.keeping import Keeping

__all__ = ["sequences"]


@expanded
def sequences(
    files: options.Files,
    supported: options.Supported,
    read: options.Input,
    in_time: InTime,
    search: SequenceSearch,
    limiting: options.Limiting,
    keeping: Keeping,
    output: options.Output,
    target: Annotated[
        options.Target,
        typer.Option(help="All; those without a longer one of equal count; without a longer one."),
    ] = options.Target.frequent,
) -> None:
    """Find the sequences of baskets that enough customers hold, all of them, exactly.

    Supports and counts are those of customers. The file is of format spmf with sequences, or a
    table with customers, times and items.
    """
    task = sequences_task(files, supported, read, in_time, search, limiting, target)
    carry_out(task, files, output, keeping)
