"""Names of items."""

from collections.abc import Iterable
from pathlib import Path

from features.catalog.opening import columns_of
from lodeworks.errors import LodeError

__all__ = ["item_names"]


def item_names(warehouse: Path, items: Iterable[str]) -> dict[str, str]:
    """Give what to call items; those without a name are missing."""
    from app.readers.warehouse import opened

    wanted = sorted({str(item) for item in items})
    try:
        with opened(warehouse) as connection:
            if "item_name" not in columns_of(connection, "items"):
                return {}
            rows = connection.execute(
                "SELECT item_id, item_name FROM items"
                " WHERE item_name IS NOT NULL AND list_contains($wanted, item_id)",
                {"wanted": wanted},
            ).fetchall()
    except LodeError:
        return {}
    return dict(rows)
