"""Rows that go to next best items by chance, with the chance written down."""

import hashlib
from dataclasses import dataclass

import numba
import numpy as np
import pandas as pd

__all__ = ["Explored", "explored", "seeds"]


@dataclass(frozen=True)
class Explored:
    """Which rows are on the list after the draw, and how likely each of them was.

    Attributes
    ----------
    taken : numpy.ndarray of bool, (rows,)
        The rows.
    propensity : numpy.ndarray of float64, (rows,)
        Chance that the row took its place, given the places before it; 1 where nothing was drawn.
    """

    taken: np.ndarray
    propensity: np.ndarray


def seeds(customer_ids: pd.Index, experiment: str) -> np.ndarray:
    """Give each customer a seed that depends on the experiment and the identifier alone.

    Examples
    --------
    >>> first, again = (seeds(pd.Index(["ann", "bob"]), "spring") for _ in range(2))
    >>> bool((first == again).all()), bool(first[0] == first[1])
    (True, False)
    """
    salt = hashlib.sha256(f"explore {experiment}".encode()).digest()
    drawn = [
        int.from_bytes(hashlib.blake2b(str(one).encode(), key=salt, digest_size=8).digest(), "big")
        for one in customer_ids
    ]
    return np.array(drawn, dtype=np.uint64)


def explored(
    customer: np.ndarray,
    item: np.ndarray,
    category: np.ndarray,
    margin: np.ndarray,
    taken: np.ndarray,
    quota: np.ndarray,
    *,
    share: float,
    per_category: int,
    floor: float,
    draws: np.ndarray,
) -> Explored:
    """Let chance replace some rows by other candidates of the same customer.

    Each row is replaced with the chance `share`. Its place goes to one of the candidates that are
    not on the customer's list, all equally likely, that keep every limit: the quota of the item,
    the cap on categories, and what the customer must earn. A place without such a candidate stays.

    Parameters
    ----------
    customer, item, category : numpy.ndarray of int64, (rows,)
        Codes, sorted by customer.
    margin : numpy.ndarray of float64, (rows,)
        Expected money of a row before the cost of the contact.
    taken : numpy.ndarray of bool, (rows,)
        The rows chosen so far.
    quota : numpy.ndarray of int64, (items,)
        Customers each item is offered to, at most.
    share : float
        From 0 to 1.
    per_category : int
        Rows of a category for a customer, at most.
    floor : float
        Expected money that the rows of a customer must keep.
    draws : numpy.ndarray of uint64, (customers,)
        What `seeds` gave.
    """
    left = quota - np.bincount(item[taken], minlength=len(quota))
    kept, chance = _replace(
        customer, item, category, margin, taken, left, share, per_category, floor, draws
    )
    return Explored(kept, chance)


@numba.njit(cache=True)
def _next(state):  # type: ignore[no-untyped-def]
    """Step the generator of Steele, Lea and Flood (2014), SplitMix64, to a number from 0 to 1."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    mixed = state
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return state, (mixed >> np.uint64(11)) / 9007199254740992.0


@numba.njit(cache=True)
def _fits(row, place, first, last, item, category, margin, kept, left, per_category, spare):  # type: ignore[no-untyped-def]
    if kept[row] or margin[row] < 0.0 or left[item[row]] <= 0:
        return False
    if margin[place] - margin[row] > spare:
        return False
    if category[row] < 0:
        return True
    held = 0
    for other in range(first, last):
        held += kept[other] and other != place and category[other] == category[row]
    return held < per_category


@numba.njit(cache=True)
def _fitting(  # type: ignore[no-untyped-def]
    place, first, last, item, category, margin, taken, drawn, kept, left, per_category, spare
):
    """Find the customer's rows that could stand in for the one at `place`."""
    fitting = np.zeros(last - first, dtype=np.int64)
    count = 0
    for row in range(first, last):
        if drawn[row] or taken[row]:
            continue
        if _fits(row, place, first, last, item, category, margin, kept, left, per_category, spare):
            fitting[count] = row
            count += 1
    return fitting, count


@numba.njit(cache=True)
def _replace(customer, item, category, margin, taken, left, share, per_category, floor, draws):  # type: ignore[no-untyped-def]
    kept, chance = taken.copy(), np.ones(len(item))
    drawn = np.zeros(len(item), dtype=np.bool_)
    first = 0
    while first < len(item):
        last = first
        total = 0.0
        while last < len(item) and customer[last] == customer[first]:
            total += margin[last] * taken[last]
            last += 1
        state = draws[customer[first]]
        for place in range(first, last):
            if not taken[place]:
                continue
            fitting, count = _fitting(
                place, first, last, item, category, margin, taken, drawn, kept, left,
                per_category, total - floor,
            )  # fmt: skip
            if count == 0:
                continue
            state, chosen = _next(state)
            if chosen >= share:
                chance[place] = 1.0 - share
                continue
            state, which = _next(state)
            new = fitting[min(int(which * count), count - 1)]
            kept[place], kept[new], drawn[new] = False, True, True
            left[item[place]] += 1
            left[item[new]] -= 1
            total += margin[new] - margin[place]
            chance[new] = share / count
        first = last
    return kept, chance
