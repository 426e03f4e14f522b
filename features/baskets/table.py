"""Long tables (CSV, Parquet): one row an item of a basket, which columns say."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.baskets.arrays import BasketArrays, from_names, in_order
from features.baskets.opening import read_start, read_text
from features.baskets.sniff import DELIMITERS, hint
from features.packed import check_parquet
from lodeworks.errors import DataError, did_you_mean

__all__ = [
    "Columns",
    "Rows",
    "about_floats",
    "check_columns",
    "coded_rows",
    "count_float_ids",
    "csv_options",
    "filled",
    "float_ids_note",
    "header_of",
    "read_columns",
    "read_table",
    "text_of",
    "without_gaps",
]

_BLOCK = 4_000_000  # bytes
_FLOAT_ID = r"^-?[0-9]+\.0+$"


@dataclass(frozen=True)
class Columns:
    """Which columns of a table make the baskets.

    Attributes
    ----------
    item : str
        The item.
    basket : str, optional
        The number of the basket. Without it all rows of one customer at one time are a basket,
        or all rows of one customer, or all of one time.
    customer, time : str, optional
        The customer, who together with `basket` names a basket, and the time, which plays no part
        beside `basket`.
    """

    item: str
    basket: str | None = None
    customer: str | None = None
    time: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The columns whose values together name a basket."""
        named = (self.customer, self.basket or self.time)
        return tuple(dict.fromkeys(column for column in named if column is not None))


@dataclass(frozen=True, eq=False)
class Rows:
    """The usable rows of a table.

    Attributes
    ----------
    table : pyarrow.Table
        Their text.
    owners : ndarray of int64
        The number of the basket of each.
    n_baskets : int
        How many baskets there are.
    codes : ndarray of int64
        The place of the item of each in `names`.
    names : ndarray of object
        Sorted item names.
    places : ndarray of int64
        The place of each among all rows of the table, from 0.
    """

    table: pa.Table
    owners: NDArray[np.int64]
    n_baskets: int
    codes: NDArray[np.int64]
    names: NDArray[np.object_]
    places: NDArray[np.int64]


def read_table(
    path: Path, columns: Columns, *, parquet: bool = False, delimiter: str | None = None
) -> BasketArrays:
    """Read a long table as baskets.

    Rows without an item, or without a part of the basket's key, are left out and counted in the
    notes.

    Parameters
    ----------
    path : Path
        CSV, plain or gzipped, or Parquet.
    columns : Columns
        Which columns to use; at least one beside the item.
    parquet : bool, default False
        Whether the file is Parquet.
    delimiter : str, optional
        Between the fields of CSV. Default: as the header suggests.

    Returns
    -------
    BasketArrays

    Raises
    ------
    DataError
        When columns are missing (all are named, with the nearest ones), ids are fractions, or the
        file is of another format.
    """
    table, notes = read_columns(
        path, (columns.item, *columns.key), parquet=parquet, delimiter=delimiter
    )
    rows = coded_rows(table, columns, notes, path)
    return from_names(rows.owners, rows.codes, rows.names.tolist(), rows.n_baskets, notes)


def coded_rows(table: pa.Table, columns: Columns, notes: list[str], path: Path) -> Rows:
    """Give the baskets and items of a table of text their numbers.

    Parameters
    ----------
    table : pyarrow.Table
        What `read_columns` gives. Rows with an empty cell are left out.
    columns : Columns
        Which column is what.
    notes : list of str
        The number of rows left out is added.
    path : Path
        Where the table comes from.

    Raises
    ------
    DataError
        When no row is left.
    """
    whole = without_gaps(table)
    names = [repr(name) for name in table.column_names]
    if not whole.num_rows:
        raise DataError(f"{path} holds no row with {' and '.join(names)}")
    if left_out := table.num_rows - whole.num_rows:
        lacking = " or ".join(names)
        notes.append(f"{left_out:,} of {table.num_rows:,} rows lack {lacking} and are left out")
    owners, n_baskets = _owners(whole, columns.key)
    codes, items = in_order(*_encoded(whole[columns.item]))
    return Rows(whole, owners, n_baskets, codes, items, np.flatnonzero(filled(table)))


def read_columns(
    path: Path,
    wanted: tuple[str, ...],
    *,
    parquet: bool = False,
    delimiter: str | None = None,
    numbers: tuple[str, ...] = (),
) -> tuple[pa.Table, list[str]]:
    """Read some columns of a table as trimmed text, and what a person should know about them.

    Parameters
    ----------
    path : Path
        The file.
    wanted : tuple of str
        The columns.
    parquet, delimiter
        As for `read_table`.
    numbers : tuple of str
        Those of the columns that hold numbers rather than ids.

    Returns
    -------
    table : pyarrow.Table
        Text in every column; a missing value is an empty text.
    notes : list of str
        About ids that are written as decimal numbers.
    """
    unique = list(dict.fromkeys(wanted))
    read = _read_parquet(path, unique) if parquet else _read_csv(path, unique, delimiter)
    ids = [name for name in unique if name not in numbers]
    notes = [note for name in ids if (note := about_floats(name, read[name]))]
    texts = [text_of(read[name], name, path, is_id=name in ids) for name in unique]
    return pa.table(texts, names=unique), notes


def _read_csv(path: Path, wanted: list[str], delimiter: str | None) -> pa.Table:
    from pyarrow import csv as arrow_csv

    data = read_text(path)
    between, header = header_of(data, wanted, delimiter)
    check_columns(path, wanted, header, "csv")
    try:
        return arrow_csv.read_csv(pa.BufferReader(data), *csv_options(wanted, header, between))
    except pa.ArrowInvalid as error:
        said = str(error).splitlines()[0][:200]
        raise DataError(f"{path}: not a table: {said}{hint(path, 'csv')}") from None


