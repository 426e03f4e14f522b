"""Customers of similar taste: a few factors of all purchases, turned into what is bought lately."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils import check_random_state
from sklearn.utils.extmath import randomized_svd

from models.recommend.base import Reason, Recommender, filled
from models.recommend.checks import at_least, not_empty
from models.recommend.evidence import explained
from models.recommend.history import History, LabelledWindow
from models.recommend.popularity import share_of_customers
from models.recommend.products import products
from models.recommend.steady import steady_product
from models.search import FloatRange, IntRange, Range

__all__ = ["Taste", "sample"]


class Taste(Recommender):
    """Describe each customer by a few factors and predict recent purchases from them.

    The factors are the leading right singular vectors of the customers x items matrix, each
    customer scaled to length one. A ridge regression leads from a customer's factors to the
    purchases of the last weeks, so that items which go out of fashion fall back.

    Parameters
    ----------
    rank : int, default 128
        Factors; fewer when there are fewer customers or items.
    half_life : float, default 30
        Days after which a purchase counts half in what is predicted.
    penalty : float, default 10
        Ridge penalty.
    max_customers : int, default 50000
        Customers learned from; above it a random sample.
    random_state : int, default 0
        Seed of the sample and of the randomised decomposition.

    Attributes
    ----------
    factors_ : numpy.ndarray of float32, (items, rank)
        From items bought to factors.
    demand_ : numpy.ndarray of float32, (rank, items)
        From factors to recent purchases.
    popularity_ : numpy.ndarray of float64, (items,)
        Share of customers who bought the item in the last 30 days.

    References
    ----------
    P. Cremonesi, Y. Koren, R. Turrin, "Performance of recommender algorithms on top-N
    recommendation tasks", RecSys (2010), for the factors.
    """

    family: ClassVar[str] = "baseline"
    complexity: ClassVar[int] = 3
    search_space: ClassVar[Mapping[str, Range]] = {
        "rank": IntRange(16, 256, log=True),
        "half_life": FloatRange(10, 180, log=True),
        "penalty": FloatRange(0.1, 100, log=True),
    }
    learned: ClassVar[tuple[str, ...]] = ("factors_", "demand_", "popularity_")

    factors_: np.ndarray
    demand_: np.ndarray
    popularity_: np.ndarray

    def __init__(
        self,
        rank: int = 128,
        half_life: float = 30.0,
        penalty: float = 10.0,
        max_customers: int = 50_000,
        random_state: int = 0,
    ) -> None:
        self.rank = rank
        self.half_life = half_life
        self.penalty = penalty
        self.max_customers = max_customers
        self.random_state = random_state

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Decompose the purchases and regress the recent ones; `past` is not used."""
        at_least(1, rank=self.rank, max_customers=self.max_customers)
        at_least(1e-3, half_life=self.half_life, penalty=self.penalty)
        not_empty(history)
        some = sample(history, self.max_customers, self.random_state)
        self.items_ = history.items
        self.popularity_ = share_of_customers(history, 30)
        self.factors_ = self._decomposed(_unit(some.owned()))
        place = self._place(some)
        recent = some.weighted(some.decay(self.half_life))
        recent.data = np.minimum(recent.data, 1.0)
        inner = place.T @ place + self.penalty * np.eye(place.shape[1], dtype=np.float32)
        self.demand_ = np.linalg.solve(inner, (recent.T @ place).T).astype(np.float32)
        return self

    def _decomposed(self, matrix: sparse.csr_matrix) -> np.ndarray:
        rank = min(self.rank, *matrix.shape)
        _, _, right = randomized_svd(matrix, rank, random_state=self.random_state)
        return np.ascontiguousarray(right.T, dtype=np.float32)

    def _place(self, history: History) -> np.ndarray:
        return np.asarray(_unit(history.owned()) @ self.factors_)

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Predict recent purchases from the customers' factors."""
        found = steady_product(self._place(history.of_customers(rows)), self.demand_)
        return filled(found, self.popularity_)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Name the purchases that add most to the prediction, which is a sum over purchases."""
        return explained(
            "taste", self._gains, self.popularity_, history, np.asarray(customer), item, names
        )

    def _gains(self, history: History, row: np.ndarray, item: np.ndarray) -> sparse.csr_matrix:
        """Tell what each purchase adds: its factors, times what the factors say of the item."""
        gain = _unit(history.owned())[row]
        wanted = np.ascontiguousarray(self.demand_[:, item].T)
        gain.data = gain.data * products(gain.indptr, gain.indices, wanted, self.factors_)
        return gain


def sample(history: History, most: int, random_state: int) -> History:
    """Keep at most so many customers, drawn at random, in their order."""
    total = len(history.customers)
    if total <= most:
        return history
    drawn = check_random_state(random_state).choice(total, most, replace=False)
    return history.of_customers(np.sort(drawn))


def _unit(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Scale each row to length one."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return sparse.csr_matrix(sparse.diags_array(scale.astype(np.float32)) @ matrix)
