"""Write the list as Parquet or CSV: whole, and the same bytes for the same rows."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lodeworks.errors import ConfigError
from lodeworks.files import new_file
from lodeworks.spreadsheet import FORMULA_STARTS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BATCH", "COLUMNS", "check_format", "write_list", "write_part", "write_parts"]

BATCH = 200_000
"""Rows that are written at a time."""

ARROW_TYPES = {
    "customer_id": "string",
    "rank": "int16",
    "item_id": "string",
    "score": "float64",
    "probability": "float64",
    "expected_profit": "float64",
    "reason": "string",
    "evidence_id": "string",
    "segment": "string",
    "group": "string",
    "model": "string",
    "model_version": "string",
    "as_of": "string",
}
COLUMNS = tuple(ARROW_TYPES)
# There where chance filled some of the rows.
DRAWN = {"propensity": "float64"}


def check_format(path: str | Path) -> str:
    """Give ``csv`` or ``parquet`` by the ending of the name.

    Raises
    ------
    ConfigError
        For any other ending.
    """
    ending = Path(path).suffix.lower().lstrip(".")
    if ending not in ("csv", "parquet"):
        raise ConfigError(f"the list {path} must end in .csv or .parquet")
    return ending


def write_list(batches: Iterable[pd.DataFrame], path: str | Path) -> None:
    """Write the columns of the contract to `path`, in bounded memory.

    Parameters
    ----------
    batches : iterable of pandas.DataFrame
        At least one frame, each with at least the columns in ``COLUMNS``; ``propensity`` is
        written behind them where the frames have it.
    path : str or Path
        ``.csv`` or ``.parquet``. In CSV, text that a spreadsheet would run as a formula gets a
        leading apostrophe.
    """
    write = _write_csv if check_format(path) == "csv" else _write_parquet
    with new_file(path) as aside:
        write((batch.loc[:, list(_types(batch))] for batch in batches), aside)


def write_part(batches: Iterable[pd.DataFrame], path: Path) -> None:
    """Write the finished rows of some customers, to be joined by `write_parts`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    frames = iter(batches)
    first = next(frames)
    schema = _schema(first)
    with pq.ParquetWriter(path, schema, compression="lz4") as writer:
        for frame in chain([first], frames):
            some = frame.loc[:, schema.names]
            writer.write_table(pa.Table.from_pandas(some, schema, preserve_index=False))


def write_parts(parts: Sequence[Path], path: str | Path) -> None:
    """Join parts to a list: the same bytes as `write_list` gives for all rows, however parted.

    Parameters
    ----------
    parts : sequence of Path
        What `write_part` wrote, in order; at least one.
    path : str or Path
        ``.csv`` or ``.parquet``.
    """
    form = check_format(path)
    with new_file(path) as aside:
        if form == "csv":
            _write_csv((table.to_pandas() for table in _joined(parts)), aside)
        else:
            _write_tables(_joined(parts), aside)


def _joined(parts: Sequence[Path]) -> Iterator["pa.Table"]:
    """Give the rows of all parts, `BATCH` at a time whatever the parts hold."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(parts[0])
    held: list[pa.RecordBatch] = []
    rows, given = 0, False
    for part in parts:
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                held.append(batch)
                rows += batch.num_rows
                while rows >= BATCH:
                    whole = pa.Table.from_batches(held, schema).combine_chunks()
                    yield whole.slice(0, BATCH)
                    given, rows = True, rows - BATCH
                    held = whole.slice(BATCH).to_batches()
    if rows or not given:
        yield pa.Table.from_batches(held, schema).combine_chunks()


def _write_tables(tables: Iterator["pa.Table"], path: Path) -> None:
    import pyarrow.parquet as pq

    first = next(tables)
    with pq.ParquetWriter(path, first.schema.remove_metadata(), compression="zstd") as writer:
        for table in chain([first], tables):
            writer.write_table(table.replace_schema_metadata(None))


def _schema(batch: pd.DataFrame) -> "pa.Schema":
    import pyarrow as pa

    return pa.schema([(name, getattr(pa, kind)()) for name, kind in _types(batch).items()])


def _types(batch: pd.DataFrame) -> dict[str, str]:
    """Name the columns to write, with their types."""
    drawn = {name: kind for name, kind in DRAWN.items() if name in batch}
    return ARROW_TYPES | drawn


def _write_parquet(batches: Iterator[pd.DataFrame], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = next(batches)
    schema = _schema(first)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in chain([first], batches):
            writer.write_table(pa.Table.from_pandas(batch, schema, preserve_index=False))


def _write_csv(batches: Iterator[pd.DataFrame], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, batch in enumerate(batches):
            safe = batch.copy()
            for column in safe.select_dtypes(include=["object", "string", "category"]):
                safe[column] = _neutral(safe[column])
            safe.to_csv(
                file, index=False, header=number == 0, float_format="%.10g", lineterminator="\n"
            )


def _neutral(cells: pd.Series) -> pd.Series:
    text = cells.astype("string")
    return text.mask(text.str.startswith(FORMULA_STARTS).fillna(False), "'" + text)
