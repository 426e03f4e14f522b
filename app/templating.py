"""The templates, and how numbers, moments and addresses are written in them."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode

import jinja2

from experiments.report.numbers import UNKNOWN, chance, compact, count, day, money, percent, plain
from experiments.report.tables import Table, heading, table, written

__all__ = ["said", "templates", "with_query"]

PLACES = ("app", "experiments.report")


@cache
def templates() -> jinja2.Environment:
    """Give the environment; the macros of the report are there too."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "money": money,
        "count": count,
        "chance": chance,
        "compact": compact,
        "percent": percent,
        "plain": plain,
        "day": day,
        "heading": heading,
        "moment": moment,
        "seconds": seconds,
        "as_table": _as_table,
        "said": said,
        "written": written,
    }
    environment.filters |= filters
    environment.globals["with_query"] = with_query
    return environment


def with_query(path: str, given: Any = (), **changed: Any) -> str:
    """Give an address with some of its parameters changed; None takes one away.

    Examples
    --------
    >>> with_query("/rules", {"page": "2", "q": "tea & milk"}, page=3)
    '/rules?q=tea+%26+milk&page=3'
    >>> with_query("/rules", {"page": "2"}, page=None)
    '/rules'
    """
    pairs = given.multi_items() if hasattr(given, "multi_items") else list(dict(given).items())
    kept = [(name, value) for name, value in pairs if name not in changed]
    for name, value in changed.items():
        values = value if isinstance(value, list | tuple) else [value]
        kept += [(name, each) for each in values if each is not None]
    return f"{path}?{urlencode(kept)}" if kept else path


def moment(text: str) -> str:
    """Write an ISO moment for people.

    Examples
    --------
    >>> moment("2026-11-22T11:16:49+00:00"), moment("soon")
    ('22 November 2026, 11:16', 'soon')
    """
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{day(str(when.date()))}, {when:%H:%M}"


def seconds(value: float) -> str:
    """Write a span of time.

    Examples
    --------
    >>> seconds(8.4), seconds(95), seconds(7300)
    ('8 s', '1 min 35 s', '2 h 1 min')
    """
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def said(value: object) -> str:
    """Write a value of the data as people say it.

    Examples
    --------
    >>> said(True), said(2003.0), said("north")
    ('yes', '2003', 'north')
    """
    if value is None or value != value:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    whole = isinstance(value, float) and value.is_integer()
    return f"{value:.0f}" if whole else str(value)


def _as_table(frame: Any, currency: str = "") -> Table:
    return table(frame, currency)


def _template(name: str) -> str | None:
    for package in PLACES:
        file = resources.files(package) / "templates" / name
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return None
