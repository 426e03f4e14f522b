"""Ranges of parameters that a tuner may search, declared by the estimators themselves."""

from dataclasses import dataclass

__all__ = ["Choice", "FloatRange", "IntRange", "Range"]


@dataclass(frozen=True)
class IntRange:
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True)
class FloatRange:
    """Numbers from `low` to `high`, both included."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Choice:
    """One of a few values."""

    options: tuple[str | int | float | bool | None, ...]


Range = IntRange | FloatRange | Choice
