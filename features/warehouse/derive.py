"""Everything that follows from the stored rows: histories, latest states, dates, orphans."""

from collections.abc import Sequence
from typing import Any

import ibis

from features.dates import build_dates
from features.sources.canonical import KEYS
from features.sources.sql import identifier
from features.warehouse.columns import declared_columns, speakers
from features.warehouse.contents import Content
from features.warehouse.history import build_history, reject_second_records
from features.warehouse.labels import derived_items
from features.warehouse.tables import HISTORIES, MOMENTS, stored_table

__all__ = ["derive", "orphans"]

_KNOWN_BY = {
    "customer_id": ("customers", "WHERE declared"),
    "item_id": ("items", ""),
    "campaign_id": ("campaigns", ""),
}
_NAMED_IN = {
    "lines": ("item_id", "customer_id"),
    "contacts": ("customer_id", "campaign_id"),
    "responses": ("customer_id", "campaign_id"),
    "holdings": ("customer_id", "item_id"),
    "interactions": ("customer_id",),
    "sessions": ("customer_id",),
    "scores": ("customer_id",),
}


def derive(connection: Any, contents: Sequence[Content]) -> None:
    """Build again all tables that no file feeds directly.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        With the stored rows of all files.
    contents : sequence of Content
        Those files.
    """
    fed = {content.table for content in contents}
    connection.execute("DELETE FROM rejected WHERE across")
    for table in sorted({*KEYS} & {*fed, "customers", "items"}):
        reject_second_records(connection, table)
        if table in HISTORIES:
            columns = declared_columns(table, contents)
            build_history(connection, table, columns, speakers(table, contents))
        else:
            _first_records(connection, table)
    if "items" not in fed:
        _items_from_lines(connection, [*speakers("lines", contents)])
    _add_strangers(connection)
    build_dates(connection, [(t, column) for t, column in MOMENTS.items() if t in fed])
    _note_orphans(connection, fed)


def _first_records(connection: Any, table: str) -> None:
    connection.execute(f"""
        CREATE OR REPLACE TABLE {table} AS FROM {stored_table(table)}
        QUALIFY row_number() OVER (
            PARTITION BY {KEYS[table]} ORDER BY source, source_file, source_line
        ) = 1
    """)


def _items_from_lines(connection: Any, told: Sequence[str]) -> None:
    lines = ibis.duckdb.from_connection(connection).table("lines")
    connection.execute(f"INSERT INTO items BY NAME {ibis.to_sql(derived_items(lines, told))}")


def _add_strangers(connection: Any) -> None:
    """List who bought without being declared, and no one else who is not."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE buyers AS SELECT DISTINCT customer_id FROM lines"
    )
    connection.execute("""
        DELETE FROM customers WHERE NOT declared AND customer_id NOT IN (FROM temp.buyers)
    """)
    connection.execute("""
        INSERT INTO customers (customer_id, opt_out, declared)
        SELECT customer_id, FALSE, FALSE FROM temp.buyers ANTI JOIN customers USING (customer_id)
    """)
    connection.execute("DROP TABLE temp.buyers")


def _note_orphans(connection: Any, fed: set[str]) -> None:
    connection.execute("DELETE FROM orphans")
    for table, names in _NAMED_IN.items():
        for name in names:
            known, which = _KNOWN_BY[name]
            if table in fed and known in fed:
                connection.execute(f"""
                    INSERT INTO orphans
                    SELECT '{table}', '{name}', '{known}', count(*) FROM {identifier(table)}
                    WHERE {name} IS NOT NULL
                        AND {name} NOT IN (SELECT {name} FROM {known} {which})
                    HAVING count(*) > 0
                """)


def orphans(connection: Any) -> dict[str, int]:
    """Give the rows that name something a declared table lacks, by what names it.

    Those of `lines` are under the name of the column, others under ``table.column``.
    """
    rows = connection.execute("SELECT table_name, column_name, rows FROM orphans").fetchall()
    return {
        column if table == "lines" else f"{table}.{column}": count for table, column, count in rows
    }
