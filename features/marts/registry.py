"""The marts by name; a new mart is one file and one line here."""

from collections.abc import Callable, Mapping

import ibis.expr.types as ir

from features.cut import Cut
from features.marts.contacts import contacts
from features.marts.holdings import holdings
from features.marts.interactions import interactions
from features.marts.scores import scores
from features.marts.web import web

__all__ = ["MARTS"]

MARTS: Mapping[str, Callable[[Cut], ir.Table | None]] = {
    "contacts": contacts,
    "holdings": holdings,
    "interactions": interactions,
    "web": web,
    "scores": scores,
}
"""Each gives a table keyed by ``customer_id``, or None when the warehouse lacks its detail."""
