"""Candidates of each customer, and what is known about each pair of customer and item."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from models.recommend.base import State, check_parts
from models.recommend.history import History
from models.recommend.popularity import share_of_customers
from models.recommend.sources import OWN, Sources
from models.recommend.top import highest

__all__ = ["LABELS", "PairMaker", "Pairs"]

DAY_CAP = 3650.0

LABELS = {
    "own": "weight of own purchases",
    "own_relative": "own purchases against the favourite",
    "own_times": "times bought",
    "own_last_days": "days since bought",
    "own_first_days": "days since first bought",
    "own_gap": "days between own purchases",
    "own_overdue": "days since bought in usual gaps",
    "own_amount": "own spend (log)",
    "own_share": "share of baskets with it",
    "own_since_recency": "days from the last purchase of it to the last visit",
    "alike": "likeness to own purchases",
    "alike_relative": "likeness against the most alike",
    "taste": "demand among similar customers",
    "taste_relative": "demand among similar customers against the top item",
    "rules": "confidence of the best rule",
    "rules_relative": "confidence against the best item's",
    "popular": "customers in 30 days",
    "popular_relative": "customers in 30 days against the top item",
    "item_share_7": "share of customers in 7 days",
    "item_share_14": "share of customers in 14 days",
    "item_share_30": "share of customers in 30 days",
    "item_share_90": "share of customers in 90 days",
    "item_share": "share of customers ever",
    "item_trend": "30-day against 90-day customers",
    "item_trend_long": "90-day customers against all",
    "item_again": "share of buyers who bought again",
    "item_price": "price of the item (log)",
    "item_first_days": "days since the item's first sale",
    "item_last_days": "days since the item's last sale",
    "item_newer": "item's age less days since the last visit",
    "customer_baskets": "customer's baskets",
    "customer_recency": "days since the last visit",
    "customer_tenure": "days since the first visit",
    "customer_gap": "days between visits",
    "customer_basket_items": "items in a basket",
    "customer_items": "distinct items of the customer",
    "customer_repeats": "customer's share of repeats",
    "customer_price": "customer's usual price (log)",
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

    Attributes
    ----------
    sources : Sources
        Who proposes.
    item_table : pandas.DataFrame of float32
        What is known of each item.
    """

    def __init__(self, new_only: bool, width: int, random_state: int = 0) -> None:
        self.new_only = new_only
        self.width = width
        self.random_state = random_state
        self.sources = Sources(random_state)
        self.item_table = pd.DataFrame()

    def fit(self, history: History) -> Self:
        """Learn the sources and the item table."""
        self.sources.fit(history)
        self.item_table = item_table(history)
        return self

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
                _mark(proposed, score, self.width)
        return proposed

    def _described(
        self, history: History, scores: dict[str, np.ndarray], row: np.ndarray, item: np.ndarray
    ) -> Pairs:
        columns = _source_columns(scores, row, item)
        columns |= _own_columns(history, row, item)
        who = customer_table(history, self.item_table).iloc[row]
        what = self.item_table.iloc[item]
        columns |= {name: who[name].to_numpy() for name in map(str, who)}
        columns |= {name: what[name].to_numpy() for name in map(str, what)}
        columns["price_ratio"] = columns["item_price"] - columns["customer_price"]
        columns |= _interactions(columns)
        table = pd.DataFrame({name: np.float32(column) for name, column in columns.items()})
        return Pairs(row, item, table)

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


def item_table(history: History) -> pd.DataFrame:
    """Describe items by their sales up to the date of the history.

    Returns
    -------
    pandas.DataFrame of float32
        In the order of ``history.items``: shares of customers in 7, 14, 30 and 90 days and ever,
        trend, share of buyers who bought again, price (logarithm), days since first and last sale.
    """
    lines = history.lines
    month, quarter, ever = (share_of_customers(history, days) for days in (30, 90, None))
    again = history.weighted(history.first_in_basket)
    repeats = np.asarray((again > 1).sum(axis=0)).ravel() / np.maximum(
        ever * len(history.customers), 1
    )
    age = lines.groupby("item")["age"].agg(["min", "max"]).reindex(range(len(history.items)))
    table = {
        "item_share_7": share_of_customers(history, 7),
        "item_share_14": share_of_customers(history, 14),
        "item_share_30": month,
        "item_share_90": quarter,
        "item_share": ever,
        "item_trend": month / np.maximum(quarter, 1e-9),
        "item_trend_long": quarter / np.maximum(ever, 1e-9),
        "item_again": repeats,
        "item_price": item_prices(history),
        "item_first_days": age["max"].fillna(DAY_CAP),
        "item_last_days": age["min"].fillna(DAY_CAP),
    }
    return pd.DataFrame({name: np.float32(column) for name, column in table.items()})


