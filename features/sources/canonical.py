"""The tables that a source may feed, their columns and their types."""

import re
from collections.abc import Mapping
from typing import Literal

from lodeworks.errors import did_you_mean

__all__ = [
    "CANONICAL",
    "DUCKDB_TYPES",
    "KEYS",
    "MONEY",
    "OPEN_TABLES",
    "OWN",
    "REQUIRED",
    "RESERVED_COLUMNS",
    "RESERVED_TABLES",
    "ColumnType",
    "own_name",
    "table_problem",
]

ColumnType = Literal["text", "integer", "number", "timestamp", "date", "boolean"]

CANONICAL: dict[str, dict[str, ColumnType]] = {
    "lines": {
        "customer_id": "text",
        "order_id": "text",
        "item_id": "text",
        "ordered_at": "timestamp",
        "quantity": "number",
        "price": "number",
        "amount": "number",
        "cost": "number",
        "item_name": "text",
        "category": "text",
        "department": "text",
    },
    "items": {
        "item_id": "text",
        "item_name": "text",
        "category": "text",
        "department": "text",
        "price": "number",
        "margin": "number",
        "valid_from": "timestamp",
    },
    "customers": {"customer_id": "text", "opt_out": "boolean", "valid_from": "timestamp"},
    "campaigns": {
        "campaign_id": "text",
        "campaign_name": "text",
        "channel": "text",
        "starts_on": "date",
        "ends_on": "date",
        "cost": "number",
        "valid_from": "timestamp",
    },
    "contacts": {
        "customer_id": "text",
        "campaign_id": "text",
        "contacted_at": "timestamp",
        "channel": "text",
        "cost": "number",
        "is_control": "boolean",
    },
    "responses": {
        "customer_id": "text",
        "campaign_id": "text",
        "responded_at": "timestamp",
        "kind": "text",
        "amount": "number",
    },
    "holdings": {
        "customer_id": "text",
        "item_id": "text",
        "opened_on": "date",
        "closed_on": "date",
        "balance": "number",
        "valid_from": "timestamp",
    },
    "interactions": {
        "customer_id": "text",
        "happened_at": "timestamp",
        "kind": "text",
        "channel": "text",
        "topic": "text",
        "text": "text",
    },
    "sessions": {
        "session_id": "text",
        "visitor_id": "text",
        "customer_id": "text",
        "started_at": "timestamp",
        "ended_at": "timestamp",
        "pages": "integer",
        "entry_page": "text",
        "exit_page": "text",
        "referrer": "text",
        "is_robot": "boolean",
    },
    "scores": {
        "customer_id": "text",
        "answered_at": "timestamp",
        "question": "text",
        "score": "number",
    },
}
"""Known columns of each table with their types; open tables take further ones as attributes."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "lines": ("customer_id", "item_id", "ordered_at"),
    "items": ("item_id",),
    "customers": ("customer_id",),
    "campaigns": ("campaign_id",),
    "contacts": ("customer_id", "contacted_at"),
    "responses": ("customer_id", "responded_at"),
    "holdings": ("customer_id", "item_id", "opened_on"),
    "interactions": ("customer_id", "happened_at"),
    "sessions": ("session_id", "visitor_id", "started_at"),
    "scores": ("customer_id", "answered_at", "question", "score"),
}
"""Columns without which a row means nothing."""

KEYS = {
    "items": "item_id",
    "customers": "customer_id",
    "campaigns": "campaign_id",
    "sessions": "session_id",
}
"""The column that names one record, in the tables that have one record a name."""

MONEY = ("price", "amount", "cost", "margin", "balance")
"""Canonical columns that a rate of exchange applies to."""

OPEN_TABLES = ("customers", "items")
"""Canonical tables that take columns of the user's own."""

DUCKDB_TYPES: dict[str, str] = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "text": "VARCHAR",
}
"""The type in which DuckDB keeps each type of column."""

OWN = "own:"
"""What a table of the user's own begins with."""

RESERVED_TABLES = frozenset(
    {
        *CANONICAL,
        "campaigns_history",
        "campaigns_rows",
        "columns",
        "customers_history",
        "customers_rows",
        "dates",
        "doubts",
        "facts",
        "items_history",
        "items_rows",
        "load_log",
        "loads",
        "orphans",
        "rejected",
        "sessions_rows",
    }
)
"""Tables of the warehouse; none of the user's own may be called so."""

RESERVED_COLUMNS = frozenset(
    {
        "declared",
        "detail",
        "is_return",
        "line",
        "rule",
        "source",
        "source_file",
        "source_line",
        "valid_to",
    }
)
"""Columns that the warehouse adds itself."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def own_name(table: str) -> str | None:
    """Give the name of a table of the user's own; None for a canonical one.

    Examples
    --------
    >>> own_name("own:stores"), own_name("lines")
    ('stores', None)
    """
    return table[len(OWN) :] if table.startswith(OWN) else None


def table_problem(table: str, known: Mapping[str, object] = CANONICAL) -> str | None:
    """Say what is wrong with the name of a table; None when nothing is.

    Examples
    --------
    >>> table_problem("line")
    "there is no table 'line'; did you mean 'lines'? A table of your own is written own:NAME"
    >>> table_problem("own:lines")
    "own:lines: 'lines' is a table of the warehouse; choose another name"
    """
    name = own_name(table)
    if name is None:
        if table in known:
            return None
        hint = did_you_mean(table, known).rstrip(".")
        return f"there is no table {table!r}; {hint} A table of your own is written own:NAME"
    if not _IDENTIFIER.fullmatch(name):
        return f"{table}: a name of letters, digits and _ is needed, not beginning with a digit"
    if name.lower() in RESERVED_TABLES:
        return f"{table}: {name!r} is a table of the warehouse; choose another name"
    return None
