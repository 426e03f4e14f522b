"""Items described by what the lines say about them, for shops without a table of items."""

import ibis
import ibis.expr.types as ir

from features.warehouse.tables import LABELS

__all__ = ["derived_items"]


def derived_items(lines: ir.Table) -> ir.Table:
    """Describe every item of `lines`.

    Parameters
    ----------
    lines : ibis Table
        Lines with the columns ``item_name``, ``category`` and ``department``.

    Returns
    -------
    ibis Table
        The columns of `items`: each label is the one most lines say (ties: the first in the
        alphabet), ``price`` the median price and ``margin`` the median of price minus cost.
    """
    items = lines.group_by("item_id").aggregate(
        price=lines.price.quantile(0.5),
        margin=(lines.price - lines.cost).quantile(0.5),
    )
    for label in LABELS:
        items = items.left_join(_most_said(lines, label), "item_id").drop("item_id_right")
    return items.select("item_id", *LABELS, "price", "margin")


def _most_said(lines: ir.Table, label: str) -> ir.Table:
    said = lines.filter(lines[label].notnull()).group_by("item_id", label)
    counted = said.aggregate(times=lambda group: group.count())
    place = ibis.row_number().over(
        group_by="item_id", order_by=[ibis.desc("times"), ibis.asc(label)]
    )
    return counted.mutate(place=place).filter(lambda row: row.place == 0).select("item_id", label)
