"""The ordinary orders of one block of customers, with bundles and sequences planted in them."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from features.generate.catalogue import Catalogue
from features.generate.customers import FAVOURITES, Customers
from features.generate.draws import Wheels, stream
from features.generate.patterns import Patterns
from features.generate.seasons import SECONDS, Calendar, season_of_categories
from features.generate.segments import SEGMENTS
from features.generate.shelves import SHELVES

__all__ = ["BUNDLE", "CAMPAIGN", "ORDINARY", "SEQUENCE", "Lines", "draw_orders", "follow_up"]

STREAM = 3
FOLLOW_UP_STREAM = 4
ORDINARY, BUNDLE, SEQUENCE, CAMPAIGN = 0, 1, 2, 3
FAVOURITE_SHARE = 0.35
SEQUENCE_SPREAD = 0.25


@dataclass(frozen=True)
class Lines:
    """Lines of orders, column by column.

    Attributes
    ----------
    customer, item, order : numpy.ndarray of int64
        Positions; ``order`` tells the orders of the block apart.
    moment : numpy.ndarray of int64
        Seconds since the first day of the period, the same for all lines of an order.
    kind : numpy.ndarray of int8
        Why the line is there: ``ORDINARY``, ``BUNDLE``, ``SEQUENCE`` or ``CAMPAIGN``.
    pattern : numpy.ndarray of int64
        Which bundle, sequence or campaign; -1 for ordinary lines.
    fixed : numpy.ndarray of bool
        Part of a planted pattern: neither left out nor spoiled later.
    """

    customer: np.ndarray
    item: np.ndarray
    order: np.ndarray
    moment: np.ndarray
    kind: np.ndarray
    pattern: np.ndarray
    fixed: np.ndarray

    @property
    def size(self) -> int:
        """Number of lines."""
        return self.item.size

    @property
    def day(self) -> np.ndarray:
        """Days since the first day of the period."""
        return self.moment // SECONDS

    @classmethod
    def planted(
        cls,
        kind: int,
        pattern: np.ndarray,
        customer: np.ndarray,
        item: np.ndarray,
        moment: np.ndarray,
        first_order: int,
    ) -> Self:
        """Make orders of a single planted line each, numbered from `first_order`."""
        return cls(
            customer,
            item,
            first_order + np.arange(item.size),
            moment,
            np.full(item.size, kind, dtype=np.int8),
            pattern,
            np.ones(item.size, dtype=bool),
        )

    def take(self, places: np.ndarray) -> Self:
        """Give the lines at `places` (positions or a mask)."""
        return replace(self, **{name: value[places] for name, value in vars(self).items()})

    def fixed_at(self, places: np.ndarray) -> Self:
        """Give the same lines with those at `places` fixed."""
        fixed = self.fixed.copy()
        fixed[places] = True
        return replace(self, fixed=fixed)

    def joined_with(self, *others: Self) -> Self:
        """Give these lines and then the `others`."""
        parts = [vars(part) for part in (self, *others)]
        return replace(
            self, **{name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
        )


def draw_orders(
    drawn: int,
    customers: Customers,
    block: int,
    seed: int,
    catalogue: Catalogue,
    calendar: Calendar,
    patterns: Patterns,
) -> Lines:
    """Draw ordinary orders of `drawn` lines or a few more, then keep each item once an order."""
    rng = stream(seed, STREAM, block)
    customer, sizes = _baskets(drawn, customers, calendar, rng)
    day = _days(customer, customers, calendar, rng)
    moment = calendar.moment(rng, day)
    order = np.repeat(np.arange(customer.size), sizes)
    item = _items(order, customer, day, customers, catalogue, calendar, rng)
    n = item.size
    lines = Lines(
        customer[order],
        item,
        order,
        moment[order],
        np.zeros(n, dtype=np.int8),
        np.full(n, -1, dtype=np.int64),
        np.zeros(n, dtype=bool),
    )
    return _each_item_once(_plant_bundles(lines, sizes, patterns, catalogue.size, rng))


def follow_up(
    lines: Lines,
    customers: Customers,
    block: int,
    seed: int,
    catalogue: Catalogue,
    calendar: Calendar,
    patterns: Patterns,
) -> Lines:
    """Add the later orders of the planted sequences; the purchases they follow become fixed."""
    rng = stream(seed, FOLLOW_UP_STREAM, block)
    which = _lookup([s.first for s in patterns.sequences], catalogue.size)[lines.item]
    begun = np.flatnonzero(which >= 0)
    which = which[begun]
    usual = np.array([s.days for s in patterns.sequences])[which]
    probability = np.array([s.probability for s in patterns.sequences])[which]
    later = usual * rng.uniform(1 - SEQUENCE_SPREAD, 1 + SEQUENCE_SPREAD, size=begun.size)
    day = lines.day[begun] + np.rint(later).astype(np.int64)
    goes_on = rng.random(begun.size) < probability
    goes_on &= day < customers.leaves[lines.customer[begun]]
    begun, which, day = begun[goes_on], which[goes_on], day[goes_on]
    then = np.array([s.then for s in patterns.sequences])[which]
    followers = Lines.planted(
        SEQUENCE,
        which,
        lines.customer[begun],
        then,
        calendar.moment(rng, day),
        int(lines.order.max(initial=-1)) + 1,
    )
    return lines.fixed_at(begun).joined_with(followers)


def _baskets(
    wanted: int, customers: Customers, calendar: Calendar, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw who orders and how many lines, until there are `wanted` lines; sorted by customer."""
    present = calendar.trade_before(customers.leaves) - calendar.trade_before(customers.joined)
    weight = customers.rate * np.maximum(present, 1e-9)
    extra = np.array([s.basket for s in SEGMENTS])[customers.segment]
    mean = 1.0 + float((weight * extra).sum() / weight.sum())
    orders = int(1.3 * wanted / mean) + 50
    customer = rng.choice(customers.size, size=orders, p=weight / weight.sum())
    sizes = 1 + rng.negative_binomial(2, 2.0 / (2.0 + extra[customer]))
    enough = int(np.searchsorted(np.cumsum(sizes), wanted)) + 1
    place = np.argsort(customer[:enough], kind="stable")
    return customer[place], sizes[place]


