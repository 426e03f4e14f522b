"""How many get from step to step, up to those who bought."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

__all__ = ["funnel", "reached"]

VISIT, ORDER = "visit", "order"
_INTERNAL = ("at", "number")


def reached(
    views: ir.Table,
    steps: Mapping[str, str],
    *,
    by: str = "visitor_id",
    orders: ir.Table | None = None,
) -> ir.Table:
    """Tell when everyone came to each step, in the order of the steps.

    Parameters
    ----------
    views : ibis Table
        Page views with `by`, ``at``, ``place``, ``page`` and, when orders are joined, ``user``.
    steps : mapping of str to str
        The name of a step and a regular expression (RE2) that is looked for in its pages. A step
        counts when it comes after the one before it, with other pages between or not.
    by : str
        Whose way it is: ``visitor_id``, or ``session_id`` for ways within one visit.
    orders : ibis Table, optional
        ``customer_id`` and ``ordered_at`` (UTC): who bought at the time of the last step or later
        has come to the step ``order``. Users of the log are customers.

    Returns
    -------
    ibis Table
        `by`, ``visit`` (the first view), and one moment for each step, null where it was not
        reached.

    Raises
    ------
    ValueError
        When there is nothing to reach, or a step has a name that is taken.
    """
    _check(steps, by, orders)
    in_order = ibis.window(group_by=views[by], order_by=[views.at, views.place])
    numbered = views.mutate(number=ibis.row_number().over(in_order))
    so_far = numbered.group_by(by).aggregate(
        **{VISIT: numbered.at.min(), "at": numbered.at.min(), "number": ibis.literal(-1, "int64")}
    )
    for name, pattern in steps.items():
        so_far = _next(so_far, numbered.filter(numbered.page.re_search(pattern)), name, by)
    if orders is not None:
        so_far = _ordered(so_far, views, orders, by)
    return so_far.drop(*_INTERNAL)


def funnel(ways: ir.Table) -> ir.Table:
    """Count how many came to each step.

    Parameters
    ----------
    ways : ibis Table
        What `reached` gave.

    Returns
    -------
    ibis Table
        In the order of the steps: ``step``, ``reached``, ``share`` (of all) and ``of_former`` (of
        those who came to the step before); null where nobody could.
    """
    names = ways.columns[1:]
    counts = [
        ways.aggregate(
            place=ibis.literal(place), step=ibis.literal(name), reached=ways[name].count()
        )
        for place, name in enumerate(names)
    ]
    table = ibis.union(*counts) if len(counts) > 1 else counts[0]
    in_order = ibis.window(order_by=table.place)
    first, former = table.reached.max().over(ibis.window()), table.reached.lag().over(in_order)
    return (
        table.mutate(
            share=table.reached / first.nullif(0).cast("float64"),
            of_former=table.reached / former.nullif(0).cast("float64"),
        )
        .order_by("place")
        .drop("place")
    )


def _check(steps: Mapping[str, str], by: str, orders: ir.Table | None) -> None:
    if not steps and orders is None:
        raise ValueError("a funnel needs at least one step")
    taken = [name for name in steps if name in {VISIT, ORDER, by, *_INTERNAL}]
    if taken:
        raise ValueError(f"steps need names of their own, not {', '.join(taken)}")


def _next(so_far: ir.Table, matching: ir.Table, name: str, by: str) -> ir.Table:
    """Find everyone's first view of a step after the former one."""
    found = matching.select(by, found_at="at", found_number="number")
    later = so_far.inner_join(found, [by]).filter(ibis._.found_number > ibis._.number)
    first = later.group_by(by).aggregate(
        next_at=later.found_at.argmin(later.found_number), next_number=later.found_number.min()
    )
    return _stepped(so_far, first, name, by)


def _ordered(so_far: ir.Table, views: ir.Table, orders: ir.Table, by: str) -> ir.Table:
    """Find everyone's first order after the last step, by the users of the views."""
    who = views.filter(views.user.notnull()).select(by, customer_id="user").distinct()
    bought = who.inner_join(orders.select("customer_id", "ordered_at"), "customer_id")
    later = so_far.inner_join(bought.select(by, "ordered_at"), [by])
    later = later.filter(later.ordered_at >= later.at)
    first = later.group_by(by).aggregate(
        next_at=later.ordered_at.min(), next_number=ibis.literal(0, "int64")
    )
    return _stepped(so_far, first, ORDER, by)


def _stepped(so_far: ir.Table, first: ir.Table, name: str, by: str) -> ir.Table:
    """Add a step; who did not come to it cannot come to the next."""
    other = first.rename({"other": by})
    joined = so_far.left_join(other, so_far[by] == other.other)
    kept = {column: joined[column] for column in so_far.columns if column not in _INTERNAL}
    return joined.select(**kept, **{name: joined.next_at}, at="next_at", number="next_number")
