"""Take customers out of every table of a warehouse, rejected rows included."""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from features.privacy.tombstones import Forgotten
from features.sources.sql import identifier

__all__ = ["customer_columns", "keep_out", "names_customers", "purge", "traces"]

_PERSON = re.compile(
    r"(?i)(customer|client|kunden?|member|person|user)s?(_*(id|key|no|nr|num|number|nummer|code))?"
)
_TOKEN = re.compile(r"[^\s\"'{}\[\],:;|]+")
_NO_ROW = "null"

# The same visitor without a name is the same person, unless another one is known by it.
_VISITS = """({who} IS NULL AND visitor_id IN (
    SELECT visitor_id FROM {table} GROUP BY 1
    HAVING bool_and({who} IS NULL OR list_contains($ids, {who}))
        AND bool_or(list_contains($ids, {who}))))"""


def names_customers(column: str) -> bool:
    """Tell from its name whether a column says which customer a row is about.

    Examples
    --------
    >>> [name for name in ("Customer ID", "kunden-nr", "item_id") if names_customers(name)]
    ['Customer ID', 'kunden-nr']
    """
    return _PERSON.fullmatch(re.sub(r"[\s.-]+", "_", column.strip())) is not None


def customer_columns(connection: Any) -> dict[str, list[str]]:
    """List the columns of each table that say which customer a row is about."""
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = current_database() AND NOT internal ORDER BY ALL"
    ).fetchall():
        if names_customers(column):
            found.setdefault(table, []).append(column)
    return found


def traces(connection: Any, customers: Collection[str]) -> dict[str, int]:
    """Count the rows of every table that are about `customers`; rejected rows by their text."""
    counted = {}
    for table in _tables(connection):
        if table == "rejected":
            counted[table] = len(_rejected(connection, customers))
        else:
            where = _about(connection, table)
            counted[table] = _count(connection, table, where, customers) if where else 0
    return counted


def purge(connection: Any, customers: Collection[str]) -> dict[str, int]:
    """Remove every row about `customers`; what is left of their rejected rows is the reason.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse that can be written.
    customers : collection of str
        Identifiers as they stand in the tables, or as they stood in the file.

    Returns
    -------
    dict of str to int
        Rows removed of each table; of `rejected`, rows whose content was removed.
    """
    wanted = sorted(customers)
    removed = traces(connection, wanted)
    rejected = _rejected(connection, wanted)
    for table, rows in removed.items():
        if rows and table != "rejected":
            where = _about(connection, table)
            connection.execute(f"DELETE FROM {identifier(table)} WHERE {where}", {"ids": wanted})
    if rejected:
        connection.execute(
            f"UPDATE rejected SET reason = rule, row = '{_NO_ROW}' WHERE list_contains(?, rowid)",
            [rejected],
        )
    return removed


def keep_out(connection: Any, forgotten: Forgotten) -> dict[str, int]:
    """Remove who was forgotten from a warehouse that was just filled.

    Returns
    -------
    dict of str to int
        Rows removed of each table; empty when nobody forgotten came back.
    """
    if not forgotten:
        return {}
    known = set(_identifiers(connection))
    if "rejected" in _tables(connection):
        for reason, row in connection.execute("SELECT reason, row FROM rejected").fetchall():
            known |= _words(reason, row)
    back = forgotten.among(known)
    return {t: n for t, n in purge(connection, back).items() if n} if back else {}


def _identifiers(connection: Any) -> Iterator[str]:
    for table, columns in customer_columns(connection).items():
        for column in columns:
            name = identifier(column)
            yield from (
                value
                for (value,) in connection.execute(
                    f"SELECT DISTINCT CAST({name} AS VARCHAR) FROM {identifier(table)} "
                    f"WHERE {name} IS NOT NULL"
                ).fetchall()
            )


def _tables(connection: Any) -> list[str]:
    asked = (
        "SELECT table_name FROM duckdb_tables() "
        "WHERE database_name = current_database() AND NOT internal ORDER BY 1"
    )
    return [name for (name,) in connection.execute(asked).fetchall()]


def _has_column(connection: Any, table: str, column: str) -> bool:
    asked = "SELECT count(*) FROM duckdb_columns() WHERE table_name = ? AND column_name = ?"
    return bool(connection.execute(asked, [table, column]).fetchone()[0])


def _about(connection: Any, table: str) -> str:
    """Give the condition that a row of `table` is about one of ``$ids``; none when it cannot be."""
    columns = customer_columns(connection).get(table, [])
    tests = [f"list_contains($ids, CAST({identifier(name)} AS VARCHAR))" for name in columns]
    if columns and _has_column(connection, table, "visitor_id"):
        tests.append(_VISITS.format(table=identifier(table), who=identifier(columns[0])))
    return " OR ".join(f"coalesce({test}, FALSE)" for test in tests)


def _count(connection: Any, table: str, where: str, customers: Collection[str]) -> int:
    asked = f"SELECT count(*) FROM {identifier(table)} WHERE {where}"
    return int(connection.execute(asked, {"ids": sorted(customers)}).fetchone()[0])


def _rejected(connection: Any, customers: Collection[str]) -> list[int]:
    """Find rejected rows that hold one of `customers` as a value or as a word."""
    if "rejected" not in _tables(connection):
        return []
    rows = connection.execute(
        "SELECT rowid, reason, row FROM rejected WHERE list_bool_or(list_transform("
        "$ids, lambda id: contains(concat(reason, ' ', row), id)))",
        {"ids": _spellings(customers)},
    ).fetchall()
    wanted = set(customers)
    return [rowid for rowid, reason, row in rows if not wanted.isdisjoint(_words(reason, row))]


def _spellings(customers: Collection[str]) -> list[str]:
    """Add how JSON writes an identifier with quotes, backslashes or letters beyond ASCII."""
    written = {json.dumps(c, ensure_ascii=a)[1:-1] for c in customers for a in (False, True)}
    loose = {word for c in customers for word in (c.upper(), c.lower())}
    return sorted({*customers, *written, *loose})


def _words(reason: str | None, row: str | None) -> set[str]:
    """Give the values of a rejected row, its words, and both in capitals."""
    values = {*_values(row), *_TOKEN.findall(reason or ""), *_TOKEN.findall(row or "")}
    values |= {word for value in values for word in _TOKEN.findall(value)}
    trimmed = {value.strip() for value in values}
    return trimmed | {value.upper() for value in trimmed}


def _values(row: str | None) -> set[str]:
    try:
        return set(_flat(json.loads(row or "null")))
    except ValueError:
        return set()


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    elif value is not None:
        yield str(value)
