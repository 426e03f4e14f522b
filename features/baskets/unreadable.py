"""Say which values of a column cannot be read: the first, its line, and how many there are."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.baskets.opening import read_text
from features.baskets.table import header_of
from lodeworks.errors import DataError

__all__ = ["Place", "place_in", "readable", "unreadable"]

Place = Callable[[int], str]


def unreadable(
    path: Path, name: str, wrong: NDArray[np.bool_], texts: pa.Array, place: Place, words: str
) -> DataError:
    """Make the error for values that cannot be read.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The column.
    wrong : ndarray of bool
        Which usable rows hold such a value; one at least.
    texts : pyarrow.Array of text
        The values of these rows.
    place : callable
        Says where a usable row stands in the file, as `place_in` does.
    words : str
        What is wrong with the values, and what would help.

    Returns
    -------
    DataError
    """
    first, n = int(wrong.argmax()), int(wrong.sum())
    more = f", the first of {n:,} such values" if n > 1 else ""
    return DataError(
        f"{path}, {place(first)}: column {name!r} holds {texts[first].as_py()!r}{more}: {words}"
    )


def place_in(
    path: Path,
    rows: NDArray[np.int64],
    wanted: tuple[str, ...],
    *,
    parquet: bool = False,
    delimiter: str | None = None,
) -> Place:
    """Make a function that says where a usable row of a table stands.

    Parameters
    ----------
    path : Path
        The file.
    rows : ndarray of int64
        The place of every usable row among all rows, from 0.
    wanted, parquet, delimiter
        As the table was read. Parquet has rows but no lines.
    """

    def place(row: int) -> str:
        number = int(rows[row])
        return f"row {number + 1}" if parquet else f"line {_line(path, number, wanted, delimiter)}"

    return place


def _line(path: Path, row: int, wanted: tuple[str, ...], delimiter: str | None) -> int:
    """Count the lines before a row: a quoted text may hold several, and some are empty."""
    data = read_text(path)
    between = header_of(data, list(wanted), delimiter)[0]
    lines = io.StringIO(data.decode(), newline="")
    lines.readline()
    reader, before = csv.reader(lines, delimiter=between), 0
    for fields in reader:
        row -= bool(fields)
        if row < 0:
            break
        before = reader.line_num
    return before + 2


def readable(texts: pa.Array, read: Callable[[pa.Array], pa.Array]) -> NDArray[np.bool_]:
    """Tell which texts can be read, where a reader only says that not all can.

    Examples
    --------
    >>> readable(pa.array(["1", "x", "2"]), lambda some: some.cast(pa.int64())).tolist()
    [True, False, True]
    """
    try:
        read(texts)
    except pa.ArrowInvalid:
        if len(texts) == 1:
            return np.zeros(1, bool)
        half = len(texts) // 2
        return np.concatenate([readable(texts[:half], read), readable(texts[half:], read)])
    return np.ones(len(texts), bool)
