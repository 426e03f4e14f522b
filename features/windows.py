"""Windows of time: what features may see, and where outcomes are read from."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Self

__all__ = ["Window", "backtests", "end_of"]


@dataclass(frozen=True)
class Window:
    """Features see ``(as_of - observe, as_of]``, outcomes lie in ``(as_of + gap, ... + outcome]``.

    Attributes
    ----------
    as_of : datetime.date
        The last day that features see, to its end.
    observe, gap, outcome : int
        Lengths in whole days; `gap` may be 0.

    Examples
    --------
    >>> window = Window(date(2011, 11, 8), observe=730, gap=0, outcome=31)
    >>> window.outcome_from, window.outcome_until
    (datetime.datetime(2011, 11, 9, 0, 0), datetime.datetime(2011, 12, 10, 0, 0))
    >>> Window(date(2011, 11, 8), observe=0, gap=0, outcome=31)
    Traceback (most recent call last):
    ...
    ValueError: observe must be at least 1 day, not 0
    """

    as_of: date
    observe: int
    gap: int
    outcome: int

    def __post_init__(self) -> None:
        for name, least in (("observe", 1), ("gap", 0), ("outcome", 1)):
            if getattr(self, name) < least:
                unit = "day" if least == 1 else "days"
                given = getattr(self, name)
                raise ValueError(f"{name} must be at least {least} {unit}, not {given}")

    @classmethod
    def latest(cls, last_day: date, *, observe: int, gap: int, outcome: int) -> Self:
        """Give the latest window whose outcomes end on `last_day` of the data."""
        return cls(last_day - timedelta(days=gap + outcome), observe, gap, outcome)

    @property
    def seen_from(self) -> datetime:
        """First moment that features see."""
        return end_of(self.as_of - timedelta(days=self.observe))

    @property
    def seen_until(self) -> datetime:
        """First moment that features do not see any more."""
        return end_of(self.as_of)

    @property
    def outcome_from(self) -> datetime:
        """First moment of the outcome window."""
        return end_of(self.as_of + timedelta(days=self.gap))

    @property
    def outcome_until(self) -> datetime:
        """First moment after the outcome window."""
        return end_of(self.as_of + timedelta(days=self.gap + self.outcome))

    def earlier(self, k: int) -> Self:
        """Move the window back by `k` times gap plus outcome, so that outcomes never overlap."""
        return replace(self, as_of=self.as_of - timedelta(days=k * (self.gap + self.outcome)))


def backtests(window: Window, n: int) -> list[Window]:
    """Give the `n` windows before `window`, the latest first.

    Examples
    --------
    >>> [one.as_of.isoformat() for one in backtests(Window(date(2011, 11, 8), 730, 0, 31), 2)]
    ['2011-10-08', '2011-09-07']
    """
    return [window.earlier(k) for k in range(1, n + 1)]


def end_of(day: date) -> datetime:
    """Give the midnight at which `day` ends."""
    return datetime.combine(day + timedelta(days=1), time.min)