def item_prices(history: History) -> np.ndarray:
    """Find the logarithm of each item's median price paid; items never sold get the median."""
    lines = history.lines
    price = lines["amount"] / lines["quantity"].where(lines["quantity"] > 0)
    median = price.groupby(lines["item"]).median().reindex(range(len(history.items)))
    filled = median.fillna(median.median() if median.notna().any() else 0.0)
    return np.log1p(np.maximum(filled.to_numpy(), 0.0))


def customer_table(history: History, items: pd.DataFrame) -> pd.DataFrame:
    """Describe customers by their own lines.

    Returns
    -------
    pandas.DataFrame of float32
        In the order of ``history.customers``: baskets, recency, tenure, mean gap between baskets,
        items in a basket, distinct items, share of repeats, usual price (logarithm).
    """
    lines = history.lines
    size = len(history.customers)
    code = lines["customer"].to_numpy()
    acts = np.bincount(code, history.first_in_basket, minlength=size)
    baskets = lines.groupby("customer")["basket"].nunique().reindex(range(size)).fillna(0.0)
    age = lines.groupby("customer")["age"].agg(["min", "max"]).reindex(range(size)).fillna(DAY_CAP)
    distinct = np.diff(history.owned().indptr)
    price = np.bincount(code, items["item_price"].to_numpy()[lines["item"]], minlength=size)
    table = {
        "customer_baskets": baskets,
        "customer_recency": age["min"],
        "customer_tenure": age["max"],
        "customer_gap": (age["max"] - age["min"]) / np.maximum(baskets - 1, 1),
        "customer_basket_items": acts / np.maximum(baskets, 1),
        "customer_items": distinct,
        "customer_repeats": 1 - distinct / np.maximum(acts, 1),
        "customer_price": price / np.maximum(np.bincount(code, minlength=size), 1),
    }
    return pd.DataFrame({name: np.asarray(part, np.float32) for name, part in table.items()})


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


def _own_columns(history: History, row: np.ndarray, item: np.ndarray) -> dict[str, np.ndarray]:
    """Describe how the customer bought the item so far; NaN or 0 when never."""
    lines = history.lines[history.first_in_basket]
    width = len(history.items)
    key = lines["customer"].to_numpy(dtype=np.int64) * width + lines["item"].to_numpy()
    order = np.argsort(key, kind="stable")
    unique, first = np.unique(key[order], return_index=True)
    age = lines["age"].to_numpy(dtype=np.float32)[order]
    amount = lines["amount"].to_numpy(dtype=np.float32)[order]
    times = np.diff(np.append(first, len(key))).astype(np.float32)
    last = np.minimum.reduceat(age, first) if len(first) else age
    oldest = np.maximum.reduceat(age, first) if len(first) else age
    money = np.add.reduceat(amount, first) if len(first) else amount
    wanted = row.astype(np.int64) * width + item
    at = np.searchsorted(unique, wanted)
    held = np.append(unique, -1)[at] == wanted
    gap = np.where(times > 1, (oldest - last) / np.maximum(times - 1, 1), np.nan)
    table = {
        "own_times": times,
        "own_last_days": last,
        "own_first_days": oldest,
        "own_gap": gap,
        "own_overdue": last / np.maximum(gap, 1.0),
        "own_amount": np.log1p(np.maximum(money, 0.0)),
    }
    return {
        name: np.where(held, np.append(column, np.nan)[np.where(held, at, -1)], np.nan)
        for name, column in table.items()
    }


def _interactions(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    baskets = np.maximum(columns["customer_baskets"], 1)
    return {
        "own_share": columns["own_times"] / baskets,
        "own_since_recency": columns["own_last_days"] - columns["customer_recency"],
        "customer_overdue": columns["customer_recency"] / np.maximum(columns["customer_gap"], 1),
        "item_newer": columns["item_first_days"] - columns["customer_recency"],
    }
