"""Count the customers that a finding is about, in the warehouse as it is now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.catalog import open_read_only
from features.catalog.opening import columns_of
from features.sources.sql import identifier

__all__ = ["count_touched", "touched"]

COMPARED = ("==", "!=", "<", "<=", ">", ">=")
JOINED = {"all": " AND ", "any": " OR "}


def touched(warehouse: str | Path, touches: Mapping[str, Any]) -> int | None:
    """Count the customers of a warehouse file whom a query is about; see `count_touched`.

    Raises
    ------
    LodeError
        When the warehouse cannot be read.
    """
    with open_read_only(warehouse) as connection:
        return count_touched(connection, touches)


def count_touched(connection: Any, touches: Mapping[str, Any]) -> int | None:
    """Count the customers whom a query is about.

    What a customer returned does not count as bought. Nobody is named.

    Parameters
    ----------
    connection : duckdb connection
        To a warehouse.
    touches : mapping
        As in `experiments.findings.touches`.

    Returns
    -------
    int or None
        None where the warehouse alone cannot tell: segments belong to a run, indicators to a day.
    """
    import duckdb

    values: list[Any] = []
    condition = _condition(touches, columns_of(connection, "customers"), values)
    if condition is None:
        return None
    try:
        counted = connection.execute(
            f"SELECT count(DISTINCT c.customer_id) FROM customers AS c WHERE {condition}", values
        ).fetchone()
    except duckdb.ConversionException:  # a text where the column holds numbers
        return None
    return int(counted[0])


def _condition(
    query: Mapping[str, Any], columns: Mapping[str, str], values: list[Any]
) -> str | None:
    """Write a query as SQL that is never null, its values aside; None where that cannot be."""
    if not query:
        return "true"
    if "bought" in query:
        values.append(str(query["bought"]))
        return (
            "c.customer_id IN (SELECT customer_id FROM lines"
            " WHERE item_id = ? AND NOT is_return AND customer_id IS NOT NULL)"
        )
    if "column" in query:
        return _compared(query, columns, values)
    if "not" in query:
        inner = _condition(query["not"], columns, values)
        return None if inner is None else f"NOT ({inner})"
    for joint, word in JOINED.items():
        if joint in query:
            parts = [_condition(each, columns, values) for each in query[joint]]
            told = [f"({part})" for part in parts if part is not None]
            return word.join(told) if len(told) == len(parts) > 0 else None
    return None


def _compared(
    query: Mapping[str, Any], columns: Mapping[str, str], values: list[Any]
) -> str | None:
    name, op = str(query["column"]), query["op"]
    if name not in columns:
        return None
    column = f"c.{identifier(name)}"
    if op == "missing":
        return f"{column} IS NULL"
    if op == "in":
        values += query["value"]
        marks = ", ".join("?" * len(query["value"]))
        return f"coalesce({column} IN ({marks}), false)" if marks else "false"
    if op not in COMPARED:
        return None
    values.append(query["value"])
    return f"coalesce({column} {op} ?, false)"
