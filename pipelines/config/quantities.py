"""Spans of time and dates as people write them."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

__all__ = ["AsOf", "Days", "Seconds", "parse_as_of", "parse_days", "parse_seconds"]

DAYS = {"d": 1, "w": 7, "y": 365}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LATEST = "latest"


def parse_days(value: object) -> int:
    """Read a span of whole days: ``30``, ``'30d'``, ``'12w'`` or ``'2y'`` (a year is 365 days).

    Raises
    ------
    ValueError
        When it is anything else; months are refused, because they differ in length.

    Examples
    --------
    >>> parse_days("12w"), parse_days("1y"), parse_days(30)
    (84, 365, 30)
    >>> parse_days("6m")
    Traceback (most recent call last):
    ValueError: a span of days is needed, such as 30, '30d', '12w' or '2y'
    """
    return _span(value, DAYS, "a span of days is needed, such as 30, '30d', '12w' or '2y'")


def parse_seconds(value: object) -> int:
    """Read a span of whole seconds: ``90``, ``'90s'``, ``'2m'``, ``'1h'`` or ``'1d'``.

    Raises
    ------
    ValueError
        When it is anything else.

    Examples
    --------
    >>> parse_seconds("2m"), parse_seconds("1h")
    (120, 3600)
    """
    return _span(value, SECONDS, "a span of time is needed, such as 90, '90s', '2m' or '1h'")


def parse_as_of(value: object) -> Any:
    """Read a date (``2011-11-08``) or the word ``latest``.

    Raises
    ------
    ValueError
        When it is anything else, a day that does not exist included.
    """
    if value == LATEST or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        message = "a date such as 2011-11-08 or the word 'latest' is needed"
        raise ValueError(message) from None


def _span(value: object, units: dict[str, int], message: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    letters = "".join(units)
    text = value if isinstance(value, str) else ""
    found = re.fullmatch(rf"\s*([0-9]{{1,9}})\s*([{letters}]?)\s*", text)
    if found is None:
        raise ValueError(message)
    return int(found[1]) * units.get(found[2], 1)


def _span_schema(units: dict[str, int]) -> dict[str, Any]:
    text = {"type": "string", "pattern": rf"^\s*[0-9]{{1,9}}\s*[{''.join(units)}]?\s*$"}
    return {"anyOf": [{"type": "integer", "minimum": 0}, text]}


Days = Annotated[int, BeforeValidator(parse_days), WithJsonSchema(_span_schema(DAYS))]
Seconds = Annotated[int, BeforeValidator(parse_seconds), WithJsonSchema(_span_schema(SECONDS))]
AsOf = Annotated[
    date | Literal["latest"],
    BeforeValidator(parse_as_of),
    WithJsonSchema({"anyOf": [{"const": LATEST}, {"type": "string", "format": "date"}]}),
]
