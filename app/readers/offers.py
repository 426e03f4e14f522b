"""Lists of offers, read in parts: never a whole list into memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.sources.sql import identifier
from lodeworks.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from app.readers.runs import Run

__all__ = [
    "ListFigures",
    "figures_of",
    "holds_offers",
    "list_rows",
    "measured",
    "offers_to",
    "promised_curve",
    "rows_with_evidence",
]

CURVE_POINTS = 200
OFFER_COLUMNS = (
    "customer_id",
    "rank",
    "item_id",
    "probability",
    "expected_profit",
    "reason",
    "segment",
    "group",
)
OFFERS = {"customer_id", "item_id", "expected_profit", "group", "segment", "reason"}


@dataclass(frozen=True)
class ListFigures:
    """A list in figures; nobody is named.

    Attributes
    ----------
    groups : pandas.DataFrame
        ``group``, ``customers``, ``rows``.
    items, segments : pandas.DataFrame
        What is offered most; who is contacted.
    reasons : pandas.DataFrame
        One example a reason.
    """

    groups: "pd.DataFrame"
    items: "pd.DataFrame"
    segments: "pd.DataFrame"
    reasons: "pd.DataFrame"


def holds_offers(path: Path) -> bool:
    """Say whether a list offers items to customers; other questions list other things.

    Raises
    ------
    DataError
        When the file cannot be read.
    """
    with _opened(path) as (connection, source):
        return set(_columns(connection, source)) >= OFFERS


def figures_of(path: Path) -> ListFigures:
    """Sum a list of offers up."""
    return _figures(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _figures(path: Path, _changed: int) -> ListFigures:
    with _opened(path) as (connection, source):
        groups = connection.execute(
            f'SELECT "group", count(DISTINCT customer_id) AS customers, count(*) AS rows'
            f" FROM {source} GROUP BY 1 ORDER BY 1 DESC"
        ).df()
        target = f"{source} WHERE \"group\" = 'target'"
        items = connection.execute(
            "SELECT item_id, count(*) AS customers, sum(expected_profit) AS expected_profit"
            f" FROM {target} GROUP BY 1 ORDER BY customers DESC, expected_profit DESC LIMIT 15"
        ).df()
        segments = connection.execute(
            "SELECT coalesce(segment, '(none)') AS segment,"
            " count(DISTINCT customer_id) AS customers, sum(expected_profit) AS expected_profit"
            f" FROM {target} GROUP BY 1 ORDER BY customers DESC, segment LIMIT 30"
        ).df()
        reasons = connection.execute(
            "SELECT item_id, max(probability) AS probability,"
            " arg_max(reason, row(probability, reason)) AS reason"
            f" FROM {target} AND reason <> '' GROUP BY 1"
            " ORDER BY probability DESC, item_id LIMIT 10"
        ).df()
    return ListFigures(groups, items, segments, reasons)


def promised_curve(path: Path) -> "pd.DataFrame":
    """Add up what the list promises, the most promising customers first.

    The profit of a row is what is left after its share of the cost of the contact.

    Returns
    -------
    pandas.DataFrame
        ``customers``, ``expected_profit``; at most 200 rows, the last one the whole list.
    """
    return _curve(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _curve(path: Path, _changed: int) -> "pd.DataFrame":
    with _opened(path) as (connection, source):
        frame: pd.DataFrame = connection.execute(
            "WITH each AS (SELECT sum(expected_profit) AS profit, customer_id"
            f" FROM {source} WHERE \"group\" = 'target' GROUP BY customer_id),"
            " ordered AS (SELECT profit, count(*) OVER () AS n,"
            " row_number() OVER (ORDER BY profit DESC, customer_id) AS customers FROM each),"
            " summed AS (SELECT customers, n, sum(profit) OVER (ORDER BY customers)"
            " AS expected_profit FROM ordered)"
            " SELECT customers, expected_profit FROM summed"
            " WHERE customers = n OR customers = 1 OR customers % greatest(1, n // $points) = 0"
            " ORDER BY 1",
            {"points": CURVE_POINTS},
        ).df()
    return frame


def list_rows(path: Path, offset: int, rows: int) -> "tuple[pd.DataFrame, int]":
    """Give some rows of a list, customers named, and how many there are."""
    with _opened(path) as (connection, source):
        count = connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0]
        columns = _columns(connection, source)
        shown = OFFER_COLUMNS if set(columns) >= OFFERS else columns
        frame = connection.execute(
            f"SELECT {', '.join(map(identifier, shown))} FROM {source}"
            f"{' ORDER BY customer_id, rank' if shown is OFFER_COLUMNS else ''} LIMIT ? OFFSET ?",
            [rows, offset],
        ).df()
    return frame, int(count)


def offers_to(customer: str, runs: "list[Run]", most: int = 8) -> "list[tuple[Run, pd.DataFrame]]":
    """Give what each of the newest lists offers a customer, with reasons."""
    found = []
    for run in [run for run in runs if run.list_file is not None][:most]:
        assert run.list_file is not None
        frame = _rows_of(run.list_file, customer)
        if frame is not None and len(frame):
            found.append((run, frame))
    return found


def rows_with_evidence(path: Path, evidence_ids: list[str]) -> tuple[int, int]:
    """Count the rows of a list that name one of these as their evidence, and their customers."""
    with _opened(path) as (connection, source):
        rows, customers = connection.execute(
            f"SELECT count(*), count(DISTINCT customer_id) FROM {source}"
            " WHERE list_contains($ids, evidence_id)",
            {"ids": evidence_ids},
        ).fetchone()
    return int(rows), int(customers)


def measured(list_file: Path) -> dict[str, Any] | None:
    """Give what a list was measured to have caused; None when nobody has measured it."""
    import json

    path = list_file.with_name(f"{list_file.stem}.measured") / "measure.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _rows_of(path: Path, customer: str) -> "pd.DataFrame | None":
    try:
        with _opened(path) as (connection, source):
            frame: pd.DataFrame = connection.execute(
                'SELECT rank, item_id, probability, expected_profit, reason, segment, "group",'
                f" as_of FROM {source} WHERE customer_id = ? ORDER BY rank",
                [customer],
            ).df()
    except DataError:
        return None  # deleted while it was read, or written by another version
    return frame


def _columns(connection: Any, source: str) -> list[str]:
    return [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, str]]:
    """Open a list; identifiers stay text."""
    import duckdb

    if not path.is_file():
        raise DataError(f"the list {path.name} is not there any more")
    quoted = str(path).replace("'", "''")
    types = "{'customer_id': 'VARCHAR', 'item_id': 'VARCHAR', 'as_of': 'VARCHAR'}"
    source = (
        f"read_parquet('{quoted}')"
        if path.suffix == ".parquet"
        else f"read_csv('{quoted}', header = true, types = {types})"
    )
    with duckdb.connect() as connection:
        try:
            yield connection, source
        except duckdb.Error as error:
            raise DataError(f"the list {path.name} cannot be read") from error
