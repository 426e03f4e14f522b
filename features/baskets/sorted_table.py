"""Long tables larger than memory: sorted by basket on disk, then read in chunks."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.baskets.arrays import BasketArrays, in_order
from features.baskets.opening import is_packed, read_bytes_of, read_start
from features.baskets.sniff import hint
from features.baskets.table import (
    Columns,
    about_floats,
    check_columns,
    count_float_ids,
    csv_options,
    float_ids_note,
    header_of,
    text_of,
    without_gaps,
)
from lodeworks.errors import DataError, did_you_mean

__all__ = ["SortedBaskets", "database_chunks", "table_chunks"]

_ROWS = 500_000
_MEMORY = 1_000_000_000


class SortedBaskets:
    """Baskets of a long table in chunks; every loop over it reads them again from a folder.

    Made by `table_chunks` and `database_chunks`. Use it in a `with` statement: the folder goes at
    the end.

    Attributes
    ----------
    names : ndarray of object
        Sorted item names, the same for all chunks.
    notes : tuple of str
        What a person should know about the reading.
    n_lines : int
        How many usable rows there are.
    """

    def __init__(
        self, folder: Path, keys: list[str], rank: NDArray[np.int64], names: NDArray[np.object_],
        notes: list[str], n_lines: int,
    ) -> None:  # fmt: skip
        self.names = names
        self.notes = tuple(notes)
        self.n_lines = n_lines
        self._folder = folder
        self._keys = keys
        self._rank = rank.astype(np.int32)

    def __enter__(self) -> "SortedBaskets":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def __iter__(self) -> Iterator[BasketArrays]:
        from pyarrow import parquet

        file = parquet.ParquetFile(self._folder / "sorted.parquet")
        rest: NDArray[np.int32] = np.empty(0, np.int32)
        last: list[Any] | None = None
        for batch in file.iter_batches(_ROWS):
            codes = self._rank[batch["item"].to_numpy()]
            begins = _begins(batch, self._keys, last) + len(rest)
            if len(begins):
                cuts = np.concatenate([[0] if last is not None else [], begins]).astype(np.int64)
                items = np.concatenate([rest, codes])
                if len(cuts) > 1:
                    yield BasketArrays(cuts, items[: cuts[-1]], self.names)
                rest = items[cuts[-1] :]
            else:
                rest = np.concatenate([rest, codes])
            last = [batch[key][-1].as_py() for key in self._keys]
        yield BasketArrays(np.array([0, len(rest)]), rest, self.names)


def table_chunks(
    path: Path,
    columns: Columns,
    *,
    parquet: bool = False,
    delimiter: str | None = None,
    memory: int = _MEMORY,
    temp: Path | None = None,
) -> SortedBaskets:
    """Read a long table, in which the rows of a basket may lie anywhere, as chunks of baskets.

    Parameters
    ----------
    path, columns, parquet, delimiter
        As for `read_table`.
    memory : int, default 1,000,000,000
        About how many bytes the sorting may take before it goes to disk.
    temp : Path, optional
        Where the sorted copy lies meanwhile: about as large as the columns. Default: the
        folder of the system for such files.

    Returns
    -------
    SortedBaskets
        The baskets that `read_table` gives, in the order of their keys as text.

    Raises
    ------
    DataError
        As `read_table`. Nothing is left behind then.
    """
    wanted = list(dict.fromkeys((columns.item, *columns.key)))
    batches = _parquet_batches(path, wanted) if parquet else _csv_batches(path, wanted, delimiter)
    return _sorted(batches, columns, path, memory, temp)


def database_chunks(
    path: Path,
    relation: str,
    columns: Columns,
    *,
    memory: int = _MEMORY,
    temp: Path | None = None,
) -> SortedBaskets:
    """Read a table or a query of a DuckDB database as chunks of baskets.

    Parameters
    ----------
    path : Path
        The database; it is opened for reading only.
    relation : str
        The name of a table or view, or a query.
    columns, memory, temp
        As for `table_chunks`.

    Raises
    ------
    DataError
        When the file is no database, the query fails, or columns are missing.
    """
    wanted = list(dict.fromkeys((columns.item, *columns.key)))
    return _sorted(_database_batches(path, relation, wanted), columns, path, memory, temp)


def _csv_batches(path: Path, wanted: list[str], delimiter: str | None) -> Iterator[pa.Table]:
    from pyarrow import csv as arrow_csv

    start = read_start(path)
    if not start.strip() and not read_bytes_of(path, 65_536).strip():
        raise DataError(f"{path} is empty")
    between, header = header_of(_first_line(start, path), wanted, delimiter)
    check_columns(path, wanted, header, "csv")
    source = pa.OSFile(str(path))
    if is_packed(path):
        source = pa.CompressedInputStream(source, "gzip")
    try:
        with arrow_csv.open_csv(source, *csv_options(wanted, header, between)) as reader:
            yield from (pa.Table.from_batches([batch]) for batch in reader)
    except (pa.ArrowInvalid, OSError) as error:
        said = str(error).splitlines()[0][:200]
        if "UTF" in said:
            raise DataError(f"{path}: not UTF-8; convert the file first") from None
        raise DataError(f"{path}: not a table: {said}{hint(path, 'csv')}") from None


def _first_line(start: bytes, path: Path) -> bytes:
    line = start.split(b"\n", 1)[0]
    try:
        line.decode()
    except UnicodeDecodeError:
        raise DataError(f"{path}, line 1: not UTF-8; convert the file first") from None
    return line


def _parquet_batches(path: Path, wanted: list[str]) -> Iterator[pa.Table]:
    from pyarrow import parquet

    if read_bytes_of(path, 4) != b"PAR1":
        raise DataError(f"{path} is not a Parquet file{hint(path, 'parquet')}")
    try:
        file = parquet.ParquetFile(path)
        check_columns(path, wanted, file.schema_arrow.names, "parquet")
        for batch in file.iter_batches(_ROWS, columns=wanted):
            yield pa.Table.from_batches([batch]).select(wanted)
    except (pa.ArrowException, OSError) as error:
        said = str(error).splitlines()[0][:200]
        raise DataError(f"{path} looks cut off or damaged: {said}") from None


def _database_batches(path: Path, relation: str, wanted: list[str]) -> Iterator[pa.Table]:
    import duckdb

    if not path.is_file() or read_bytes_of(path, 12)[8:] != b"DUCK":
        raise DataError(f"{path} is not a DuckDB database{hint(path, 'duckdb')}")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            source = _source(connection, relation, path)
            names = [row[0] for row in connection.execute(f"DESCRIBE {source}").fetchall()]
            check_columns(path, wanted, names, "duckdb")
            chosen = ", ".join(map(_quoted, wanted))
            reader = connection.sql(f"SELECT {chosen} FROM ({source})").to_arrow_reader(_ROWS)
            yield from (pa.Table.from_batches([batch]) for batch in reader)
    except duckdb.Error as error:
        raise DataError(f"{path}: {str(error).splitlines()[0][:200]}") from None


def _source(connection: Any, relation: str, path: Path) -> str:
    """Give a query; a name of one word has to be that of a table or view."""
    if len(relation.split()) > 1:
        return relation
    shown = connection.execute("SELECT table_name FROM information_schema.tables ORDER BY 1")
    tables = [row[0] for row in shown.fetchall()]
    if relation not in tables:
        raise DataError(f"{path} has no table {relation!r}; {did_you_mean(relation, tables)}")
    return f"SELECT * FROM {_quoted(relation)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _Coder:
    """Turns batches into keys of text and item codes, and remembers what to tell."""

    def __init__(self, columns: Columns, path: Path) -> None:
        self.columns = columns
        self.path = path
        self.number: dict[str, int] = {}
        self.n_rows = self.n_kept = 0
        self._by_type: dict[str, str] = {}
        self._by_text: dict[str, tuple[int, str]] = {}

    @property
    def keys(self) -> list[str]:
        return [f"key{k}" for k in range(len(self.columns.key))]

    def coded(self, table: pa.Table) -> pa.Table:
        """Give the usable rows of a batch."""
        names = table.column_names
        texts = [text_of(table[name], name, self.path) for name in names]
        for name in names:
            self._look(name, table[name])
        whole = without_gaps(pa.table(texts, names=names))
        self.n_rows, self.n_kept = self.n_rows + table.num_rows, self.n_kept + whole.num_rows
        keys = [whole[name] for name in self.columns.key]
        items = pa.array(self._codes(whole[self.columns.item]), pa.int32())
        return pa.table([*keys, items], names=[*self.keys, "item"])

    def _look(self, name: str, column: pa.ChunkedArray) -> None:
        if pa.types.is_floating(column.type):
            self._by_type[name] = about_floats(name, column) or ""
            return
        n, example = count_float_ids(column)
        before, first = self._by_text.get(name, (0, ""))
        self._by_text[name] = before + n, first or example

    def _codes(self, column: pa.ChunkedArray) -> NDArray[np.int32]:
        encoded = column.combine_chunks().dictionary_encode()
        number = self.number
        code_of = [number.setdefault(name, len(number)) for name in encoded.dictionary.to_pylist()]
        return np.array(code_of, np.int32)[encoded.indices.to_numpy()]

    def notes(self) -> list[str]:
        """Say what a person should know, as `read_table` says it."""
        names = list(dict.fromkeys((self.columns.item, *self.columns.key)))
        lacking = " or ".join(map(repr, names))
        told = [self._by_type.get(name) or self._told(name) for name in names]
        if left_out := self.n_rows - self.n_kept:
            told.append(f"{left_out:,} of {self.n_rows:,} rows lack {lacking} and are left out")
        return [note for note in told if note]

    def _told(self, name: str) -> str:
        n, example = self._by_text.get(name, (0, ""))
        return float_ids_note(name, n, example) if n else ""


def _sorted(
    batches: Iterable[pa.Table], columns: Columns, path: Path, memory: int, temp: Path | None
) -> SortedBaskets:
    folder = Path(tempfile.mkdtemp(prefix="lode-baskets-", dir=temp))
    try:
        coder = _Coder(columns, path)
        _write_coded(batches, coder, folder / "coded.parquet")
        if not coder.n_kept:
            names = list(dict.fromkeys((columns.item, *columns.key)))
            raise DataError(f"{path} holds no row with {' and '.join(map(repr, names))}")
        _sort(folder, coder.keys, memory)
        rank, labels = in_order(np.arange(len(coder.number)), list(coder.number))
        return SortedBaskets(folder, coder.keys, rank, labels, coder.notes(), coder.n_kept)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _write_coded(batches: Iterable[pa.Table], coder: _Coder, out: Path) -> None:
    from pyarrow import parquet

    columns = [(key, pa.large_string()) for key in coder.keys]
    schema = pa.schema([*columns, ("item", pa.int32())])
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_table(coder.coded(batch))


def _sort(folder: Path, keys: list[str], memory: int) -> None:
    """Sort by the keys, on disk where memory does not do, and remove the unsorted rows."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{max(memory, 50_000_000) // 1_000_000}MB",
        "temp_directory": str(folder / "sorting"),
        "threads": 1,
    }
    order = ", ".join([*keys, "item"])
    with duckdb.connect(":memory:", config=settings) as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_parquet({_text(folder / 'coded.parquet')}) "
            f"ORDER BY {order}) TO {_text(folder / 'sorted.parquet')} (FORMAT parquet)"
        )
    (folder / "coded.parquet").unlink()


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _begins(batch: pa.RecordBatch, keys: list[str], last: list[Any] | None) -> NDArray[np.int64]:
    """Give the rows at which another basket begins than that of the row before."""
    new = np.zeros(batch.num_rows, bool)
    new[0] = last is None
    for k, key in enumerate(keys):
        column = batch[key]
        new[1:] |= pc.not_equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)
        new[0] |= last is not None and column[0].as_py() != last[k]
    return np.flatnonzero(new)
