"""The canonical tables, and the digest of their content."""

from typing import Any

from features.sources.sql import identifier, literal
from lodeworks.files import digest

__all__ = ["LABELS", "LINE_COLUMNS", "TABLES", "content_digest"]

LINE_COLUMNS = {
    "customer_id": "VARCHAR",
    "order_id": "VARCHAR",
    "item_id": "VARCHAR",
    "ordered_at": "TIMESTAMP",
    "quantity": "DOUBLE",
    "price": "DOUBLE",
    "amount": "DOUBLE",
    "cost": "DOUBLE",
    "is_return": "BOOLEAN",
    "source": "VARCHAR",
    "source_line": "BIGINT",
}
"""Columns of `lines`: one bought or returned line of an order; quantity and amount without sign."""

LABELS = {"item_name": "VARCHAR", "category": "VARCHAR", "department": "VARCHAR"}
"""What a line says about its item; kept with the line so that it is known when it was said."""

TABLES = {
    "lines": LINE_COLUMNS | LABELS,
    "items": {"item_id": "VARCHAR", **LABELS, "price": "DOUBLE", "margin": "DOUBLE"},
    "customers": {"customer_id": "VARCHAR", "opt_out": "BOOLEAN", "declared": "BOOLEAN"},
    "rejected": {
        "source": "VARCHAR",
        "source_line": "BIGINT",
        "reason": "VARCHAR",
        "row": "VARCHAR",
        "rule": "VARCHAR",
    },
    "loads": {
        "source": "VARCHAR",
        "path": "VARCHAR",
        "sha256": "VARCHAR",
        "rows_in": "BIGINT",
        "rows_loaded": "BIGINT",
        "rows_rejected": "BIGINT",
        "loaded_at": "TIMESTAMP",
    },
    "facts": {"name": "VARCHAR", "value": "VARCHAR"},
}
"""Every table of a warehouse with its columns and their types."""

_NOT_CONTENT = ("source", "source_line")


def content_digest(connection: Any) -> str:
    """Hash what `lines`, `items` and `customers` hold, whatever the order of their rows.

    Every row is hashed by itself and the hashes are added up, so that memory stays bounded.
    """
    return digest({table: _sums(connection, table) for table in ("lines", "items", "customers")})


def _sums(connection: Any, table: str) -> dict[str, str]:
    described = connection.execute(f"DESCRIBE {identifier(table)}").fetchall()
    columns = sorted(name for name, *_ in described if name not in _NOT_CONTENT)
    # A length before each value keeps ('a', 'bc') apart from ('ab', 'c').
    parts = [
        f"coalesce(strlen({text}) || ':' || {text}, '-')"
        for text in (f"CAST({identifier(column)} AS VARCHAR)" for column in columns)
    ]
    row = " || ".join([literal(",".join(columns)), *parts])
    rows, total, mixed = connection.execute(
        "SELECT count(*), sum(hash), bit_xor(hash) "
        f"FROM (SELECT md5_number_lower({row}) AS hash FROM {identifier(table)})"
    ).fetchone()
    return {"rows": str(rows), "sum": str(total), "xor": str(mixed)}
