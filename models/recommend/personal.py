"""A customer's own favourites: what they bought often and lately, they buy again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy import sparse

from models.recommend.base import Reason, Recommender, filled, popularity_reason
from models.recommend.checks import at_least, not_empty
from models.recommend.history import History, LabelledWindow
from models.recommend.popularity import share_of_customers
from models.search import FloatRange, Range

__all__ = ["Habits", "Personal"]

FLOOR = 1e-4


class Personal(Recommender):
    """Rank items by how often the customer bought them, recent purchases counting more.

    It lives on repeats: items that the customer never had follow below, in the order of their
    popularity.

    Parameters
    ----------
    half_life : float, default 270
        Days after which a purchase counts half.
    popularity : float, default 0.4
        Power of the item's recent popularity that multiplies the weight: among items bought alike
        often, those in demand come first, and items no longer sold fall back. 0 leaves it out.

    Attributes
    ----------
    popularity_ : numpy.ndarray of float64, (items,)
        Share of customers who bought the item in the last 30 days.
    """

    family: ClassVar[str] = "baseline"
    complexity: ClassVar[int] = 1
    search_space: ClassVar[Mapping[str, Range]] = {
        "half_life": FloatRange(30, 720, log=True),
        "popularity": FloatRange(0.0, 1.0),
    }
    learned: ClassVar[tuple[str, ...]] = ("popularity_",)

    popularity_: np.ndarray

    def __init__(self, half_life: float = 270.0, popularity: float = 0.4) -> None:
        self.half_life = half_life
        self.popularity = popularity

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Learn only what is popular, for the rest of the list; `past` is not used."""
        at_least(1e-3, half_life=self.half_life)
        at_least(0, popularity=self.popularity)
        not_empty(history)
        self.items_ = history.items
        self.popularity_ = share_of_customers(history, 30)
        return self

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Sum the weights of the customer's own purchases of each item."""
        some = history.of_customers(rows)
        own = some.weighted(some.decay(self.half_life))
        own.data *= self._demand()[own.indices]
        return filled(own.toarray(), self.popularity_)

    def _demand(self) -> np.ndarray:
        return ((self.popularity_ + FLOOR) ** self.popularity).astype(np.float32)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Tell how often the customer bought the item, and when last."""
        who, at = np.unique(customer, return_inverse=True)
        habits = Habits.of(history.of_customers(who))
        return [
            self._reason(habits.sentence(row, code, names.array[code]), code, names.array[code])
            for row, code in zip(at.tolist(), np.asarray(item).tolist(), strict=True)
        ]

    def _reason(self, text: str, item: int, name: str) -> Reason:
        if not text:
            return popularity_reason(self.popularity_[item], name, self.items_[item])
        return Reason(text, f"favourite:{self.items_[item]}")


@dataclass(frozen=True)
class Habits:
    """How often each customer bought each item, and when last.

    Attributes
    ----------
    times : scipy.sparse.csr_matrix, (customers, items)
        Baskets that hold the item.
    last : dict of (int, int) to int
        Days since the last purchase, by customer and item.
    """

    times: sparse.csr_matrix
    last: dict[tuple[int, int], int]

    @classmethod
    def of(cls, history: History) -> Self:
        """Count the purchases of all customers of `history`."""
        return cls(history.weighted(history.first_in_basket), last_purchase(history))

    def sentence(self, customer: int, item: int, name: str) -> str:
        """Tell the habit; an empty text when the customer never bought the item."""
        days = self.last.get((customer, item))
        if days is None:
            return ""
        times = int(self.times[customer, item])
        often = "once," if times == 1 else f"{times} times, last"
        return f"Bought {name} {often} {_ago(days)}."


def _ago(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def last_purchase(history: History) -> dict[tuple[int, int], int]:
    """Find how many days ago each customer bought each item last."""
    last = history.lines.groupby(["customer", "item"])["age"].min()
    pairs = zip(*(last.index.get_level_values(level).tolist() for level in (0, 1)), strict=True)
    return dict(zip(pairs, last.tolist(), strict=True))
