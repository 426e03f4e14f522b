"""Patterns that a person called meaningless, which stay suppressed when thresholds move."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lodeworks.errors import did_you_mean
from models.trees.conditions import Condition, Included, Interval

__all__ = ["Vetoes", "pattern_of"]

_KEYS = ("columns", "patterns", "together")


def pattern_of(conditions: Iterable[Condition], then: Any = None) -> str:
    """Name what a rule says, without its numbers.

    A rule that is found again with another threshold has the same pattern.

    Examples
    --------
    >>> pattern_of([Interval("age", low=61), Included("job", frozenset({"clerk"}))], "stays")
    'age high; job: clerk -> stays'
    """
    parts = "; ".join(sorted(_part(condition) for condition in conditions))
    return parts if then is None else f"{parts} -> {then}"


@dataclass(frozen=True)
class Vetoes:
    """What a person does not want to see, in rules and descriptions.

    Parameters
    ----------
    columns : frozenset of str
        Columns that no condition may use.
    together : tuple of frozenset of str
        Columns of which a rule may not use all at once.
    patterns : frozenset of str
        Patterns as `pattern_of` gives them, with or without the class.

    Examples
    --------
    >>> vetoes = Vetoes.of({"columns": ["sex"], "patterns": ["age high"]})
    >>> vetoes.allow([Interval("age", low=61)]), vetoes.allow([Interval("age", high=61)])
    (False, True)
    """

    columns: frozenset[str] = frozenset()
    together: tuple[frozenset[str], ...] = ()
    patterns: frozenset[str] = frozenset()

    @classmethod
    def of(cls, given: "Vetoes | Mapping[str, Any] | None") -> Self:
        """Read vetoes as YAML holds them.

        Raises
        ------
        ValueError
            When a key is unknown.
        """
        if isinstance(given, Vetoes):
            return cls(given.columns, given.together, given.patterns)
        said = dict(given or {})
        problems = [
            f"unknown key {key!r}; {did_you_mean(key, _KEYS)}" for key in said if key not in _KEYS
        ]
        if problems:
            raise ValueError(f"vetoes cannot be used: {'; '.join(problems)}")
        return cls(
            frozenset(said.get("columns", ())),
            tuple(frozenset(group) for group in said.get("together", ())),
            frozenset(said.get("patterns", ())),
        )

    def allow(self, conditions: Iterable[Condition], then: Any = None) -> bool:
        """Say whether nothing speaks against a rule."""
        every = list(conditions)
        used = {condition.column for condition in every}
        if used & self.columns or any(group <= used for group in self.together):
            return False
        return not {pattern_of(every), pattern_of(every, then)} & self.patterns


def _part(condition: Condition) -> str:
    if isinstance(condition, Interval):
        low, high = np.isfinite(condition.low), np.isfinite(condition.high)
        if condition.low >= condition.high:
            return f"{condition.column} missing"
        return f"{condition.column} {'between' if low and high else 'high' if low else 'low'}"
    word = ":" if isinstance(condition, Included) else " not:"
    return f"{condition.column}{word} {', '.join(sorted(condition.values))}"
