"""Traces of a customer in one file, by kind of file, and the same file without them."""

import csv
import gzip
import json
import re
import shutil
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from features.privacy.purge import names_customers
from lodeworks.errors import LodeError

__all__ = ["FORGOTTEN", "Traces", "mentions", "settle", "traces", "without"]

FORGOTTEN = "[forgotten]"
"""What stands where an identifier stood in a text."""

_CHUNK = 1 << 22
_JOURNAL = "-wal"
_TEXTS = {".html", ".json", ".log", ".md", ".txt", ".yaml", ".yml"}


@dataclass(frozen=True)
class Traces:
    """What a file tells of a customer.

    Attributes
    ----------
    rows : int
        Rows that a column of customers says are about them.
    mentions : int
        Other places where the identifier stands as a word.
    """

    rows: int = 0
    mentions: int = 0


def traces(path: Path, customers: Collection[str]) -> Traces:
    """Count what a file tells of `customers`."""
    kind = path.suffix.lower()
    if kind == ".parquet":
        return _parquet_traces(path, customers)
    if kind == ".csv":
        return _csv_traces(path, customers)
    if _is_sqlite(path):
        return Traces(mentions=sum(_sqlite_hits(path, customers).values()))
    return Traces(mentions=mentions(path, customers))


def without(path: Path, target: Path, customers: Collection[str], *, words: bool) -> None:
    """Write what `path` holds to `target`, without `customers`.

    Parameters
    ----------
    path, target : Path
        The file and its new version.
    customers : collection of str
        Identifiers.
    words : bool
        Whether identifiers that stand in texts are taken out as well as rows; not wanted where
        the same characters may stand for something else.
    """
    kind = path.suffix.lower()
    if kind == ".parquet":
        _parquet_without(path, target, customers)
    elif kind == ".csv":
        _csv_without(path, target, customers)
    elif words and _is_sqlite(path):
        _sqlite_without(path, target, customers)
    elif words and kind in _TEXTS:
        _text_without(path, target, customers)
    else:
        shutil.copyfile(path, target)


def settle(root: Path) -> None:
    """Write what databases below `root` keep in a journal beside them into the databases.

    A reader that is open, or a crash, leaves such a journal; a database that is replaced must not
    find that of another.

    Raises
    ------
    LodeError
        When another process is writing to one.
    """
    for journal in sorted(root.rglob(f"*{_JOURNAL}")):
        path = journal.with_name(journal.name.removesuffix(_JOURNAL))
        if _is_sqlite(path):
            with closing(sqlite3.connect(path)) as connection:
                is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if is_busy:
                raise LodeError(f"{path} is being read or changed by another command; try again")


def word(customers: Collection[str]) -> "re.Pattern[bytes]":
    """Make a pattern that finds the identifiers as whole words."""
    either = b"|".join(re.escape(one.encode()) for one in sorted(customers, key=len, reverse=True))
    return re.compile(rb"(?<![0-9A-Za-z])(?<![0-9][.,])(?:" + either + rb")(?![0-9A-Za-z])")


def mentions(path: Path, customers: Collection[str]) -> int:
    """Count where the bytes of a file show one of `customers` as a word."""
    pattern = word(customers)
    with _opened(path) as file:
        return sum(len(pattern.findall(line)) for line in file)


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _parquet_traces(path: Path, customers: Collection[str]) -> Traces:
    rows = mentions = 0
    pattern = word(customers)
    for batch in _batches(path):
        about = _about(batch, customers)
        rows += sum(about)
        for name, column in _texts(batch):
            if not names_customers(name):
                found = (pattern.search(value.encode()) for value in column if value is not None)
                mentions += sum(match is not None for match in found)
    return Traces(rows, mentions)


