"""The marts by name; a new mart is one file and one line here."""

from collections.abc import Callable, Mapping

import ibis.expr.types as ir

from features.cut import Cut
from features.marts.contacts import contacts
from features.marts.holdings import holdings
from features.marts.interactions import interactions
from features.marts.scores import scores
from features.marts.web import web

__all__ = ["DETAIL", "MARTS"]

MARTS: Mapping[str, Callable[[Cut], ir.Table | None]] = {
    "contacts": contacts,
    "holdings": holdings,
    "interactions": interactions,
    "web": web,
    "scores": scores,
}
"""Each gives a table keyed by ``customer_id``, or None when the warehouse lacks its detail."""

DETAIL: Mapping[str, tuple[str, ...]] = {
    "contacts": ("contacts", "responses"),
    "holdings": ("holdings",),
    "interactions": ("interactions",),
    "web": ("sessions",),
    "scores": ("scores",),
}
"""The tables that each mart reads; without the first there is no mart."""
