"""The bytes of a file, plain or gzipped, with its failures put into words."""

import gzip
import zlib
from pathlib import Path

from lodeworks.errors import DataError

__all__ = ["line_of", "read_bytes", "read_start", "read_text"]

_GZIP = b"\x1f\x8b"
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
    return data


def read_text(path: Path) -> bytes:
    """Read a whole file of UTF-8 text; give its bytes without a mark at the beginning.

    Raises
    ------
    DataError
        When it is not text of that encoding; the line is named.
    """
    data = read_bytes(path).removeprefix(_MARK)
    if (place := data.find(b"\0")) >= 0:
        raise DataError(f"{path}, line {line_of(data, place)}: a zero byte; the file is not text")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}, line {line_of(data, error.start)}: not UTF-8; convert the file first"
        ) from None
    return data


def read_start(path: Path, size: int = 65_536) -> bytes:
    """Read the beginning of a file, as far as it can be read."""
    with path.open("rb") as file:
        head = file.read(2)
    if head != _GZIP:
        with path.open("rb") as file:
            return file.read(size).removeprefix(_MARK)
    try:
        with gzip.open(path) as packed:
            return packed.read(size).removeprefix(_MARK)
    except (EOFError, OSError, zlib.error):
        return b""


def line_of(data: bytes, place: int) -> int:
    """Give the number of the line that holds a byte; the first is 1."""
    return data.count(b"\n", 0, place) + 1


def _read(path: Path) -> bytes:
    data = path.read_bytes()
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except EOFError:
        raise DataError(
            f"{path} looks cut off: the gzip stream ends before its end marker"
        ) from None
    except (OSError, zlib.error) as error:
        raise DataError(f"{path}: the gzip stream is damaged: {error}") from None
