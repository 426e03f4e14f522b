"""What is known about each customer at a date: how often, how much and how new they buy."""

import numpy as np
import pandas as pd

from models.recommend.history import History
from models.recommend.pair_items import DAY_CAP

__all__ = ["customer_table"]

SPANS = (31, 93)


def customer_table(history: History, items: pd.DataFrame) -> pd.DataFrame:
    """Describe customers by their own lines.

    Parameters
    ----------
    history : History
        Their purchases.
    items : pandas.DataFrame
        What `item_table` gave, for the prices.

    Returns
    -------
    pandas.DataFrame of float32
        In the order of ``history.customers``; what the columns mean stands in
        ``models.recommend.pairs.LABELS``.
    """
    table = _visits(history) | _assortment(history) | _latest(history) | _money(history, items)
    return pd.DataFrame({name: np.asarray(part, np.float32) for name, part in table.items()})


def _visits(history: History) -> dict[str, np.ndarray]:
    lines, size = history.lines, len(history.customers)
    baskets = _baskets(history)
    age = lines.groupby("customer")["age"].agg(["min", "max"]).reindex(range(size)).fillna(DAY_CAP)
    latest, oldest = age["min"].to_numpy(), age["max"].to_numpy()
    lately = {f"customer_baskets_{days}": _baskets(history, days) for days in SPANS}
    return lately | {
        "customer_baskets": baskets,
        "customer_recency": latest,
        "customer_tenure": oldest,
        "customer_gap": (oldest - latest) / np.maximum(baskets - 1, 1),
    }


def _baskets(history: History, days: int | None = None) -> np.ndarray:
    lines = history.lines if days is None else history.lines[history.lines["age"] < days]
    found = lines.groupby("customer")["basket"].nunique()
    return found.reindex(range(len(history.customers))).fillna(0.0).to_numpy()


def _assortment(history: History) -> dict[str, np.ndarray]:
    acts = _count(history, history.first_in_basket)
    distinct = np.diff(history.owned().indptr)
    age = history.lines["age"].to_numpy()
    lately = {
        f"customer_items_{days}": _count(history, history.first_in_basket & (age < days))
        for days in SPANS
    }
    return lately | {
        "customer_basket_items": acts / np.maximum(_baskets(history), 1),
        "customer_items": distinct,
        "customer_repeats": 1 - distinct / np.maximum(acts, 1),
    }


def _latest(history: History) -> dict[str, np.ndarray]:
    """Describe the latest day with a purchase: how much, and what share was bought first then."""
    lines = history.lines
    age = lines["age"].to_numpy()
    latest = age == lines.groupby("customer")["age"].transform("min").to_numpy()
    since = lines.groupby(["customer", "item"])["age"].transform("max").to_numpy()
    items = _count(history, latest & history.first_in_basket)
    fresh = _count(history, latest & history.first_in_basket & (since == age))
    return {
        "customer_last_items": items,
        "customer_novelty": fresh / np.maximum(items, 1),
    }


def _money(history: History, items: pd.DataFrame) -> dict[str, np.ndarray]:
    lines = history.lines
    count = np.maximum(_count(history), 1)
    price = items["item_price"].to_numpy()[lines["item"]]
    pieces = np.log1p(np.maximum(lines["quantity"].to_numpy(), 0.0))
    return {
        "customer_price": _count(history, price) / count,
        "customer_spend": np.log1p(np.maximum(_count(history, lines["amount"].to_numpy()), 0.0)),
        "customer_pieces": _count(history, pieces) / count,
    }


def _count(history: History, weights: np.ndarray | None = None) -> np.ndarray:
    code = history.lines["customer"].to_numpy()
    return np.bincount(code, weights, minlength=len(history.customers))