def _parquet_without(path: Path, target: Path, customers: Collection[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for batch in _batches(path):
            kept = pa.array([not about for about in _about(batch, customers)], pa.bool_())
            writer.write_batch(batch.filter(kept))


def _batches(path: Path) -> Iterator[Any]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        yield from file.iter_batches()


def _about(batch: Any, customers: Collection[str]) -> list[bool]:
    about = [False] * batch.num_rows
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if names_customers(name):
            values = (str(value) for value in column.to_pylist())
            about = [old or value in customers for old, value in zip(about, values, strict=True)]
    return about


def _texts(batch: Any) -> Iterator[tuple[str, list[str | None]]]:
    import pyarrow as pa

    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        plain = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_string(plain) or pa.types.is_large_string(plain):
            yield name, column.to_pylist()


def _csv_traces(path: Path, customers: Collection[str]) -> Traces:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file)
        wanted, rows, mentions = _columns(next(reader, [])), 0, 0
        pattern = word(customers)
        for row in reader:
            about = _is_about(row, wanted, customers)
            rows += about
            rest = "\n".join(row).encode(errors="surrogateescape")
            mentions += 0 if about else len(pattern.findall(rest))
    return Traces(rows, mentions)


def _csv_without(path: Path, target: Path, customers: Collection[str]) -> None:
    how: Any = {"encoding": "utf-8", "errors": "surrogateescape", "newline": ""}
    with path.open(**how) as file, target.open("w", **how) as out:
        reader, writer = csv.reader(file), csv.writer(out, lineterminator="\n")
        header = next(reader, [])
        writer.writerow(header)
        wanted = _columns(header)
        writer.writerows(row for row in reader if not _is_about(row, wanted, customers))


def _columns(header: list[str]) -> list[int]:
    return [place for place, name in enumerate(header) if names_customers(name)]


def _is_about(row: list[str], columns: list[int], customers: Collection[str]) -> bool:
    """Compare; an apostrophe keeps a spreadsheet from running the text as a formula."""
    return any(row[c] in customers or row[c][1:] in customers for c in columns if c < len(row))


def _is_sqlite(path: Path) -> bool:
    if path.suffix != ".db":
        return False
    with path.open("rb") as file:
        return file.read(15) == b"SQLite format 3"


def _sqlite_hits(path: Path, customers: Collection[str]) -> dict[tuple[str, str], int]:
    """Count cells that mention the customers, by table and column."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        _teach(connection, customers)
        found = {
            (table, column): _sqlite_count(connection, table, column)
            for table, column in _sqlite_columns(connection)
        }
    return {where: count for where, count in found.items() if count}


def _sqlite_count(connection: sqlite3.Connection, table: str, column: str) -> int:
    asked = f'SELECT count(*) FROM "{table}" WHERE mentions("{column}")'
    return int(connection.execute(asked).fetchone()[0])


def _sqlite_columns(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c "
        "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
    ).fetchall()


def _teach(connection: sqlite3.Connection, customers: Collection[str]) -> None:
    pattern = word(customers)

    def as_bytes(value: object) -> bytes:
        return value if isinstance(value, bytes) else str(value).encode(errors="surrogateescape")

    def redacted(value: object) -> str:
        return pattern.sub(FORGOTTEN.encode(), as_bytes(value)).decode(errors="replace")

    def mentions(value: object) -> bool:
        return isinstance(value, str | bytes) and pattern.search(as_bytes(value)) is not None

    connection.create_function("mentions", 1, mentions, deterministic=True)
    connection.create_function("redacted", 1, redacted, deterministic=True)


def _sqlite_without(path: Path, target: Path, customers: Collection[str]) -> None:
    hits = _sqlite_hits(path, customers)
    with (
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as former,
        closing(sqlite3.connect(target)) as connection,
    ):
        former.backup(connection)
        _teach(connection, customers)
        for table, column in hits:
            connection.execute(
                f'UPDATE "{table}" SET "{column}" = redacted("{column}") WHERE mentions("{column}")'
            )
        connection.commit()
        connection.execute("VACUUM")  # what was overwritten is left in no free page


def _text_without(path: Path, target: Path, customers: Collection[str]) -> None:
    pattern = word(customers)
    content = path.read_bytes()
    if path.suffix == ".json":
        content = _json_without(content, pattern)
    target.write_bytes(pattern.sub(FORGOTTEN.encode(), content))


def _json_without(content: bytes, pattern: "re.Pattern[bytes]") -> bytes:
    """Replace inside strings and keys, so that what is left is JSON still."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {clean(key): clean(below) for key, below in value.items()}
        if isinstance(value, list):
            return [clean(below) for below in value]
        if isinstance(value, str):
            return pattern.sub(FORGOTTEN.encode(), value.encode()).decode()
        return value

    try:
        return json.dumps(clean(json.loads(content)), indent=2).encode() + b"\n"
    except ValueError:
        return content
