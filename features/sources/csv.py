"""Delimited text files, read as text in bounded memory with every malformed row kept."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from features.sources.formats import is_gzip, looks_like
from features.sources.reading import Malformed, missing_columns
from features.sources.spec import CsvSource
from lodeworks.errors import DataError

__all__ = ["CsvReading"]

_BLOCK = 4 << 20
"""Bytes parsed at once; also the longest row that can be read."""

_KEPT_TEXT = 1000


class CsvReading:
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
        self._path = Path(source.path)
        self._where = f"source {source.name!r} ({source.path})"
        self.rows = 0
        self.malformed: list[Malformed] = []
        self.failure: DataError | None = None
        self._check_format()
        self.names: Sequence[str] = self._header()
        self.types: Sequence[str] = ["VARCHAR"] * len(self.names)
        self._check_columns()

    def relation(self, connection: Any) -> str:
        """Register the stream of rows and give SQL for it."""
        fields = [("line", pa.int64()), *((f"c{i}", pa.string()) for i in range(len(self.names)))]
        schema = pa.schema(fields)
        reader = pa.RecordBatchReader.from_batches(schema, self._batches(schema))
        connection.register("raw_rows", reader)
        return "SELECT * FROM raw_rows"

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        well_formed = 0
        with self._kind_errors(), self._open() as file:
            for batch in self._parser(file):
                lines = pa.array(self._line_numbers(well_formed, batch.num_rows))
                well_formed += batch.num_rows
                yield pa.RecordBatch.from_arrays([lines, *batch.columns], schema=schema)
        self.rows = well_formed + len(self.malformed)

    def _line_numbers(self, before: int, count: int) -> np.ndarray:
        """Give the place in the file of well-formed rows, malformed ones counted."""
        position = np.arange(before, before + count, dtype=np.int64)
        start = 1 + int(self._source.header)
        gaps = np.array([bad.line for bad in self.malformed], dtype=np.int64) - start
        gaps -= np.arange(len(gaps))
        return position + start + np.searchsorted(gaps, position, side="right")

    def _keep(self, row: Any) -> str:
        reason = f"expected {row.expected_columns} fields, got {row.actual_columns}"
        self.malformed.append(Malformed(row.number, reason, row.text[:_KEPT_TEXT]))
        return "skip"

    def _parser(self, file: IO[bytes]) -> Any:
        names = [f"c{i}" for i in range(len(self.names))]
        return pacsv.open_csv(
            pa.PythonFile(_Utf8(file, self._source.encoding), mode="r"),
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

    def _check_format(self) -> None:
        if not self._path.is_file():
            raise DataError(f"{self._where}: there is no such file")
        if self._path.stat().st_size == 0:
            raise DataError(f"{self._where} is empty")
        with self._kind_errors(), self._open() as file:
            found = looks_like(file.read(4096))
        if found == "UTF-16 text" and self._source.encoding.lower().startswith("utf"):
            found = "text" if "16" in self._source.encoding else found
        if found != "text":
            raise DataError(f"{self._where} is declared as CSV but looks like {found}")

    def _header(self) -> list[str]:
        with self._kind_errors(), self._open() as file:
            buffered = io.BufferedReader(_Utf8(file, self._source.encoding))
            text = io.TextIOWrapper(buffered, "utf-8", newline="")
            first = csv.reader(text, delimiter=self._source.delimiter, quotechar=self._source.quote)
            names = next(first, [])
        if not any(names):
            raise DataError(f"{self._where} is empty: its first row holds nothing")
        if not self._source.header:
            return [str(position) for position in range(1, len(names) + 1)]
        return names

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
    def _open(self) -> Iterator[IO[bytes]]:
        with self._path.open("rb") as raw:
            if not is_gzip(self._path):
                yield raw
                return
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked  # type: ignore[misc]  # GzipFile reads like any binary file

    @contextmanager
    def _kind_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, zlib.error, UnicodeError, csv.Error, pa.ArrowInvalid) as error:
            self.failure = DataError(f"{self._where} {self._in_words(error)}")
            raise self.failure from error

    def _in_words(self, error: Exception) -> str:
        if isinstance(error, EOFError):
            return "looks cut off: the gzip stream ends before its end marker"
        if isinstance(error, gzip.BadGzipFile | zlib.error):
            return f"is a damaged gzip file: {error}"
        if isinstance(error, UnicodeError):
            return f"is not text in encoding {self._source.encoding!r}: {error.args[-1]}"
        if "straddling" in str(error):
            return f"holds a row longer than {_BLOCK >> 20} MiB; is a quote left open?"
        if "Empty CSV" in str(error):
            return "holds a header and no rows"
        return f"cannot be read: {error}"


class _Utf8(io.RawIOBase):
    """A binary file in any encoding, read as UTF-8 without a byte order mark."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        same = codecs.lookup(encoding).name == "utf-8"
        self._decoder = codecs.getincrementaldecoder("utf-8-sig" if same else encoding)()
        self._file = file
        self._line = 1
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            chunk = self._file.read(len(buffer))
            self._ready = self._recode(chunk)
            if not chunk:
                break
        taken = self._ready[: len(buffer)]
        self._ready = self._ready[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def _recode(self, chunk: bytes) -> bytes:
        try:
            text = self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line = self._line + error.object[: error.start].count(b"\n")
            wrong = error.object[error.start : error.start + 1].hex()
            raise UnicodeError(f"byte 0x{wrong} in line {line}") from error
        self._line += text.count("\n")
        return text.encode("utf-8")
