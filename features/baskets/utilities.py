"""Baskets in which every item is worth something."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.baskets.integers import Integers, parse_integers
from features.baskets.opening import read_text
from features.baskets.sniff import hint
from features.baskets.spmf import named, plain_text, section
from features.baskets.table import Columns, coded_rows, read_columns
from features.baskets.unreadable import Place, place_in, readable, unreadable
from lodeworks.errors import DataError

__all__ = ["UtilityRows", "read_spmf_utilities", "read_table_utilities"]


@dataclass(frozen=True, eq=False)
class UtilityRows:
    """One row an item of a basket.

    Attributes
    ----------
    baskets : ndarray of int64
        The number of the basket.
    codes : ndarray of int64
        The place of the item in `names`.
    utilities : ndarray of int64 or float64
        What it is worth there.
    names : ndarray of object
        Item names.
    n_baskets : int
        How many baskets there are.
    notes : tuple of str
        What a person should know.
    """

    baskets: NDArray[np.int64]
    codes: NDArray[np.int64]
    utilities: NDArray[np.int64] | NDArray[np.float64]
    names: NDArray[np.object_]
    n_baskets: int
    notes: tuple[str, ...] = ()


def read_spmf_utilities(path: Path) -> UtilityRows:
    """Read lines of `items:total:utilities`, plain or gzipped.

    Raises
    ------
    DataError
        When a line has not as many utilities as items, a total that is not their sum, or a
        negative number; the line is named.
    """
    data = read_text(path)
    text = plain_text(data)
    items, totals, worth = (parse_integers(section(text, k), path, "spmf") for k in range(3))
    n_lines = items.n_lines
    n_items, n_worth = (np.bincount(part.lines, minlength=n_lines) for part in (items, worth))
    sums = np.zeros(n_lines, np.int64)
    np.add.at(sums, worth.lines, worth.values)
    _refuse(path, n_items != n_worth, "not as many utilities as items (items:total:utilities)")
    for part in (items, worth):
        _refuse(path, _lines_below_zero(part, n_lines), "negative numbers are not supported")
    stated = np.full(n_lines, -1)
    stated[totals.lines] = totals.values
    _refuse(path, (n_items > 0) & (stated != sums), "the total is not the sum of the utilities")
    different, codes = np.unique(items.values, return_inverse=True)
    filled, baskets = np.unique(items.lines, return_inverse=True)
    names = named(different.astype(str).astype(object), data)
    return UtilityRows(baskets, codes, worth.values, names, len(filled))


def read_table_utilities(
    path: Path,
    columns: Columns,
    utility: str,
    *,
    parquet: bool = False,
    delimiter: str | None = None,
) -> UtilityRows:
    """Read a long table with a column of utilities.

    Parameters
    ----------
    path, columns, parquet, delimiter
        As for `read_table`.
    utility : str
        The column of what a row is worth.

    Raises
    ------
    DataError
        When columns are missing, or a utility is no number or negative.
    """
    wanted = (columns.item, *columns.key, utility)
    table, notes = read_columns(
        path, wanted, parquet=parquet, delimiter=delimiter, numbers=(utility,)
    )
    rows = coded_rows(table, columns, notes, path)
    place = place_in(path, rows.places, wanted, parquet=parquet, delimiter=delimiter)
    worth = _numbers(rows.table[utility].combine_chunks(), utility, path, place)
    return UtilityRows(rows.owners, rows.codes, worth, rows.names, rows.n_baskets, tuple(notes))


def _numbers(
    column: pa.Array, name: str, path: Path, place: Place
) -> NDArray[np.int64] | NDArray[np.float64]:
    whole = pc.all(pc.match_substring_regex(column, r"^-?[0-9]{1,18}$")).as_py()
    try:
        numbers = column.cast(pa.int64() if whole else pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        wrong = ~readable(column, lambda texts: texts.cast(pa.float64()))
        raise unreadable(path, name, wrong, column, place, "not a number") from None
    if (wrong := ~(np.isfinite(numbers) & (numbers >= 0))).any():
        words = "negative or infinite, which no utility may be"
        raise unreadable(path, name, wrong, column, place, words)
    return numbers


def _lines_below_zero(part: Integers, n_lines: int) -> NDArray[np.bool_]:
    return np.bincount(part.lines[part.values < 0], minlength=n_lines) > 0


def _refuse(path: Path, wrong: NDArray[np.bool_], words: str) -> None:
    if wrong.any():
        raise DataError(f"{path}, line {int(wrong.argmax()) + 1}: {words}{hint(path, 'spmf')}")
