"""Completeness, validity, uniqueness and freshness of every column."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from features.catalog.opening import columns_of
from features.sources.sql import identifier, literal

__all__ = ["FIGURES", "column_quality"]

FIGURES = (
    "table",
    "column",
    "rows",
    "filled",
    "completeness",
    "valid",
    "validity",
    "distinct",
    "uniqueness",
    "latest",
    "age_days",
)
"""Columns of the figures."""

_EARLIEST = "1900-01-01"
_MOMENTS = ("DATE", "TIMESTAMP")
_NUMBERS = ("DOUBLE", "FLOAT")
# Days that may well lie ahead.
_AHEAD = ("ends_on", "valid_to", "closed_on", "starts_on", "valid_from", "day")


def column_quality(connection: Any, tables: Sequence[str], today: date) -> pd.DataFrame:
    """Measure every column of `tables`.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse.
    tables : sequence of str
        Which of its tables.
    today : datetime.date
        The day from which age is counted, and after which a day is not valid.

    Returns
    -------
    pandas.DataFrame
        One row a column, with `FIGURES`:

        - ``completeness``: ``filled / rows``, 1 for an empty table.
        - ``valid``: values that can be meant: a text with something in it, a finite number, a day
          from 1900 to `today` (later where the column tells of the future).
        - ``validity``: ``valid / (filled + rejected)``, where rejected rows are those that a rule
          about the column turned away.
        - ``uniqueness``: ``distinct / filled``.
        - ``latest``, ``age_days``: of dates and timestamps that are not in the future.
    """
    rejected = _rejected_by_column(connection)
    rows = [row for table in tables for row in _table(connection, table, today, rejected)]
    frame = pd.DataFrame(rows, columns=list(FIGURES))
    return frame.astype({"age_days": "Int64", "latest": object})


def _table(
    connection: Any, table: str, today: date, rejected: Mapping[tuple[str, str], int]
) -> list[dict[str, Any]]:
    columns = columns_of(connection, table)
    asked = [part for name, kind in columns.items() for part in _asked(name, kind, today)]
    query = f"SELECT count(*), {', '.join(asked)} FROM {identifier(table)}"
    rows, *found = connection.execute(query).fetchone()
    return [
        _figures(table, name, rows, found[4 * n : 4 * n + 4], rejected.get((table, name), 0), today)
        for n, name in enumerate(columns)
    ]


def _asked(name: str, kind: str, today: date) -> list[str]:
    column = identifier(name)
    is_moment = kind.startswith(_MOMENTS)
    until = f"CAST({column} AS DATE) <= DATE {literal(str(today))}"
    latest = f"max(CAST({column} AS DATE)) FILTER (WHERE {until})" if is_moment else "NULL"
    return [
        f"count({column})",
        f"count({column}) FILTER (WHERE {_valid(name, kind, today)})",
        f"count(DISTINCT {column})",
        latest,
    ]


def _valid(name: str, kind: str, today: date) -> str:
    column = identifier(name)
    if kind == "VARCHAR":
        return f"trim({column}) <> ''"
    if kind in _NUMBERS:
        return f"isfinite({column})"
    if kind.startswith(_MOMENTS):
        ahead = name in _AHEAD
        until = "" if ahead else f" AND CAST({column} AS DATE) <= DATE {literal(str(today))}"
        return f"{column} >= DATE {literal(_EARLIEST)}{until}"
    return "TRUE"


def _figures(
    table: str, column: str, rows: int, found: Sequence[Any], rejected: int, today: date
) -> dict[str, Any]:
    filled, valid, distinct, latest = found
    return {
        "table": table,
        "column": column,
        "rows": rows,
        "filled": filled,
        "completeness": _share(filled, rows),
        "valid": valid,
        "validity": _share(valid, filled + rejected),
        "distinct": distinct,
        "uniqueness": _share(distinct, filled),
        "latest": latest,
        "age_days": None if latest is None else (today - latest).days,
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _rejected_by_column(connection: Any) -> dict[tuple[str, str], int]:
    """Count rejected rows by the column that their rule begins with."""
    loads = columns_of(connection, "loads")
    if "table_name" not in loads:
        return {}
    rows = connection.execute("""
        SELECT replace(table_name, 'own:', ''), split_part(rule, ' ', 1), count(*)
        FROM rejected JOIN (SELECT DISTINCT source, table_name FROM loads) USING (source)
        GROUP BY ALL
    """).fetchall()
    return {(table, column): count for table, column, count in rows}
