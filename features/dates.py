"""The dimension of dates: one row a day, with everything a calendar says about it."""

from collections.abc import Sequence
from typing import Any

from features.sources.sql import identifier

__all__ = ["DATE_COLUMNS", "build_dates"]

DATE_COLUMNS = {
    "day": "day",
    "year": "year(day)",
    "half": "CASE WHEN month(day) <= 6 THEN 1 ELSE 2 END",
    "quarter": "quarter(day)",
    "month": "month(day)",
    "week": "week(day)",
    "week_year": "isoyear(day)",
    "day_of_month": "day(day)",
    "day_of_year": "dayofyear(day)",
    "weekday": "isodow(day)",
    "is_weekend": "isodow(day) >= 6",
    "year_quarter": "strftime(day, '%Y') || '-Q' || quarter(day)",
    "year_month": "strftime(day, '%Y-%m')",
    "year_week": "strftime(day, '%G-W%V')",
    "month_name": "strftime(day, '%B')",
    "weekday_name": "strftime(day, '%A')",
}
"""Columns of `dates` and how each follows from the day; weeks are of ISO 8601, Monday is 1."""


def build_dates(connection: Any, moments: Sequence[tuple[str, str]]) -> None:
    """Write the table `dates` for every day from the first to the last that any table mentions.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where the tables are.
    moments : sequence of tuple of str
        Tables with the column that says when their rows happened. Without any row, `dates` is
        empty.

    Examples
    --------
    >>> import duckdb
    >>> with duckdb.connect() as connection:
    ...     _ = connection.execute("CREATE TABLE t AS SELECT TIMESTAMP '2011-12-31 23:00' AS at")
    ...     build_dates(connection, [("t", "at")])
    ...     connection.execute("SELECT day, quarter, weekday, year_week FROM dates").fetchall()
    [(datetime.date(2011, 12, 31), 4, 6, '2011-W52')]
    """
    parts = [
        f"SELECT min({identifier(column)})::DATE AS first, max({identifier(column)})::DATE AS last "
        f"FROM {identifier(table)}"
        for table, column in moments
    ]
    spans = " UNION ALL ".join(parts) or "SELECT NULL::DATE AS first, NULL::DATE AS last"
    columns = ", ".join(f"{how} AS {identifier(name)}" for name, how in DATE_COLUMNS.items())
    connection.execute(f"""
        CREATE OR REPLACE TABLE dates AS
        WITH span AS (SELECT min(first) AS first, max(last) AS last FROM ({spans})),
        days AS (
            SELECT first + CAST(unnest(range(date_diff('day', first, last) + 1)) AS INTEGER) AS day
            FROM span
        )
        SELECT {columns} FROM days ORDER BY day
    """)