def csv_options(wanted: list[str], header: list[str], between: str) -> tuple[Any, Any, Any]:
    """Give Arrow's options for reading some columns of CSV as text."""
    from pyarrow import csv as arrow_csv

    return (
        arrow_csv.ReadOptions(column_names=header, skip_rows=1, block_size=_BLOCK),
        arrow_csv.ParseOptions(delimiter=between, newlines_in_values=True),
        arrow_csv.ConvertOptions(
            include_columns=wanted, column_types=dict.fromkeys(wanted, pa.large_string())
        ),
    )


def header_of(data: bytes, wanted: list[str], delimiter: str | None) -> tuple[str, list[str]]:
    """Give the delimiter that finds most of the wanted columns, then most columns at all."""
    first = data.split(b"\n", 1)[0].decode().rstrip("\r")
    splits = {
        between: [name.strip() for name in next(csv.reader([first], delimiter=between), [])]
        for between in (DELIMITERS if delimiter is None else (delimiter,))
    }
    best = max(
        splits, key=lambda between: (len({*wanted} & {*splits[between]}), len(splits[between]))
    )
    return best, splits[best]


def _read_parquet(path: Path, wanted: list[str]) -> pa.Table:
    from pyarrow import parquet

    if not read_start(path, 4).startswith(b"PAR1"):
        raise DataError(f"{path} is not a Parquet file{hint(path, 'parquet')}")
    try:
        file = parquet.ParquetFile(path)
        check_parquet(path, file.metadata)
        check_columns(path, wanted, file.schema_arrow.names, "parquet")
        return file.read(columns=wanted)
    except (pa.ArrowException, OSError) as error:
        said = str(error).splitlines()[0][:200]
        raise DataError(f"{path} looks cut off or damaged: {said}") from None


def check_columns(path: Path, wanted: list[str], names: list[str], expected: str) -> None:
    """Refuse names that lack a wanted column, or hold one twice; all problems are told."""
    lacking = [name for name in wanted if name not in names]
    twice = [name for name in wanted if names.count(name) > 1]
    problems = [f"{name!r}: {did_you_mean(name, names)}" for name in lacking]
    problems += [f"{name!r} stands twice in the header" for name in twice]
    if problems:
        more = f"{path} lacks {len(lacking)} of the columns" if lacking else str(path)
        raise DataError(f"{more}{hint(path, expected)}", problems)


def about_floats(name: str, column: pa.ChunkedArray) -> str | None:
    """Say that ids of a column are decimal numbers, and what became of them."""
    if pa.types.is_floating(column.type):
        return f"column {name!r} is of type {column.type}; its ids are read as whole numbers"
    n, example = count_float_ids(column)
    return float_ids_note(name, n, example) if n else None


def count_float_ids(column: pa.ChunkedArray) -> tuple[int, str]:
    """Count the texts that are decimal numbers, such as 17850.0; give the first."""
    if not (pa.types.is_large_string(column.type) or pa.types.is_string(column.type)):
        return 0, ""
    floats = pc.match_substring_regex(column, _FLOAT_ID)
    n = pc.sum(floats).as_py() or 0
    return n, column.filter(floats)[0].as_py() if n else ""


def float_ids_note(name: str, n: int, example: str) -> str:
    """Say that texts of a column are decimal numbers."""
    return (
        f"column {name!r}: {n:,} ids are written as decimal numbers, such as {example}; they are "
        f"kept as text, so that {example.partition('.')[0]} is another id"
    )


def text_of(
    column: pa.ChunkedArray, name: str, path: Path, *, is_id: bool = True
) -> pa.ChunkedArray:
    """Give a column as trimmed text without nulls."""
    if is_id and pa.types.is_floating(column.type):
        column = _whole_numbers(column, name, path)
    try:
        text = column.cast(pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise DataError(
            f"{path}: column {name!r} is of type {column.type}; text, numbers, dates are allowed"
        ) from None
    return pc.utf8_trim_whitespace(pc.fill_null(text, ""))


def _whole_numbers(column: pa.ChunkedArray, name: str, path: Path) -> pa.ChunkedArray:
    known = pc.if_else(pc.is_finite(column), column, None)
    try:
        return known.cast(pa.int64())
    except pa.ArrowInvalid:
        broken = known.filter(pc.not_equal(known, pc.floor(known)))
        shown = broken[0].as_py() if len(broken) else pc.max(known).as_py()
        raise DataError(
            f"{path}: column {name!r} is of type {column.type} and holds {shown}; ids are whole "
            "numbers or text"
        ) from None


def without_gaps(table: pa.Table) -> pa.Table:
    """Leave out the rows with an empty text."""
    return table.filter(filled(table))


def filled(table: pa.Table) -> pa.ChunkedArray:
    """Tell which rows have no empty text."""
    every, *others = (pc.greater(pc.binary_length(column), 0) for column in table.columns)
    for each in others:
        every = pc.and_(every, each)
    return every


def _owners(table: pa.Table, key: tuple[str, ...]) -> tuple[NDArray[np.int64], int]:
    """Give each row the number of its basket, and how many baskets there are."""
    owners = np.zeros(table.num_rows, np.int64)
    for name in key:
        codes, values = _encoded(table[name])
        owners = np.unique(owners * len(values) + codes, return_inverse=True)[1]
    return owners, int(owners.max()) + 1


def _encoded(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()
