"""EASE: one regression of every item on all the others, solved in closed form."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import linalg, sparse

from models.recommend.base import Reason, Recommender, filled
from models.recommend.checks import at_least, between, not_empty
from models.recommend.evidence import explained
from models.recommend.history import History, LabelledWindow
from models.recommend.popularity import share_of_customers
from models.search import FloatRange, Range

__all__ = ["Ease", "ease_weights"]

# Above this condition number, single precision would tell in the third digit.
CONDITION = 1e5


class Ease(Recommender):
    """Predict what is bought lately from all items of the customer, by one linear layer.

    The original predicts each item from the others, over all time: ``half_life=None``,
    ``demand=None``, ``scaling=0``. Here recent purchases are predicted instead, so that items which
    go out of fashion fall back, and customers who buy everything are heard less.

    Parameters
    ----------
    penalty : float, default 6
        Ridge penalty, as a multiple of the mean item's second moment.
    half_life : float or None, default 180
        Days after which a purchase counts half as evidence; None: every item bought counts one.
    demand : float or None, default 60
        Days after which a purchase counts half in what is predicted; None: predict the evidence
        itself, as the original does.
    scaling : float, default 0.5
        A customer's evidence is divided by its length to this power, from 0 to 1.
    repeats : bool, default True
        Let a purchase speak for the same item. Never so when `demand` is None, where it would say
        everything.
    max_items : int, default 6000
        Items that take part, the ones with the most customers: time grows with the third power of
        it and memory with the second (6000 items: 0.4 GiB while fitting). The others are ranked
        below, by popularity.

    Attributes
    ----------
    known_ : numpy.ndarray of int32
        Codes of the items that take part, rising.
    weights_ : numpy.ndarray of float32, (items that take part, items that take part)
        Row: an item predicted; column: the item bought.
    popularity_ : numpy.ndarray of float64, (items,)
        Share of customers who bought the item in the last 30 days.

    References
    ----------
    H. Steck, "Embarrassingly shallow autoencoders for sparse data", WWW (2019).
    """

    family: ClassVar[str] = "baseline"
    complexity: ClassVar[int] = 3
    search_space: ClassVar[Mapping[str, Range]] = {
        "penalty": FloatRange(0.5, 50, log=True),
        "half_life": FloatRange(30, 720, log=True),
        "demand": FloatRange(15, 180, log=True),
        "scaling": FloatRange(0.0, 1.0),
    }
    learned: ClassVar[tuple[str, ...]] = ("known_", "weights_", "popularity_")

    known_: np.ndarray
    weights_: np.ndarray
    popularity_: np.ndarray

    def __init__(
        self,
        penalty: float = 6.0,
        half_life: float | None = 180.0,
        demand: float | None = 60.0,
        scaling: float = 0.5,
        repeats: bool = True,
        max_items: int = 6000,
    ) -> None:
        self.penalty = penalty
        self.half_life = half_life
        self.demand = demand
        self.scaling = scaling
        self.repeats = repeats
        self.max_items = max_items

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Solve the regression; `past` is not used."""
        at_least(1e-3, penalty=self.penalty, half_life=self.half_life, demand=self.demand)
        at_least(1, max_items=self.max_items)
        between(0, 1, scaling=self.scaling)
        not_empty(history)
        self.items_ = history.items
        self.popularity_ = share_of_customers(history, 30)
        most = np.argsort(-share_of_customers(history), kind="stable")[: self.max_items]
        self.known_ = np.sort(most).astype(np.int32)
        evidence, wanted = self._evidence(history), None
        if self.demand is not None:
            wanted = _bought(history, self.demand)[:, self.known_]
        weights = ease_weights(evidence, self.penalty, wanted, repeats=self.repeats)
        self.weights_ = np.ascontiguousarray(weights.T, dtype=np.float32)
        return self

    def _evidence(self, history: History) -> sparse.csr_matrix:
        bought = _bought(history, self.half_life)[:, self.known_]
        length = np.asarray(bought.multiply(bought).sum(axis=1)).ravel() ** (self.scaling / 2)
        scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
        return sparse.csr_matrix(sparse.diags_array(scale.astype(np.float32)) @ bought)

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Sum the weights of what the customer bought."""
        scores = np.zeros((len(rows), len(self.items_)), dtype=np.float32)
        scores[:, self.known_] = self._evidence(history.of_customers(rows)) @ self.weights_.T
        return filled(scores, self.popularity_)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Name the purchases that contributed most to the sum, or the habit where that did."""
        return explained(
            "ease", self._gains, self.popularity_, history, np.asarray(customer), item, names
        )

    def _gains(self, history: History, row: np.ndarray, item: np.ndarray) -> sparse.csr_matrix:
        """Tell what each purchase adds to the score of each pair: its weight times its strength."""
        bought = self._evidence(history)[row]
        place = np.minimum(np.searchsorted(self.known_, item), len(self.known_) - 1)
        held = np.repeat(self.known_[place] == item, np.diff(bought.indptr))
        predicted = np.repeat(place, np.diff(bought.indptr))
        gain = bought.data * self.weights_[predicted, bought.indices] * held
        shape = (len(row), len(self.items_))
        return sparse.csr_matrix((gain, self.known_[bought.indices], bought.indptr), shape=shape)


