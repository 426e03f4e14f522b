"""Files that are packed, unpacked no further than real data grow, and no line without an end."""

import gzip
import io
from pathlib import Path
from typing import IO, Any

from lodeworks.errors import DataError

__all__ = ["LONGEST_LINE", "check_packed", "check_parquet", "is_packed", "open_packed", "open_text"]

LONGEST_LINE = 16 << 20
"""Bytes of the longest line that is read; a longer one would fill the memory."""

HIGHEST_RATIO = 500
"""How many times a file may grow when unpacked; tables of text grow three to a hundred times."""

_FREE = 64 << 20  # bytes that any file may hold
_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"


def is_packed(path: Path) -> bool:
    """Tell whether a file is gzipped, by its first bytes and whatever its name."""
    with path.open("rb") as file:
        return file.read(2) == _GZIP


def open_packed(path: Path) -> IO[bytes]:
    """Open a gzipped file.

    Reading it raises `DataError` where it would grow more than `HIGHEST_RATIO` times.
    """
    return io.BufferedReader(_Unpacked(path), _BLOCK)


def open_text(path: Path) -> IO[bytes]:
    """Open a file of text, plain or gzipped.

    Reading it raises `DataError` where a line is longer than `LONGEST_LINE` too.
    """
    file = open_packed(path) if is_packed(path) else path.open("rb")
    return io.BufferedReader(_Lines(file, path), _BLOCK)


def check_packed(path: Path) -> None:
    """Read a gzipped file to its end, for readers that unpack it themselves; nothing is kept.

    Raises
    ------
    DataError
        When it would grow too much.
    OSError, EOFError, zlib.error
        When it is damaged.
    """
    with open_packed(path) as file:
        while file.read(_BLOCK):
            pass


def check_parquet(path: Path, footer: Any = None) -> None:
    """Refuse a Parquet file that would grow too much, by what its footer says of its columns.

    Parameters
    ----------
    path : Path
        The file.
    footer : pyarrow.parquet.FileMetaData, optional
        When it has been read already.

    Raises
    ------
    DataError
    """
    from pyarrow import ArrowException, parquet

    if footer is None:
        try:
            footer = parquet.read_metadata(path)
        except (ArrowException, OSError):
            return  # whoever reads it says what is wrong
    grown = sum(footer.row_group(place).total_byte_size for place in range(footer.num_row_groups))
    _check_growth(path, grown, path.stat().st_size)


def _check_growth(path: Path, grown: int, packed: int) -> None:
    if grown > max(_FREE, HIGHEST_RATIO * packed):
        raise DataError(
            f"{path} looks like a zip bomb: it grows more than {HIGHEST_RATIO} times when unpacked"
        )


class _Unpacked(io.RawIOBase):
    """What is in a gzipped file, as long as it does not grow too much."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._packed = path.open("rb")
        self._file = gzip.GzipFile(fileobj=self._packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        taken = self._file.readinto(buffer)
        _check_growth(self._path, self._file.tell(), self._packed.tell())
        return taken

    def close(self) -> None:
        self._file.close()
        self._packed.close()
        super().close()


class _Lines(io.RawIOBase):
    """A file whose lines all have an end."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._begun = 0  # bytes of the line that has no end yet
        self._line = 1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._file.read(min(len(buffer), _BLOCK))
        buffer[: len(piece)] = piece
        end = piece.find(b"\n")
        if self._begun + (end if end >= 0 else len(piece)) > LONGEST_LINE:
            limit = f"{LONGEST_LINE >> 20} MiB, the longest that is read"
            raise DataError(f"{self._path}: line {self._line} is longer than {limit}")
        self._begun = self._begun + len(piece) if end < 0 else len(piece) - piece.rfind(b"\n") - 1
        self._line += piece.count(b"\n")
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()
