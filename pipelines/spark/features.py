"""Indicators of customers as one table, for those whom no single machine holds."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from features.cut import Cut
from features.indicators.registry import KNOWN

__all__ = ["indicator_table"]

_NAMED = ("category", "attributes")  # they have a column for each of some values


def indicator_table(cut: Cut, families: Sequence[str], columns: Sequence[str]) -> ir.Table:
    """Put the indicators of every buyer side by side, without fetching them.

    Parameters
    ----------
    cut : Cut
        Nothing later than its `as_of` is seen.
    families : sequence of str
        Names of families of indicators.
    columns : sequence of str
        Which indicators, in this order, as a model was trained on them.

    Returns
    -------
    ibis Table
        ``customer_id`` and `columns` (float64), the numbers that `features.indicators.indicators`
        gives: 0 where a family says nothing, and for a category that nobody bought.
    """
    table = cut.lines.select("customer_id").distinct()
    for name in [known for known in KNOWN if known in families]:
        found = KNOWN[name](cut, columns) if name in _NAMED else KNOWN[name](cut)
        if found is not None and (some := [c for c in found.columns if c in set(columns)]):
            table = table.left_join(found.select("customer_id", *some), "customer_id")
            table = table.drop("customer_id_right")
    return table.select("customer_id", **{column: _filled(table, column) for column in columns})


def _filled(table: ir.Table, column: str) -> ir.Value:
    if column not in table.columns:
        return ibis.literal(0.0)
    return table[column].cast("float64").fill_null(0.0)
