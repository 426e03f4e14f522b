"""Lists: one basket a line, named items with a delimiter between them."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.baskets.arrays import BasketArrays, from_names
from features.baskets.opening import read_text
from features.baskets.sniff import looks_like
from features.packed import LONGEST_LINE
from lodeworks.errors import DataError

__all__ = ["baskets_of_rows", "check_format", "parse_lists", "quoted_rows", "read_lists"]


def read_lists(path: Path, delimiter: str = ",") -> BasketArrays:
    """Read one basket a line, from a plain or gzipped file of UTF-8 text.

    Blanks around an item do not count, empty items are left out, and a blank line is an empty
    basket. An item that holds the delimiter stands in double quotes, as in CSV.

    Parameters
    ----------
    path : Path
        The file.
    delimiter : str, default ','
        One character between the items.

    Returns
    -------
    BasketArrays

    Raises
    ------
    DataError
        When the file is of another format, a quote is not closed or nothing is in it.
    """
    data = read_text(path)
    check_format(data, path, delimiter)
    read = parse_lists(data, path, delimiter)
    if not len(read.indices):
        raise DataError(f"{path} holds no item")
    return read


def parse_lists(data: bytes, path: Path, delimiter: str) -> BasketArrays:
    """Parse whole lines of lists, as `read_lists` does."""
    lists = _quoted(data, path, delimiter) if b'"' in data else _plain(data, delimiter)
    return baskets_of(lists)


def baskets_of(lists: pa.Array) -> BasketArrays:
    """Make baskets of an Arrow array of lists of text."""
    items = pc.utf8_trim_whitespace(lists.flatten())
    owners = pc.list_parent_indices(lists)
    filled = pc.greater(pc.binary_length(items), 0)
    encoded = items.filter(filled).dictionary_encode()
    return from_names(
        owners.filter(filled).to_numpy(),
        encoded.indices.to_numpy().astype(np.int64),
        encoded.dictionary.to_pylist(),
        len(lists),
    )


def check_format(data: bytes, path: Path, delimiter: str) -> None:
    """Refuse a file without any delimiter that is surely something else."""
    look = looks_like(path)
    if look.sure and delimiter.encode() not in data:
        raise DataError(
            f"{path}: no {delimiter!r} between items; the file looks like format "
            f"{look.format!r} ({look.words})"
        )


def _plain(data: bytes, delimiter: str) -> pa.Array:
    """Cut the text where lines end, without copying it, and then at the delimiters."""
    ended = data if data.endswith(b"\n") else data + b"\n"
    breaks = np.flatnonzero(np.frombuffer(ended, np.uint8) == ord("\n")) + 1
    offsets = np.concatenate([[0], breaks]).astype(np.int64)
    lines = pa.LargeStringArray.from_buffers(
        len(breaks), pa.py_buffer(offsets), pa.py_buffer(ended)
    )
    return pc.split_pattern(lines, pattern=delimiter)


def _quoted(data: bytes, path: Path, delimiter: str) -> pa.Array:
    return _as_lists(list(quoted_rows(io.StringIO(data.decode(), newline=""), path, delimiter)))


def quoted_rows(lines: Iterable[str], path: Path, delimiter: str) -> Iterator[list[str]]:
    """Read the rows of lists in which items may stand in double quotes, one by one.

    Raises
    ------
    DataError
        When a quote is not closed; the line is named.
    """
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        yield from reader
    except csv.Error as error:
        raise DataError(
            f"{path}, line {reader.line_num}: a double quote is not closed as in CSV ({error})"
        ) from None


def baskets_of_rows(rows: list[list[str]]) -> BasketArrays:
    """Make baskets of rows of text."""
    return baskets_of(_as_lists(rows))


def _as_lists(rows: list[list[str]]) -> pa.Array:
    ends = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    items = pa.array(chain.from_iterable(rows), pa.large_string(), size=int(ends[-1]))
    return pa.LargeListArray.from_arrays(pa.array(ends.astype(np.int64)), items)
