"""Marts that say nothing of customers who do not want it."""

from collections.abc import Callable
from functools import wraps

import ibis.expr.types as ir

from features.cut import Cut
from features.privacy.consent import without_refused

__all__ = ["honours_refusals"]

Mart = Callable[[Cut], ir.Table | None]


def honours_refusals(mart: Mart) -> Mart:
    """Leave out of a mart who opted out or did not consent.

    Their indicators are then the same as those of somebody without any detail, in training and in
    scoring alike.

    Parameters
    ----------
    mart : callable
        Gives a table keyed by ``customer_id`` for a cut, or None.
    """

    @wraps(mart)
    def honoured(cut: Cut) -> ir.Table | None:
        table = mart(cut)
        return None if table is None else without_refused(table, cut.customers)

    return honoured
