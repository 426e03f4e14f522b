"""What was bought before a cut, and what was bought in an outcome window."""

import ibis.expr.types as ir
import pandas as pd

from features.cut import Cut
from features.exact import exact_sum
from features.warehouse import Warehouse
from features.windows import Window

__all__ = ["bought_earlier", "earlier_pairs", "outcomes", "purchases"]

_COLUMNS = ("customer_id", "ordered_at", "order_id", "item_id", "quantity", "amount")


def purchases(cut: Cut) -> pd.DataFrame:
    """Give the purchased lines of a cut.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``item_id``, ``order_id`` (text), ``ordered_at`` (timestamp),
        ``quantity`` and ``amount`` (float64), sorted by customer and time, then by all the rest.
    """
    frame = cut.lines.select(*_COLUMNS).order_by(*_COLUMNS).to_pandas()
    return frame[["customer_id", "item_id", "order_id", "ordered_at", "quantity", "amount"]]


def earlier_pairs(warehouse: Warehouse, window: Window) -> ir.Table:
    """Give the pairs bought before the observed span as an Ibis table; see `bought_earlier`."""
    lines = warehouse.lines
    before = lines.filter(~lines.is_return, lines.ordered_at < window.seen_from)
    # No `distinct`: with an order, Ibis 12 makes Spark compare the whole rows.
    return before.group_by("customer_id", "item_id").aggregate()


def bought_earlier(warehouse: Warehouse, window: Window) -> pd.DataFrame:
    """Give the pairs bought before the observed span, which a cut does not see.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``item_id``, unique and sorted.
    """
    return earlier_pairs(warehouse, window).order_by("customer_id", "item_id").to_pandas()


def outcomes(warehouse: Warehouse, window: Window) -> pd.DataFrame:
    """Sum what each customer bought of each item in the outcome window; returns do not count.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``item_id``, ``quantity``, ``amount``, sorted by the first two. Customers
        who were not seen before the window are included.
    """
    lines = warehouse.lines
    bought = lines.filter(
        ~lines.is_return,
        lines.ordered_at >= window.outcome_from,
        lines.ordered_at < window.outcome_until,
    )
    pairs = bought.group_by("customer_id", "item_id").aggregate(
        quantity=exact_sum(bought.quantity), amount=exact_sum(bought.amount)
    )
    return pairs.order_by("customer_id", "item_id").to_pandas()
