"""The products: department > category > product, with readable names, prices and unit costs."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import pyarrow as pa

from features.generate.draws import Wheels, stream
from features.generate.seasons import Calendar
from features.generate.segments import SEGMENTS
from features.generate.shelves import RANGES, SHELVES, VARIANTS, Shelf

__all__ = ["Catalogue", "make_catalogue"]

STREAM = 1
FIRST_NUMBER = 1_001
YEARLY_INFLATION = 0.03
SALE, SALE_MONTHS = 0.8, (0, 6)
MARGIN_SPREAD = 0.15


@dataclass(frozen=True)
class Catalogue:
    """Products in the order of their categories; an item is a position in these arrays.

    Attributes
    ----------
    names : list of str
        Unique, readable names.
    category : numpy.ndarray of int64
        Position in ``SHELVES``, ascending.
    price, cost : numpy.ndarray of int64
        List price at the end of the period and unit cost, in hundredths.
    popularity : numpy.ndarray of float64
        Weight inside the category; a few products make most of the sales.
    """

    names: list[str]
    category: np.ndarray
    price: np.ndarray
    cost: np.ndarray
    popularity: np.ndarray

    @property
    def size(self) -> int:
        """Number of products."""
        return len(self.names)

    @cached_property
    def ids(self) -> np.ndarray:
        """Item ids as an object array of text."""
        return np.array([f"P{FIRST_NUMBER + k}" for k in range(self.size)], dtype=object)

    @cached_property
    def wheels(self) -> Wheels:
        """What each segment takes inside each category: row = segment * categories + category."""
        thrift = np.array([segment.thrift for segment in SEGMENTS])
        weights = self.popularity * np.exp(thrift[:, None] * self._dearness)
        return Wheels.of(weights, self.category)

    @property
    def _dearness(self) -> np.ndarray:
        """Price against the category's usual one, as a logarithm."""
        usual = np.array([np.sqrt(shelf.low * shelf.high) * 100 for shelf in SHELVES])
        return np.log(self.price / usual[self.category])

    def prices(self, calendar: Calendar) -> np.ndarray:
        """Tell the price of every month of the period, shape (months, items), in hundredths.

        Prices rise once a year; one department in two sells at a discount in January and July.
        """
        month = np.flatnonzero(np.diff(calendar.period, prepend=-1))
        years_ago = (calendar.period[-1] - calendar.period[month]) // 12
        departments = sorted({shelf.department for shelf in SHELVES})
        on_sale = np.array([departments.index(shelf.department) % 2 == 0 for shelf in SHELVES])
        sale = np.isin(calendar.month[month], SALE_MONTHS)[:, None] & on_sale[self.category]
        inflation = (1.0 + YEARLY_INFLATION) ** -years_ago
        return _charm(self.price * inflation[:, None] * np.where(sale, SALE, 1.0))

    def with_best_sellers(self, items: list[int]) -> Self:
        """Give the same catalogue, but `items` sell as well as the best of their category."""
        best = np.full(len(SHELVES), 0.0)
        np.maximum.at(best, self.category, self.popularity)
        popularity = self.popularity.copy()
        popularity[items] = best[self.category[items]]
        return replace(self, popularity=popularity)

    def table(self) -> pa.Table:
        """Give the table ``items``."""
        shelves = [SHELVES[c] for c in self.category]
        return pa.table(
            {
                "item_id": pa.array(self.ids, pa.string()),
                "item_name": pa.array(self.names, pa.string()),
                "category": pa.array([shelf.category for shelf in shelves], pa.string()),
                "department": pa.array([shelf.department for shelf in shelves], pa.string()),
                "price": self.price / 100,
                "cost": self.cost / 100,
                "margin": (self.price - self.cost) / 100,
            }
        )


def make_catalogue(items: int, seed: int) -> Catalogue:
    """Draw a catalogue of `items` products, spread evenly over the categories."""
    rng = stream(seed, STREAM)
    category = np.sort(np.arange(items) % len(SHELVES))
    names: list[str] = []
    prices: list[np.ndarray] = []
    popularity: list[np.ndarray] = []
    for number, shelf in enumerate(SHELVES):
        size = int((category == number).sum())
        shelf_names, shelf_prices = _fill(shelf, size, rng)
        names += shelf_names
        prices.append(shelf_prices)
        popularity.append(rng.permutation(1.0 / (np.arange(size) + 2.0) ** 0.9))
    price = _charm(np.concatenate(prices))
    return Catalogue(
        names, category, price, _costs(price, category, rng), np.concatenate(popularity)
    )


def _fill(shelf: Shelf, size: int, rng: np.random.Generator) -> tuple[list[str], np.ndarray]:
    """Name and price `size` products of one shelf."""
    ranges = RANGES[shelf.department]
    possible = len(ranges) * len(shelf.nouns) * len(VARIANTS)
    names, prices = [], []
    quality = rng.uniform(0.8, 1.25, size=len(ranges))
    kind = rng.permutation(np.linspace(0.0, 1.0, len(shelf.nouns)))
    for place in rng.permutation(possible)[:size]:
        noun, rest = divmod(int(place), len(ranges) * len(VARIANTS))
        named, sized = divmod(rest, len(VARIANTS))
        ending, factor = VARIANTS[sized]
        names.append(f"{ranges[named]} {shelf.nouns[noun]}{ending}")
        prices.append(shelf.low * (shelf.high / shelf.low) ** kind[noun] * quality[named] * factor)
    return names, np.array(prices) * 100


def _costs(price: np.ndarray, category: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    margin = np.array([shelf.margin for shelf in SHELVES])[category]
    spread = rng.uniform(1.0 - MARGIN_SPREAD, 1.0 + MARGIN_SPREAD, size=price.size)
    return np.maximum(1, np.rint(price * (1.0 - margin * spread))).astype(np.int64)


def _charm(hundredths: np.ndarray) -> np.ndarray:
    """Round a price to what a shop would print: .x9 under 20, .99 above."""
    step = np.where(hundredths < 2_000, 10, 100)
    return np.maximum(19, np.rint(hundredths / step).astype(np.int64) * step - 1)
