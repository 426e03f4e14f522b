"""Implicit ALS: factors of customers and items, weighted by how sure we are of each purchase."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils import check_random_state

from models.recommend.base import Reason, Recommender, filled
from models.recommend.checks import at_least, not_empty
from models.recommend.evidence import explained
from models.recommend.history import History, LabelledWindow
from models.recommend.popularity import share_of_customers
from models.recommend.products import products
from models.recommend.steady import steady_product
from models.recommend.taste import sample
from models.search import FloatRange, IntRange, Range

__all__ = ["Als", "factor_items", "solve_factors"]

SCORING_STEPS = 12


class Als(Recommender):
    """Factorise who bought what; no purchase is a weak no, a purchase a strong yes.

    The items' factors are kept. A customer's factors are solved from the purchases at hand, so
    that customers unseen when fitting, and purchases made since, are scored like all others.

    Parameters
    ----------
    rank : int, default 256
        Factors; fewer when there are fewer items.
    confidence : float, default 10
        Weight of a purchase made today against one not made; repeats add up.
    half_life : float, default 180
        Days after which a purchase weighs half.
    penalty : float, default 50
        Ridge penalty on the factors.
    sweeps : int, default 6
        Alternations between customers and items.
    max_customers : int, default 50000
        Customers learned from; above it a random sample.
    random_state : int, default 0
        Seed of the sample and of the first factors.

    Attributes
    ----------
    factors_ : numpy.ndarray of float32, (items, rank)
        What each item is made of.
    popularity_ : numpy.ndarray of float64, (items,)
        Share of customers who bought the item in the last 30 days.

    References
    ----------
    Y. Hu, Y. Koren, C. Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM
    (2008), also for the reasons (section 5); G. Takács, I. Pilászy, D. Tikk, "Applications of the
    conjugate gradient method for implicit feedback collaborative filtering", RecSys (2011).
    """

    family: ClassVar[str] = "baseline"
    complexity: ClassVar[int] = 4
    search_space: ClassVar[Mapping[str, Range]] = {
        "rank": IntRange(32, 256, log=True),
        "confidence": FloatRange(2, 200, log=True),
        "half_life": FloatRange(30, 720, log=True),
        "penalty": FloatRange(1, 200, log=True),
    }
    learned: ClassVar[tuple[str, ...]] = ("factors_", "popularity_")

    factors_: np.ndarray
    popularity_: np.ndarray

    def __init__(
        self,
        rank: int = 256,
        confidence: float = 10.0,
        half_life: float = 180.0,
        penalty: float = 50.0,
        sweeps: int = 6,
        max_customers: int = 50_000,
        random_state: int = 0,
    ) -> None:
        self.rank = rank
        self.confidence = confidence
        self.half_life = half_life
        self.penalty = penalty
        self.sweeps = sweeps
        self.max_customers = max_customers
        self.random_state = random_state

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Alternate between customers and items; `past` is not used."""
        at_least(1, rank=self.rank, sweeps=self.sweeps, max_customers=self.max_customers)
        at_least(1e-3, confidence=self.confidence, half_life=self.half_life, penalty=self.penalty)
        not_empty(history)
        some = sample(history, self.max_customers, self.random_state)
        self.items_ = history.items
        self.popularity_ = share_of_customers(history, 30)
        rank = min(self.rank, len(self.items_))
        self.factors_ = factor_items(
            self._sureness(some), rank, self.penalty, self.sweeps, self.random_state
        )
        return self

    def _sureness(self, history: History) -> sparse.csr_matrix:
        return history.weighted(history.decay(self.half_life)) * np.float32(self.confidence)

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Solve for the customers' factors and multiply them by the items'."""
        sureness = self._sureness(history.of_customers(rows))
        start = np.zeros((len(rows), self.factors_.shape[1]), dtype=np.float32)
        who = solve_factors(sureness, self.factors_, start, self.penalty, SCORING_STEPS)
        found = steady_product(who, self.factors_.T)
        found[np.diff(sureness.indptr) == 0] = 0.0
        return filled(found, self.popularity_)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Name the purchases that add most to the score, which is a sum over purchases."""
        return explained(
            "factors", self._gains, self.popularity_, history, np.asarray(customer), item, names
        )

    def _gains(self, history: History, row: np.ndarray, item: np.ndarray) -> sparse.csr_matrix:
        """Tell what each purchase j adds to the score of i: (1 + c_j) y_j' W y_i.

        W is the inverse of the customer's normal matrix: the score is the sum of these.
        """
        sureness = self._sureness(history)[row]
        wanted = self.factors_[item]
        start = np.zeros_like(wanted)
        likeness = _conjugate(sureness, self.factors_, start, wanted, self.penalty, SCORING_STEPS)
        gain = sureness.copy()
        gain.data = (1 + gain.data) * products(gain.indptr, gain.indices, likeness, self.factors_)
        return gain


