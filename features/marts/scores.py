"""Answers to surveys."""

import ibis
import ibis.expr.types as ir

from features.cut import Cut
from features.exact import days_between, exact_sum
from features.marts.consent import honours_refusals

__all__ = ["scores"]


@honours_refusals
def scores(cut: Cut) -> ir.Table | None:
    """Tell what each customer answered, last and on average.

    Returns
    -------
    ibis Table or None
        Keyed by ``customer_id``; None without a table of scores. Questions should have one scale.

        - ``score_answers``, ``score_mean``.
        - ``score_latest``: mean of the answers given at the last moment.
        - ``score_recency_days``: days from it to `as_of`.
    """
    if "scores" not in cut.subjects:
        return None
    table = cut.subjects["scores"]
    last = table.answered_at.max().over(ibis.window(group_by=table.customer_id))
    table = table.mutate(is_last=table.answered_at == last)
    given = table.is_last.sum()
    return table.group_by("customer_id").aggregate(
        score_answers=table.count(),
        score_mean=exact_sum(table.score) / table.count(),
        score_latest=exact_sum(table.is_last.ifelse(table.score, ibis.literal(0.0))) / given,
        score_recency_days=days_between(table.answered_at.max(), cut.as_of),
    )
