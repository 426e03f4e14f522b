"""When in the year and in the week a customer spends."""

import ibis.expr.types as ir

from features.cut import Cut
from features.exact import exact_sum

__all__ = ["season"]

_SATURDAY = 5  # Ibis counts the days of the week from Monday = 0.


def season(cut: Cut) -> ir.Table:
    """Tell which share of spending falls in each quarter and on weekends.

    Returns
    -------
    ibis Table
        Keyed by ``customer_id``: ``spend_share_q1`` ... ``spend_share_q4`` and
        ``spend_share_weekend``, each from 0 to 1; all 0 for a customer who spent nothing.
    """
    lines = cut.lines
    parts = {f"spend_share_q{n}": lines.ordered_at.quarter() == n for n in range(1, 5)}
    parts["spend_share_weekend"] = lines.ordered_at.day_of_week.index() >= _SATURDAY
    sums = lines.group_by("customer_id").aggregate(
        total=exact_sum(lines.amount),
        **{name: exact_sum(part.ifelse(lines.amount, 0.0)) for name, part in parts.items()},
    )
    shares = {name: (sums[name] / sums.total.nullif(0.0)).fill_null(0.0) for name in parts}
    return sums.select("customer_id", **shares)
