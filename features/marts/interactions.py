"""Calls, visits and complaints."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from features.cut import Cut
from features.exact import days_between
from features.marts.consent import honours_refusals
from features.windows import end_of

__all__ = ["COMPLAINT", "RECENT_DAYS", "interactions"]

RECENT_DAYS = 90
"""Length of the recent part."""

COMPLAINT = "complaint"
"""The kind that marks a complaint, in any capitals."""


@honours_refusals
def interactions(cut: Cut) -> ir.Table | None:
    """Tell how often each customer came to us, and how often to complain.

    Returns
    -------
    ibis Table or None
        Keyed by ``customer_id``; None without a table of interactions.

        - ``interactions``, ``interactions_recent``, ``complaints``, ``complaints_recent``: all and
          those of the last 90 days.
        - ``interaction_recency_days``: days from the last one to `as_of`.
    """
    if "interactions" not in cut.subjects:
        return None
    table = cut.subjects["interactions"]
    since = ibis.timestamp(end_of(cut.as_of - timedelta(days=RECENT_DAYS)))
    recent = table.happened_at >= since
    complains = (table.kind.lower() == COMPLAINT).fill_null(False)
    return table.group_by("customer_id").aggregate(
        interactions=table.count(),
        interactions_recent=recent.sum(),
        complaints=complains.sum(),
        complaints_recent=(complains & recent).sum(),
        interaction_recency_days=days_between(table.happened_at.max(), cut.as_of),
    )
