"""Checks of constructor parameters, made when fitting begins."""

from models.recommend.history import History

__all__ = ["at_least", "between", "not_empty", "one_of"]


def at_least(low: float, **given: float | None) -> None:
    """Refuse parameters below `low`; None passes.

    Examples
    --------
    >>> at_least(1, neighbours=0)
    Traceback (most recent call last):
    ...
    ValueError: neighbours must be at least 1 but got 0
    """
    for name, value in given.items():
        if value is not None and not value >= low:
            raise ValueError(f"{name} must be at least {low} but got {value}")


def between(low: float, high: float, **given: float) -> None:
    """Refuse parameters outside `low` to `high`.

    Examples
    --------
    >>> between(0, 1, own=1.5)
    Traceback (most recent call last):
    ...
    ValueError: own must be from 0 to 1 but got 1.5
    """
    for name, value in given.items():
        if not low <= value <= high:
            raise ValueError(f"{name} must be from {low} to {high} but got {value}")


def one_of(allowed: tuple[str, ...], **given: str) -> None:
    """Refuse words that are not in `allowed`.

    Examples
    --------
    >>> one_of(("max", "sum"), combine="mean")
    Traceback (most recent call last):
    ...
    ValueError: combine must be one of max, sum but got 'mean'
    """
    for name, value in given.items():
        if value not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(allowed)} but got {value!r}")


def not_empty(history: History) -> None:
    """Refuse a history in which nobody bought anything."""
    if not len(history.lines):
        raise ValueError("nothing to learn from: the history has no purchase of a known item")
