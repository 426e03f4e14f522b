"""The bytes of a file, plain or gzipped, with its failures put into words."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from features.packed import LONGEST_LINE, is_packed, open_packed
from lodeworks.errors import DataError

__all__ = [
    "is_packed",
    "line_of",
    "opened",
    "read_bytes",
    "read_bytes_of",
    "read_start",
    "read_text",
    "text_blocks",
]

_MARK = b"\xef\xbb\xbf"  # what some programs put before UTF-8


def read_bytes(path: Path) -> bytes:
    """Read a whole file; a gzipped one is known by its first bytes, whatever its name.

    Raises
    ------
    DataError
        When it is empty, cut off or damaged.
    """
    data = _read(path)
    if not data.strip():
        raise DataError(f"{path} is empty")
    _check_lines(data, path)
    return data


def read_text(path: Path) -> bytes:
    """Read a whole file of UTF-8 text; give its bytes without a mark at the beginning.

    Raises
    ------
    DataError
        When it is not text of that encoding; the line is named.
    """
    data = read_bytes(path).removeprefix(_MARK)
    _check_text(data, path, 0)
    return data


def text_blocks(path: Path, size: int) -> Iterator[tuple[bytes, int]]:
    """Read whole lines of UTF-8 text, plain or gzipped, about `size` bytes at a time.

    Yields
    ------
    data : bytes
        Whole lines.
    first_line : int
        How many lines stand before them.

    Raises
    ------
    DataError
        When the file is empty, cut off, damaged or not text of that encoding.
    """
    rest, first_line, filled = b"", 0, False
    for piece in _pieces(path, size):
        whole, newline, rest = (rest + piece).rpartition(b"\n")
        if len(rest) > LONGEST_LINE:
            raise _too_long(path, first_line + whole.count(b"\n") + bool(newline))
        if newline:
            yield _checked(whole + newline, path, first_line), first_line
            first_line += whole.count(b"\n") + 1
            filled = filled or bool(whole.strip())
    if rest:
        yield _checked(rest, path, first_line), first_line
    if not (filled or rest.strip()):
        raise DataError(f"{path} is empty")


def _pieces(path: Path, size: int) -> Iterator[bytes]:
    try:
        with opened(path) as file:
            yield file.read(max(size, len(_MARK))).removeprefix(_MARK)
            while piece := file.read(size):
                yield piece
    except EOFError:
        raise DataError(
            f"{path} looks cut off: the gzip stream ends before its end marker"
        ) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: the gzip stream is damaged: {error}") from None


def _check_lines(data: bytes, path: Path) -> None:
    """Look for the last line end within reach of each begin of a line; nothing is copied."""
    begin = 0
    while len(data) - begin > LONGEST_LINE:
        end = data.rfind(b"\n", begin, begin + LONGEST_LINE + 1)
        if end < 0:
            raise _too_long(path, data.count(b"\n", 0, begin))
        begin = end + 1


def _too_long(path: Path, before: int) -> DataError:
    limit = f"{LONGEST_LINE >> 20} MiB, the longest that is read"
    return DataError(f"{path}: line {before + 1} is longer than {limit}")


def _checked(data: bytes, path: Path, first_line: int) -> bytes:
    _check_text(data, path, first_line)
    return data


def _check_text(data: bytes, path: Path, first_line: int) -> None:
    if (place := data.find(b"\0")) >= 0:
        line = first_line + line_of(data, place)
        raise DataError(f"{path}, line {line}: a zero byte; the file is not text")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = first_line + line_of(data, error.start)
        raise DataError(f"{path}, line {line}: not UTF-8; convert the file first") from None


def read_start(path: Path, size: int = 65_536) -> bytes:
    """Read the beginning of a file, as far as it can be read."""
    if not is_packed(path):
        return read_bytes_of(path, size).removeprefix(_MARK)
    try:
        with opened(path) as packed:
            return packed.read(size).removeprefix(_MARK)
    except (EOFError, OSError, zlib.error):
        return b""


def opened(path: Path) -> IO[bytes]:
    """Open a file, plain or gzipped, to read its bytes."""
    return open_packed(path) if is_packed(path) else path.open("rb")


def read_bytes_of(path: Path, size: int) -> bytes:
    """Read the first bytes of a file as they are stored."""
    with path.open("rb") as file:
        return file.read(size)


def line_of(data: bytes, place: int) -> int:
    """Give the number of the line that holds a byte; the first is 1."""
    return data.count(b"\n", 0, place) + 1


def _read(path: Path) -> bytes:
    try:
        with opened(path) as file:
            return file.read()
    except EOFError:
        raise DataError(
            f"{path} looks cut off: the gzip stream ends before its end marker"
        ) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: the gzip stream is damaged: {error}") from None
