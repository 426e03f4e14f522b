"""The warehouse as it stood at the end of one day: nothing later can be reached through it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Self

import ibis
import ibis.expr.types as ir

from features.warehouse import Warehouse
from features.warehouse.labels import derived_items
from features.warehouse.tables import LINE_COLUMNS, MOMENTS, ORIGIN
from features.windows import Window, end_of

__all__ = ["Cut", "cut_subject"]


@dataclass(frozen=True)
class Cut:
    """Tables that end with the day `as_of`; made by `Cut.at` or `Cut.of`.

    Attributes
    ----------
    as_of : datetime.date
        The last day that can be seen.
    observe : int or None
        Days that can be seen, `as_of` included; None for all that came before.
    lines : ibis Table
        Purchases.
    returns : ibis Table
        Returned lines.
    items : ibis Table
        Declared items as they were; without a source of items, what the seen lines tell of them.
    customers : ibis Table
        Customers declared by then, with their attributes as they were, and everyone with a line up
        to `as_of`. ``opt_out`` is the strictest word, of then or of now.
    subjects : mapping of str to ibis Table
        ``campaigns``, ``contacts``, ``responses``, ``holdings``, ``interactions``, ``sessions`` and
        ``scores``, those that the warehouse has: rows that happened in the observed span;
        campaigns and holdings that began by the end of `as_of`.
    categories : tuple of str or None
        Categories that anything was bought of, where this is a part of a larger cut and they are
        those of the whole; None: those of `lines`.
    """

    as_of: date
    observe: int | None
    lines: ir.Table
    returns: ir.Table
    items: ir.Table
    customers: ir.Table
    subjects: Mapping[str, ir.Table] = field(default_factory=dict)
    categories: tuple[str, ...] | None = None

    @classmethod
    def at(cls, warehouse: Warehouse, as_of: date, observe: int | None = None) -> Self:
        """Cut `warehouse` at the end of the day `as_of`, keeping the last `observe` days.

        Raises
        ------
        ValueError
            When `observe` is less than one day.
        """
        if observe is not None and observe < 1:
            raise ValueError(f"observe must be at least 1 day, not {observe}")
        known = _before(warehouse.labelled_lines, end_of(as_of))
        seen = known if observe is None else _since(known, as_of, observe)
        lines = seen.select(*LINE_COLUMNS)
        return cls(
            as_of=as_of,
            observe=observe,
            lines=lines.filter(~lines.is_return),
            returns=lines.filter(lines.is_return),
            items=_items(warehouse, as_of, seen),
            customers=_known_customers(warehouse, known, as_of),
            subjects=_subjects(warehouse, as_of, observe),
        )

    @classmethod
    def of(cls, warehouse: Warehouse, window: Window) -> Self:
        """Cut `warehouse` to what the features of `window` see."""
        return cls.at(warehouse, window.as_of, window.observe)

    @property
    def seen_until(self) -> datetime:
        """First moment that cannot be seen."""
        return end_of(self.as_of)


def _before(lines: ir.Table, moment: datetime) -> ir.Table:
    return lines.filter(lines.ordered_at < moment)


def _since(lines: ir.Table, as_of: date, observe: int) -> ir.Table:
    return lines.filter(lines.ordered_at >= end_of(as_of - timedelta(days=observe)))


def _items(warehouse: Warehouse, as_of: date, seen: ir.Table) -> ir.Table:
    return warehouse.items_at(end_of(as_of)) if warehouse.has_items else derived_items(seen)


def _known_customers(warehouse: Warehouse, known: ir.Table, as_of: date) -> ir.Table:
    """Join the states of then; who only bought has the opt-out of now and no attributes."""
    stated = warehouse.customers_at(end_of(as_of))
    bought = known.select("customer_id").distinct().anti_join(stated, "customer_id")
    now = warehouse.customers.semi_join(bought, "customer_id").select("customer_id", "opt_out")
    missing = {
        name: ibis.null().cast(kind)
        for name, kind in stated.schema().items()
        if name not in ("customer_id", "opt_out")
    }
    return stated.union(now.mutate(**missing).select(*stated.columns))


def _subjects(warehouse: Warehouse, as_of: date, observe: int | None) -> dict[str, ir.Table]:
    found = {}
    for name in MOMENTS:
        if name != "lines" and name in warehouse.tables:
            table = _subject(warehouse, name, as_of)
            found[name] = cut_subject(name, table, as_of, observe)
    return found


def _subject(warehouse: Warehouse, name: str, as_of: date) -> ir.Table:
    if name == "campaigns":
        return warehouse.campaigns_at(end_of(as_of))
    return warehouse.table(name).drop(*ORIGIN)


def cut_subject(name: str, table: ir.Table, as_of: date, observe: int | None) -> ir.Table:
    """Cut one table of detail, such as ``contacts``, as `Cut.at` does."""
    moment = MOMENTS[name]
    end = ibis.timestamp(end_of(as_of))
    happened = table[moment].cast("timestamp")
    if name == "campaigns":
        return table.filter(happened.isnull() | (happened < end))
    if name == "holdings":
        return _holdings(table.filter(happened < end), end)
    if name == "sessions":  # one that went on after midnight holds pages of the next day
        over = table.ended_at.fill_null(happened)
        table = table.filter(over < end)
        happened = table[moment]
    seen = table.filter(happened < end)
    if observe is None:
        return seen
    return seen.filter(seen[moment] >= ibis.timestamp(end_of(as_of - timedelta(days=observe))))


def _holdings(table: ir.Table, end: ir.TimestampScalar) -> ir.Table:
    """Give each contract in the last state that was stated by then."""
    known = table.filter(table.valid_from.isnull() | (table.valid_from < end))
    contract = ibis.window(group_by=["customer_id", "item_id", "opened_on"])
    known = known.mutate(last=known.valid_from.max().over(contract))
    known = known.filter(known.last.isnull() | (known.valid_from == known.last)).drop("last")
    # What was closed later was still open then.
    open_then = known.closed_on.cast("timestamp") >= end
    return known.mutate(closed_on=open_then.ifelse(None, known.closed_on))
