"""Visits to the web site."""

import ibis.expr.types as ir

from features.cut import Cut
from features.exact import days_between
from features.marts.consent import honours_refusals

__all__ = ["web"]


@honours_refusals
def web(cut: Cut) -> ir.Table | None:
    """Tell how each known customer uses the web site; robots and strangers apart.

    Returns
    -------
    ibis Table or None
        Keyed by ``customer_id``; None without a table of sessions.

        - ``web_sessions``, ``web_pages`` (in all), ``web_pages_mean`` (a session).
        - ``web_recency_days``: days from the last session to `as_of`.
    """
    if "sessions" not in cut.subjects:
        return None
    table = cut.subjects["sessions"]
    table = table.filter(table.customer_id.notnull(), ~table.is_robot.fill_null(False))
    pages = table.pages.fill_null(0)
    return table.group_by("customer_id").aggregate(
        web_sessions=table.count(),
        web_pages=pages.sum(),
        web_pages_mean=pages.sum() / table.count(),
        web_recency_days=days_between(table.started_at.max(), cut.as_of),
    )
