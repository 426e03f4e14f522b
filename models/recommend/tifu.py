"""TIFU-KNN: how often and how lately a customer and the most similar customers bought each item."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
from scipy import sparse

from models.recommend.alike import Alike, Count
from models.recommend.checks import at_least, between, not_empty
from models.recommend.history import History, LabelledWindow
from models.recommend.knn import closest
from models.recommend.popularity import share_of_customers
from models.recommend.taste import sample
from models.search import FloatRange, IntRange, Range

__all__ = ["Tifu", "temporal_frequency"]

# The vectors kept have no identifiers: who is this near to one is taken to be behind it.
SAME = 1e-4


class Tifu(Alike):
    """Blend the customer's time-decayed item frequencies with those of the nearest customers.

    Parameters
    ----------
    neighbours : int, default 100
        Nearest customers, by Euclidean distance.
    group : int, default 3
        Baskets in a group, counted back from the latest.
    basket_decay : float, default 0.9
        Weight of a basket against the next later one of its group, from 0 to 1.
    group_decay : float, default 0.7
        Weight of a group against the next later one, from 0 to 1.
    own : float, default 0.7
        Share of the customer's own frequencies in the score, from 0 to 1; the rest is the mean of
        the neighbours'.
    max_customers : int, default 50000
        Customers among whom neighbours are sought; above it a random sample.
    random_state : int, default 0
        Seed of the sample.

    Attributes
    ----------
    vectors_ : scipy.sparse.csr_matrix of float32, (customers learned from, items)
        Their frequencies, without their identifiers.
    popularity_ : numpy.ndarray of float64, (items,)
        Share of customers who bought the item in the last 30 days.

    References
    ----------
    H. Hu, X. He, J. Gao, Z.-L. Zhang, "Modeling personalized item frequency information for
    next-basket recommendation", SIGIR (2020).
    """

    family: ClassVar[str] = "baseline"
    complexity: ClassVar[int] = 3
    search_space: ClassVar[Mapping[str, Range]] = {
        "neighbours": IntRange(30, 900, log=True),
        "group": IntRange(2, 20),
        "basket_decay": FloatRange(0.5, 1.0),
        "group_decay": FloatRange(0.3, 1.0),
        "own": FloatRange(0.1, 0.9),
    }
    learned: ClassVar[tuple[str, ...]] = ("vectors_", "popularity_")

    vectors_: sparse.csr_matrix

    def __init__(
        self,
        neighbours: int = 100,
        group: int = 3,
        basket_decay: float = 0.9,
        group_decay: float = 0.7,
        own: float = 0.7,
        max_customers: int = 50_000,
        random_state: int = 0,
    ) -> None:
        self.neighbours = neighbours
        self.group = group
        self.basket_decay = basket_decay
        self.group_decay = group_decay
        self.own = own
        self.max_customers = max_customers
        self.random_state = random_state

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Keep the frequencies of the customers; `past` is not used."""
        at_least(1, neighbours=self.neighbours, group=self.group, max_customers=self.max_customers)
        between(0, 1, basket_decay=self.basket_decay, group_decay=self.group_decay, own=self.own)
        not_empty(history)
        self.items_ = history.items
        self.popularity_ = share_of_customers(history, 30)
        known = self._vectors(sample(history, self.max_customers, self.random_state))
        self.vectors_ = known[np.diff(known.indptr) > 0]
        return self

    def _vectors(self, history: History) -> sparse.csr_matrix:
        return temporal_frequency(history, self.group, self.basket_decay, self.group_decay)

    def _parts(self, history: History) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Give what the customer, and what the neighbours add to the score."""
        mine = self._vectors(history)
        theirs = sparse.csr_matrix(self._near(mine) @ self.vectors_)
        return mine * np.float32(self.own), theirs * np.float32(1.0 - self.own)

    def _near(self, mine: sparse.csr_matrix) -> sparse.csr_matrix:
        return closest(mine, self.vectors_, self.neighbours, besides=SAME)

    def _counted(self, history: History, at: np.ndarray, item: np.ndarray) -> list[Count]:
        """Count the nearest who bought each item, all nearest; and the share of all."""
        bought = sparse.csr_matrix(self.vectors_ > 0).astype(np.float32)
        near = (self._near(self._vectors(history)) > 0).astype(np.float32)
        did = np.asarray((near @ bought)[at, item]).ravel().astype(int)
        size = np.diff(near.indptr)[at]
        usual = np.asarray(bought.mean(axis=0)).ravel()[item]
        return list(zip(did.tolist(), size.tolist(), usual.tolist(), strict=True))


def temporal_frequency(
    history: History, group: int, basket_decay: float, group_decay: float
) -> sparse.csr_matrix:
    """Average each customer's baskets within groups and then over groups, later ones weighing more.

    Parameters
    ----------
    history : History
        The purchases. Baskets follow one another by age, those of a day by their code.
    group : int
        Baskets in a group. The first group takes what is left over.
    basket_decay, group_decay : float
        Weight against the next later basket of a group, the next later group.

    Returns
    -------
    scipy.sparse.csr_matrix of float32, (customers, items)
    """
    lines = history.lines
    order = _baskets_back(history)
    count = np.zeros(len(history.customers), dtype=np.int64)
    np.maximum.at(count, lines["customer"].to_numpy(), order + 1)
    groups = -(-count // group)
    which = order // group
    owner = lines["customer"].to_numpy()
    size = np.minimum(group, count[owner] - which * group)
    weight = basket_decay ** (order % group) / size * group_decay**which / groups[owner]
    return history.weighted(weight * history.first_in_basket)


def _baskets_back(history: History) -> np.ndarray:
    """Count for each line the later baskets of its customer."""
    lines = history.lines
    keys = lines[["customer", "age", "basket"]].to_numpy()
    new = np.ones(len(keys), dtype=bool)
    new[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    place = np.cumsum(new) - 1
    last = np.zeros(len(history.customers), dtype=np.int64)
    last[lines["customer"].to_numpy()] = place
    return np.asarray(last[lines["customer"].to_numpy()] - place)
