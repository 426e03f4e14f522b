"""What most customers buy, offered to everybody: the baseline every other method must beat."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from models.recommend.base import Reason, Recommender
from models.recommend.checks import at_least, not_empty
from models.recommend.history import History, LabelledWindow
from models.search import IntRange, Range

__all__ = ["Popularity", "share_of_customers"]


class Popularity(Recommender):
    """Rank items by the share of customers who bought them lately.

    Parameters
    ----------
    days : int or None, default 30
        How far back purchases count; None counts all. Items alike in these days are ranked by the
        number of customers who ever bought them.

    Attributes
    ----------
    share_ : numpy.ndarray of float64, (items,)
        Share of all customers who bought the item in the last `days` days.
    score_ : numpy.ndarray of float64, (items,)
        Customers lately, plus a fraction below one for customers ever.
    """

    family: ClassVar[str] = "baseline"
    complexity: ClassVar[int] = 1
    search_space: ClassVar[Mapping[str, Range]] = {"days": IntRange(7, 180, log=True)}
    learned: ClassVar[tuple[str, ...]] = ("share_", "score_")

    share_: np.ndarray
    score_: np.ndarray

    def __init__(self, days: int | None = 30) -> None:
        self.days = days

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Count the customers of each item; `past` is not used."""
        at_least(1, days=self.days)
        not_empty(history)
        customers = len(history.customers)
        self.items_ = history.items
        self.share_ = share_of_customers(history, self.days)
        ever = share_of_customers(history) * customers / (customers + 1)
        self.score_ = self.share_ * customers + ever
        return self

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Give every customer the same scores."""
        one = self.score_.astype(np.float32)
        return np.broadcast_to(one, (len(rows), len(one))).copy()

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Tell the share of customers who bought the item."""
        when = "so far" if self.days is None else f"in the last {self.days} days"
        return [
            Reason(
                f"{self.share_[code]:.1%} of all customers bought {names.array[code]} {when}.",
                f"popular:{self.items_[code]}",
            )
            for code in item
        ]


def share_of_customers(history: History, days: int | None = None) -> np.ndarray:
    """Count the customers who bought each item in the last `days` days, as a share of all.

    Parameters
    ----------
    history : History
        The purchases.
    days : int, optional
        Lines with an age below this count; default all.

    Returns
    -------
    numpy.ndarray of float64, (items,)
        From 0 to 1.
    """
    age = history.lines["age"].to_numpy()
    recent = np.ones(len(age)) if days is None else age < days
    buyers = (history.weighted(recent) > 0).sum(axis=0)
    return np.asarray(buyers, dtype=np.float64).ravel() / max(len(history.customers), 1)
