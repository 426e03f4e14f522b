"""The dirty rows: which lines are spoiled, and which rows are written on top of the clean ones."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from features.generate.draws import shares_of, stream
from features.generate.orders import Lines

__all__ = ["KINDS", "Dirt", "Quota", "draw_dirt"]

STREAM = 6
KINDS: dict[str, float] = {
    "missing_customer": 0.40,
    "cancellation": 0.25,
    "duplicate": 0.15,
    "wrong_quantity": 0.10,
    "wrong_date": 0.10,
}
"""Every kind of dirty row and its share of all dirty rows."""


@dataclass(frozen=True)
class Quota:
    """How many rows one block writes, and how many of each kind are dirty.

    Attributes
    ----------
    rows : int
        Rows to write, dirty ones included.
    dirty : dict of str to int
        Rows of each kind in ``KINDS``; of missing customers this is the most, because whole orders
        lose theirs.
    """

    rows: int
    dirty: dict[str, int]

    @classmethod
    def between(cls, lines: int, dirty: float, begin: float, end: float) -> Self:
        """Give the quota of the part of the shop from share `begin` to share `end`."""
        rows = shares_of(lines, end) - shares_of(lines, begin)
        wanted = {kind: int(lines * dirty * share + 0.5) for kind, share in KINDS.items()}
        return cls(rows, {k: shares_of(n, end) - shares_of(n, begin) for k, n in wanted.items()})

    @property
    def lines(self) -> int:
        """Lines without the rows that cancellations and duplicates add."""
        return self.rows - self.dirty["cancellation"] - self.dirty["duplicate"]


@dataclass(frozen=True)
class Dirt:
    """Positions of the lines that each kind of dirt concerns; no line has two.

    Attributes
    ----------
    missing_customer, wrong_quantity, wrong_date : numpy.ndarray of int64
        Lines that are spoiled themselves.
    cancellation, duplicate : numpy.ndarray of int64
        Clean lines that are followed by one more row each.
    """

    missing_customer: np.ndarray
    cancellation: np.ndarray
    duplicate: np.ndarray
    wrong_quantity: np.ndarray
    wrong_date: np.ndarray

    def counts(self) -> dict[str, int]:
        """Count the dirty rows of every kind."""
        return {kind: getattr(self, kind).size for kind in KINDS}


def draw_dirt(lines: Lines, quota: Quota, block: int, seed: int) -> Dirt:
    """Choose the lines to spoil; lines of planted patterns are spared."""
    rng = stream(seed, STREAM, block)
    nameless = _whole_orders(lines, quota.dirty["missing_customer"], rng)
    spoilable = ~lines.fixed
    spoilable[nameless] = False
    free = rng.permutation(np.flatnonzero(spoilable))
    ends = np.cumsum([quota.dirty[kind] for kind in KINDS if kind != "missing_customer"])
    parts = [np.sort(part) for part in np.split(free[: ends[-1]], ends[:-1])]
    return Dirt(nameless, *parts)


def _whole_orders(lines: Lines, most: int, rng: np.random.Generator) -> np.ndarray:
    """Choose orders at random, as long as they have at most `most` lines together."""
    _, code = np.unique(lines.order, return_inverse=True)
    size = np.bincount(code)
    open_orders = np.flatnonzero(np.bincount(code, weights=lines.fixed) == 0)
    chosen = rng.permutation(open_orders)
    chosen = chosen[np.cumsum(size[chosen]) <= most]
    return np.flatnonzero(np.isin(code, chosen))
