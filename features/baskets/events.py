"""Who bought what when: one row an item, for patterns in time."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.baskets.integers import parse_integers
from features.baskets.opening import read_text
from features.baskets.sniff import hint
from features.baskets.spmf import named, plain_text
from features.baskets.table import Columns, coded_rows, read_columns
from features.baskets.unreadable import Place, place_in, readable, unreadable
from lodeworks.errors import DataError

__all__ = ["EventRows", "read_spmf_sequences", "read_table_events"]

_SECONDS_A_DAY = 86_400
_WHOLE = r"^-?\d{1,18}$"
_ISO = r"^\d{4}-\d\d-\d\d([ T].*)?$"
_FORMS = tuple(
    date + time
    for date in ("%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y.%m.%d")
    for time in ("", " %H:%M", " %H:%M:%S")
)


@dataclass(frozen=True, eq=False)
class EventRows:
    """One row an item of a basket.

    Attributes
    ----------
    customers : ndarray of int64
        The number of the customer.
    times : ndarray of int64
        When: days since 1970, or the whole numbers of the file.
    codes : ndarray of int64
        The place of the item in `names`.
    names : ndarray of object
        Item names.
    notes : tuple of str
        What a person should know.
    """

    customers: NDArray[np.int64]
    times: NDArray[np.int64]
    codes: NDArray[np.int64]
    names: NDArray[np.object_]
    notes: tuple[str, ...] = ()


def read_spmf_sequences(path: Path) -> EventRows:
    """Read lines of `1 2 -1 3 -1 -2`: a line is a customer, -1 ends a basket.

    The time of a basket is its place in the line, from 0.

    Raises
    ------
    DataError
        When there is no -1 in the file, or another negative number than -1 and -2.
    """
    data = read_text(path)
    parsed = parse_integers(plain_text(data), path, "spmf")
    ends = parsed.values == -1
    wrong = parsed.values < -2
    if wrong.any() or not ends.any():
        line = f", line {parsed.lines[wrong.argmax()] + 1}" if wrong.any() else ""
        raise DataError(
            f"{path}{line}: no sequences, in which -1 ends a basket and -2 a line"
            f"{hint(path, 'spmf')}"
        )
    so_far = np.cumsum(ends)
    _, first, line_of = np.unique(parsed.lines, return_index=True, return_inverse=True)
    places = so_far - (so_far[first] - ends[first])[line_of]
    items = parsed.values >= 0
    different, codes = np.unique(parsed.values[items], return_inverse=True)
    names = named(different.astype(str).astype(object), data)
    return EventRows(line_of[items], places[items], codes, names)


def read_table_events(
    path: Path,
    columns: Columns,
    *,
    time_format: str | None = None,
    parquet: bool = False,
    delimiter: str | None = None,
) -> EventRows:
    """Read a long table of customers, times and items, in any order.

    Parameters
    ----------
    path, parquet, delimiter
        As for `read_table`.
    columns : Columns
        `item`, `customer` and `time` are needed.
    time_format : str, optional
        How times are written, for example ``%d-%m-%Y``. Default: ISO 8601, or whole numbers.

    Raises
    ------
    DataError
        When columns are missing or a time cannot be read.
    """
    assert columns.customer is not None
    assert columns.time is not None
    wanted = (columns.item, columns.customer, columns.time)
    table, notes = read_columns(path, wanted, parquet=parquet, delimiter=delimiter)
    rows = coded_rows(table, Columns(columns.item, customer=columns.customer), notes, path)
    place = place_in(path, rows.places, wanted, parquet=parquet, delimiter=delimiter)
    times = _times(rows.table[columns.time], columns.time, path, time_format, place)
    return EventRows(rows.owners, times, rows.codes, rows.names, tuple(notes))


def _times(
    column: pa.ChunkedArray, name: str, path: Path, time_format: str | None, place: Place
) -> NDArray[np.int64]:
    """Read each different time once."""
    encoded = column.combine_chunks().dictionary_encode()
    texts, where = encoded.dictionary, encoded.indices.to_numpy()
    whole = np.asarray(pc.match_substring_regex(texts, _WHOLE))
    if whole.all() and time_format is None:
        return np.asarray(texts.cast(pa.int64()).to_numpy()[where])
    wrong, words = _wrong_times(texts, whole, time_format)
    if wrong.any():
        raise unreadable(path, name, wrong[where], texts.take(encoded.indices), place, words)
    return _days(texts, time_format)[where]


def _days(texts: pa.Array, time_format: str | None) -> NDArray[np.int64]:
    if time_format is None:
        read = texts.cast(pa.timestamp("us")).cast(pa.timestamp("s"), safe=False)
    else:
        read = pc.strptime(texts, format=time_format, unit="s")
    return np.asarray(read.cast(pa.int64()).to_numpy() // _SECONDS_A_DAY)


def _wrong_times(
    texts: pa.Array, whole: NDArray[np.bool_], time_format: str | None
) -> tuple[NDArray[np.bool_], str]:
    """Tell which different times cannot be read, and why the first of them cannot."""
    if time_format is not None:
        wrong = _not_as(texts, time_format)
        return wrong, f"no such day or time, or not written as --time-format {time_format}"
    wrong = ~readable(texts, lambda some: some.cast(pa.timestamp("us")))
    if whole.sum() > (~wrong).sum():
        return ~whole, "not a whole number, as other times of the column are"
    if not wrong.any():
        return wrong, ""
    if pc.match_substring_regex(texts, _ISO)[int(wrong.argmax())].as_py():
        return wrong, "there is no such day or time"
    if forms := [form for form in _FORMS if not _not_as(texts, form).any()]:
        fits = "fits them all" if len(forms) == 1 else "both fit them all"
        return wrong, f"no ISO date; give --time-format {' or '.join(forms)}: {fits}"
    return wrong, "not a time; ISO dates such as 2023-01-31 and whole numbers are read"


def _not_as(texts: pa.Array, form: str) -> NDArray[np.bool_]:
    """Tell which texts are not written in a form, or name a day that does not exist."""
    read = pc.strptime(texts, format=form, unit="s", error_is_null=True)
    wrong = np.asarray(read.is_null())
    begins = np.asarray(pc.less_equal(pc.day(read).fill_null(9), 3))
    for k in np.flatnonzero(begins & ~wrong).tolist():
        wrong[k] = _rolled_over(texts[k].as_py(), form)
    return wrong


def _rolled_over(text: str, form: str) -> bool:
    """Tell whether a day was taken for one of the next month, as 30 February for 2 March."""
    try:
        datetime.strptime(text, form)
    except ValueError as error:
        return "day is out of range" in str(error)
    return False
