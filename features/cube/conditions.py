"""Which members of a level count: a set of them or an interval, in text and in SQL."""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lodeworks.errors import ConfigError

__all__ = ["NONE", "Bound", "Condition", "Interval", "Members", "as_condition", "read_condition"]

NONE = "(none)"
"""How a missing member is shown and asked for."""


@dataclass(frozen=True)
class Members:
    """A set of members; None is the missing member.

    Attributes
    ----------
    values : tuple
        At least one.
    exclude : bool
        Everything but these.
    """

    values: tuple[Any, ...]
    exclude: bool = False

    def __post_init__(self) -> None:
        if not self.values:
            raise ConfigError("a set of members needs at least one member")


@dataclass(frozen=True)
class Interval:
    """Members from `low` to `high`, both included; an end that is None is open.

    Examples
    --------
    >>> Interval(3, 6)
    Interval(low=3, high=6)
    """

    low: Any = None
    high: Any = None

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ConfigError("an interval needs at least one end, such as 3.. or ..6")


Condition = Members | Interval


class Bound:
    """Values on their way into a statement: they travel beside it and are never part of it.

    Attributes
    ----------
    values : dict
        By the name of their place.

    Examples
    --------
    >>> bound = Bound()
    >>> bound.put("x' OR 1=1 --"), bound.values
    ('$v0', {'v0': "x' OR 1=1 --"})
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def put(self, value: Any, sql_type: str | None = None) -> str:
        """Keep a value and give the SQL of its place."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"CAST(${name} AS {sql_type})" if sql_type else f"${name}"

    def condition(self, sql: str, sql_type: str, condition: Condition) -> str:
        """Give the SQL that says whether the member in `sql` is chosen; it is never NULL."""
        if isinstance(condition, Interval):
            ends = ((">=", condition.low), ("<=", condition.high))
            tests = [f"{sql} {sign} {self.put(v, sql_type)}" for sign, v in ends if v is not None]
            return f"COALESCE({' AND '.join(tests)}, FALSE)"
        known = [self.put(value, sql_type) for value in condition.values if value is not None]
        tests = [f"COALESCE({sql} IN ({', '.join(known)}), FALSE)"] if known else []
        tests += [f"{sql} IS NULL"] if None in condition.values else []
        chosen = f"({' OR '.join(tests)})"
        return f"NOT {chosen}" if condition.exclude else chosen


def as_condition(given: Any) -> Condition:
    """Read what a person gave in Python: a member, a set of members, or an `Interval`.

    Examples
    --------
    >>> as_condition("Drink"), as_condition(["Drink"])
    (Members(values=('Drink',), exclude=False), Members(values=('Drink',), exclude=False))
    """
    if isinstance(given, Members | Interval):
        return given
    if isinstance(given, Mapping) and given and set(given) <= {"from", "to"}:
        return Interval(given.get("from"), given.get("to"))
    if isinstance(given, set | frozenset):
        return Members(tuple(sorted(given, key=str)))
    if isinstance(given, Iterable) and not isinstance(given, str):
        return Members(tuple(given))
    return Members((given,))


def read_condition(text: str) -> tuple[str, Condition]:
    """Read ``level=member``, ``level=a,b``, ``level!=a``, ``level=3..6`` or ``level=..6``.

    A member with a comma or with ``..`` stands in double quotes; a quote in it is doubled.

    Returns
    -------
    (str, Condition)
        The level and what is asked of it; members are text.

    Raises
    ------
    ConfigError
        When the text cannot be read.

    Examples
    --------
    >>> read_condition("time.month=3..6")
    ('time.month', Interval(low='3', high='6'))
    >>> read_condition('product.name="Soup, red",Bread')[1].values
    ('Soup, red', 'Bread')
    """
    name, sign, rest = text.partition("=")
    exclude = name.endswith("!")
    name = name.removesuffix("!").strip()
    if not sign or not name or not rest.strip():
        raise ConfigError(f"{text!r} is not a condition such as 'time.year=1997'")
    if not exclude and '"' not in rest and ".." in rest:
        return name, _interval(text, rest)
    return name, Members(tuple(_members(text, rest)), exclude)


def _interval(text: str, rest: str) -> Interval:
    low, _, high = (part.strip() for part in rest.partition(".."))
    if ".." in high or "," in rest or not (low or high):
        raise ConfigError(f"{text!r}: an interval is 'low..high', 'low..' or '..high'")
    return Interval(low or None, high or None)


def _members(text: str, rest: str) -> Iterable[str | None]:
    if rest.count('"') % 2:
        raise ConfigError(f"{text!r}: a quote is left open")
    unquoted: Callable[[str], str | None] = lambda word: None if word == NONE else word  # noqa: E731
    words = next(csv.reader([rest.strip()], skipinitialspace=True))
    if rest.strip() == f'"{NONE}"':  # a member that is really called so
        return [NONE]
    return [unquoted(word) for word in words]
