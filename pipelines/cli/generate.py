"""`lode generate`: a shop that never was, with a known truth in it."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import emit, emit_json

if TYPE_CHECKING:
    from features.generate import Generated

__all__ = ["generate"]


class Format(StrEnum):
    """Form of the generated tables."""

    csv = "csv"
    parquet = "parquet"


def generate(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder to write.", show_default=False)
    ],
    lines: Annotated[int, typer.Option(help="Rows of the table of purchases.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 0,
    format: Annotated[Format, typer.Option(help="Form of the tables.")] = Format.csv,  # noqa: A002
    dirty: Annotated[float, typer.Option(help="Share of dirty rows.")] = 0.02,
    start: Annotated[
        date, typer.Option(metavar="DATE", parser=options.read_day, help="First day.")
    ] = date(2023, 1, 1),
    end: Annotated[
        date, typer.Option(metavar="DATE", parser=options.read_day, help="Last day.")
    ] = date(2024, 12, 31),
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Generate customers, products, orders and campaigns, and the truth about them.

    The folder appears whole or not at all; a shop generated there before is replaced.
    """
    from features.generate import generate as generate_shop
    from pipelines.progress import open_progress

    with open_progress(quiet=quiet) as progress:
        made = generate_shop(
            out,
            lines=lines,
            seed=seed,
            start=start,
            end=end,
            file_format=format.value,
            dirty=dirty,
            progress=progress,
        )
    if json:
        emit_json(made.to_dict())
    else:
        emit(_text(made))


def _text(made: "Generated") -> str:
    rows = [f"  {name}: {count:,}" for name, count in made.counts.items()]
    return "\n".join([f"{made.folder}", *rows, f"  dirty rows: {sum(made.dirty.values()):,}"])
