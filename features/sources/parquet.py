"""Parquet files, read by DuckDB with the types they carry."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.packed import check_parquet
from features.sources.formats import looks_like
from features.sources.reading import Malformed, missing_columns
from features.sources.spec import ParquetSource
from features.sources.sql import identifier, literal
from lodeworks.errors import DataError
from lodeworks.files import did_you_mean_file

__all__ = ["ParquetReading"]


class ParquetReading:
    """A Parquet file whose columns fit its source; see `features.sources.reading.Reading`.

    Parameters
    ----------
    source : ParquetSource
        What was declared about the file.

    Raises
    ------
    DataError
        When the file is missing, empty, of another format, damaged or lacks columns.
    """

    def __init__(self, source: ParquetSource) -> None:
        self._path = Path(source.path)
        self._where = f"source {source.name!r} ({source.path})"
        self.malformed: list[Malformed] = []
        self.failure: DataError | None = None
        self._check_format()
        footer = self._footer()
        self.rows: int = footer.num_rows
        self.names: Sequence[str] = footer.schema.to_arrow_schema().names
        wanted = [column.source for column in source.columns.values()]
        error = missing_columns(wanted, self.names, self._where)
        if error is not None:
            raise error
        self.types: Sequence[str] = []

    def relation(self, connection: Any) -> str:
        """Give SQL for the rows, numbered from 1."""
        reader = f"read_parquet({literal(str(self._path))}, file_row_number = true)"
        described = connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()
        types = {name: kind for name, kind, *_ in described}
        self.types = [types[name] for name in self.names]
        columns = [f"{identifier(name)} AS c{i}" for i, name in enumerate(self.names)]
        return f"SELECT file_row_number + 1 AS line, {', '.join(columns)} FROM {reader}"

    def _check_format(self) -> None:
        if not self._path.is_file():
            raise DataError(f"{self._where}: there is no such file{did_you_mean_file(self._path)}")
        if self._path.stat().st_size == 0:
            raise DataError(f"{self._where} is empty")
        with self._path.open("rb") as file:
            found = looks_like(file.read(4096))
        if found != "Parquet":
            raise DataError(f"{self._where} is declared as Parquet but looks like {found}")

    def _footer(self) -> Any:
        try:
            footer = pq.read_metadata(self._path)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{self._where} looks cut off or damaged: {error}") from error
        check_parquet(self._path, footer)
        return footer
