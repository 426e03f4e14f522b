"""One record a customer: who they are, what was done to them, what they did."""

import ibis.expr.types as ir

from features.cut import Cut
from features.exact import exact_sum
from features.marts.registry import MARTS
from features.privacy.consent import without_refused

__all__ = ["customer_record"]


def customer_record(cut: Cut) -> ir.Table:
    """Join everything that is known of each customer at `as_of`.

    Returns
    -------
    ibis Table
        One row for each customer of the cut who did not refuse, keyed by ``customer_id``:
        ``opt_out`` and the attributes as they were; the columns of every mart whose detail the
        warehouse has, null for customers whom it does not know; and ``orders``, ``lines``,
        ``spent`` (money), ``first_order_at``, ``last_order_at``, ``returned`` (money).
    """
    record = without_refused(cut.customers, cut.customers)
    done = [mart(cut) for mart in MARTS.values()]
    for table in [*(one for one in done if one is not None), _bought(cut), _returned(cut)]:
        record = _joined(record, table)
    return record


def _joined(record: ir.Table, table: ir.Table) -> ir.Table:
    """Join by customer; an attribute that has the name of an indicator keeps it."""
    new = [name for name in table.columns if name not in record.columns]
    joined = record.left_join(table.select("customer_id", *new), "customer_id")
    return joined.select(*record.columns, *new)


def _bought(cut: Cut) -> ir.Table:
    lines = cut.lines
    return lines.group_by("customer_id").aggregate(
        orders=lines.order_id.nunique(),
        lines=lines.count(),
        spent=exact_sum(lines.amount),
        first_order_at=lines.ordered_at.min(),
        last_order_at=lines.ordered_at.max(),
    )


def _returned(cut: Cut) -> ir.Table:
    back = cut.returns
    return back.group_by("customer_id").aggregate(returned=exact_sum(back.amount))
