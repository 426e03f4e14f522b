"""Who looked: requests of one address and program, or of one signed-in user, are one visitor."""

from typing import Literal, get_args

import ibis
import ibis.expr.types as ir

from features.web.robots import is_robot_name
from lodeworks.errors import did_you_mean

__all__ = ["USER", "VISITOR_BY", "VisitorBy", "visitors", "with_key"]

USER = "user "
"""Begins the key of a visitor who is a signed-in user; the rest is the user."""

VisitorBy = Literal["agent", "user"]

VISITOR_BY: tuple[VisitorBy, ...] = get_args(VisitorBy)
"""``agent``: address and program; ``user``: the signed-in user where there is one."""


def with_key(hits: ir.Table, by: VisitorBy = "agent") -> ir.Table:
    """Add ``key``, which is the same for all requests of one visitor.

    Parameters
    ----------
    hits : ibis Table
        With ``host``, ``agent`` and ``user``: that field of the log, or any column such as a
        cookie under this name.
    by : {'agent', 'user'}
        Address and program do not tell apart people behind one address with equal browsers, and
        take one person with two devices for two. With ``user``, requests without a user belong to
        the only user who was seen with that address and program; where there is none or there are
        several, to a visitor of their own.

    Returns
    -------
    ibis Table
        Its ``user`` is whom the request belongs to; always null for ``agent``.

    Raises
    ------
    ValueError
        When `by` is not known.
    """
    if by not in VISITOR_BY:
        raise ValueError(f"by is {by!r}; {did_you_mean(str(by), VISITOR_BY)}")
    owned = _with_owner(hits) if by == "user" else hits.mutate(user=ibis.null("string"))
    agent = ibis.literal("host ") + owned.host + " " + owned.agent.fill_null("")
    return owned.mutate(key=(ibis.literal(USER) + owned.user).coalesce(agent))


def _with_owner(hits: ir.Table) -> ir.Table:
    """Give requests without a user to the only one seen with their address and program."""
    told = hits.mutate(program=hits.agent.fill_null(""))
    owners = told.group_by("host", "program").aggregate(
        owner=(told.user.nunique() == 1).ifelse(told.user.max(), None)
    )
    joined = told.left_join(owners, ["host", "program"])
    owned = joined.mutate(user=joined.user.coalesce(joined.owner))
    return owned.select(*hits.columns)


def visitors(hits: ir.Table) -> ir.Table:
    """List the visitors in the order of their first request.

    Parameters
    ----------
    hits : ibis Table
        With ``key``, ``at``, ``agent`` and ``page``.

    Returns
    -------
    ibis Table
        ``key``, ``visitor`` (a number from 1), ``first_seen`` and ``robot_by``: ``agent``,
        ``robots.txt`` or null. A visitor who did one thing that robots do is one in all requests.
    """
    by_agent = hits.group_by("key", "agent").aggregate(
        first_seen=hits.at.min(), reads_rules=(hits.page == "/robots.txt").any()
    )
    named = by_agent.mutate(is_named=is_robot_name(by_agent.agent))
    people = named.group_by("key").aggregate(
        first_seen=named.first_seen.min(),
        is_named=named.is_named.any(),
        reads_rules=named.reads_rules.any(),
    )
    return people.select(
        "key",
        "first_seen",
        visitor=ibis.row_number().over(order_by=[people.first_seen, people.key]) + 1,
        robot_by=ibis.cases((people.is_named, "agent"), (people.reads_rules, "robots.txt")),
    )