def factor_items(
    sureness: sparse.csr_matrix, rank: int, penalty: float, sweeps: int, random_state: int
) -> np.ndarray:
    """Alternate least squares from small random factors.

    Parameters
    ----------
    sureness : scipy.sparse.csr_matrix of float32, (customers, items)
        Confidence above 1 that the customer wants the item.
    rank, sweeps : int
        Factors; alternations.
    penalty : float
        On the squared factors.
    random_state : int
        Seed.

    Returns
    -------
    numpy.ndarray of float32, (items, rank)
    """
    random = check_random_state(random_state)
    items = (random.standard_normal((sureness.shape[1], rank)) / np.sqrt(rank)).astype(np.float32)
    customers = np.zeros((sureness.shape[0], rank), dtype=np.float32)
    by_item = sureness.T.tocsr()
    for _ in range(sweeps):
        customers = solve_factors(sureness, items, customers, penalty)
        items = solve_factors(by_item, customers, items, penalty)
    return items


def solve_factors(
    sureness: sparse.csr_matrix,
    others: np.ndarray,
    start: np.ndarray,
    penalty: float,
    steps: int = 3,
) -> np.ndarray:
    """Approach the ridge solution of every row, given the factors of the columns.

    Row u minimises the sum over columns i of (1 + c_ui) (p_ui - x_u' y_i)^2 + penalty |x_u|^2, with
    p_ui = 1 where c_ui > 0 and else 0.

    Parameters
    ----------
    sureness : scipy.sparse.csr_matrix of float32, (rows, columns)
        The c above.
    others : numpy.ndarray of float32, (columns, rank)
        The y above.
    start : numpy.ndarray of float32, (rows, rank)
        Where to begin.
    penalty : float
        Ridge penalty.
    steps : int
        Steps of conjugate gradients: few suffice in an alternation, `rank` are exact.

    Returns
    -------
    numpy.ndarray of float32, (rows, rank)
    """
    wanted = sureness.copy()
    wanted.data = wanted.data + np.float32(1.0)
    return _conjugate(sureness, others, start, wanted @ others, penalty, steps)


def _conjugate(
    sureness: sparse.csr_matrix,
    others: np.ndarray,
    start: np.ndarray,
    target: np.ndarray,
    penalty: float,
    steps: int,
) -> np.ndarray:
    """Solve (Y'Y + Y'diag(c)Y + penalty) x = target for all rows at once."""
    inner = others.T @ others + np.float32(penalty) * np.eye(others.shape[1], dtype=np.float32)
    weights = sureness.copy()

    def normal(value: np.ndarray) -> np.ndarray:
        dots = products(sureness.indptr, sureness.indices, value, others)
        weights.data = sureness.data * dots
        return np.asarray(steady_product(value, inner) + weights @ others)

    found = start.copy()
    rest = target - normal(found) if found.any() else target.copy()
    way, size = rest.copy(), _squares(rest)
    for _ in range(steps):
        ahead = normal(way)
        step = _ratio(size, np.einsum("ij,ij->i", way, ahead))
        found += step * way
        rest -= step * ahead
        size, before = _squares(rest), size
        way = rest + _ratio(size, before) * way
    return found


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("ij,ij->i", rows, rows))


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Divide; a row that is solved stays where it is."""
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 1e-12)[:, None]