def _days(
    customer: np.ndarray, customers: Customers, calendar: Calendar, rng: np.random.Generator
) -> np.ndarray:
    """Spread each customer's orders over the time they are there, evenly for the regular ones."""
    begin = np.searchsorted(customer, customer, side="left")
    count = np.bincount(customer, minlength=customers.size)[customer]
    chance = rng.random(customer.size)
    even = (np.arange(customer.size) - begin + chance) / count
    share = np.where(customers.regular[customer], even, chance)
    first = calendar.trade_before(customers.joined)[customer]
    until = calendar.trade_before(customers.leaves)[customer]
    day = calendar.day_at(first + share * (until - first))
    return np.clip(day, np.maximum(customers.joined, 0)[customer], customers.leaves[customer] - 1)


def _items(
    order: np.ndarray,
    customer: np.ndarray,
    day: np.ndarray,
    customers: Customers,
    catalogue: Catalogue,
    calendar: Calendar,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw category by taste and season, then the item by segment; or take a favourite."""
    weights = customers.taste[customer] * season_of_categories()[calendar.month[day]]
    category = Wheels.of(weights).draw(rng, order)
    buyer = customer[order]
    item = catalogue.wheels.draw(rng, customers.segment[buyer] * len(SHELVES) + category)
    place = (rng.random(order.size) ** 1.5 * FAVOURITES).astype(np.int64)
    habit = rng.random(order.size) < FAVOURITE_SHARE
    return np.where(habit, customers.favourites[buyer, place], item)


def _plant_bundles(
    lines: Lines, sizes: np.ndarray, patterns: Patterns, items: int, rng: np.random.Generator
) -> Lines:
    """Put the second item of a bundle in place of the line beside the first one."""
    which = _lookup([b.first for b in patterns.bundles], items)[lines.item]
    probability = np.array([b.probability for b in patterns.bundles])[which]
    starts = np.cumsum(sizes) - sizes
    place = np.arange(lines.size) - starts[lines.order]
    size = sizes[lines.order]
    beside = starts[lines.order] + (place + 1) % size
    hit = (which >= 0) & (size > 1) & (rng.random(lines.size) < probability)
    hit &= ~hit[beside]
    target = beside[hit]
    item, kind, pattern = lines.item.copy(), lines.kind.copy(), lines.pattern.copy()
    item[target] = np.array([b.then for b in patterns.bundles])[which[hit]]
    kind[target], pattern[target] = BUNDLE, which[hit]
    planted = replace(lines, item=item, kind=kind, pattern=pattern)
    return planted.fixed_at(np.concatenate([np.flatnonzero(hit), target]))


def _each_item_once(lines: Lines) -> Lines:
    """Leave out the second line of an item in an order; a planted one is kept before others."""
    place = np.lexsort((~lines.fixed, lines.item, lines.order))
    order, item = lines.order[place], lines.item[place]
    again = np.zeros(lines.size, dtype=bool)
    again[1:] = (order[1:] == order[:-1]) & (item[1:] == item[:-1])
    return lines.take(np.sort(place[~again]))


def _lookup(firsts: list[int], items: int) -> np.ndarray:
    """Map an item to the number of the pattern it begins, -1 for none."""
    table = np.full(items, -1, dtype=np.int64)
    table[firsts] = np.arange(len(firsts))
    return table
