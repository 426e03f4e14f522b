"""Whom a finding is about, as a query rather than as a list of customers.

::

    {}                                                     everybody
    {"bought": "ITEM"}                                     who bought the item
    {"segment": "LABEL"}                                   who belongs to the segment
    {"column": "recency_days", "op": "<=", "value": 30}    who has such a value
    {"all": [QUERY, ...]}                                  who meets every one
    {"any": [QUERY, ...]}                                  who meets at least one
    {"not": QUERY}                                         who does not meet it
"""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["OPERATORS", "check_touches", "parts_of"]

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "missing")
LEAVES = ("bought", "segment", "column")
JOINTS = ("all", "any", "not")


def check_touches(query: Mapping[str, Any]) -> None:
    """Refuse a query that nobody could answer.

    Raises
    ------
    ValueError
        With the part that cannot be read.

    Examples
    --------
    >>> check_touches({"all": [{"bought": "tea"}, {"not": {"bought": "milk"}}]})
    >>> check_touches({"column": "age", "op": "=<", "value": 3})
    Traceback (most recent call last):
    ValueError: touches: op must be one of ==, !=, <, <=, >, >=, in, missing but got '=<'
    """
    for part in parts_of(query):
        problem = _problem(part)
        if problem:
            raise ValueError(f"touches: {problem}")


def parts_of(query: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the query and every query inside it."""
    if not isinstance(query, Mapping):
        raise ValueError(f"touches: a query is a mapping but got {query!r}")
    yield query
    inner = [*query.get("all", ()), *query.get("any", ())]
    for part in [*inner, *([query["not"]] if "not" in query else [])]:
        yield from parts_of(part)


def _problem(part: Mapping[str, Any]) -> str:
    named = [name for name in (*LEAVES, *JOINTS) if name in part]
    if part and len(named) != 1:
        return f"a query has one of {', '.join((*LEAVES, *JOINTS))} but got {dict(part)!r}"
    if "column" in part and part.get("op") not in OPERATORS:
        return f"op must be one of {', '.join(OPERATORS)} but got {part.get('op')!r}"
    if "column" in part and part["op"] != "missing" and "value" not in part:
        return f"the condition on {part['column']!r} has no value"
    return ""
