"""What is known about each item at a date: demand, trend, repeats, price."""

import numpy as np
import pandas as pd

from models.recommend.history import History
from models.recommend.popularity import share_of_customers

__all__ = ["item_prices", "item_table"]

DAY_CAP = 3650.0
MONTH = 31
PRIOR = 10.0


def item_table(history: History) -> pd.DataFrame:
    """Describe items by their sales up to the date of the history.

    Returns
    -------
    pandas.DataFrame of float32
        In the order of ``history.items``; what the columns mean stands in
        ``models.recommend.pairs.LABELS``.
    """
    age = history.lines.groupby("item")["age"].agg(["min", "max"])
    age = age.reindex(range(len(history.items))).fillna(DAY_CAP)
    table = _demand(history) | _repeats(history) | _usual(history) | _buyers(history)
    table |= {"item_first_days": age["max"].to_numpy(), "item_last_days": age["min"].to_numpy()}
    return pd.DataFrame({name: np.float32(column) for name, column in table.items()})


def _demand(history: History) -> dict[str, np.ndarray]:
    week, fortnight, month, quarter = (share_of_customers(history, n) for n in (7, 14, 30, 90))
    ever = share_of_customers(history)
    return {
        "item_share_7": week,
        "item_share_14": fortnight,
        "item_share_30": month,
        "item_share_90": quarter,
        "item_share": ever,
        "item_trend_week": week / np.maximum(month, 1e-9),
        "item_trend": month / np.maximum(quarter, 1e-9),
        "item_trend_long": quarter / np.maximum(ever, 1e-9),
    }


def _repeats(history: History) -> dict[str, np.ndarray]:
    """Tell how the item is bought again; shares of few buyers are drawn towards that of all."""
    age = history.lines["age"].to_numpy()
    times = history.weighted(history.first_in_basket)
    again, buyers = _sums(times > 1), _sums(times > 0)
    month, before = history.weighted(age < MONTH) > 0, history.weighted(age >= MONTH) > 0
    returned = before.multiply(month)
    active = np.diff(month.indptr) > 0
    could, did = _sums(before[active]), _sums(returned)
    usual = did.sum() / max(could.sum(), 1.0)
    return {
        "item_again": again / np.maximum(buyers, 1),
        "item_rebuy": (did + PRIOR * usual) / (could + PRIOR),
        "item_new_buyers": (_sums(month) - did) / max(active.sum(), 1),
        "item_gap": _gaps(history),
    }


def _sums(matrix: object) -> np.ndarray:
    return np.asarray(matrix.sum(axis=0), dtype=np.float64).ravel()  # type: ignore[attr-defined]


def _gaps(history: History) -> np.ndarray:
    """Find the median days between purchases of an item by the same customer."""
    lines = history.lines[history.first_in_basket]
    held = lines.groupby(["customer", "item"])["age"].agg(["min", "max", "size"])
    held = held[held["size"] > 1]
    gap = (held["max"] - held["min"]) / (held["size"] - 1)
    return _per_item(gap.groupby(level="item").median(), len(history.items), DAY_CAP)


def _usual(history: History) -> dict[str, np.ndarray]:
    """Tell what a line of the item looks like."""
    lines, count = history.lines, len(history.items)
    pieces = np.log1p(lines["quantity"].clip(lower=0)).groupby(lines["item"]).mean()
    basket = np.log(lines.groupby("basket")["item"].transform("size")).groupby(lines["item"]).mean()
    return {
        "item_price": item_prices(history),
        "item_pieces": _per_item(pieces, count),
        "item_basket": _per_item(basket, count),
    }


def _buyers(history: History) -> dict[str, np.ndarray]:
    """Tell what kind of customer buys the item; few buyers are drawn towards all customers."""
    owned = history.owned()
    several = np.log1p(np.diff(owned.indptr).astype(np.float64))
    active = several > 0
    usual = several[active].mean() if active.any() else 0.0
    buyers = _sums(owned)
    return {"item_buyers_items": (owned.T @ several + PRIOR * usual) / (buyers + PRIOR)}


def item_prices(history: History) -> np.ndarray:
    """Find the logarithm of each item's median price paid; items never sold get the median."""
    lines = history.lines
    price = lines["amount"] / lines["quantity"].where(lines["quantity"] > 0)
    median = _per_item(price.groupby(lines["item"]).median(), len(history.items))
    return np.log1p(np.maximum(median, 0.0))


def _per_item(values: pd.Series, count: int, otherwise: float = 0.0) -> np.ndarray:
    """Spread values over all items; where there is none, the median or else `otherwise`."""
    middle = values.median() if values.notna().any() else otherwise
    return values.reindex(range(count)).fillna(middle).to_numpy(dtype=np.float64)
