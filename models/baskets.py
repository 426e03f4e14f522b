"""What lies in the same basket: a table that answers for one basket in well under a millisecond."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.recommend.history import History

__all__ = ["BasketTable", "Found"]


@dataclass(frozen=True)
class Found:
    """Items that go with a basket, the best first; all arrays are equally long.

    Attributes
    ----------
    item : numpy.ndarray of int64
        Codes.
    score : numpy.ndarray of float64
        Sum of the cosines with the items of the basket; 0 for those that are only popular.
    cause : numpy.ndarray of int64
        The item of the basket that speaks most for it; -1 where none does.
    share : numpy.ndarray of float64
        Share of the baskets with the cause that hold the item; without a cause, of all baskets.
    baskets : numpy.ndarray of int64
        Baskets behind that share.
    usual : numpy.ndarray of float64
        Share of all baskets that hold the item.
    """

    item: np.ndarray
    score: np.ndarray
    cause: np.ndarray
    share: np.ndarray
    baskets: np.ndarray
    usual: np.ndarray


class BasketTable(BaseEstimator):
    """Count which items are bought in the same basket.

    An item is offered to a basket by the sum of its cosines with the items in it, over baskets
    (item-based filtering, Sarwar et al. 2001, *Item-based collaborative filtering recommendation
    algorithms*, WWW10). Nothing about the customer is needed.

    Parameters
    ----------
    partners : int, default 100
        Items kept for each item, those with the highest cosine.
    least : int, default 3
        Baskets in which two items must lie together to count.

    Attributes
    ----------
    together_ : scipy.sparse.csr_matrix of float32, (items, items)
        Baskets with both, of the partners kept; each row sorted by item.
    baskets_ : numpy.ndarray of int64, (items,)
        Baskets with each item.
    total_ : int
        All baskets.

    Examples
    --------
    >>> import pandas as pd
    >>> lines = pd.DataFrame({"customer_id": "ann", "item_id": list("ABABABC"), "quantity": 1.0,
    ...     "order_id": list("1122334"), "ordered_at": pd.Timestamp("2024-01-01"), "amount": 1.0})
    >>> history = History.from_purchases(lines, pd.Timestamp("2024-01-31"))
    >>> found = BasketTable().fit(history).offers(np.array([0]), n=1)
    >>> history.items[found.item].tolist(), found.share.tolist()
    (['B'], [1.0])
    """

    learned: ClassVar[tuple[str, ...]] = ("together_", "baskets_", "total_")

    together_: sparse.csr_matrix
    baskets_: np.ndarray
    total_: int

    def __init__(self, partners: int = 100, least: int = 3) -> None:
        self.partners = partners
        self.least = least

    def fit(self, history: History) -> Self:
        """Count in all baskets of `history`, over its items."""
        held = _baskets(history)
        self.total_ = held.shape[0]
        self.baskets_ = np.asarray(held.sum(axis=0)).ravel().astype(np.int64)
        together = sparse.coo_matrix(held.T @ held)
        kept = (together.row != together.col) & (together.data >= self.least)
        row, column, count = together.row[kept], together.col[kept], together.data[kept]
        cosine = count / np.sqrt(self.baskets_[row] * self.baskets_[column])
        order = np.lexsort((column, -cosine, row))
        starts = np.searchsorted(row[order], np.arange(len(history.items)))
        best = order[np.arange(len(order)) - starts[row[order]] < self.partners]
        self.together_ = sparse.csr_matrix(
            (count[best].astype(np.float32), (row[best], column[best])), shape=together.shape
        )
        self.together_.sort_indices()
        return self

    def offers(self, basket: np.ndarray, n: int = 5) -> Found:
        """Give the best `n` items that are not in the basket; popular ones where too few go along.

        Parameters
        ----------
        basket : numpy.ndarray of int
            Codes of the items in it; repeats do not count.
        n : int
            Items, at most.

        Raises
        ------
        ValueError
            When `n` is less than 1.
        """
        check_is_fitted(self, "together_")
        if n < 1:
            raise ValueError(f"n must be at least 1 but got {n}")
        basket = np.unique(basket)
        score = np.zeros(len(self.baskets_))
        strongest = np.zeros(len(self.baskets_))
        cause = np.full(len(self.baskets_), -1, dtype=np.int64)
        for one in basket.tolist():
            at, gain = self._cosines(one)
            score[at] += gain
            stronger = gain > strongest[at]
            cause[at[stronger]], strongest[at[stronger]] = one, gain[stronger]
        score[basket] = -1.0
        order = np.lexsort((-self.baskets_, -score))[: n + len(basket)]
        item = order[(score[order] >= 0) & (self.baskets_[order] > 0)][:n]
        return self._found(item, score[item], cause[item])

    def _cosines(self, item: int) -> tuple[np.ndarray, np.ndarray]:
        row = slice(self.together_.indptr[item], self.together_.indptr[item + 1])
        at = self.together_.indices[row]
        return at, self.together_.data[row] / np.sqrt(self.baskets_[item] * self.baskets_[at])

    def _found(self, item: np.ndarray, score: np.ndarray, cause: np.ndarray) -> Found:
        usual = self.baskets_[item] / max(self.total_, 1)
        held = np.where(cause >= 0, self.baskets_[cause], self.total_)
        both = [
            self.together_[one, code] if one >= 0 else self.baskets_[code]
            for one, code in zip(cause.tolist(), item.tolist(), strict=True)
        ]
        share = np.asarray(both, dtype=np.float64) / np.maximum(held, 1)
        return Found(item, score, cause, share, held, usual)

    def get_state(self) -> dict[str, Any]:
        """Give what was learned, for export in open formats."""
        check_is_fitted(self, "together_")
        return {name: getattr(self, name) for name in self.learned}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave.

        Raises
        ------
        ValueError
            When a part is missing or not known.
        """
        if set(state) != set(self.learned):
            wrong = ", ".join(sorted(set(state) ^ set(self.learned)))
            raise ValueError(f"basket table has missing or unknown parts: {wrong}")
        for name in self.learned:
            setattr(self, name, state[name])
        return self


def _baskets(history: History) -> sparse.csr_matrix:
    """Tell which basket holds which item (binary); a basket without a known item is left out."""
    basket, row = np.unique(history.lines["basket"].to_numpy(), return_inverse=True)
    item = history.lines["item"].to_numpy()
    shape = (len(basket), len(history.items))
    held = sparse.csr_matrix((np.ones(len(item), np.float32), (row, item)), shape=shape)
    held.sum_duplicates()
    held.data[:] = 1.0
    return held
