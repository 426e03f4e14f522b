"""The contract of every recommender: fit on a history, score all items, explain a choice."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.recommend.history import History, LabelledWindow
from models.recommend.top import highest
from models.search import Range

__all__ = ["Part", "Reason", "Recommender", "State"]

Part = np.ndarray | sparse.csr_matrix | pd.DataFrame | str | int | float | list | dict
State = dict[str, Part]

NEVER = np.float32(-np.inf)
CELLS = 1 << 24


@dataclass(frozen=True)
class Reason:
    """Why an item is offered to a customer.

    Attributes
    ----------
    text : str
        One sentence a person can say to the customer.
    evidence_id : str
        A stable name of the pattern behind it (``rule:A+B>C``, ``segment:3``, ``popular:C`` ...).
    """

    text: str
    evidence_id: str


class Recommender(BaseEstimator, ABC):
    """Rank, for every customer, the items that the customer may buy next.

    A subclass is one file, one line in ``models.recommend.registry`` and one conformance parameter.
    Its constructor takes plain values only; what it learned ends in ``_``. Randomness comes from
    ``random_state`` alone.

    Attributes
    ----------
    family : str
        ``baseline``, ``clustering``, ``association``, ``tree`` or ``neural``.
    complexity : int
        How hard the method is to explain and keep (1 = a sorted list); the winner is the simplest
        candidate that is not worse than the best.
    search_space : mapping of str to Range
        Parameters that may be tuned.
    requires : str or None
        A module that fitting needs and that is not installed with the product.
    learned : tuple of str
        Names of the attributes that make up the state, beside `items_`.
    items_ : pandas.Index
        The items known after `fit`.
    """

    family: ClassVar[str]
    complexity: ClassVar[int]
    search_space: ClassVar[Mapping[str, Range]] = {}
    requires: ClassVar[str | None] = None
    learned: ClassVar[tuple[str, ...]] = ()

    items_: pd.Index

    @abstractmethod
    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Learn from `history`, and from earlier windows whose outcome is known.

        Parameters
        ----------
        history : History
            Everything known at the date of fitting.
        past : sequence of LabelledWindow
            Earlier cuts with what was bought afterwards, latest last; methods that learn to rank
            need at least one, the others ignore them.
        """

    @abstractmethod
    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Score every known item for some customers.

        Parameters
        ----------
        history : History
            In the vocabulary of `items_`; it need not be the one fitted on.
        rows : numpy.ndarray of int
            Positions in ``history.customers``.

        Returns
        -------
        numpy.ndarray of float32, (len(rows), len(items_))
            Larger is better; ``-inf`` means: never offer.
        """

    @abstractmethod
    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Say for each pair of codes what drove its score.

        Parameters
        ----------
        history : History
            In the vocabulary of `items_`.
        customer, item : numpy.ndarray of int, equal in length
            The pairs.
        names : pandas.Series of str
            What to call each item, in the order of `items_`.
        """

    def get_state(self) -> State:
        """Give what was learned as arrays, frames, text and numbers, for export in open formats.

        Together with ``get_params`` it is all that a fresh instance needs.
        """
        check_is_fitted(self, "items_")
        return {"items": list(self.items_)} | {name: getattr(self, name) for name in self.learned}

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` gave; scores are equal afterwards.

        Raises
        ------
        ValueError
            When a part is missing or not known.
        """
        check_parts(type(self).__name__, state, {"items", *self.learned})
        self.items_ = item_index(state)
        for name in self.learned:
            setattr(self, name, state[name])
        return self

    def recommend(
        self,
        history: History,
        *,
        n: int = 10,
        exclude_owned: bool = True,
        rows: np.ndarray | None = None,
        excluded: sparse.csr_matrix | None = None,
        barred: np.ndarray | None = None,
        batch: int = 2048,
    ) -> pd.DataFrame:
        """Give the best `n` items of each customer.

        Parameters
        ----------
        history : History
            What the customers bought so far; recoded to the fitted items when it must be.
        n : int
            Rows a customer, at most.
        exclude_owned : bool
            Leave out items the customer bought before.
        rows : numpy.ndarray of int, optional
            Positions of customers; default all.
        excluded : scipy.sparse.csr_matrix, optional
            Further pairs to leave out: one row for each of `rows`, one column an item of `items_`.
        barred : numpy.ndarray of int, optional
            Positions in `items_` of items that nobody is offered.
        batch : int
            Customers scored at a time; fewer when the items are many, which bounds the memory.

        Returns
        -------
        pandas.DataFrame
            ``customer``, ``item`` (int32 codes into ``history.customers`` and ``items_``), ``rank``
            (int16 from 1), ``score`` (float64); sorted by customer and rank. Equal scores are
            ranked by the item's identifier.
        """
        check_is_fitted(self, "items_")
        if n < 1:
            raise ValueError(f"n must be at least 1 but got {n}")
        history = history.with_items(self.items_)
        rows = np.arange(len(history.customers)) if rows is None else np.asarray(rows)
        step = min(batch, max(1, CELLS // len(self.items_)))
        parts = [_best(np.empty((0, len(self.items_)), dtype=np.float32), rows[:0], n)]
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            scores = np.array(self.scores(history, some), dtype=np.float32)
            if exclude_owned:
                _forbid(scores, history.owned(some))
            if excluded is not None:
                _forbid(scores, excluded[start : start + step])
            if barred is not None:
                scores[:, barred] = NEVER
            parts.append(_best(scores, some, n))
        return pd.concat(parts, ignore_index=True)


def check_parts(owner: str, state: State, expected: set[str]) -> None:
    """Refuse a state that does not hold exactly the `expected` parts."""
    if set(state) != expected:
        wrong = ", ".join(sorted(expected ^ set(state)))
        raise ValueError(f"{owner}: state has missing or unknown parts: {wrong}")


def item_index(state: State) -> pd.Index:
    """Read the identifiers of items in a state."""
    items: Any = state["items"]
    return pd.Index(items, dtype=object)


def filled(scores: np.ndarray, popularity: np.ndarray) -> np.ndarray:
    """Rank items without evidence below all others, the popular ones first.

    Parameters
    ----------
    scores : numpy.ndarray of float32, (customers, items)
        Positive where something speaks for the item; changed in place.
    popularity : numpy.ndarray, (items,)
        From 0 to 1.

    Returns
    -------
    numpy.ndarray
        `scores`, with -1 + popularity in the place of zeros.
    """
    rest = np.broadcast_to((popularity - 1.0).astype(np.float32), scores.shape)
    np.copyto(scores, rest, where=scores <= 0)
    return scores


def popularity_reason(share: float, name: str, item: str) -> Reason:
    """Say that an item is offered because many people bought it in the last 30 days."""
    text = f"{share:.1%} of all customers bought {name} in the last 30 days."
    return Reason(text, f"popular:{item}")


def _forbid(scores: np.ndarray, pairs: sparse.csr_matrix) -> None:
    at = pairs.tocoo()
    scores[at.row, at.col] = NEVER


def _best(scores: np.ndarray, customers: np.ndarray, n: int) -> pd.DataFrame:
    """Take the `n` highest of each row; ties go to the lower item code."""
    top, value = highest(scores, min(n, scores.shape[1]))
    keep = value > NEVER
    rank = np.broadcast_to(np.arange(1, top.shape[1] + 1, dtype=np.int16), top.shape)
    return pd.DataFrame(
        {
            "customer": np.repeat(customers.astype(np.int32), top.shape[1])[keep.ravel()],
            "item": top[keep],
            "rank": rank[keep],
            "score": value.astype(np.float64)[keep],
        }
    )
