"""The ways that many sessions take: some pages, one directly after the other."""

import ibis
import ibis.expr.types as ir

__all__ = ["paths"]


def paths(views: ir.Table, length: int = 3) -> ir.Table:
    """Count the runs of `length` pages by the sessions that hold them.

    Parameters
    ----------
    views : ibis Table
        With ``session_id``, ``position`` and ``page``.
    length : int
        Pages in a run, from 2. A page that is loaded again at once counts once.

    Returns
    -------
    ibis Table
        ``path`` (an array of pages) and ``sessions``, the most frequent first; equal ones by
        their pages.

    Raises
    ------
    ValueError
        When `length` is less than 2.
    """
    if length < 2:
        raise ValueError(f"length must be at least 2 but got {length}")
    moved = _without_reloads(views)
    in_order = ibis.window(group_by=moved.session_id, order_by=moved.position)
    names = [f"page_{place}" for place in range(length)]
    following = {
        name: moved.page.lead(place).over(in_order) if place else moved.page
        for place, name in enumerate(names)
    }
    runs = moved.select("session_id", **following)
    whole = runs.filter(runs[names[-1]].notnull()).distinct()
    counted = whole.group_by(names).aggregate(sessions=whole.count())
    ordered = counted.order_by([ibis.desc("sessions"), *names])
    return ordered.select(path=ibis.array([ordered[name] for name in names]), sessions="sessions")


def _without_reloads(views: ir.Table) -> ir.Table:
    in_order = ibis.window(group_by=views.session_id, order_by=views.position)
    before = views.mutate(before=views.page.lag().over(in_order))
    return before.filter(before.before.isnull() | (before.before != before.page))
