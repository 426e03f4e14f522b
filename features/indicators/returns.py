"""What comes back."""

import ibis
import ibis.expr.types as ir

from features.cut import Cut
from features.exact import exact_sum

__all__ = ["returns"]


def returns(cut: Cut) -> ir.Table:
    """Tell which share of what each customer did were returns.

    Returns
    -------
    ibis Table
        Keyed by ``customer_id``: ``return_share_lines`` and ``return_share_amount``, returns over
        purchases plus returns; from 0 (nothing comes back) to 1.
    """
    lines = cut.lines.union(cut.returns)
    back = lines.is_return
    sums = lines.group_by("customer_id").aggregate(
        n=lines.count(),
        n_back=back.cast("int64").sum(),
        amount=exact_sum(lines.amount),
        amount_back=exact_sum(back.ifelse(lines.amount, 0.0)),
    )
    share = sums.amount_back / sums.amount.nullif(0.0)
    return sums.select(
        "customer_id",
        return_share_lines=sums.n_back / sums.n,
        return_share_amount=ibis.coalesce(share, 0.0),
    )
