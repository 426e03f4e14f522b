"""The tables of a warehouse: what is stored, what is derived, and the digest of the content."""

from collections.abc import Iterable, Mapping
from typing import Any

from features.sources.canonical import CANONICAL, DUCKDB_TYPES, KEYS, own_name
from features.sources.sql import identifier, literal
from lodeworks.files import digest

__all__ = [
    "BOOKS",
    "HISTORIES",
    "LABELS",
    "LINE_COLUMNS",
    "MOMENTS",
    "ORIGIN",
    "RESERVED",
    "canonical_columns",
    "columns_of",
    "content_digest",
    "content_tables",
    "create_table",
    "stored_table",
    "table_name",
]

LINE_COLUMNS = {
    "customer_id": "VARCHAR",
    "order_id": "VARCHAR",
    "item_id": "VARCHAR",
    "ordered_at": "TIMESTAMP",
    "quantity": "DOUBLE",
    "price": "DOUBLE",
    "amount": "DOUBLE",
    "cost": "DOUBLE",
    "is_return": "BOOLEAN",
    "source": "VARCHAR",
    "source_line": "BIGINT",
}
"""Columns of `lines`: one bought or returned line of an order; quantity and amount without sign."""

LABELS = {"item_name": "VARCHAR", "category": "VARCHAR", "department": "VARCHAR"}
"""What a line says about its item; kept with the line so that it is known when it was said."""

ORIGIN = {"source": "VARCHAR", "source_line": "BIGINT", "source_file": "VARCHAR"}
"""Where a row came from; no part of the content."""

HISTORIES = ("customers", "items", "campaigns")
"""Tables whose attributes keep their history."""

MOMENTS = {
    "lines": "ordered_at",
    "campaigns": "starts_on",
    "contacts": "contacted_at",
    "responses": "responded_at",
    "holdings": "opened_on",
    "interactions": "happened_at",
    "sessions": "started_at",
    "scores": "answered_at",
}
"""The column that says when a row happened."""

BOOKS = {
    "rejected": {
        "source": "VARCHAR",
        "source_line": "BIGINT",
        "reason": "VARCHAR",
        "row": "VARCHAR",
        "rule": "VARCHAR",
        "source_file": "VARCHAR",
        "across": "BOOLEAN",
    },
    "doubts": {
        "customer_id": "VARCHAR",
        "valid_from": "TIMESTAMP",
        "source": "VARCHAR",
        "source_file": "VARCHAR",
    },
    "loads": {
        "source": "VARCHAR",
        "table_name": "VARCHAR",
        "kind": "VARCHAR",
        "path": "VARCHAR",
        "effective": "DATE",
        "sha256": "VARCHAR",
        "fingerprint": "VARCHAR",
        "declaration": "VARCHAR",
        "source_file": "VARCHAR",
        "same_as": "VARCHAR",
        "rows_in": "BIGINT",
        "rows_loaded": "BIGINT",
        "rows_rejected": "BIGINT",
        "loaded_at": "TIMESTAMP",
    },
    "load_log": {
        "at": "TIMESTAMP",
        "action": "VARCHAR",
        "source": "VARCHAR",
        "path": "VARCHAR",
        "effective": "DATE",
        "sha256": "VARCHAR",
        "rows_in": "BIGINT",
        "rows_loaded": "BIGINT",
        "rows_rejected": "BIGINT",
    },
    "orphans": {
        "table_name": "VARCHAR",
        "column_name": "VARCHAR",
        "known_in": "VARCHAR",
        "rows": "BIGINT",
    },
    "columns": {
        "table_name": "VARCHAR",
        "column_name": "VARCHAR",
        "type": "VARCHAR",
        "meaning": "VARCHAR",
        "tag": "VARCHAR",
        "source": "VARCHAR",
        "source_column": "VARCHAR",
        "rules": "VARCHAR",
    },
    "facts": {"name": "VARCHAR", "value": "VARCHAR"},
}
"""Tables about the loads themselves."""

_ROWS = "_rows"
_HISTORY = "_history"

RESERVED = frozenset(
    {*CANONICAL, *BOOKS, "dates"}
    | {f"{table}{_ROWS}" for table in KEYS}
    | {f"{table}{_HISTORY}" for table in HISTORIES}
)
"""Names that no table of the user's own may have."""


def table_name(table: str) -> str:
    """Give the name in the warehouse of the table that a source declares.

    Examples
    --------
    >>> table_name("own:stores"), table_name("lines")
    ('stores', 'lines')
    """
    return own_name(table) or table


def stored_table(table: str) -> str:
    """Give the table that keeps the rows of every file.

    Where one name has one record, the rows are kept apart: which of them counts, and since when,
    can only be told when all files are known.

    Examples
    --------
    >>> stored_table("customers"), stored_table("contacts")
    ('customers_rows', 'contacts')
    """
    return f"{table}{_ROWS}" if table in KEYS else table_name(table)


def canonical_columns(table: str) -> dict[str, str]:
    """Give the columns that a canonical table always has, with their DuckDB types."""
    if table == "lines":
        return LINE_COLUMNS | LABELS
    return {name: DUCKDB_TYPES[kind] for name, kind in CANONICAL.get(table, {}).items()}


def create_table(connection: Any, table: str, columns: Mapping[str, str]) -> None:
    """Create an empty table unless it is there."""
    body = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS {identifier(table)} ({body})")


def columns_of(connection: Any, table: str) -> dict[str, str]:
    """Give the columns of a table and their types; none when there is no such table."""
    return dict(
        connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? "
            "AND database_name = current_database() ORDER BY column_index",
            [table],
        ).fetchall()
    )


def content_tables(connection: Any) -> list[str]:
    """List the tables that hold what the files say, without the stored rows behind them."""
    hidden = {*BOOKS, "dates", *(stored_table(table) for table in KEYS)}
    asked = (
        "SELECT table_name FROM duckdb_tables() "
        "WHERE database_name = current_database() AND NOT internal AND NOT temporary ORDER BY 1"
    )
    return [name for (name,) in connection.execute(asked).fetchall() if name not in hidden]


def content_digest(connection: Any) -> str:
    """Hash what the tables hold, whatever the order of their rows and the files they came from.

    Every row is hashed by itself and the hashes are added up, so that memory stays bounded. The
    hash is DuckDB's own: quick, and for comparing what one version of it has loaded.
    """
    tables = content_tables(connection)
    return digest(
        {table: _sums(connection, table, columns_of(connection, table)) for table in tables}
    )


def _sums(connection: Any, table: str, columns: Iterable[str]) -> dict[str, str]:
    content = sorted(name for name in columns if name not in ORIGIN)
    values = ", ".join([literal(",".join(content)), *map(identifier, content)])
    rows, total, mixed = connection.execute(
        "SELECT count(*), sum(hash), bit_xor(hash) "
        f"FROM (SELECT hash({values}) AS hash FROM {identifier(table)})"
    ).fetchone()
    return {"rows": str(rows), "sum": str(total), "xor": str(mixed)}
