"""Conditions on a column: intervals of a number and sets of categories, in words and as masks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.trees.table import Table

__all__ = [
    "Condition",
    "Excluded",
    "Included",
    "Interval",
    "condition_from_dict",
    "holds",
    "joined",
    "words",
]

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Interval:
    """A number above `low` and up to `high`.

    Parameters
    ----------
    column : str
    low, high : float
    missing : bool
        Whether a missing value meets it too.
    told : bool
        Whether the words say so: not where none was ever missing.

    Examples
    --------
    >>> Interval("age", 30, 60).text
    'age is above 30 and up to 60'
    """

    column: str
    low: float = -np.inf
    high: float = np.inf
    missing: bool = False
    told: bool = field(default=True, compare=False)

    @property
    def text(self) -> str:
        """The condition in words."""
        if self.low >= self.high:
            return f"{self.column} is missing" if self.missing else f"{self.column} is impossible"
        ends = [(self.low, "above"), (self.high, "up to")]
        parts = [f"{word} {number(end)}" for end, word in ends if np.isfinite(end)]
        if not parts:
            return f"{self.column} is {'anything' if self.missing else 'known'}"
        lost = " or missing" if self.missing and self.told else ""
        return f"{self.column} is {' and '.join(parts)}{lost}"

    def mask(self, table: Table) -> Mask:
        """Mark the records that meet it."""
        values = table.numbers(self.column)
        inside = (values > self.low) & (values <= self.high)
        return inside | np.isnan(values) if self.missing else inside

    def meet(self, other: "Condition") -> "Interval":
        """Give the condition that both say."""
        assert isinstance(other, Interval)
        low, high = max(self.low, other.low), min(self.high, other.high)
        both = self.missing and other.missing
        return Interval(self.column, low, high, both, self.told and other.told)

    @property
    def is_anything(self) -> bool:
        """Whether every record meets it."""
        return self.missing and self.low == -np.inf and self.high == np.inf

    def to_dict(self) -> dict[str, Any]:
        """Give a plain dictionary; an open end is None."""
        ends = [float(end) if np.isfinite(end) else None for end in (self.low, self.high)]
        never = bool(self.low >= self.high)
        return {"column": self.column, "above": ends[0], "up_to": ends[1],
                "missing": self.missing, "told": self.told, "only_missing": never}  # fmt: skip


@dataclass(frozen=True)
class Included:
    """One of these categories.

    Examples
    --------
    >>> Included("job", frozenset({"clerk", "nurse"})).text
    'job is clerk or nurse'
    """

    column: str
    values: frozenset[str]

    @property
    def text(self) -> str:
        """The condition in words."""
        return f"{self.column} is {_alternatives(self.values) or 'impossible'}"

    def mask(self, table: Table) -> Mask:
        """Mark the records that meet it."""
        codes, uniques = table.labels(self.column)
        known = np.array([*(value in self.values for value in uniques), False])
        return known[codes]

    def meet(self, other: "Condition") -> "Included":
        """Give the condition that both say."""
        assert not isinstance(other, Interval)
        if isinstance(other, Included):
            return Included(self.column, self.values & other.values)
        return Included(self.column, self.values - other.values)

    @property
    def is_anything(self) -> bool:
        """Whether every record meets it: never."""
        return False

    def to_dict(self) -> dict[str, Any]:
        """Give a plain dictionary."""
        return {"column": self.column, "is": sorted(self.values)}


@dataclass(frozen=True)
class Excluded:
    """None of these categories; a missing one and one never seen meet it.

    Parameters
    ----------
    column : str
    values : frozenset of str
        Those that are excluded.
    seen : frozenset of str
        The others, as far as they were seen, for the words.
    told : bool
        Whether the words tell of missing and new values.

    Examples
    --------
    >>> Excluded("job", frozenset({"clerk"})).text
    'job is not clerk'
    >>> Excluded("job", frozenset({"clerk"}), seen=frozenset({"nurse"})).text
    'job is nurse or other'
    """

    column: str
    values: frozenset[str]
    seen: frozenset[str] = field(default=frozenset(), compare=False)
    told: bool = field(default=True, compare=False)

    @property
    def text(self) -> str:
        """The condition in words."""
        if not self.seen or len(self.seen) > len(self.values) + 2:
            return f"{self.column} is not {_alternatives(self.values)}"
        if self.told:
            return f"{self.column} is {', '.join(sorted(self.seen))} or other"
        return f"{self.column} is {_alternatives(self.seen)}"

    def mask(self, table: Table) -> Mask:
        """Mark the records that meet it."""
        return ~Included(self.column, self.values).mask(table)

    def meet(self, other: "Condition") -> "Included | Excluded":
        """Give the condition that both say."""
        assert not isinstance(other, Interval)
        if isinstance(other, Included):
            return other.meet(self)
        seen, told = self.seen & other.seen, self.told and other.told
        return Excluded(self.column, self.values | other.values, seen, told)

    @property
    def is_anything(self) -> bool:
        """Whether every record meets it."""
        return not self.values

    def to_dict(self) -> dict[str, Any]:
        """Give a plain dictionary."""
        words = {"seen": sorted(self.seen), "told": self.told}
        return {"column": self.column, "is_not": sorted(self.values), **words}


Condition = Interval | Included | Excluded


def condition_from_dict(given: Mapping[str, Any]) -> Condition:
    """Read what `to_dict` of a condition gave.

    Examples
    --------
    >>> condition_from_dict({"column": "job", "is": ["clerk"]}).text
    'job is clerk'
    """
    if "is" in given:
        return Included(given["column"], frozenset(given["is"]))
    if "is_not" in given:
        seen, told = frozenset(given.get("seen", ())), given.get("told", True)
        return Excluded(given["column"], frozenset(given["is_not"]), seen, told)
    if given.get("only_missing"):
        return Interval(given["column"], np.inf, np.inf, given["missing"])
    low, high = given.get("above"), given.get("up_to")
    return Interval(
        given["column"], -np.inf if low is None else low, np.inf if high is None else high,
        given.get("missing", False), given.get("told", True),
    )  # fmt: skip


def joined(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Join conditions on the same column into one, and drop those that say nothing.

    Examples
    --------
    >>> both = joined([Interval("age", low=20), Interval("age", high=60), Interval("age", low=30)])
    >>> [condition.text for condition in both]
    ['age is above 30 and up to 60']
    """
    by_column: dict[str, Condition] = {}
    for condition in conditions:
        known = by_column.get(condition.column)
        by_column[condition.column] = condition if known is None else known.meet(condition)
    return tuple(condition for condition in by_column.values() if not condition.is_anything)


def holds(conditions: Iterable[Condition], X: pd.DataFrame | Table) -> Mask:
    """Mark the records that meet all conditions.

    Examples
    --------
    >>> holds([Interval("age", low=30)], pd.DataFrame({"age": [20, 40, None]})).tolist()
    [False, True, False]
    """
    table = X if isinstance(X, Table) else Table(X)
    mask = np.ones(len(table), bool)
    for condition in conditions:
        mask &= condition.mask(table)
    return mask


def words(conditions: Iterable[Condition]) -> str:
    """Say conditions in one sentence.

    Examples
    --------
    >>> words([Interval("age", low=30), Included("job", frozenset({"clerk"}))])
    'age is above 30 and job is clerk'
    """
    return " and ".join(condition.text for condition in conditions) or "always"


def number(value: float) -> str:
    """Write a number without needless digits.

    Examples
    --------
    >>> number(3.0), number(0.1)
    ('3', '0.1')
    """
    return str(int(value)) if value == round(value) and abs(value) < 1e15 else repr(float(value))


def _alternatives(values: Iterable[str]) -> str:
    *others, last = sorted(values) or [""]
    return f"{', '.join(others)} or {last}" if others else last
