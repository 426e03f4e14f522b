"""`lode mine sequential-rules`: after these baskets that one follows, and how soon."""

from typing import Annotated

import typer

from pipelines.cli.mine import options
from pipelines.cli.mine.carry_out import carry_out
from pipelines.cli.mine.engine import SequenceSearch
from pipelines.cli.mine.expanded import expanded
from pipelines.cli.mine.in_time import InTime, sequences_task
from pipelines.cli.mine.keeping import Keeping

__all__ = ["sequential_rules"]


@expanded
def sequential_rules(
    files: options.Files,
    supported: options.Supported,
    read: options.Input,
    in_time: InTime,
    search: SequenceSearch,
    limiting: options.Limiting,
    keeping: Keeping,
    output: options.Output,
    min_confidence: options.MinConfidence = 0.5,
    min_lift: Annotated[float, typer.Option(help="Smallest lift.")] = 0.0,
) -> None:
    """Find the rules AFTER these baskets THAT one follows, with confidence and lag.

    They are made of the sequences that `lode mine sequences` finds with the same options. The lag
    is the time that customers took, in days or in the numbers of the file.
    """
    from pipelines.mining.sequential import MineSequentialRules

    found = sequences_task(files, supported, read, in_time, search, limiting)
    carry_out(MineSequentialRules(found, min_confidence, min_lift), files, output, keeping)
