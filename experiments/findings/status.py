"""The life of a finding: which status may follow which."""

from collections.abc import Mapping

from lodeworks.errors import LodeError

__all__ = ["CHANGES", "STATUSES", "check_change"]

STATUSES = ("proposed", "accepted", "acted", "measured", "retired", "rejected")

CHANGES: Mapping[str, tuple[str, ...]] = {
    "proposed": ("accepted", "rejected", "retired"),
    "accepted": ("acted", "rejected", "retired"),
    "acted": ("measured", "rejected", "retired"),
    "measured": ("acted", "rejected", "retired"),
    # A person may think again.
    "retired": ("accepted", "rejected"),
    "rejected": ("accepted", "retired"),
}
"""What may follow each status."""


def check_change(before: str, after: str) -> None:
    """Refuse a change of status that makes no sense.

    Raises
    ------
    LodeError
        With what may follow.

    Examples
    --------
    >>> check_change("proposed", "accepted")
    >>> check_change("retired", "acted")
    Traceback (most recent call last):
    lodeworks.errors.LodeError: retired cannot become acted; it may become accepted or rejected
    """
    if before == after:
        raise LodeError(f"it is {before} already")
    if after not in CHANGES.get(before, ()):
        allowed = " or ".join([", ".join(CHANGES[before][:-1]), CHANGES[before][-1]])
        raise LodeError(f"{before} cannot become {after}; it may become {allowed}")
