"""What was done to a customer, and what came back."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from features.cut import Cut
from features.exact import days_between, exact_sum
from features.marts.consent import honours_refusals
from features.windows import end_of

__all__ = ["RECENT_DAYS", "contacts"]

RECENT_DAYS = 90
"""Length of the recent part in which contacts are counted."""


@honours_refusals
def contacts(cut: Cut) -> ir.Table | None:
    """Tell how often each customer was contacted, and with what response.

    Returns
    -------
    ibis Table or None
        Keyed by ``customer_id``; None without a table of contacts. Rows of a control group are no
        contacts.

        - ``contacts``, ``contacts_recent`` (in the last 90 days), ``contact_cost`` (money).
        - ``contact_recency_days``: days from the last contact to `as_of`.
        - ``responses``, ``response_amount``: where the warehouse has responses, else 0.
        - ``response_rate``: campaigns that were answered over campaigns the customer was contacted
          in; rows that state no campaign count as one. From 0 to 1.
    """
    if "contacts" not in cut.subjects:
        return None
    table = cut.subjects["contacts"]
    made = table.filter(~table.is_control.fill_null(False))
    recent = made.contacted_at >= ibis.timestamp(end_of(cut.as_of - timedelta(days=RECENT_DAYS)))
    sums = made.group_by("customer_id").aggregate(
        contacts=made.count(),
        contacts_recent=recent.sum().fill_null(0),
        contact_cost=exact_sum(made.cost).fill_null(0.0),
        contact_recency_days=days_between(made.contacted_at.max(), cut.as_of),
    )
    answered = sums.left_join(_answers(cut, made), "customer_id").drop("customer_id_right")
    return answered.mutate(
        response_rate=(answered.answered / answered.campaigns).fill_null(0.0),
        responses=answered.responses.fill_null(0),
        response_amount=answered.response_amount.fill_null(0.0),
    ).drop("answered", "campaigns")


def _answers(cut: Cut, made: ir.Table) -> ir.Table:
    campaigns = made.select("customer_id", campaign=made.campaign_id.fill_null("")).distinct()
    back = cut.subjects.get("responses")
    if back is None:
        counted = campaigns.group_by("customer_id").aggregate(campaigns=campaigns.count())
        return counted.mutate(answered=0, responses=0, response_amount=0.0)
    named = back.mutate(campaign=back.campaign_id.fill_null(""))
    answered = named.select("customer_id", "campaign").distinct().mutate(is_answered=1)
    joined = campaigns.left_join(answered, ["customer_id", "campaign"])
    shares = joined.group_by("customer_id").aggregate(
        campaigns=joined.count(), answered=joined.is_answered.sum().fill_null(0)
    )
    sums = named.group_by("customer_id").aggregate(
        responses=named.count(), response_amount=exact_sum(named.amount)
    )
    return shares.left_join(sums, "customer_id").drop("customer_id_right")
