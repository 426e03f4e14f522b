"""The rhythm of buying: days between days with a purchase, and whether the next one is overdue."""

import ibis
import ibis.expr.types as ir

from features.cut import Cut
from features.exact import days_between

__all__ = ["rhythm"]


def rhythm(cut: Cut) -> ir.Table:
    """Tell how regularly each customer buys; several orders on one day count as one.

    Returns
    -------
    ibis Table
        Keyed by ``customer_id``:

        - ``gap_mean``, ``gap_std`` (population), ``gap_last``: days between purchase days.
        - ``overdue``: days since the last purchase over ``gap_mean``; above 1 is late.

        A customer with one purchase day has waited since: his mean and last gap are the days since
        that purchase (a lower bound), at least 1, with no spread.
    """
    gaps = _gaps(cut)
    sums = gaps.group_by("customer_id").aggregate(
        n=gaps.gap.count(),
        total=gaps.gap.sum(),
        squares=(gaps.gap * gaps.gap).sum(),
        latest=gaps.gap.sum(where=gaps.from_last == 0),
        waited=days_between(gaps.day.max().cast("timestamp"), cut.as_of),
    )
    return _figures(sums)


def _gaps(cut: Cut) -> ir.Table:
    days = cut.lines.select("customer_id", day=cut.lines.ordered_at.date()).distinct()
    of_customer = ibis.window(group_by=days.customer_id, order_by=days.day)
    backwards = ibis.window(group_by=days.customer_id, order_by=ibis.desc(days.day))
    return days.mutate(
        gap=days.day.delta(days.day.lag().over(of_customer), unit="day"),
        from_last=ibis.row_number().over(backwards),
    )


def _figures(sums: ir.Table) -> ir.Table:
    repeated = sums.n > 0
    waited = ibis.greatest(sums.waited, 1).cast("float64")
    mean = repeated.ifelse(sums.total / sums.n.nullif(0), waited)
    # n * squares - total**2 is a whole number: the variance has no rounding below zero.
    spread = (sums.n * sums.squares - sums.total * sums.total).cast("float64")
    return sums.select(
        "customer_id",
        gap_mean=mean,
        gap_std=repeated.ifelse(spread.sqrt() / sums.n.nullif(0), 0.0),
        gap_last=repeated.ifelse(sums.latest.cast("float64"), waited),
        overdue=sums.waited / mean,
    )
