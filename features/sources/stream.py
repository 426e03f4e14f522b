"""Readings whose rows come from Python in bounded batches."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from features.sources.reading import Malformed
from lodeworks.errors import DataError

__all__ = ["MOST_MALFORMED", "StreamedReading", "columns_of"]

MOST_MALFORMED = 1_000_000
"""Malformed rows after which a file is given up, because they are kept in memory."""

_KEPT_TEXT = 1000

_ROWS = 10_000

Rows = Iterable[tuple[int, Sequence[str | None]]]
Arrays = tuple[pa.Array, Sequence[pa.Array]]


class StreamedReading(ABC):
    """A reading of text columns, filled as it is consumed; see `features.sources.Reading`.

    Parameters
    ----------
    names : sequence of str
        Columns, in their order.
    where : str
        Which source this is, for messages.
    """

    def __init__(self, names: Sequence[str], where: str) -> None:
        self._where = where
        self.names: Sequence[str] = list(names)
        self.types: Sequence[str] = ["VARCHAR"] * len(names)
        self.rows = 0
        self.malformed: list[Malformed] = []
        self.failure: DataError | None = None

    def relation(self, connection: Any) -> str:
        """Register the stream of rows and give SQL for it."""
        fields = [("line", pa.int64()), *((f"c{i}", pa.string()) for i in range(len(self.names)))]
        schema = pa.schema(fields)
        reader = pa.RecordBatchReader.from_batches(schema, self._batches(schema))
        connection.register("raw_rows", reader)
        return "SELECT * FROM raw_rows"

    @abstractmethod
    def _arrays(self) -> Iterator[Arrays]:
        """Give the numbers of rows and their columns of text, batch by batch."""

    def _reject(self, line: int, reason: str, text: str, rule: str) -> None:
        """Keep a row that cannot be split."""
        if len(self.malformed) >= MOST_MALFORMED:
            raise DataError(f"{self._where}: more than {MOST_MALFORMED:,} rows cannot be read")
        self.malformed.append(Malformed(line, reason, text[:_KEPT_TEXT], rule))

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            for lines, columns in self._arrays():
                self.rows += len(lines)
                yield pa.RecordBatch.from_arrays([lines, *columns], schema=schema)
        except DataError as error:
            self.failure = error
            raise
        self.rows += len(self.malformed)


def columns_of(rows: Rows, width: int) -> Iterator[Arrays]:
    """Turn numbered rows into batches of columns."""
    left = iter(rows)
    while batch := list(islice(left, _ROWS)):
        lines = pa.array([line for line, _ in batch], pa.int64())
        columns = zip(*(values for _, values in batch), strict=True) if width else ()
        yield lines, [pa.array(column, pa.string()) for column in columns]
