"""Visits: page views of one visitor without a long pause between them."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir

__all__ = ["INACTIVITY", "sessions", "with_sessions"]

INACTIVITY = timedelta(minutes=30)
"""A longer pause begins a new session: the trade's usual limit, from the 25.5 minutes that Catledge
and Pitkow found (*Characterizing browsing strategies in the World-Wide Web*, 1995)."""


def with_sessions(views: ir.Table, inactivity: timedelta = INACTIVITY) -> ir.Table:
    """Add the session of every view and the place of the view in it.

    Parameters
    ----------
    views : ibis Table
        With ``visitor_id``, ``at`` (in UTC, so that no hour is missing or double) and ``place``
        (any number that tells apart views of the same moment), in any order.
    inactivity : datetime.timedelta
        Longest pause within a session; one that is as long still belongs to it.

    Returns
    -------
    ibis Table
        The same with ``session_id`` (the visitor and the second of the first view, so that later
        views leave it as it is) and ``position`` (from 1; by time, then by ``place``).

    Raises
    ------
    ValueError
        When `inactivity` is shorter than a second.
    """
    if inactivity < timedelta(seconds=1):
        raise ValueError(f"inactivity must be at least 1 second, not {inactivity}")
    longest = round(inactivity / timedelta(microseconds=1))
    in_order = ibis.window(group_by=views.visitor_id, order_by=[views.at, views.place])
    pause = views.at.delta(views.at.lag().over(in_order), unit="microsecond")
    marked = views.mutate(begins=(pause.isnull() | (pause > longest)).ifelse(views.at, None))
    so_far = ibis.cumulative_window(group_by=marked.visitor_id, order_by=[marked.at, marked.place])
    begun = marked.mutate(begun=marked.begins.max().over(so_far))
    second = begun.begun.epoch_seconds().cast("int64").cast("string")
    named = begun.mutate(session_id=begun.visitor_id + "-" + second)
    within = ibis.window(group_by=named.session_id, order_by=[named.at, named.place])
    position = (ibis.row_number().over(within) + 1).cast("int64")
    return named.mutate(position=position).drop("begins", "begun")


def sessions(views: ir.Table) -> ir.Table:
    """Sum up every session.

    Parameters
    ----------
    views : ibis Table
        With ``session_id``, ``position``, ``visitor_id``, ``user``, ``at``, ``page``, ``referrer``
        and ``is_robot``.

    Returns
    -------
    ibis Table
        The columns of the warehouse's table `sessions`: ``session_id``, ``visitor_id``,
        ``customer_id`` (the only user who was signed in; null for none or several),
        ``started_at``, ``ended_at`` (the first and the last view: how long the last page was read
        is not known), ``pages``, ``entry_page``, ``exit_page``, ``referrer`` (the site that led
        there, without path and parameters) and ``is_robot``.
    """
    users = views.user.nunique()
    return views.group_by("session_id", "visitor_id").aggregate(
        customer_id=(users == 1).ifelse(views.user.max(), None),
        started_at=views.at.min(),
        ended_at=views.at.max(),
        pages=views.count(),
        entry_page=views.page.argmin(views.position),
        exit_page=views.page.argmax(views.position),
        referrer=_site(views.referrer).max(where=views.position == 1),
        is_robot=views.is_robot.any(),
    )


def _site(referrer: ir.StringValue) -> ir.StringValue:
    return referrer.re_extract(r"^[a-zA-Z]+://(?:[^/@]*@)?([^/:?#]+)", 1).lower().nullif("")
