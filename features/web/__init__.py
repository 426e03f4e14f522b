"""Web usage: from access logs to page views, sessions, ways through the site and their figures."""

from features.web.behaviour import behaviour
from features.web.funnel import funnel, reached
from features.web.log import load_hits
from features.web.paths import paths
from features.web.requests import ASSETS, KINDS, with_kind
from features.web.robots import PAGES_A_MINUTE, ROBOT_NAMES, too_fast
from features.web.sessions import INACTIVITY, sessions, with_sessions
from features.web.transitions import END, START, transitions
from features.web.usage import WebUsage
from features.web.visitors import VISITOR_BY, VisitorBy, visitors, with_key

__all__ = [
    "ASSETS",
    "END",
    "INACTIVITY",
    "KINDS",
    "PAGES_A_MINUTE",
    "ROBOT_NAMES",
    "START",
    "VISITOR_BY",
    "VisitorBy",
    "WebUsage",
    "behaviour",
    "funnel",
    "load_hits",
    "paths",
    "reached",
    "sessions",
    "too_fast",
    "transitions",
    "visitors",
    "with_key",
    "with_kind",
    "with_sessions",
]
