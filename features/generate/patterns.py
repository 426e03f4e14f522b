"""What is planted: bundles, sequences and the items that campaigns offer."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from features.generate.catalogue import Catalogue
from features.generate.shelves import BUNDLES, SEQUENCES, SHELVES

__all__ = ["Bundle", "Patterns", "Sequence", "choose_patterns"]

BUNDLE_PROBABILITY = 0.5
SEQUENCE_PROBABILITY = 0.4
FEWEST_BUNDLES, ITEMS_PER_BUNDLE = 8, 40
FEWEST_SEQUENCES, ITEMS_PER_SEQUENCE = 5, 100
OFFERED = ("Hand Cream", "Prosecco", "Toy Train", "Scented Candle", "Headphones", "Duvet")


@dataclass(frozen=True)
class Bundle:
    """An order of at least two lines with `first` also holds `then` with this probability."""

    first: int
    then: int
    probability: float = BUNDLE_PROBABILITY


@dataclass(frozen=True)
class Sequence:
    """A purchase of `first` is followed by one of `then` about `days` later, so probably."""

    first: int
    then: int
    days: int
    probability: float = SEQUENCE_PROBABILITY


@dataclass(frozen=True)
class Patterns:
    """Everything planted; no item has two parts to play.

    Attributes
    ----------
    bundles : tuple of Bundle
        Pairs bought together.
    sequences : tuple of Sequence
        Pairs bought one after the other.
    offers : tuple of int
        The item of each campaign.
    """

    bundles: tuple[Bundle, ...]
    sequences: tuple[Sequence, ...]
    offers: tuple[int, ...]

    @property
    def beginnings(self) -> list[int]:
        """Items that bundles and sequences begin with."""
        return [*(b.first for b in self.bundles), *(s.first for s in self.sequences)]

    def bundle_truth(self, catalogue: Catalogue, planted: np.ndarray) -> list[dict[str, Any]]:
        """Describe the bundles; `planted` says how many orders of clean lines hold each."""
        return [
            {
                **_pair(catalogue, bundle.first, bundle.then),
                "probability": bundle.probability,
                "planted": int(count),
            }
            for bundle, count in zip(self.bundles, planted, strict=True)
        ]

    def sequence_truth(self, catalogue: Catalogue, planted: np.ndarray) -> list[dict[str, Any]]:
        """Describe the sequences; `planted` says how many times each was written."""
        return [
            {
                **_pair(catalogue, sequence.first, sequence.then),
                "days": sequence.days,
                "probability": sequence.probability,
                "planted": int(count),
            }
            for sequence, count in zip(self.sequences, planted, strict=True)
        ]


def choose_patterns(catalogue: Catalogue, campaigns: int) -> Patterns:
    """Choose the items that are planted, each for one part, among the best sold of their kind."""
    pool = _Pool(catalogue)
    bundles = [
        Bundle(pool.take(first), pool.take(then))
        for first, then in _cycle(BUNDLES, max(FEWEST_BUNDLES, catalogue.size // ITEMS_PER_BUNDLE))
    ]
    sequences = [
        Sequence(pool.take(first), pool.take(then), days)
        for first, then, days in _cycle(
            SEQUENCES, max(FEWEST_SEQUENCES, catalogue.size // ITEMS_PER_SEQUENCE)
        )
    ]
    offers = [pool.take(noun) for noun in _cycle(OFFERED, campaigns)]
    return Patterns(tuple(bundles), tuple(sequences), tuple(offers))


class _Pool:
    """Items that have no part to play yet, best sold first, category by category."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._names = catalogue.names
        order = np.lexsort((-catalogue.popularity, catalogue.category))
        codes = catalogue.category[order]
        self._free = {
            noun: free
            for code, shelf in enumerate(SHELVES)
            for free in [order[codes == code].tolist()]
            for noun in shelf.nouns
        }

    def take(self, noun: str) -> int:
        """Take the best sold free `noun`, else any of its category, else of the fullest one."""
        free = self._free[noun] or max(self._free.values(), key=len)
        place = next((k for k, item in enumerate(free) if noun in self._names[item]), 0)
        return int(free.pop(place))


def _cycle(rows: tuple, count: int) -> list:
    return [rows[k % len(rows)] for k in range(count)]


def _pair(catalogue: Catalogue, first: int, then: int) -> dict[str, str]:
    return {
        "first": catalogue.ids[first],
        "first_name": catalogue.names[first],
        "then": catalogue.ids[then],
        "then_name": catalogue.names[then],
    }
