"""Recommenders whose score is the customer's own habit plus what similar customers bought."""

from abc import abstractmethod

import numpy as np
import pandas as pd
from scipy import sparse

from models.recommend.base import Reason, Recommender, filled, popularity_reason
from models.recommend.batches import in_batches
from models.recommend.history import History
from models.recommend.personal import Habits

__all__ = ["Alike", "Count", "similar_reason"]

Count = tuple[int, int, float]
"""Similar customers who bought an item, similar customers, share of all who bought it."""


class Alike(Recommender):
    """Base of those who add two parts, and say which of them was the larger.

    Attributes
    ----------
    popularity_ : numpy.ndarray of float64, (items,)
        Ranks the items for which neither part speaks.
    """

    popularity_: np.ndarray

    @abstractmethod
    def _parts(self, history: History) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Give what the customers' own purchases, and what the neighbours' add to the score."""

    @abstractmethod
    def _counted(self, history: History, at: np.ndarray, item: np.ndarray) -> list[Count]:
        """Count for each pair the neighbours who bought the item."""

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Add the customer's own part and that of the neighbours."""
        mine, theirs = self._parts(history.of_customers(rows))
        return filled((mine + theirs).toarray(), self.popularity_)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Tell which part is larger: the customer's own purchases, or the neighbours'."""
        return in_batches(history, customer, item, names, self._explained)

    def _explained(
        self, some: History, at: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        mine, theirs = self._parts(some)
        own = np.asarray(mine[at, item]).ravel()
        other = np.asarray(theirs[at, item]).ravel()
        habits, counted = Habits.of(some), self._counted(some, at, item)
        return [
            self._habit(row, code, habits, names)
            if habit >= near > 0 or habit > 0 == near
            else self._others(code, near, count, names)
            for row, code, habit, near, count in zip(
                at.tolist(), item, own.tolist(), other.tolist(), counted, strict=True
            )
        ]

    def _habit(self, row: int, item: int, habits: Habits, names: pd.Series) -> Reason:
        text = habits.sentence(row, int(item), names.array[item])
        return Reason(text, f"favourite:{self.items_[item]}")

    def _others(self, item: int, near: float, count: Count, names: pd.Series) -> Reason:
        name, known = names.array[item], self.items_[item]
        if near <= 0:
            return popularity_reason(self.popularity_[item], name, known)
        return similar_reason(*count, name, known)


def similar_reason(did: int, near: int, usual: float, name: str, item: str) -> Reason:
    """Say how many of the most similar customers bought an item, beside the share of all.

    Examples
    --------
    >>> similar_reason(34, 100, 0.08, "Tea", "t").text
    'Of the 100 customers most like this one, 34 bought Tea; of all, 8.0% did.'
    """
    text = (
        f"Of the {near:,} customers most like this one, {did:,} bought {name};"
        f" of all, {usual:.1%} did."
    )
    return Reason(text, f"similar:{item}")
