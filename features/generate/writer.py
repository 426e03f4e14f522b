"""Tables written piece by piece, as CSV or Parquet, with the same content."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

__all__ = ["TableWriter"]

PRICE = pa.decimal128(12, 2)


class TableWriter:
    """One table that grows; memory holds one piece of it.

    In CSV, numbers with a fraction are money and get two decimals, a missing value is an empty
    cell, and nothing is quoted: a text with a comma or a quote in it is refused.

    Parameters
    ----------
    path : Path
        The file; its ending, ``.csv`` or ``.parquet``, says the format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._as_text = path.suffix == ".csv"
        self._writer: Any = None

    def __enter__(self) -> Self:
        """Begin; the file appears with the first piece."""
        return self

    def write(self, table: pa.Table) -> None:
        """Add the rows of `table`; all pieces have the same columns."""
        piece = _with_money(table) if self._as_text else table
        if self._writer is None:
            self._writer = self._open(piece.schema)
        self._writer.write_table(piece)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()

    def _open(self, schema: pa.Schema) -> Any:
        if self._as_text:
            options = pa.csv.WriteOptions(quoting_style="none", quoting_header="none")
            return pa.csv.CSVWriter(self.path, schema, write_options=options)
        return pa.parquet.ParquetWriter(self.path, schema, compression="zstd")


def _with_money(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if field.type == pa.float64():
            money = pc.cast(pc.round(table.column(place), 2), PRICE, safe=False)
            table = table.set_column(place, field.name, money)
    return table
