"""The columns of each table: which there must be, who declared them, and what was said of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from features.sources.canonical import CANONICAL, DUCKDB_TYPES, OPEN_TABLES, own_name
from features.sources.sql import identifier
from features.warehouse.contents import Content
from features.warehouse.tables import (
    ORIGIN,
    canonical_columns,
    columns_of,
    create_table,
    stored_table,
    table_name,
)

__all__ = ["column_problems", "declared_columns", "describe_columns", "fit_tables", "speakers"]

_ALWAYS = ("lines", "items", "customers")
_STATED = ("format", "required", "strip", "upper", "default", "completeness", "unique")
_RULES = (*_STATED, "fresh_within", "pseudonymise", "money")


def declared_columns(table: str, contents: Sequence[Content]) -> dict[str, str]:
    """Give the columns that files state for a table, with their DuckDB types.

    Parameters
    ----------
    table : str
        As sources declare it, such as ``customers`` or ``own:stores``.
    contents : sequence of Content
        All files that the warehouse will hold.
    """
    columns = canonical_columns(table)
    for content in contents:
        if content.table == table:
            for name, spec in content.columns.items():
                columns.setdefault(name, _type(table, name, spec))
    return columns


def column_problems(contents: Sequence[Content]) -> list[str]:
    """Say where sources give one column of their own different types."""
    said: dict[tuple[str, str], dict[str, str]] = {}
    for content in contents:
        for name, spec in content.columns.items():
            types = said.setdefault((content.table, name), {})
            types.setdefault(_type(content.table, name, spec), content.source)
    return [
        f"column {name!r} of {table!r} is "
        + " and ".join(f"{kind} in {source!r}" for kind, source in sorted(types.items()))
        for (table, name), types in sorted(said.items())
        if len(types) > 1 and name not in CANONICAL.get(table, {})
    ]


def speakers(table: str, contents: Sequence[Content]) -> dict[str, list[str]]:
    """Give the sources that map each column of a table."""
    found: dict[str, set[str]] = {}
    for content in contents:
        if content.table == table:
            for name in content.columns:
                found.setdefault(name, set()).add(content.source)
    return {name: sorted(sources) for name, sources in found.items()}


def fit_tables(connection: Any, contents: Sequence[Content], dropped: Sequence[str]) -> None:
    """Create, widen or narrow the stored tables, so that they are as if newly made.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Rows of files that go are gone already.
    contents : sequence of Content
        All files that the warehouse will hold.
    dropped : sequence of str
        Tables that files fed which go.
    """
    fed = {content.table for content in contents}
    for table in sorted({*_ALWAYS, *fed}):
        wanted = declared_columns(table, contents) | ORIGIN
        create_table(connection, stored_table(table), wanted)
        if table in OPEN_TABLES or own_name(table):
            _alter(connection, stored_table(table), wanted)
    for table in sorted({*dropped} - fed - {*_ALWAYS}):
        for name in {stored_table(table), table_name(table)}:
            connection.execute(f"DROP TABLE IF EXISTS {identifier(name)}")


def _alter(connection: Any, stored: str, wanted: Mapping[str, str]) -> None:
    there = columns_of(connection, stored)
    table = identifier(stored)
    for name, kind in wanted.items():
        if name not in there:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {identifier(name)} {kind}")
        elif there[name] != kind:
            connection.execute(f"ALTER TABLE {table} ALTER {identifier(name)} TYPE {kind}")
    for name in there:
        if name not in wanted:
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {identifier(name)}")


def describe_columns(connection: Any, contents: Sequence[Content]) -> None:
    """Fill the table `columns` with what the sources declare."""
    rows: dict[tuple[str, str, str], list[Any]] = {}
    for content in contents:
        table = table_name(content.table)
        conditions = json.loads(content.declaration)["rules"]
        for name, spec in content.columns.items():
            rules = {rule: spec[rule] for rule in _RULES if spec.get(rule) not in (None, False)}
            own = [_stated(rule) for rule in conditions if rule["column"] == name]
            told = json.dumps(rules | ({"rules": own} if own else {}), sort_keys=True)
            kind = _type(content.table, name, spec)
            rows[table, name, content.source] = [
                table, name, kind, spec.get("meaning"), spec.get("tag"),
                content.source, spec["from"], told,
            ]  # fmt: skip
    connection.execute("DELETE FROM columns")
    if rows:
        ordered = [rows[key] for key in sorted(rows)]
        connection.executemany("INSERT INTO columns VALUES (?, ?, ?, ?, ?, ?, ?, ?)", ordered)


def _stated(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in rule.items() if v is not None and k != "column"}


def _type(table: str, name: str, spec: Mapping[str, Any]) -> str:
    if name in (known := canonical_columns(table)):
        return known[name]
    kind = spec.get("type") or "text"
    # An attribute may be missing, and models take floats only.
    return "DOUBLE" if table == "customers" and kind == "integer" else DUCKDB_TYPES[kind]
