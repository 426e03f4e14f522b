"""Candidates of each customer, and what is known about each pair of customer and item."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from models.recommend.base import State, check_parts
from models.recommend.history import History
from models.recommend.pair_closest import closest_columns
from models.recommend.pair_customers import customer_table
from models.recommend.pair_items import item_table
from models.recommend.pair_own import own_columns
from models.recommend.sources import EVERY, OWN, Sources
from models.recommend.top import highest

__all__ = ["LABELS", "PairMaker", "Pairs"]

# Habits compete with all else for a place in the list: they need more candidates.
HABITS = 2
HALF_MONTH = 15.0

LABELS = {
    "own": "weight of own purchases",
    "own_relative": "own purchases against the favourite",
    "own_times": "times bought",
    "own_last_days": "days since bought",
    "own_first_days": "days since first bought",
    "own_gap": "days between own purchases",
    "own_overdue": "days since bought in usual gaps",
    "own_overdue_usual": "days since bought in gaps usual for the item",
    "own_amount": "own spend (log)",
    "own_pieces": "own pieces (log)",
    "own_weight_10": "own purchases, halved every 10 days",
    "own_weight_30": "own purchases, halved every 30 days",
    "own_weight_90": "own purchases, halved every 90 days",
    "own_baskets_since": "days with other purchases since bought",
    "own_share": "share of baskets with it",
    "own_rate": "purchases a day in which it is usually bought again",
    "own_since_recency": "days from the last purchase of it to the last visit",
    "alike": "likeness to own purchases",
    "alike_relative": "likeness against the most alike",
    "together": "presence in orders with recent purchases",
    "together_relative": "presence in orders against the top item",
    "taste": "demand among similar customers",
    "taste_relative": "demand among similar customers against the top item",
    "rules": "confidence of the best rule",
    "rules_relative": "confidence against the best item's",
    "ease": "weight of all own purchases for it",
    "ease_relative": "weight of all own purchases against the top item",
    "similar": "recent purchases of the most similar customers",
    "similar_relative": "purchases of similar customers against the top item",
    "habits": "own and similar customers' frequency",
    "habits_relative": "own and similar customers' frequency against the top item",
    "content": "likeness of words to own purchases, by demand",
    "content_relative": "likeness of words against the top item",
    "content_closest": "likeness of words to the closest own purchase",
    "content_close": "likeness of words to the three closest own purchases",
    "content_count": "own purchases alike in words",
    "content_sum": "likeness of words to own purchases",
    "popular": "customers in 30 days",
    "popular_relative": "customers in 30 days against the top item",
    "item_share_7": "share of customers in 7 days",
    "item_share_14": "share of customers in 14 days",
    "item_share_30": "share of customers in 30 days",
    "item_share_90": "share of customers in 90 days",
    "item_share": "share of customers ever",
    "item_trend_week": "7-day against 30-day customers",
    "item_trend": "30-day against 90-day customers",
    "item_trend_long": "90-day customers against all",
    "item_again": "share of buyers who bought again",
    "item_rebuy": "share of earlier buyers who bought again in 31 days",
    "item_new_buyers": "share of customers in 31 days who bought it first then",
    "item_gap": "usual days between purchases of the item",
    "item_buyers_items": "distinct items of its buyers (log)",
    "item_buyers_like": "distinct items of its buyers against the customer's (log)",
    "item_price": "price of the item (log)",
    "item_pieces": "pieces in a line (log)",
    "item_basket": "items in baskets that hold it (log)",
    "item_first_days": "days since the item's first sale",
    "item_last_days": "days since the item's last sale",
    "item_newer": "item's age less days since the last visit",
    "customer_baskets": "customer's baskets",
    "customer_baskets_31": "customer's baskets in 31 days",
    "customer_baskets_93": "customer's baskets in 93 days",
    "customer_recency": "days since the last visit",
    "customer_tenure": "days since the first visit",
    "customer_gap": "days between visits",
    "customer_basket_items": "items in a basket",
    "customer_items": "distinct items of the customer",
    "customer_items_31": "customer's items in 31 days",
    "customer_items_93": "customer's items in 93 days",
    "customer_repeats": "customer's share of repeats",
    "customer_last_items": "items on the latest day",
    "customer_novelty": "share of the latest day's items that were new to the customer",
    "customer_price": "customer's usual price (log)",
    "customer_spend": "customer's spend (log)",
    "customer_pieces": "customer's usual pieces in a line (log)",
    "customer_overdue": "days since the last visit in usual gaps",
    "price_ratio": "price against the customer's usual (log)",
}


@dataclass(frozen=True)
class Pairs:
    """Pairs of customer and item, sorted by both.

    Attributes
    ----------
    row : numpy.ndarray of int
        Positions among the customers asked for.
    item : numpy.ndarray of int
        Item codes.
    features : pandas.DataFrame of float32
        One row a pair.
    """

    row: np.ndarray
    item: np.ndarray
    features: pd.DataFrame


class PairMaker:
    """Propose candidates and describe them, from the history it was fitted on.

    Parameters
    ----------
    new_only : bool
        Propose only items that the customer never bought.
    width : int
        Candidates taken from each source.
    random_state : int
        Seed.
    names : sequence of str, default all
        Sources that propose, by the names of `Sources`.

    Attributes
    ----------
    sources : Sources
        Who proposes.
    item_table : pandas.DataFrame of float32
        What is known of each item.
    """

    def __init__(
        self, new_only: bool, width: int, random_state: int = 0, names: Sequence[str] = EVERY
    ) -> None:
        self.new_only = new_only
        self.width = width
        self.random_state = random_state
        self.names = tuple(names)
        self.sources = Sources(random_state, names)
        self.item_table = pd.DataFrame()

    def fit(self, history: History) -> Self:
        """Learn the sources and the item table."""
        self.sources.fit(history)
        self.item_table = item_table(history)
        return self

    def of_everything(self) -> "PairMaker":
        """Give an unfitted one that proposes items owned too."""
        return PairMaker(False, self.width, self.random_state, self.names)

    def candidates(self, history: History) -> Pairs:
        """Propose items for every customer of a small history, and describe the pairs."""
        scores = self.sources.scores(history)
        row, item = np.nonzero(self._proposed(history, scores))
        return self._described(history, scores, row, item)

    def pairs(self, history: History, row: np.ndarray, item: np.ndarray) -> Pairs:
        """Describe given pairs."""
        return self._described(history, self.sources.scores(history), row, item)

    def _proposed(self, history: History, scores: dict[str, np.ndarray]) -> np.ndarray:
        owned = history.owned().toarray() > 0
        proposed = np.zeros(owned.shape, dtype=bool)
        for name, score in scores.items():
            if name != OWN:
                _mark(proposed, np.where(owned, 0.0, score).astype(np.float32), self.width)
            elif not self.new_only:
                _mark(proposed, score, HABITS * self.width)
        return proposed

    def _described(
        self, history: History, scores: dict[str, np.ndarray], row: np.ndarray, item: np.ndarray
    ) -> Pairs:
        columns = _source_columns(scores, row, item)
        columns |= own_columns(history, row, item)
        if self.sources.likeness is not None:
            columns |= closest_columns(self.sources.likeness, history, row, item)
        for table, at in (
            (customer_table(history, self.item_table), row),
            (self.item_table, item),
        ):
            columns |= {str(name): part.to_numpy()[at] for name, part in table.items()}
        columns["price_ratio"] = columns["item_price"] - columns["customer_price"]
        columns |= _interactions(columns)
        return Pairs(row, item, _table(columns, len(row)))

    @property
    def parts(self) -> set[str]:
        """Names of the parts of the state."""
        return {"item_table", *self.sources.parts}

    def get_state(self) -> State:
        """Give the sources' states and the item table."""
        return self.sources.get_state() | {"item_table": self.item_table}

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` gave."""
        check_parts("pairs", state, self.parts)
        table = state["item_table"]
        assert isinstance(table, pd.DataFrame)
        self.sources.set_state(state)
        self.item_table = table
        return self


def _table(columns: dict[str, np.ndarray], pairs: int) -> pd.DataFrame:
    """Put columns side by side, row by row in memory, as trees read them."""
    table = np.empty((pairs, len(columns)), dtype=np.float32)
    for place, column in enumerate(columns.values()):
        table[:, place] = column
    return pd.DataFrame(table, columns=list(columns), copy=False)


def _mark(proposed: np.ndarray, score: np.ndarray, width: int) -> None:
    place, value = highest(score, min(width, score.shape[1]))
    row = np.broadcast_to(np.arange(len(score))[:, None], place.shape)
    good = value > 0
    proposed[row[good], place[good]] = True


def _source_columns(
    scores: dict[str, np.ndarray], row: np.ndarray, item: np.ndarray
) -> dict[str, np.ndarray]:
    """Give the score of each source, plain and as a share of the customer's best."""
    columns = {}
    for name, score in scores.items():
        best = np.maximum(score.max(axis=1), 1e-9)
        value = score[row, item]
        columns[name] = value
        columns[f"{name}_relative"] = value / best[row]
    return columns


def _interactions(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    baskets = np.maximum(columns["customer_baskets"], 1)
    return {
        "own_share": columns["own_times"] / baskets,
        "own_overdue_usual": columns["own_last_days"] / np.maximum(columns["item_gap"], 1),
        "own_rate": columns["own_times"]
        * columns["item_rebuy"]
        / (columns["own_first_days"] + HALF_MONTH),
        "own_since_recency": columns["own_last_days"] - columns["customer_recency"],
        "customer_overdue": columns["customer_recency"] / np.maximum(columns["customer_gap"], 1),
        "item_buyers_like": columns["item_buyers_items"] - np.log1p(columns["customer_items"]),
        "item_newer": columns["item_first_days"] - columns["customer_recency"],
    }
