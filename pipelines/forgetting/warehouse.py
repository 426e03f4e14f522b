"""The warehouse built anew without a customer."""

import fcntl
import shutil
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from features.connections import connect_to_read
from features.privacy.compact import compact
from features.privacy.purge import purge
from features.privacy.purge import traces as rows_about
from features.sources.sql import identifier
from lodeworks.errors import LodeError
from pipelines.forgetting.files import mentions

__all__ = ["identifiers_of_others", "no_load", "rebuild", "sources", "traces"]

TRIES = 3
_OTHERS = ("item_id", "order_id", "campaign_id", "session_id")


@contextmanager
def no_load(path: Path) -> Iterator[None]:
    """Keep loads of the warehouse `path` away while the block runs.

    Raises
    ------
    LodeError
        When one is under way.
    """
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LodeError(f"another process is loading {path}; try again later") from error
        yield


def traces(path: Path, customers: Collection[str]) -> dict[str, int]:
    """Count the rows of every table that are about `customers`."""
    with _open(path) as connection:
        return rows_about(connection, customers)


def identifiers_of_others(path: Path, customers: Collection[str]) -> dict[str, int]:
    """Count where the same text names something else: an item, an order, a campaign."""
    with _open(path) as connection:
        counted = {}
        for table, column in _columns(connection):
            if column in _OTHERS:
                counted[f"{table}.{column}"] = _equal(connection, table, column, customers)
    return {where: count for where, count in counted.items() if count}


def sources(path: Path) -> list[str]:
    """List the files that the warehouse was loaded from."""
    with _open(path) as connection:
        rows = connection.execute("SELECT DISTINCT path FROM loads ORDER BY 1").fetchall()
    return [name for (name,) in rows if name]


def rebuild(path: Path, target: Path, customers: Collection[str]) -> None:
    """Write the warehouse `path` without `customers` to `target`.

    What is derived from the lines is derived again. The file is written anew, table by table, so
    that no free block keeps what was removed. Unused bytes of it may still hold the beginning of
    another's longer name that reads like the one that was removed: it is written again then.
    """
    import duckdb

    shutil.copyfile(path, target)
    with closing(duckdb.connect(str(target))) as connection:
        purge(connection, customers)
        _derive_again(connection)
    for _ in range(TRIES):
        compact(target)
        if not mentions(target, customers):
            return


def _derive_again(connection: Any) -> None:
    """Derive histories, latest states, days and figures from the rows that are left."""
    from features.warehouse.books import FORMAT, held_contents, write_facts
    from features.warehouse.contents import tables_of
    from features.warehouse.derive import derive
    from features.warehouse.tables import content_digest

    facts = dict(connection.execute("SELECT name, value FROM facts").fetchall())
    if facts.get("format") != FORMAT:
        raise LodeError("the warehouse was written by another version: load it anew, then forget")
    holders = [content for content, same_as in held_contents(connection) if same_as is None]
    derive(connection, holders)
    digest, tables = content_digest(connection), tables_of(holders)
    write_facts(connection, digest, tables, facts["timezone"] or None, facts["currency"] or None)


def _columns(connection: Any) -> list[tuple[str, str]]:
    asked = (
        "SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = current_database() AND NOT internal ORDER BY ALL"
    )
    return list(connection.execute(asked).fetchall())


def _equal(connection: Any, table: str, column: str, customers: Collection[str]) -> int:
    asked = (
        f"SELECT count(*) FROM {identifier(table)} "
        f"WHERE list_contains($ids, CAST({identifier(column)} AS VARCHAR))"
    )
    return int(connection.execute(asked, {"ids": sorted(customers)}).fetchone()[0])


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    import duckdb

    try:
        connection = connect_to_read(path)
    except duckdb.Error as error:
        raise LodeError(f"the warehouse {path} cannot be read: {error}") from error
    with closing(connection):
        yield connection
