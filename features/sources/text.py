"""Text files, plain or gzipped, in any encoding, with their failures put into words."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from features.packed import LONGEST_LINE, is_packed, open_packed
from features.sources.base import SourceBase
from features.sources.formats import looks_like
from lodeworks.errors import DataError
from lodeworks.files import did_you_mean_file

__all__ = ["LONGEST_LINE", "TextFile"]

_BLOCK = 1 << 20
_HEAD = 4096


class TextFile:
    """The file of a source, read as UTF-8.

    Parameters
    ----------
    source : SourceBase
        Whose file it is.
    declared : str
        What the file is said to be, for messages.
    encoding : str
        Its encoding.

    Raises
    ------
    DataError
        When the file is missing, empty, damaged or no text.
    """

    def __init__(self, source: SourceBase, declared: str, encoding: str = "utf-8") -> None:
        self.path = Path(source.path)
        self.where = f"source {source.name!r} ({source.path})"
        self.declared = declared
        self._encoding = encoding
        self._check()

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open the file for its UTF-8 bytes, without a byte order mark."""
        with self.errors(), self._unpacked() as file:
            yield _Utf8(file, self._encoding)  # type: ignore[misc]  # reads like any binary file

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn whatever can go wrong with the file into a `DataError`."""
        try:
            yield
        except (OSError, EOFError, zlib.error, UnicodeError, csv.Error, pa.ArrowInvalid) as error:
            raise DataError(f"{self.where} {self._in_words(error)}") from error

    def line_blocks(self) -> Iterator[tuple[int, list[bytes]]]:
        """Give whole lines without their ends, many at a time, with the number of the first.

        Raises
        ------
        DataError
            When a line is longer than `LONGEST_LINE`.
        """
        number, rest = 1, b""
        with self.open() as file:
            while piece := file.read(_BLOCK):
                whole, newline, tail = piece.rpartition(b"\n")
                if newline:
                    lines = (rest + whole).split(b"\n")
                    yield number, lines
                    number, rest = number + len(lines), tail
                else:
                    rest += piece
                if len(rest) > LONGEST_LINE:
                    raise DataError(f"{self.where}: {_too_long(number)}")
        if rest:
            yield number, [rest]

    def refuse(self, found: str) -> DataError:
        """Make the error for a file of another format."""
        return DataError(f"{self.where} is declared as {self.declared} but looks like {found}")

    def head(self) -> bytes:
        """Give the first bytes of the text, as they are stored."""
        with self.errors(), self._unpacked() as file:
            return file.read(_HEAD)

    def _check(self) -> None:
        if not self.path.is_file():
            raise DataError(f"{self.where}: there is no such file{did_you_mean_file(self.path)}")
        if self.path.stat().st_size == 0:
            raise DataError(f"{self.where} is empty")
        head = self.head()
        if not head:
            raise DataError(f"{self.where} is empty")
        found = looks_like(head)
        if found == "UTF-16 text" and "16" in self._encoding:
            return
        if found not in ("text", "JSON", "HTML or XML"):
            raise self.refuse(found)

    @contextmanager
    def _unpacked(self) -> Iterator[IO[bytes]]:
        with open_packed(self.path) if is_packed(self.path) else self.path.open("rb") as file:
            yield file

    def _in_words(self, error: Exception) -> str:
        if isinstance(error, EOFError):
            return "looks cut off: the gzip stream ends before its end marker"
        if isinstance(error, gzip.BadGzipFile | zlib.error):
            return f"is a damaged gzip file: {error}"
        if isinstance(error, UnicodeError):
            return f"is not text in encoding {self._encoding!r}: {error.args[-1]}"
        return f"cannot be read: {error}"


def _too_long(number: int) -> str:
    return f"line {number} is longer than {LONGEST_LINE >> 20} MiB, the longest that is read"


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
