"""User kNN with recency: what the customers with the most similar purchases lately bought."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
from scipy import sparse

from models.recommend.alike import Alike, Count
from models.recommend.checks import at_least, not_empty
from models.recommend.history import History, LabelledWindow
from models.recommend.knn import nearest, unit_rows
from models.recommend.popularity import share_of_customers
from models.recommend.taste import sample
from models.search import FloatRange, IntRange, Range

__all__ = ["Neighbours"]

# The rows kept have no identifiers: who is this much like a row is taken to be behind it.
SAME = 0.9999


class Neighbours(Alike):
    """Add up the recent purchases of the most similar customers, weighted by their likeness.

    Likeness is the cosine of decayed purchases, in which items that few customers buy count more.
    Customers are not their own neighbours.

    Parameters
    ----------
    neighbours : int, default 100
        Most similar customers.
    half_life : float, default 60
        Days after which a purchase of a neighbour counts half.
    memory : float, default 120
        Days after which a purchase counts half in the likeness.
    own : float, default 5
        Weight of the customer's own recent purchases, when that of a neighbour of equal taste is 1.
    max_customers : int, default 50000
        Customers among whom neighbours are sought; above it a random sample.
    random_state : int, default 0
        Seed of the sample.

    Attributes
    ----------
    tastes_ : scipy.sparse.csr_matrix of float32, (customers learned from, items)
        Rows of length one, without identifiers.
    recent_ : scipy.sparse.csr_matrix of float32, (customers learned from, items)
        Their recent purchases.
    rarity_ : numpy.ndarray of float32, (items,)
        Weight of an item in the likeness.
    popularity_ : numpy.ndarray of float64, (items,)
        Share of customers who bought the item in the last 30 days.

    References
    ----------
    B. Sarwar, G. Karypis, J. Konstan, J. Riedl, "Analysis of recommendation algorithms for
    e-commerce", EC (2000), for neighbours; J. Breese, D. Heckerman, C. Kadie, "Empirical analysis
    of predictive algorithms for collaborative filtering", UAI (1998), for inverse user frequency.
    """

    family: ClassVar[str] = "baseline"
    complexity: ClassVar[int] = 3
    search_space: ClassVar[Mapping[str, Range]] = {
        "neighbours": IntRange(20, 600, log=True),
        "half_life": FloatRange(15, 360, log=True),
        "memory": FloatRange(30, 720, log=True),
        "own": FloatRange(0.0, 8.0),
    }
    learned: ClassVar[tuple[str, ...]] = ("tastes_", "recent_", "rarity_", "popularity_")

    tastes_: sparse.csr_matrix
    recent_: sparse.csr_matrix
    rarity_: np.ndarray

    def __init__(
        self,
        neighbours: int = 100,
        half_life: float = 60.0,
        memory: float = 120.0,
        own: float = 5.0,
        max_customers: int = 50_000,
        random_state: int = 0,
    ) -> None:
        self.neighbours = neighbours
        self.half_life = half_life
        self.memory = memory
        self.own = own
        self.max_customers = max_customers
        self.random_state = random_state

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Keep the tastes and recent purchases of the customers; `past` is not used."""
        at_least(1, neighbours=self.neighbours, max_customers=self.max_customers)
        at_least(1e-3, half_life=self.half_life, memory=self.memory)
        at_least(0, own=self.own)
        not_empty(history)
        self.items_ = history.items
        self.popularity_ = share_of_customers(history, 30)
        share = np.maximum(share_of_customers(history), 1 / len(history.customers))
        self.rarity_ = (1.0 - np.log(share)).astype(np.float32)
        some = sample(history, self.max_customers, self.random_state)
        self.tastes_, self.recent_ = self._tastes(some), self._recent(some)
        return self

    def _tastes(self, history: History) -> sparse.csr_matrix:
        weights = history.weighted(history.decay(self.memory))
        weights.data = np.minimum(weights.data, 1.0) * self.rarity_[weights.indices]
        return unit_rows(weights)

    def _recent(self, history: History) -> sparse.csr_matrix:
        recent = history.weighted(history.decay(self.half_life))
        recent.data = np.minimum(recent.data, 1.0)
        return recent

    def _parts(self, history: History) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Give what the customer's own recent purchases, and what the neighbours' add."""
        mine = self._recent(history) * np.float32(self.own)
        mine.eliminate_zeros()
        return mine, sparse.csr_matrix(self._near(history) @ self.recent_)

    def _near(self, history: History) -> sparse.csr_matrix:
        tastes = self._tastes(history)
        return nearest(tastes, self.tastes_, self.neighbours, besides=SAME)

    def _counted(self, history: History, at: np.ndarray, item: np.ndarray) -> list[Count]:
        """Count the neighbours who bought each item, all neighbours; and the share of all."""
        near, bought = self._near(history) > 0, self.recent_ > 0
        buyers = sparse.csr_matrix(near.astype(np.int32) @ bought.astype(np.int32))
        usual = np.asarray(bought.mean(axis=0)).ravel()[item]
        did = np.asarray(buyers[at, item]).ravel()
        size = np.asarray(near.sum(axis=1)).ravel()[at]
        return list(zip(did.tolist(), size.tolist(), usual.tolist(), strict=True))
