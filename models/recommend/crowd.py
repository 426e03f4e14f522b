"""What all customers bought, for reasons that count others: the same whoever shares a part."""

from dataclasses import dataclass, field
from typing import Self

import numba
import numpy as np
import pandas as pd
from scipy import sparse

from models.recommend.history import History

__all__ = ["Crowd", "overlap"]

# Counts kept, so that the memory is bounded.
REMEMBERED = 200_000


@dataclass(frozen=True)
class Crowd:
    """Who bought what, of everybody or of an even sample.

    Attributes
    ----------
    owned : scipy.sparse.csc_matrix, (customers, items)
        1 where bought, the customers of each item in rising order.
    again : numpy.ndarray of float64, (items,)
        Share of the buyers of an item who bought it more than once.
    items : pandas.Index of str
        Identifiers.
    """

    owned: sparse.csc_matrix
    again: np.ndarray
    items: pd.Index
    _counted: dict[tuple[int, ...], tuple[int, int]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def of(cls, history: History) -> Self:
        """Give the crowd that `history` is a part of, or count its own customers."""
        if history.crowd is not None:
            assert isinstance(history.crowd, cls)
            return history.crowd
        times = history.weighted(history.first_in_basket)
        return cls.of_times(times, history.items)

    @classmethod
    def of_times(cls, times: sparse.csr_matrix, items: pd.Index) -> Self:
        """Count from the number of baskets in which each customer bought each item."""
        buyers = np.bincount(times.indices, minlength=len(items))
        several = np.bincount(times.indices[times.data > 1], minlength=len(items))
        return cls(sparse.csc_matrix(times > 0), several / np.maximum(buyers, 1), items)

    def with_items(self, items: pd.Index) -> "Crowd":
        """Recode to another vocabulary; nobody bought an item that is not known here."""
        if items.equals(self.items):
            return self
        place = self.items.get_indexer(items)
        known = sparse.diags_array((place >= 0).astype(np.float32))
        owned = sparse.csc_matrix(self.owned[:, np.maximum(place, 0)] @ known)
        owned.eliminate_zeros()
        owned.sort_indices()
        again = np.where(place >= 0, self.again[np.maximum(place, 0)], 0.0)
        return Crowd(owned, again, items)

    @property
    def size(self) -> int:
        """How many customers were counted."""
        return int(self.owned.shape[0])

    def buyers(self, item: np.ndarray) -> np.ndarray:
        """Count the customers who bought each of some items (int64)."""
        return np.diff(self.owned.indptr).astype(np.int64)[item]

    def both(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Count the customers who bought both items of each pair (int64)."""
        width = len(self.items)
        pairs, place = np.unique(one.astype(np.int64) * width + other, return_inverse=True)
        asked = (divmod(pair, width) for pair in pairs.tolist())
        counts = [self.all_three(first, second, second)[0] for first, second in asked]
        return np.array(counts, dtype=np.int64)[place]

    def all_three(self, first: int, second: int, third: int) -> tuple[int, int]:
        """Count who bought the first two items, and who bought the third as well."""
        asked = (first, second, third)
        if asked not in self._counted:
            if len(self._counted) >= REMEMBERED:
                self._counted.clear()
            start, buyer = self.owned.indptr, self.owned.indices
            self._counted[asked] = overlap(
                *(buyer[start[code] : start[code + 1]] for code in asked)
            )
        return self._counted[asked]


@numba.njit(cache=True)
def overlap(one: np.ndarray, other: np.ndarray, third: np.ndarray) -> tuple[int, int]:
    """Count what two rising arrays have in common, and what all three have."""
    both, every, at, place = 0, 0, 0, 0
    for value in one:
        while at < len(other) and other[at] < value:
            at += 1
        if at < len(other) and other[at] == value:
            both += 1
            while place < len(third) and third[place] < value:
                place += 1
            if place < len(third) and third[place] == value:
                every += 1
    return both, every
