"""Basket files of one basket a line, read some megabytes at a time."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from features.baskets.arrays import BasketArrays
from features.baskets.fimi import parse_fimi
from features.baskets.lists import baskets_of_rows, check_format, parse_lists, quoted_rows
from features.baskets.opening import opened, text_blocks

__all__ = ["BasketChunks", "fimi_chunks", "list_chunks"]

_BLOCK = 16_000_000  # bytes
_ROWS = 100_000


@dataclass(frozen=True)
class BasketChunks:
    """Whole baskets in chunks; every loop over it reads the file again.

    Parameters
    ----------
    read : callable
        Gives an iterator over the chunks.
    notes : tuple of str
        What a person should know about the reading.
    """

    read: Callable[[], Iterator[BasketArrays]]
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[BasketArrays]:
        return self.read()


def fimi_chunks(path: Path, block: int = _BLOCK) -> BasketChunks:
    """Read a FIMI file, plain or gzipped, in chunks.

    Parameters
    ----------
    path : Path
        The file.
    block : int, default 16,000,000
        About how many bytes of text make a chunk.

    Returns
    -------
    BasketChunks
        Together the baskets that `read_fimi` gives. Each chunk names its own items.

    Raises
    ------
    DataError
        As `read_fimi`; while the chunks are read.
    """
    return BasketChunks(partial(_fimi, path, block))


def list_chunks(path: Path, delimiter: str = ",", block: int = _BLOCK) -> BasketChunks:
    """Read a file of lists, plain or gzipped, in chunks.

    Parameters
    ----------
    path, delimiter
        As for `read_lists`.
    block : int, default 16,000,000
        About how many bytes of text make a chunk.

    Returns
    -------
    BasketChunks
        Together the baskets that `read_lists` gives. Each chunk names its own items.

    Raises
    ------
    DataError
        As `read_lists`; here when the file is of another format, else while chunks are read.
    """
    quotes = b""
    for data, _ in text_blocks(path, block):
        quotes += b'"' if b'"' in data else b""
        quotes += delimiter.encode() if delimiter.encode() in data else b""
        if len(set(quotes)) > 1:
            break
    check_format(quotes, path, delimiter)
    if b'"' in quotes:
        return BasketChunks(partial(_quoted, path, delimiter))
    return BasketChunks(partial(_plain, path, delimiter, block))


def _fimi(path: Path, block: int) -> Iterator[BasketArrays]:
    for data, first_line in text_blocks(path, block):
        yield parse_fimi(data, path, first_line)


def _plain(path: Path, delimiter: str, block: int) -> Iterator[BasketArrays]:
    for data, _ in text_blocks(path, block):
        yield parse_lists(data, path, delimiter)


def _quoted(path: Path, delimiter: str) -> Iterator[BasketArrays]:
    """Read row by row, because a quoted item may hold a line end."""
    with opened(path) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as lines:
        rows = quoted_rows(lines, path, delimiter)
        while some := list(islice(rows, _ROWS)):
            yield baskets_of_rows(some)
