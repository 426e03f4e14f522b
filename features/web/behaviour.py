"""How someone uses the site, as figures: for each visitor or each customer."""

from datetime import date

import ibis
import ibis.expr.types as ir

from features.exact import days_between
from features.windows import end_of

__all__ = ["behaviour"]


def behaviour(sessions: ir.Table, as_of: date, *, by: str = "visitor_id") -> ir.Table:
    """Sum up the sessions that were over at the end of `as_of`.

    Parameters
    ----------
    sessions : ibis Table
        What `features.web.sessions` gives, or the warehouse's table of that name.
    as_of : datetime.date
        The last day that can be seen. A session that goes on beyond it is left out whole, because
        its pages tell of the day after.
    by : str
        ``visitor_id``, or ``customer_id`` for sessions of known customers.

    Returns
    -------
    ibis Table
        Keyed by `by`, robots left out:

        - ``web_sessions``, ``web_pages``: how many.
        - ``web_days``: days with a session.
        - ``web_pages_mean``: pages per session.
        - ``web_minutes_mean``: minutes from the first to the last view of a session.
        - ``web_bounce_share``: share of the sessions with one page.
        - ``web_entry_pages``: different pages on which sessions began.
        - ``web_recency_days``, ``web_age_days``: days since the last and the first session.

    Raises
    ------
    ValueError
        When `by` is neither.
    """
    if by not in ("visitor_id", "customer_id"):
        raise ValueError(f"by must be 'visitor_id' or 'customer_id' but got {by!r}")
    ended = sessions.ended_at.coalesce(sessions.started_at)
    over = (ended < ibis.timestamp(end_of(as_of))) & sessions[by].notnull()
    seen = sessions.filter(over & ~sessions.is_robot.fill_null(False))
    sums = seen.group_by(by).aggregate(
        web_sessions=seen.count(),
        web_pages=seen.pages.sum(),
        web_days=seen.started_at.date().nunique(),
        seconds=seen.ended_at.delta(seen.started_at, unit="second").sum(),
        bounces=(seen.pages == 1).sum(),
        web_entry_pages=seen.entry_page.nunique(),
        web_recency_days=days_between(seen.started_at.max(), as_of),
        web_age_days=days_between(seen.started_at.min(), as_of),
    )
    number = sums.web_sessions.cast("float64")
    return sums.mutate(
        web_pages_mean=sums.web_pages / number,
        web_minutes_mean=sums.seconds / number / 60,
        web_bounce_share=sums.bounces / number,
    ).drop("seconds", "bounces")
