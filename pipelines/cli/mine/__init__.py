"""`lode mine`: patterns in a file of baskets; one file a kind of pattern."""

import typer

from pipelines.cli.mine.itemsets import itemsets
from pipelines.cli.mine.rules import rules
from pipelines.cli.mine.sequences import sequences
from pipelines.cli.mine.sequential_rules import sequential_rules
from pipelines.cli.mine.utility import utility

__all__ = ["mine"]

mine = typer.Typer(help="Mine patterns in a file of baskets.")

for command in (itemsets, rules, sequences, sequential_rules, utility):
    mine.command()(command)
