"""What the warehouse says of one customer, and of what was loaded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.catalog import open_read_only
from features.catalog.meanings import TABLES
from features.catalog.opening import columns_of, tables_of
from features.sources.sql import identifier

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Story", "customer_story", "customers_like", "loaded_tables", "opened", "rejected_rows"]

LINES_SHOWN = 50
FOUND_MOST = 20
OWN = ("declared", "valid_from", "valid_to")


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open the warehouse for reading; it is seen as it is now, whoever replaces it."""
    with open_read_only(path) as connection:
        connection.execute("SET enable_progress_bar = false")
        yield connection


@dataclass(frozen=True)
class Story:
    """One customer as the warehouse knows them.

    Attributes
    ----------
    customer : str
        The identifier.
    attributes : dict
        What was declared about them.
    months : pandas.DataFrame
        ``month``, ``orders``, ``spend``; months without an order are missing.
    lines : pandas.DataFrame
        The latest lines.
    orders, returns : int
    spend : float
        Without returns.
    first, last : str
        Days of the first and last order.
    """

    customer: str
    attributes: dict[str, Any]
    months: "pd.DataFrame"
    lines: "pd.DataFrame"
    orders: int
    returns: int
    spend: float
    first: str
    last: str


def customer_story(path: Path, customer: str) -> Story | None:
    """Read everything about one customer; None when the warehouse does not know them."""
    with opened(path) as connection:
        attributes = _attributes(connection, customer)
        totals = connection.execute(
            "SELECT count(DISTINCT order_id) FILTER (NOT is_return),"
            " count(*) FILTER (is_return), sum(amount) FILTER (NOT is_return),"
            " min(ordered_at), max(ordered_at), count(*) FROM lines WHERE customer_id = ?",
            [customer],
        ).fetchone()
        if not attributes and not totals[5]:
            return None
        return Story(
            customer=customer,
            attributes=attributes,
            months=_months(connection, customer),
            lines=_lines(connection, customer),
            orders=int(totals[0]),
            returns=int(totals[1]),
            spend=float(totals[2] or 0.0),
            first=_day(totals[3]),
            last=_day(totals[4]),
        )


def customers_like(path: Path, beginning: str) -> list[str]:
    """Give the first customers whose identifier begins so."""
    with opened(path) as connection:
        rows = connection.execute(
            "SELECT customer_id FROM customers WHERE starts_with(customer_id, ?)"
            f" ORDER BY customer_id LIMIT {FOUND_MOST}",
            [beginning],
        ).fetchall()
    return [customer for (customer,) in rows]


def loaded_tables(path: Path) -> "tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]":
    """Give the tables with their sizes, the files they came from, and rejected rows by reason."""
    import pandas as pd

    from features.quality.rejected import rejected_by_reason

    with opened(path) as connection:
        rows = [
            (name, TABLES.get(name, ""), _count(connection, name)) for name in tables_of(connection)
        ]
        tables = pd.DataFrame(rows, columns=["table", "meaning", "rows"])
        loads = connection.execute(
            'SELECT source, table_name AS "table", rows_in, rows_loaded, rows_rejected, loaded_at'
            " FROM loads ORDER BY loaded_at DESC, source"
        ).df()
        return tables, loads, rejected_by_reason(connection)


def rejected_rows(path: Path, offset: int, rows: int) -> "tuple[pd.DataFrame, int]":
    """Give some of the rejected rows in full, and how many there are."""
    with opened(path) as connection:
        count = connection.execute("SELECT count(*) FROM rejected").fetchone()[0]
        frame = connection.execute(
            "SELECT source, source_line AS line, reason, row FROM rejected"
            " ORDER BY source, source_line, reason LIMIT ? OFFSET ?",
            [rows, offset],
        ).df()
    return frame, int(count)


def _count(connection: Any, table: str) -> int:
    """Count the rows; the file knows how many there are."""
    return int(connection.execute(f"SELECT count(*) FROM {identifier(table)}").fetchone()[0])


def _attributes(connection: Any, customer: str) -> dict[str, Any]:
    names = [name for name in columns_of(connection, "customers") if name not in OWN]
    columns = ", ".join(map(identifier, names))
    row = connection.execute(
        f"SELECT {columns} FROM customers WHERE customer_id = ? LIMIT 1", [customer]
    ).fetchone()
    return {} if row is None else dict(zip(names, row, strict=True))


def _months(connection: Any, customer: str) -> "pd.DataFrame":
    frame: pd.DataFrame = connection.execute(
        "SELECT strftime(ordered_at, '%Y-%m') AS month, count(DISTINCT order_id) AS orders,"
        " sum(amount) AS spend FROM lines WHERE customer_id = ? AND NOT is_return"
        " GROUP BY 1 ORDER BY 1",
        [customer],
    ).df()
    return frame


def _lines(connection: Any, customer: str) -> "pd.DataFrame":
    named = "item_name" in columns_of(connection, "items")
    name = "coalesce(i.item_name, l.item_id)" if named else "l.item_id"
    joined = "lines l LEFT JOIN items i USING (item_id)" if named else "lines l"
    frame: pd.DataFrame = connection.execute(
        f'SELECT CAST(l.ordered_at AS DATE) AS day, l.order_id AS "order", {name} AS item,'
        f" l.quantity, l.amount, l.is_return AS returned FROM {joined} WHERE l.customer_id = ?"
        f" ORDER BY l.ordered_at DESC, l.order_id, item LIMIT {LINES_SHOWN}",
        [customer],
    ).df()
    return frame


def _day(moment: Any) -> str:
    return "" if moment is None else str(moment.date())
