"""The warehouse as it stood at the end of one day: nothing later can be reached through it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

import ibis.expr.types as ir

from features.warehouse import Warehouse
from features.warehouse.labels import derived_items
from features.warehouse.tables import LINE_COLUMNS
from features.windows import Window, end_of

__all__ = ["Cut"]


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
        Declared items as they are; without a source of items, what the seen lines tell of them.
    customers : ibis Table
        Declared customers, and everyone with a line up to `as_of`.
    """

    as_of: date
    observe: int | None
    lines: ir.Table
    returns: ir.Table
    items: ir.Table
    customers: ir.Table

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
            items=warehouse.items if warehouse.has_items else derived_items(seen),
            customers=_known_customers(warehouse, known),
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


def _known_customers(warehouse: Warehouse, known: ir.Table) -> ir.Table:
    seen = known.select("customer_id").distinct()
    identifiers = seen.union(warehouse.declared_customers, distinct=True)
    return warehouse.customers.semi_join(identifiers, "customer_id")
