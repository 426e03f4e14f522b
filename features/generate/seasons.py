"""The calendar of the shop: busy days, seasons of categories, sales and prices of every month."""

from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np

from features.generate.shelves import SHELVES

__all__ = ["Calendar", "season_of_categories"]

BUSY_MONTHS = (0.85, 0.85, 0.95, 1.0, 1.0, 0.95, 0.9, 0.9, 1.0, 1.05, 1.35, 1.6)
BUSY_WEEKDAYS = (0.85, 0.85, 0.9, 1.0, 1.2, 1.45, 0.75)
SECONDS = 86_400
OPENING, CLOSING = 8 * 3_600, 22 * 3_600


@dataclass(frozen=True)
class Calendar:
    """Days of the period, numbered from 0.

    Attributes
    ----------
    first : numpy.datetime64
        The day 0.
    elapsed : numpy.ndarray of float64 of shape (days + 1,)
        Share of all trade that lies before each day: 0 at the beginning, 1 at the end.
    month : numpy.ndarray of int64 of shape (days,)
        Month of the year of each day, 0 = January.
    period : numpy.ndarray of int64 of shape (days,)
        Running number of the month of each day; the first month is 0.
    """

    first: np.datetime64
    elapsed: np.ndarray
    month: np.ndarray
    period: np.ndarray

    @classmethod
    def between(cls, start: date, end: date) -> Self:
        """Make the calendar from `start` to `end`, both included."""
        days = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + 1)
        months = days.astype("datetime64[M]").astype(np.int64)
        weekdays = (days.astype(np.int64) + 3) % 7  # 1 January 1970 was a Thursday
        trade = np.array(BUSY_MONTHS)[months % 12] * np.array(BUSY_WEEKDAYS)[weekdays]
        trade[_is_christmas(days)] = 1e-9  # closed, but a period of this one day still works
        elapsed = np.concatenate([[0.0], np.cumsum(trade) / trade.sum()])
        return cls(days[0], elapsed, months % 12, months - months[0])

    @property
    def days(self) -> int:
        """Number of days."""
        return self.month.size

    def trade_before(self, day: np.ndarray) -> np.ndarray:
        """Tell the share of all trade before a moment given in days; outside the period 0 or 1."""
        return np.interp(day, np.arange(self.days + 1), self.elapsed)

    def day_at(self, trade: np.ndarray) -> np.ndarray:
        """Tell the day on which a share of all trade is reached."""
        place = np.searchsorted(self.elapsed, trade, side="right") - 1
        return np.clip(place, 0, self.days - 1)

    def moment(self, rng: np.random.Generator, day: np.ndarray) -> np.ndarray:
        """Draw a time of the opening hours on each `day`, in seconds since the day 0."""
        hours = rng.beta(2.2, 1.8, size=day.size)
        return day * SECONDS + OPENING + (hours * (CLOSING - OPENING)).astype(np.int64)

    def timestamps(self, seconds: np.ndarray) -> np.ndarray:
        """Turn seconds since the day 0 into timestamps."""
        return self.first.astype("datetime64[s]") + seconds.astype("timedelta64[s]")

    def dates(self, day: np.ndarray) -> np.ndarray:
        """Turn days since the day 0 into dates."""
        return self.first + day.astype("timedelta64[D]")


def season_of_categories() -> np.ndarray:
    """Tell how much more of each category sells in each month, shape (12, categories), mean 1.

    The peak falls off to half its height one month away and to a tenth two months away.
    """
    season = np.array(
        [[_height(month, s.peak, s.strength) for s in SHELVES] for month in range(12)]
    )
    return season / season.mean(axis=0)


def _height(month: int, peak: int, strength: float) -> float:
    if peak == 0:
        return 1.0
    apart = abs(month - (peak - 1))
    near = {0: 1.0, 1: 0.5, 2: 0.1}.get(min(apart, 12 - apart), 0.0)
    return 1.0 + (strength - 1.0) * near


def _is_christmas(days: np.ndarray) -> np.ndarray:
    return np.char.endswith(days.astype(str), "-12-25")
