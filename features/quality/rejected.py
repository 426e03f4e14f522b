"""Rejected rows by reason, and in full."""

from pathlib import Path
from typing import Any

import pandas as pd

from lodeworks.files import new_file

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


def write_rejected(connection: Any, path: Path) -> int:
    """Write the rejected rows to a CSV file, whole or not at all, and count them.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse.
    path : Path
        The file: ``source``, ``source_line``, ``rule``, ``reason``, ``row`` (JSON). It holds what
        the sources held, personal values too.
    """
    rows = connection.execute(
        "SELECT source, source_line, rule, reason, row FROM rejected ORDER BY ALL"
    ).df()
    with new_file(path) as aside:
        rows.to_csv(aside, index=False, lineterminator="\n")
    return len(rows)
