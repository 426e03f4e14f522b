"""Rejected rows by reason, and in full."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from features.privacy.purge import names_customers
from lodeworks.files import new_file
from lodeworks.spreadsheet import neutral

__all__ = ["rejected_by_reason", "write_rejected"]


def rejected_by_reason(connection: Any) -> pd.DataFrame:
    """Count rejected rows.

    Returns
    -------
    pandas.DataFrame
        ``source``, ``rule``, ``rows``, ``first_line`` (where the first of them stands), most
        frequent first. What the rows hold is not told.
    """
    return connection.execute("""
        SELECT source, rule, count(*) AS rows, min(source_line) AS first_line
        FROM rejected GROUP BY ALL ORDER BY rows DESC, source, rule
    """).df()


def write_rejected(connection: Any, path: Path, without: Collection[str] = ()) -> tuple[int, int]:
    """Write the rejected rows to a CSV file, whole or not at all.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse.
    path : Path
        The file: ``source``, ``source_line``, ``rule``, ``reason``, ``row`` (JSON). It holds what
        the sources held, personal values too.
    without : collection of str
        Customers whose rows are left out. A row is theirs when a column that names the customer,
        by the mapping of its source or by its name, holds one of them.

    Returns
    -------
    (int, int)
        Rows written, and rows left out.
    """
    rows = connection.execute(
        "SELECT source, source_line, rule, reason, row FROM rejected ORDER BY ALL"
    ).df()
    theirs = [False] * len(rows)
    if without:
        named = _naming(connection)
        places = zip(rows["source"], rows["row"], strict=True)
        theirs = [_is_about(row, named.get(source, set()), set(without)) for source, row in places]
    kept = rows[[not one for one in theirs]]
    with new_file(path) as aside:
        neutral(kept).to_csv(aside, index=False, lineterminator="\n")
    return len(kept), sum(theirs)


def _naming(connection: Any) -> dict[str, set[str]]:
    """Give the columns of each source that are mapped to the customer."""
    found: dict[str, set[str]] = {}
    for source, column in connection.execute(
        "SELECT source, source_column FROM columns WHERE column_name = 'customer_id'"
    ).fetchall():
        found.setdefault(source, set()).add(column)
    return found


def _is_about(row: str | None, named: set[str], customers: set[str]) -> bool:
    try:
        values = json.loads(row or "null")
    except ValueError:
        return False
    if not isinstance(values, dict):
        return False
    told = {str(v).strip() for k, v in values.items() if k in named or names_customers(k)}
    return not customers.isdisjoint(told | {value.upper() for value in told})
