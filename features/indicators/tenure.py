"""How long a customer has been one."""

import ibis.expr.types as ir

from features.cut import Cut
from features.exact import days_between

__all__ = ["tenure"]


def tenure(cut: Cut) -> ir.Table:
    """Tell since when and in how many months each customer bought.

    Returns
    -------
    ibis Table
        Keyed by ``customer_id``: ``tenure_days`` from the first seen purchase to `as_of`, and
        ``active_months``, the calendar months with a purchase.
    """
    lines = cut.lines
    return lines.group_by("customer_id").aggregate(
        tenure_days=days_between(lines.ordered_at.min(), cut.as_of),
        active_months=lines.ordered_at.truncate("M").nunique(),
    )
