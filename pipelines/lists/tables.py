"""Small files by which a person bounds a list: read strictly, or the list is not made."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from features.packed import check_parquet, open_text
from lodeworks.errors import DataError

__all__ = ["KEYS", "read_numbers", "read_table"]

KEYS = ("customer_id", "item_id")


def read_table(
    path: Path,
    what: str,
    *,
    needed: Sequence[str] = (),
    one_of: Sequence[str] = (),
    texts: Sequence[str] = KEYS,
) -> pd.DataFrame:
    """Read a CSV or Parquet file; identifiers are text without blanks around them.

    Parameters
    ----------
    path : Path
        ``.parquet``, else CSV.
    what : str
        What the file holds, for messages.
    needed : sequence of str
        Columns that must be there.
    one_of : sequence of str
        Columns of which one must be there.
    texts : sequence of str
        Columns read as text; an empty cell is None.

    Raises
    ------
    DataError
        When the file is missing, cannot be read or lacks a column: a list must not go out
        without it.
    """
    try:
        frame = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path, texts)
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise DataError(
            f"the {what} in {path} cannot be read, so no list is made: {error}"
        ) from error
    missing = [name for name in needed if name not in frame]
    if missing or (one_of and not set(one_of) & set(frame)):
        wanted = " and ".join(missing) or " or ".join(one_of)
        raise DataError(f"{path} has no column {wanted}; it has {', '.join(map(str, frame))}")
    present = [name for name in texts if name in frame]
    return frame.assign(**{name: _text(frame[name], path, what) for name in present})


def read_numbers(frame: pd.DataFrame, column: str, path: Path, allowed: str) -> pd.Series:
    """Give a column as numbers.

    Raises
    ------
    DataError
        When a cell is none, with the first of them; `allowed` says what is.
    """
    numbers = pd.to_numeric(frame[column], errors="coerce").astype("Float64").astype(float)
    wrong = numbers.isna()
    if wrong.any():
        first = frame.loc[wrong, column].iloc[0]
        given = "an empty cell" if pd.isna(first) else repr(str(first))
        raise DataError(
            f"{path}: {wrong.sum()} of {len(frame)} rows have no {column}: given {given};"
            f" {allowed} is needed"
        )
    return numbers


def _text(column: pd.Series, path: Path, what: str) -> pd.Series:
    text = column.astype("string")
    if any("\n" in value for value in text.dropna()):
        raise DataError(
            f"the {what} in {path} cannot be read, so no list is made: an identifier goes over"
            " the end of a line; is a quotation mark not closed?"
        )
    text = text.str.strip()
    known: pd.Series = text.astype(object).where(text.notna() & (text != ""), None)
    return known


def _read_csv(path: Path, texts: Sequence[str]) -> pd.DataFrame:
    """Read keys as text; every row must have as many fields as the header."""
    import pyarrow as pa
    from pyarrow import csv

    options = csv.ConvertOptions(
        column_types=dict.fromkeys(texts, pa.string()), null_values=[""], strings_can_be_null=True
    )
    with open_text(path) as file:  # opened by its name, any packed file would be read whole
        frame: pd.DataFrame = csv.read_csv(file, convert_options=options).to_pandas()
    return frame


def _read_parquet(path: Path) -> pd.DataFrame:
    """Read whole numbers as such; a missing one would make 7.0 of 7."""
    check_parquet(path)
    return pd.read_parquet(path).convert_dtypes()
