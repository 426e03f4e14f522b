"""Items bought by the same customers: item-to-item cosine, the trade's usual first recommender."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd
from scipy import sparse

from models.recommend.base import Reason, Recommender, filled, popularity_reason
from models.recommend.checks import at_least, not_empty, one_of
from models.recommend.history import History, LabelledWindow
from models.recommend.popularity import share_of_customers
from models.recommend.top import highest
from models.search import Choice, FloatRange, IntRange, Range

__all__ = ["Cosine", "item_cosine"]


class Cosine(Recommender):
    """Rank items by their likeness to what the customer bought, recent purchases counting more.

    Parameters
    ----------
    half_life : float, default 90
        Days after which a purchase of the customer counts half.
    neighbours : int, default 10
        Similar items kept for each item.
    shrinkage : float, default 10
        Added to the denominator of the cosine: likeness seen in few customers counts less.
    basket : {'customer', 'order'}, default 'customer'
        Items are alike when the same customers ever bought them, or when they lie in the same
        orders.

    Attributes
    ----------
    similarity_ : scipy.sparse.csr_matrix of float32, (items, items)
        Row: an item bought; columns: the items most like it.
    popularity_ : numpy.ndarray of float64, (items,)
        Share of customers who bought the item in the last 30 days.

    References
    ----------
    G. Linden, B. Smith, J. York, "Amazon.com recommendations: item-to-item collaborative
    filtering", IEEE Internet Computing 7 (2003).
    """

    family: ClassVar[str] = "baseline"
    complexity: ClassVar[int] = 2
    search_space: ClassVar[Mapping[str, Range]] = {
        "half_life": FloatRange(15, 720, log=True),
        "neighbours": IntRange(5, 200, log=True),
        "shrinkage": FloatRange(0.1, 100, log=True),
        "basket": Choice(("customer", "order")),
    }
    learned: ClassVar[tuple[str, ...]] = ("similarity_", "popularity_")

    similarity_: sparse.csr_matrix
    popularity_: np.ndarray

    def __init__(
        self,
        half_life: float = 90.0,
        neighbours: int = 10,
        shrinkage: float = 10.0,
        basket: Literal["customer", "order"] = "customer",
    ) -> None:
        self.half_life = half_life
        self.neighbours = neighbours
        self.shrinkage = shrinkage
        self.basket = basket

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Compute the likeness of items; `past` is not used."""
        at_least(1e-3, half_life=self.half_life)
        at_least(1, neighbours=self.neighbours)
        at_least(0, shrinkage=self.shrinkage)
        one_of(("customer", "order"), basket=self.basket)
        not_empty(history)
        self.items_ = history.items
        together = history.owned() if self.basket == "customer" else history.orders()
        self.similarity_ = item_cosine(together, self.neighbours, self.shrinkage)
        self.popularity_ = share_of_customers(history, 30)
        return self

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Sum likeness times the weight of the purchase, over what the customer bought."""
        some = history.of_customers(rows)
        likeness = (some.weighted(some.decay(self.half_life)) @ self.similarity_).toarray()
        return filled(likeness, self.popularity_)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Name the purchase that contributed most."""
        who, at = np.unique(customer, return_inverse=True)
        some = history.of_customers(who)
        weights = some.weighted(some.decay(self.half_life))
        cause = self.similarity_.tocsc()[:, item]
        parts = weights[at].multiply(cause.T).tocsr()
        best = np.asarray(parts.argmax(axis=1)).ravel()
        found = parts.max(axis=1).toarray().ravel() > 0
        # Plain lists: a series asked millions of times costs more than the scores.
        known, called = self.items_.tolist(), names.tolist()
        told = zip(item.tolist(), best.tolist(), found.tolist(), strict=True)
        return [
            self._because(because, code, known, called)
            if seen
            else popularity_reason(self.popularity_[code], called[code], known[code])
            for code, because, seen in told
        ]

    def _because(self, cause: int, item: int, known: list[str], called: list[str]) -> Reason:
        who = "customers who did often buy" if self.basket == "customer" else "orders often hold"
        text = f"Bought {called[cause]}; {who} {called[item]} too."
        return Reason(text, f"alike:{known[cause]}>{known[item]}")


def item_cosine(
    owned: sparse.csr_matrix, neighbours: int, shrinkage: float = 0.0, block: int = 1024
) -> sparse.csr_matrix:
    """Find the items bought most alike, by cosine.

    Parameters
    ----------
    owned : scipy.sparse.csr_matrix of float32, (customers, items)
        Who bought what.
    neighbours : int
        Entries kept in a row; equal ones by item.
    shrinkage : float
        Added to the denominator.
    block : int
        Items worked on at a time, which bounds the memory.

    Returns
    -------
    scipy.sparse.csr_matrix of float32, (items, items)
        Without the diagonal.
    """
    by_item = owned.T.tocsr()
    length = np.sqrt(np.asarray(owned.multiply(owned).sum(axis=0), dtype=np.float64).ravel())
    blocks = []
    for start in range(0, by_item.shape[0], block):
        dots = (by_item[start : start + block] @ owned).toarray()
        bottom = np.outer(length[start : start + block], length) + shrinkage
        likeness = np.divide(dots, bottom, out=np.zeros_like(dots), where=bottom > 0)
        at = np.arange(len(dots))
        likeness[at, start + at] = 0.0
        blocks.append(_kept(likeness.astype(np.float32), neighbours))
    return sparse.vstack(blocks, format="csr")


def _kept(dense: np.ndarray, n: int) -> sparse.csr_matrix:
    place, value = highest(dense, min(n, dense.shape[1]))
    row = np.broadcast_to(np.arange(len(dense))[:, None], place.shape)
    good = value > 0
    return sparse.csr_matrix((value[good], (row[good], place[good])), shape=dense.shape)
