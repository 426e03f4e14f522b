"""Who does not want to be addressed: opt-outs, and consent that was not given."""

import re

import ibis.expr.types as ir

__all__ = ["refused", "without_refused"]

_CONSENT = re.compile(
    r"(?i)(marketing_|contact_|e?mail_|phone_)?(consent|opt_?in|einwilligung)(_\w+)?"
)


def refused(customers: ir.Table) -> ir.Table:
    """Give the customers who must not be addressed.

    Parameters
    ----------
    customers : ibis Table
        Keyed by ``customer_id``, with ``opt_out`` and attributes. A boolean attribute called
        ``consent``, ``opt_in`` or the like (``marketing_consent``, ``consent_email``) is consent:
        who has not given all of it is left alone, an empty one included.

    Returns
    -------
    ibis Table
        ``customer_id``.
    """
    said_no = customers.opt_out.fill_null(True)
    for name, kind in customers.schema().items():
        if kind.is_boolean() and _CONSENT.fullmatch(name):
            said_no = said_no | ~customers[name].fill_null(False)
    return customers.filter(said_no).select("customer_id").distinct()


def without_refused(mart: ir.Table, customers: ir.Table) -> ir.Table:
    """Leave out of a mart who must not be addressed.

    Parameters
    ----------
    mart : ibis Table
        With ``customer_id``.
    customers : ibis Table
        See `refused`.
    """
    return mart.anti_join(refused(customers), "customer_id")