def ease_weights(
    evidence: sparse.csr_matrix,
    penalty: float,
    wanted: sparse.csr_matrix | None = None,
    *,
    repeats: bool = False,
) -> np.ndarray:
    """Solve the ridge regression of what is wanted on the evidence.

    With P the inverse of X'X plus the penalty, the weights are P X'Y, less P diag(g) with
    g = diag(P X'Y) / diag(P) when an item must not speak for itself.

    Parameters
    ----------
    evidence : scipy.sparse.csr_matrix, (customers, items)
        X above.
    penalty : float
        Above 0; a multiple of the mean of the diagonal of X'X.
    wanted : scipy.sparse.csr_matrix, (customers, items), optional
        Y above; default the evidence itself.
    repeats : bool
        Whether an item may speak for itself; not without `wanted`.

    Returns
    -------
    numpy.ndarray, (items, items)
        Row: an item bought; column: the item predicted. Of float32 when the evidence is and the
        items are fewer than 100,000 times the penalty, else of float64.

    Examples
    --------
    >>> ease_weights(sparse.csr_matrix([[1.0, 1.0], [1.0, 0.0]]), penalty=1.0).round(3).tolist()
    [[0.0, 0.286], [0.4, 0.0]]
    """
    precision = _precision(evidence, penalty)
    moments = (evidence.T @ evidence).toarray().astype(precision, copy=False)
    least = penalty * max(np.diag(moments).mean(dtype=np.float64), 1e-12)
    moments[np.diag_indices_from(moments)] += precision(least)
    factor, _ = linalg.cho_factor(moments.T, overwrite_a=True, check_finite=False)
    if wanted is None:
        return _without_itself(None, _inverse(factor))
    # The transpose of a row-wise array is column-wise, which is solved in place.
    target = (wanted.T @ evidence).toarray().astype(precision, copy=False).T
    weights = linalg.cho_solve((factor, False), target, overwrite_b=True, check_finite=False)
    return np.asarray(weights) if repeats else _without_itself(weights, _inverse(factor))


def _precision(evidence: sparse.csr_matrix, penalty: float) -> type[np.floating[Any]]:
    """Choose single precision when it was given and the condition number allows it.

    The largest eigenvalue is at most the sum of the diagonal, the least at least the penalty: the
    condition number is at most 1 + items / penalty.
    """
    single = evidence.dtype == np.float32 and evidence.shape[1] / penalty < CONDITION
    return np.float32 if single else np.float64


def _without_itself(weights: np.ndarray | None, inverse: np.ndarray) -> np.ndarray:
    """Take from each item what it says of itself; without `weights`, those of the original."""
    if weights is None:
        own = inverse / -np.diag(inverse)
    else:
        own = weights - inverse * (np.diag(weights) / np.diag(inverse))
    np.fill_diagonal(own, 0.0)
    return np.asarray(own)


def _bought(history: History, half_life: float | None) -> sparse.csr_matrix:
    """Weigh what each customer bought, at most 1 an item."""
    if half_life is None:
        return history.owned()
    weights = history.weighted(history.decay(half_life))
    weights.data = np.minimum(weights.data, 1.0)
    return weights


def _inverse(factor: np.ndarray) -> np.ndarray:
    """Invert a symmetric positive definite matrix, given its upper Cholesky factor."""
    single = factor.dtype == np.float32
    inverse, _ = (linalg.lapack.spotri if single else linalg.lapack.dpotri)(factor)
    upper = np.triu(inverse)
    return np.asarray(upper + np.triu(upper, 1).T)
