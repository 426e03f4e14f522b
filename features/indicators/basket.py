"""The size of the basket."""

import ibis.expr.types as ir

from features.cut import Cut
from features.exact import exact_sum

__all__ = ["basket"]


def basket(cut: Cut) -> ir.Table:
    """Tell how much each customer puts into an order, on average.

    Returns
    -------
    ibis Table
        Keyed by ``customer_id``: ``basket_items`` different items, ``basket_pieces`` and
        ``basket_amount`` (money) an order.
    """
    lines = cut.lines
    orders = lines.group_by("customer_id", "order_id").aggregate(
        items=lines.item_id.nunique(),
        pieces=exact_sum(lines.quantity),
        amount=exact_sum(lines.amount),
    )
    return orders.group_by("customer_id").aggregate(
        basket_items=orders["items"].sum() / orders.count(),
        basket_pieces=exact_sum(orders.pieces) / orders.count(),
        basket_amount=exact_sum(orders.amount) / orders.count(),
    )
