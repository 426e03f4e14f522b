"""Recency, frequency, monetary value and their trend."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from features.cut import Cut
from features.exact import days_between, exact_sum
from features.windows import end_of

__all__ = ["RECENT_DAYS", "rfm"]

RECENT_DAYS = 90
"""Length of the recent part that the trend compares, or a third of what is observed."""


def rfm(cut: Cut) -> ir.Table:
    """Tell when, how often and for how much each customer bought.

    Returns
    -------
    ibis Table
        Keyed by ``customer_id``:

        - ``recency_days``: days from the last purchase to `as_of`; 0 on the day itself.
        - ``frequency``: orders.
        - ``monetary``: money spent.
        - ``spend_trend``: ``(r - b) / (r + b)`` of the money a day in the recent part, `r`, and
          from the first purchase to the recent part, `b`: from -1 (stopped) over 0 (unchanged)
          to 1. 0 for customers whose first purchase is recent: there is nothing to compare with.
    """
    lines = cut.lines.mutate(is_recent=cut.lines.ordered_at >= _recent_from(cut))
    sums = lines.group_by("customer_id").aggregate(
        recency_days=days_between(lines.ordered_at.max(), cut.as_of),
        age_days=days_between(lines.ordered_at.min(), cut.as_of),
        frequency=lines.order_id.nunique(),
        monetary=exact_sum(lines.amount),
        recent=exact_sum(lines.amount, where=lines.is_recent).fill_null(0.0),
    )
    return sums.select(
        "customer_id", "recency_days", "frequency", "monetary", spend_trend=_trend(cut, sums)
    )


def _recent_days(cut: Cut) -> int:
    return RECENT_DAYS if cut.observe is None else max(1, min(RECENT_DAYS, cut.observe // 3))


def _recent_from(cut: Cut) -> ir.TimestampScalar:
    return ibis.timestamp(end_of(cut.as_of - timedelta(days=_recent_days(cut))))


def _trend(cut: Cut, sums: ir.Table) -> ir.NumericValue:
    days = _recent_days(cut)
    earlier_days = sums.age_days + 1 - days
    recent = sums.recent / days
    before = (sums.monetary - sums.recent) / earlier_days.cast("float64").nullif(0.0)
    trend = ((recent - before) / (recent + before).nullif(0.0)).fill_null(0.0)
    return (earlier_days > 0).ifelse(trend, 0.0)
