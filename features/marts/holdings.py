"""What a customer holds."""

import ibis
import ibis.expr.types as ir

from features.cut import Cut
from features.exact import days_between, exact_sum
from features.marts.consent import honours_refusals

__all__ = ["holdings"]


@honours_refusals
def holdings(cut: Cut) -> ir.Table | None:
    """Tell what each customer holds at `as_of`, and since when.

    Returns
    -------
    ibis Table or None
        Keyed by ``customer_id``; None without a table of holdings.

        - ``holdings_open``, ``holdings_closed``: contracts; ``holding_items``: different items that
          are open.
        - ``holding_balance``: money in open contracts, as the files last stated it.
        - ``holding_tenure_days``: from the first contract to `as_of`.
    """
    if "holdings" not in cut.subjects:
        return None
    held = cut.subjects["holdings"]
    is_open = held.closed_on.isnull()
    return held.group_by("customer_id").aggregate(
        holdings_open=is_open.sum(),
        holdings_closed=(~is_open).sum(),
        holding_items=held.item_id.nunique(where=is_open),
        holding_balance=exact_sum(is_open.ifelse(held.balance, ibis.literal(0.0))).fill_null(0.0),
        holding_tenure_days=days_between(held.opened_on.min().cast("timestamp"), cut.as_of),
    )
