"""Items described by what the lines say about them, for shops without a table of items."""

from collections.abc import Collection

import ibis
import ibis.expr.types as ir

from features.warehouse.tables import LABELS

__all__ = ["derived_items"]

_KINDS = {**dict.fromkeys(LABELS, "string"), "margin": "float64"}


def derived_items(lines: ir.Table, told: Collection[str] = (*LABELS, "cost")) -> ir.Table:
    """Describe every item of `lines`.

    Parameters
    ----------
    lines : ibis Table
        Lines with the columns ``item_name``, ``category`` and ``department``.
    told : collection of str
        Which of the labels, and whether the ``cost``, may have values; those of others are not
        looked for.

    Returns
    -------
    ibis Table
        The columns of `items`: each label is the one most lines say (ties: the first in the
        alphabet), ``price`` the median price and ``margin`` the median of price minus cost.
    """
    items = lines.select("item_id").distinct()
    found = {"price": _median(lines, "price", lines.price)}
    if "cost" in told:
        found["margin"] = _median(lines, "margin", lines.price - lines.cost)
    found |= {label: _most_said(lines, label) for label in LABELS if label in told}
    for table in found.values():
        items = items.left_join(table, "item_id").drop("item_id_right")
    unknown = {name: kind for name, kind in _KINDS.items() if name not in found}
    items = items.mutate(**{name: ibis.null(kind) for name, kind in unknown.items()})
    return items.select("item_id", *LABELS, "price", "margin")


def _median(lines: ir.Table, name: str, value: ir.NumericValue) -> ir.Table:
    """Take the median from how often each value stands: DuckDB's own holds all values in memory."""
    known = lines.select("item_id", value=value).filter(lambda row: row.value.notnull())
    counted = known.group_by("item_id", "value").aggregate(times=lambda group: group.count())
    item = ibis.window(group_by="item_id")
    so_far = ibis.window(group_by="item_id", order_by="value", preceding=None, following=0)
    placed = counted.mutate(all=counted.times.sum().over(item), to=counted.times.sum().over(so_far))
    since = placed.to - placed.times
    middle = {
        "low": (since <= (placed.all - 1) // 2) & ((placed.all - 1) // 2 < placed.to),
        "high": (since <= placed.all // 2) & (placed.all // 2 < placed.to),
    }
    low, high = (placed.value.max(where=chosen) for chosen in middle.values())
    return placed.group_by("item_id").aggregate(**{name: (low + high) / 2})


def _most_said(lines: ir.Table, label: str) -> ir.Table:
    said = lines.filter(lines[label].notnull()).group_by("item_id", label)
    counted = said.aggregate(times=lambda group: group.count())
    place = ibis.row_number().over(
        group_by="item_id", order_by=[ibis.desc("times"), ibis.asc(label)]
    )
    return counted.mutate(place=place).filter(lambda row: row.place == 0).select("item_id", label)
