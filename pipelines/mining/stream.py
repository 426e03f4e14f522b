"""Baskets of a file that is larger than memory, read in parts."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError
from lodeworks.progress import Progress
from pipelines.mining.search import Search
from pipelines.mining.source import TABLES, Source
from pipelines.mining.task import Loaded
from pipelines.mining.wording import many

if TYPE_CHECKING:
    from features.baskets import BasketArrays
    from models.association import Baskets, Budget, Itemsets

__all__ = ["Stream", "find_in_stream", "load_stream"]


@dataclass(frozen=True)
class Stream:
    """Baskets in parts; every loop over it reads them again.

    Parameters
    ----------
    parts : iterable of BasketArrays
        May be gone through several times; notes and a temporary folder may belong to it.
    """

    parts: "Iterable[BasketArrays]"

    def __iter__(self) -> "Iterator[Baskets]":
        from models.association import Baskets

        for part in self.parts:
            yield Baskets.from_csr(part.indptr, part.indices, len(part.names), part.names)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the reading."""
        return tuple(getattr(self.parts, "notes", ()))

    def close(self) -> None:
        """Remove what was put aside."""
        if close := getattr(self.parts, "close", None):
            close()


def load_stream(source: Source, memory: int, progress: Progress) -> Loaded:
    """Go through a file once and count; keep nothing.

    Parameters
    ----------
    source : Source
        The file.
    memory : int
        Bytes for sorting the rows of a table.
    progress : Progress
        Told how the file is read.

    Raises
    ------
    ConfigError
        When the format cannot be read in parts.
    DataError
        When the file cannot be used.
    """
    from models.association.partitioned import count_chunks

    name, why = source.decided()
    progress.note(f"{source.path}: read in parts as format {name!r} ({why})")
    if problems := source.missing_columns(name):
        raise ConfigError(problems[0])
    with source.reading(name), ExitStack() as aside:
        stream = Stream(_parts(source, name, memory))
        aside.callback(stream.close)
        counted = count_chunks(stream)
        aside.pop_all()  # it is closed after the search
    longest = f"the longest basket has {many(counted.longest, 'item', 'items')}"
    for note in (*stream.notes, longest):
        progress.note(note)
    about = {"format": name, "longest_basket": counted.longest, "lines": counted.n_lines}
    about |= {"notes": list(stream.notes), "in_parts": True}
    return Loaded(stream, counted.n_baskets, len(counted.labels), about, close=stream.close)


def find_in_stream(
    stream: Stream, search: Search, budget: "Budget", progress: Progress
) -> "Itemsets":
    """Find the itemsets; the same ones as of all the baskets at once."""
    from models.association.partitioned import partitioned_itemsets
    from pipelines.mining.estimate import translated

    with translated():
        return partitioned_itemsets(
            stream,
            min_count=search.min_count,
            max_length=search.max_length,
            target=search.target,  # type: ignore[arg-type]
            budget=budget,
            n_jobs=search.n_jobs,
            progress=progress,
        )


def _parts(source: Source, name: str, memory: int) -> "Iterable[Any]":
    from features import baskets

    if name == "fimi":
        return baskets.fimi_chunks(source.path)
    if name == "baskets":
        return baskets.list_chunks(source.path, source.delimiter or ",")
    if name not in TABLES:
        raise ConfigError(f"--stream: format {name!r} cannot be read in parts")
    columns = baskets.Columns(**source.columns)
    parquet, between = name == "parquet", source.delimiter
    return baskets.table_chunks(
        source.path, columns, parquet=parquet, delimiter=between, memory=memory
    )
