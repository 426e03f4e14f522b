"""The quality of a warehouse, held against what the contracts demand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from features.catalog.opening import tables_of
from features.catalog.page import page, text_table
from features.quality.columns import column_quality
from features.quality.consistency import consistency
from features.quality.rejected import rejected_by_reason
from features.quality.thresholds import Threshold, stored_thresholds

__all__ = ["BOOKS", "QualityReport", "quality"]

BOOKS = ("columns", "doubts", "facts", "load_log", "loads", "orphans", "rejected")
"""Tables about the loads, whose quality is no question."""

_SHOWN = ("table", "column", "rows", "completeness", "validity", "uniqueness", "latest")


@dataclass(frozen=True)
class QualityReport:
    """Figures, contradictions, rejected rows, and which demands are broken.

    Attributes
    ----------
    today : datetime.date
        The day that freshness counts from.
    columns : pandas.DataFrame
        See `features.quality.columns.column_quality`.
    checks : pandas.DataFrame
        See `features.quality.consistency.consistency`.
    rejected : pandas.DataFrame
        See `features.quality.rejected.rejected_by_reason`.
    broken : tuple of str
        Every demand that is not met.
    demands : int
        How many columns have demands.
    left_out : int or None
        Rejected rows of customers who refused, left out of what was written; None when nothing was.
    """

    today: date
    columns: pd.DataFrame
    checks: pd.DataFrame
    rejected: pd.DataFrame
    broken: tuple[str, ...] = ()
    demands: int = field(default=0)
    left_out: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "today": str(self.today),
            "columns": _records(self.columns),
            "consistency": _records(self.checks),
            "rejected": _records(self.rejected),
            "demands": self.demands,
            "broken": list(self.broken),
            "left_out": self.left_out,
        }

    def text(self) -> str:
        """Give it as text for a person."""
        parts = [text_table(self.columns[list(_SHOWN)]), "", text_table(self.checks)]
        if len(self.rejected):
            parts += ["", text_table(self.rejected)]
        if self.left_out is not None:
            told = f"{self.left_out:,} rejected rows of customers who opted out or did not consent"
            parts += ["", f"{told} were not written."]
        return "\n".join([*parts, "", *self._verdict()])

    def html(self) -> str:
        """Give it as one page that needs nothing else."""
        sections = [
            ("Columns", self.columns),
            ("Consistency", self.checks),
            ("Rejected rows", self.rejected),
        ]
        return page(f"Data quality on {self.today}", self._verdict(), sections)

    def _verdict(self) -> list[str]:
        if self.broken:
            return [f"Broken demands: {len(self.broken)}", *(f"  - {one}" for one in self.broken)]
        if not self.demands:
            return ["No column demands anything (completeness, unique, fresh_within)."]
        return [f"All demands on {self.demands} columns are met."]


def quality(
    connection: Any, thresholds: Sequence[Threshold] | None = None, *, today: date
) -> QualityReport:
    """Measure a warehouse and compare it with what is demanded.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse; see `features.catalog.open_read_only`.
    thresholds : sequence of Threshold, optional
        Demands; default: those of the sources it was loaded from.
    today : datetime.date
        The day that freshness counts from.
    """
    demands = stored_thresholds(connection) if thresholds is None else list(thresholds)
    tables = [name for name in tables_of(connection) if _is_content(name)]
    columns = column_quality(connection, tables, today)
    return QualityReport(
        today=today,
        columns=columns,
        checks=consistency(connection, today),
        rejected=rejected_by_reason(connection),
        broken=tuple(_broken(columns, demands)),
        demands=len({(one.table, one.column) for one in demands}),
    )


def _is_content(table: str) -> bool:
    return table not in BOOKS and not table.endswith("_rows")


def _broken(columns: pd.DataFrame, demands: Sequence[Threshold]) -> Iterator[str]:
    figures = columns.set_index(["table", "column"])
    for one in demands:
        name = f"{one.table}.{one.column}"
        if (one.table, one.column) not in figures.index:
            yield f"{name}: the warehouse has no such column"
            continue
        yield from (f"{name}: {told}" for told in _unmet(one, figures.loc[(one.table, one.column)]))


def _unmet(demand: Threshold, found: Any) -> Iterator[str]:
    if demand.completeness is not None and found["completeness"] < demand.completeness:
        yield f"{found['completeness']:.2%} complete, {demand.completeness:.2%} demanded"
    if demand.unique and found["distinct"] < found["filled"]:
        yield f"{found['filled'] - found['distinct']} values stand more than once"
    if demand.fresh_within is not None:
        yield from _stale(demand.fresh_within, found)


def _stale(days: int, found: Any) -> Iterator[str]:
    if pd.isna(found["age_days"]):
        yield f"has no day to tell its age, {days} days are allowed"
    elif found["age_days"] > days:
        yield f"the latest is {found['latest']}, {found['age_days']} days ago, {days} are allowed"


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]
