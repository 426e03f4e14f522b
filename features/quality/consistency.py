"""Whether columns and tables agree with one another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from features.catalog.opening import columns_of, tables_of
from features.sources.sql import identifier, literal

__all__ = ["consistency"]

_KNOWN_IN = {"item_id": "items", "customer_id": "customers", "campaign_id": "campaigns"}
_HAPPENED = {
    "lines": "ordered_at",
    "contacts": "contacted_at",
    "responses": "responded_at",
    "holdings": "opened_on",
    "interactions": "happened_at",
    "sessions": "started_at",
    "scores": "answered_at",
}
_SPANS = {
    "campaigns": ("starts_on", "ends_on"),
    "holdings": ("opened_on", "closed_on"),
    "sessions": ("started_at", "ended_at"),
    "customers_history": ("valid_from", "valid_to"),
    "items_history": ("valid_from", "valid_to"),
    "campaigns_history": ("valid_from", "valid_to"),
}


@dataclass(frozen=True)
class _Check:
    table: str
    says: str
    needs: tuple[str, ...]
    broken: str  # condition on a row


def consistency(connection: Any, today: date) -> pd.DataFrame:
    """Count the rows that contradict others.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse.
    today : datetime.date
        Nothing may have happened after it.

    Returns
    -------
    pandas.DataFrame
        One row a check that the tables allow: ``table``, ``check`` (what should hold), ``rows``,
        ``broken`` (rows for which it does not), ``share``, ``example`` (source and line).
    """
    tables = {name: columns_of(connection, name) for name in tables_of(connection)}
    rows = [
        _count(connection, check, tables[check.table])
        for check in _checks(connection, tables, today)
        if set(check.needs) <= tables.get(check.table, {}).keys()
    ]
    names = ["table", "check", "rows", "broken", "share", "example"]
    return pd.DataFrame(rows, columns=names).astype({"example": object})


def _checks(connection: Any, tables: dict[str, Any], today: date) -> Iterator[_Check]:
    yield _Check(
        "lines",
        "amount is quantity times price, within a cent",
        ("amount", "quantity", "price"),
        "abs(amount - quantity * price) > 0.01 + 1e-9 * abs(amount)",
    )
    yield _Check(
        "lines",
        "an order has one customer",
        ("order_id", "customer_id"),
        "order_id IN (SELECT order_id FROM lines GROUP BY 1"
        " HAVING min(customer_id) <> max(customer_id))",
    )
    for table, column in _HAPPENED.items():
        after = f"CAST({column} AS DATE) > DATE {literal(str(today))}"
        yield _Check(table, f"{column} is not in the future", (column,), after)
    for table, (first, last) in _SPANS.items():
        yield _Check(table, f"{last} is not before {first}", (first, last), f"{last} < {first}")
    yield from _foreign_keys(connection, tables)


def _foreign_keys(connection: Any, tables: dict[str, Any]) -> Iterator[_Check]:
    declared = _declared(connection)
    for table in _HAPPENED:
        for column, known_in in _KNOWN_IN.items():
            if known_in in tables and known_in in declared and table != known_in:
                only = " WHERE declared" if "declared" in tables[known_in] else ""
                yield _Check(
                    table,
                    f"{column} is known in {known_in}",
                    (column,),
                    f"{column} NOT IN (SELECT {column} FROM {known_in}{only})",
                )


def _declared(connection: Any) -> set[str]:
    """List the tables that a source feeds: others are made from the lines and know them all."""
    rows = connection.execute("SELECT value FROM facts WHERE name = 'declared'").fetchall()
    return set(rows[0][0].split(",")) if rows else set()


def _count(connection: Any, check: _Check, columns: dict[str, str]) -> dict[str, Any]:
    has_origin = {"source", "source_line"} <= columns.keys()
    where = "concat(source, ', line ', source_line)" if has_origin else "NULL"
    rows, broken, example = connection.execute(
        f"SELECT count(*), count(*) FILTER (WHERE {check.broken}),"
        f" min({where}) FILTER (WHERE {check.broken}) FROM {identifier(check.table)}"
    ).fetchone()
    share = broken / rows if rows else 0.0
    return {
        "table": check.table,
        "check": check.says,
        "rows": rows,
        "broken": broken,
        "share": share,
        "example": example,
    }
