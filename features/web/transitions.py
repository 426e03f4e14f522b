"""From which page people go to which: a transition matrix with the ways in and out."""

import ibis
import ibis.expr.types as ir

__all__ = ["END", "START", "transitions"]

START, END = "(start)", "(end)"
"""What stands before the first and after the last page of a session; pages begin with a slash."""


def transitions(views: ir.Table) -> ir.Table:
    """Count the steps from page to page within sessions.

    Parameters
    ----------
    views : ibis Table
        With ``session_id``, ``position`` and ``page``.

    Returns
    -------
    ibis Table
        The filled cells of the matrix: ``from_page``, ``to_page``, ``steps`` and ``share`` (of the
        steps from that page; a Markov chain of first order). Row and column sums agree: every page
        is left as often as it is reached, and `START` is left once a session.

    Examples
    --------
    >>> views = ibis.memtable({"session_id": ["a", "a", "b"], "position": [1, 2, 1],
    ...     "page": ["/", "/tea", "/"]})
    >>> found = transitions(views).to_pandas().set_index(["from_page", "to_page"])["share"]
    >>> found["/", "/tea"], found["/", "(end)"], found["(start)", "/"]
    (np.float64(0.5), np.float64(0.5), np.float64(1.0))
    """
    in_order = ibis.window(group_by=views.session_id, order_by=views.position)
    onwards = views.select(
        from_page=views.page,
        to_page=views.page.lead().over(in_order).fill_null(END),
    )
    first = views.filter(views.position == 1)
    ways_in = first.select(from_page=ibis.literal(START), to_page=first.page)
    steps = onwards.union(ways_in).group_by("from_page", "to_page").aggregate(steps=ibis._.count())
    of_page = steps.steps.sum().over(group_by=steps.from_page)
    return steps.mutate(share=steps.steps / of_page.cast("float64"))
