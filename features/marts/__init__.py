"""Marts: indicators of customers by subject, derived from detail, and one record a customer."""

from features.marts.contacts import contacts
from features.marts.holdings import holdings
from features.marts.interactions import interactions
from features.marts.record import customer_record
from features.marts.registry import MARTS
from features.marts.scores import scores
from features.marts.web import web

__all__ = ["MARTS", "contacts", "customer_record", "holdings", "interactions", "scores", "web"]
