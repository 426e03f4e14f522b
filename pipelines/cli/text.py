"""`lode text`: what comments and complaints are about."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import show

__all__ = ["text"]


class Segmenter(StrEnum):
    """How Chinese is divided."""

    jieba = "jieba"
    bigrams = "bigrams"


def _column(what: str) -> object:
    return typer.Option(metavar="COLUMN", help=f"Column of {what}.", show_default=False)


def text(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Table: CSV, Parquet, JSON or Excel.", show_default=False
        ),
    ],
    column: Annotated[str, _column("the texts")],
    by: Annotated[str | None, _column("the customers")] = None,
    label: Annotated[str | None, _column("labels that sentiment is learned from")] = None,
    topics: Annotated[int, typer.Option(help="Topics to find, at most.")] = 8,
    words: Annotated[int, typer.Option(help="Words shown of each topic.")] = 8,
    examples: Annotated[int, typer.Option(help="Texts shown of each topic.")] = 0,
    dimensions: Annotated[int, typer.Option(help="Numbers a text in the written figures.")] = 16,
    min_texts: Annotated[int, typer.Option(help="Texts that a word has to stand in.")] = 2,
    segmenter: Annotated[
        Segmenter | None,
        typer.Option(
            help="How Chinese is divided; default: jieba where it is installed.",
            show_default=False,
        ),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Of a CSV or JSON file.")] = "utf-8",
    seed: Annotated[int, typer.Option(help="Same seed, same topics.")] = 0,
    workspace: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Leave out customers who opted out or did not consent by its warehouse; "
            "needs --by.",
            show_default=False,
            file_okay=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for topics and the figures of texts and customers.",
            show_default=False,
        ),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Find the topics of texts with their words and shares.

    English and Chinese may be mixed. No text is shown unless --examples asks for it.
    """
    from pipelines.progress import open_progress
    from pipelines.text import TextTask
    from pipelines.text import text as work_up

    task = TextTask(
        file=file,
        column=column,
        by=by,
        label=label,
        topics=topics,
        n_words=words,
        dimensions=dimensions,
        min_texts=min_texts,
        examples=examples,
        segmenter=segmenter and segmenter.value,
        encoding=encoding,
        seed=seed,
        workspace=workspace,
        out=out,
    )
    with open_progress(quiet=quiet) as progress:
        summary = work_up(task, progress)
    show(summary, as_json=json)
