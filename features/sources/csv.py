"""Delimited text files, read as text in bounded memory with every malformed row kept."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from features.sources.formats import looks_like
from features.sources.reading import missing_columns
from features.sources.spec import CsvSource
from features.sources.stream import Arrays, StreamedReading
from features.sources.text import TextFile
from lodeworks.errors import DataError

__all__ = ["CsvReading"]

_BLOCK = 4 << 20
"""Bytes parsed at once; also the longest row that can be read."""


class CsvReading(StreamedReading):
    """A CSV file whose header fits its source; see `features.sources.reading.Reading`.

    Parameters
    ----------
    source : CsvSource
        What was declared about the file.

    Raises
    ------
    DataError
        When the file is missing, empty, of another format, cut off or lacks columns.
    """

    def __init__(self, source: CsvSource) -> None:
        self._source = source
        self._file = TextFile(source, "CSV", source.encoding)
        found = looks_like(self._file.head())
        if found in ("JSON", "HTML or XML"):
            raise self._file.refuse(found)
        super().__init__(self._header(), self._file.where)
        self._given_up: DataError | None = None
        self._check_columns()

    def _arrays(self) -> Iterator[Arrays]:
        well_formed = 0
        with self._file.open() as file, self._parsing():
            for batch in self._parser(file):
                lines = pa.array(self._line_numbers(well_formed, batch.num_rows))
                well_formed += batch.num_rows
                yield lines, batch.columns

    def _line_numbers(self, before: int, count: int) -> np.ndarray:
        """Give the place in the file of well-formed rows, malformed ones counted."""
        position = np.arange(before, before + count, dtype=np.int64)
        start = 1 + int(self._source.header)
        gaps = np.array([bad.line for bad in self.malformed], dtype=np.int64) - start
        gaps -= np.arange(len(gaps))
        return position + start + np.searchsorted(gaps, position, side="right")

    def _keep(self, row: Any) -> str:
        reason = f"expected {row.expected_columns} fields, got {row.actual_columns}"
        try:
            self._reject(row.number, reason, row.text, "wrong number of fields")
        except DataError as error:  # the parser would hide it
            self._given_up = error
            return "error"
        return "skip"

    def _parser(self, file: IO[bytes]) -> Any:
        names = [f"c{i}" for i in range(len(self.names))]
        return pacsv.open_csv(
            pa.PythonFile(file, mode="r"),
            read_options=pacsv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK,
                column_names=names,
                skip_rows_after_names=int(self._source.header),
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self._source.delimiter,
                quote_char=self._source.quote,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=self._keep,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[],
                strings_can_be_null=False,
            ),
        )

    def _header(self) -> list[str]:
        with self._file.open() as file:
            buffered = io.BufferedReader(file)  # type: ignore[type-var]
            text = io.TextIOWrapper(buffered, "utf-8", newline="")
            lines = self._bounded(text)
            first = csv.reader(
                lines, delimiter=self._source.delimiter, quotechar=self._source.quote
            )
            names = next(first, [])
        if not any(names):
            raise DataError(f"{self._file.where} is empty: its first row holds nothing")
        if not self._source.header:
            return [str(position) for position in range(1, len(names) + 1)]
        return names

    def _bounded(self, text: io.TextIOBase) -> Iterator[str]:
        """Give lines, but none that would fill the memory."""
        while line := text.readline(_BLOCK):
            if len(line) == _BLOCK:
                limit = f"{_BLOCK >> 20} MiB, the longest that is read"
                raise DataError(f"{self._file.where}: its first row is longer than {limit}")
            yield line

    def _check_columns(self) -> None:
        wanted = [column.source for column in self._source.columns.values()]
        twice = sorted({name for name in wanted if list(self.names).count(name) > 1})
        if twice:
            raise DataError(f"{self._where} has more than one column named {', '.join(twice)}")
        error = missing_columns(wanted, self.names, self._where, self._other_delimiter())
        if error is not None:
            raise error

    def _other_delimiter(self) -> str:
        if len(self.names) > 1:
            return ""
        near = max(",;\t|", key=self.names[0].count)
        if near == self._source.delimiter or near not in self.names[0]:
            return ""
        return f"; its first row looks separated by {near!r}, not {self._source.delimiter!r}"

    @contextmanager
    def _parsing(self) -> Iterator[None]:
        try:
            yield
        except pa.ArrowInvalid as error:
            said = DataError(f"{self._where} {_in_words(error)}")
            raise (self._given_up or said) from error


def _in_words(error: Exception) -> str:
    if "straddling" in str(error):
        return f"holds a row longer than {_BLOCK >> 20} MiB; is a quote left open?"
    if "Empty CSV" in str(error):
        return "holds a header and no rows"
    return f"cannot be read: {error}"
