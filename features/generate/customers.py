"""The customers of one block: segment, life stage, tastes, how often they buy and until when."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from features.generate.catalogue import Catalogue
from features.generate.draws import Wheels, stream
from features.generate.seasons import Calendar
from features.generate.segments import SEGMENTS, STAGES, segment_tastes, stage_tastes
from features.generate.shelves import SHELVES

__all__ = ["Customers", "draw_customers"]

STREAM = 2
FIRST_NUMBER = 1_000_001
REGIONS = ("North", "North East", "North West", "Midlands", "East", "London", "South", "South West")
REGION_SHARES = (0.08, 0.07, 0.12, 0.16, 0.11, 0.20, 0.16, 0.10)
RATE_SHAPE = 0.75
TASTE_SHAPE = 0.7
FAVOURITES = 6
SHARE_OLD, SHARE_LEAVERS, SHARE_REGULAR, SHARE_OPT_OUT = 0.65, 0.3, 0.6, 0.04


@dataclass(frozen=True)
class Customers:
    """Customers in the order of their numbers; a customer is a position in these arrays.

    Attributes
    ----------
    numbers : range
        Numbers in the whole shop.
    segment, stage : numpy.ndarray of int64
        Positions in ``SEGMENTS`` and ``STAGES``.
    birth_year, region : numpy.ndarray of int64
        ``region`` is a position in ``REGIONS``.
    joined, leaves : numpy.ndarray of int64
        Days since the first day of the period: they order on days ``joined <= day < leaves``.
        ``joined`` may be negative; ``leaves`` is the length of the period for those who stay.
    opt_out, regular : numpy.ndarray of bool
        Whether they refuse to be contacted; whether they order in an even rhythm.
    rate : numpy.ndarray of float64
        How often they order, 1 = the average.
    taste : numpy.ndarray of float64 of shape (n, categories)
        How much they buy of each category.
    favourites : numpy.ndarray of int64 of shape (n, FAVOURITES)
        Items they buy again and again, the most wanted first.
    """

    numbers: range
    segment: np.ndarray
    stage: np.ndarray
    birth_year: np.ndarray
    region: np.ndarray
    joined: np.ndarray
    leaves: np.ndarray
    opt_out: np.ndarray
    regular: np.ndarray
    rate: np.ndarray
    taste: np.ndarray
    favourites: np.ndarray

    @property
    def size(self) -> int:
        """Number of customers."""
        return len(self.numbers)

    @cached_property
    def ids(self) -> np.ndarray:
        """Customer ids as an object array of text."""
        return np.array([f"K{FIRST_NUMBER + k}" for k in self.numbers], dtype=object)

    def table(self, calendar: Calendar) -> pa.Table:
        """Give their part of the table ``customers``."""
        return pa.table(
            {
                "customer_id": pa.array(self.ids, pa.string()),
                "birth_year": self.birth_year,
                "region": _named(self.region, REGIONS),
                "life_stage": _named(self.stage, [stage.name for stage in STAGES]),
                "joined_on": calendar.dates(self.joined),
                "opt_out": self.opt_out,
            }
        )

    def truth(self, calendar: Calendar) -> pa.Table:
        """Give their part of the planted truth; ``left_on`` is null for those who stay."""
        left = calendar.dates(self.leaves)
        return pa.table(
            {
                "customer_id": pa.array(self.ids, pa.string()),
                "segment": _named(self.segment, [segment.name for segment in SEGMENTS]),
                "left_on": pa.array(left, mask=self.leaves >= calendar.days),
                "regular": self.regular,
                "rate": self.rate,
            }
        )


def draw_customers(
    numbers: range, block: int, seed: int, catalogue: Catalogue, calendar: Calendar
) -> Customers:
    """Draw the customers of one block."""
    rng = stream(seed, STREAM, block)
    n = len(numbers)
    segment = rng.choice(len(SEGMENTS), size=n, p=[s.share for s in SEGMENTS])
    stage = rng.choice(len(STAGES), size=n, p=[s.share for s in STAGES])
    joined = _joined(n, calendar.days, rng)
    taste = _taste(segment, stage, rng)
    usual_rate = np.array([s.rate for s in SEGMENTS])[segment]
    return Customers(
        numbers=numbers,
        segment=segment,
        stage=stage,
        birth_year=_birth_year(stage, calendar, rng),
        region=rng.choice(len(REGIONS), size=n, p=REGION_SHARES),
        joined=joined,
        leaves=_leaves(joined, calendar.days, rng),
        opt_out=rng.random(n) < SHARE_OPT_OUT,
        regular=rng.random(n) < SHARE_REGULAR,
        rate=usual_rate * (rng.gamma(RATE_SHAPE, 1.0 / RATE_SHAPE, size=n) + 0.05),
        taste=taste,
        favourites=_favourites(segment, taste, catalogue, rng),
    )


def _named(codes: np.ndarray, names: list[str] | tuple[str, ...]) -> pa.Array:
    return pa.array(np.array(names, dtype=object)[codes], pa.string())


def _joined(n: int, days: int, rng: np.random.Generator) -> np.ndarray:
    """Most customers were there before the period, the others come during it."""
    before = -rng.integers(1, 5 * 365, size=n)
    during = rng.integers(0, days, size=n)
    return np.where(rng.random(n) < SHARE_OLD, before, during)


def _leaves(joined: np.ndarray, days: int, rng: np.random.Generator) -> np.ndarray:
    """Let some leave on a random day after they came; the others stay to the end."""
    first = np.maximum(joined, 0)
    day = first + 1 + (rng.random(joined.size) * (days - first)).astype(np.int64)
    return np.where(rng.random(joined.size) < SHARE_LEAVERS, np.minimum(day, days), days)


def _birth_year(stage: np.ndarray, calendar: Calendar, rng: np.random.Generator) -> np.ndarray:
    youngest = np.array([s.youngest for s in STAGES])[stage]
    oldest = np.array([s.oldest for s in STAGES])[stage]
    year = int(calendar.first.astype("datetime64[Y]").astype(np.int64)) + 1970
    return year - rng.integers(youngest, oldest + 1)


def _taste(segment: np.ndarray, stage: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Multiply what everybody buys by segment, by life stage and by the person's own liking."""
    usual = np.array([shelf.weight for shelf in SHELVES])
    own = rng.gamma(TASTE_SHAPE, 1.0 / TASTE_SHAPE, size=(segment.size, usual.size)) + 0.02
    return usual * segment_tastes()[segment] * stage_tastes()[stage] * own


def _favourites(
    segment: np.ndarray, taste: np.ndarray, catalogue: Catalogue, rng: np.random.Generator
) -> np.ndarray:
    """Choose the items that became a habit, from the categories where habits form."""
    staple = np.array([shelf.staple for shelf in SHELVES])
    rows = np.repeat(np.arange(segment.size), FAVOURITES)
    category = Wheels.of(taste * (staple + 0.01)).draw(rng, rows)
    item = catalogue.wheels.draw(rng, segment[rows] * len(SHELVES) + category)
    return item.reshape(segment.size, FAVOURITES)
