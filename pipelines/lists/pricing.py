"""Give every candidate row its probability and its money."""

import numpy as np
import pandas as pd

from experiments.evaluation.money import Economics, row_values
from lodeworks.errors import ConfigError
from models.calibration import PurchaseCalibrator
from models.recommend.history import History

__all__ = ["calibrated", "item_values", "priced", "with_activity"]


def item_values(history: History, economics: Economics) -> np.ndarray:
    """Give the money that one sale of each item brings, in the order of ``history.items``.

    It is the margin of a piece times the median number of pieces in a line of that item, so that
    one giant order does not decide what an item is worth.

    Raises
    ------
    ConfigError
        When no item's margin is known and no margin share is configured.
    """
    features = history.item_features
    margin = _column(features, "margin")
    price = _column(features, "price")
    if economics.margin is None and np.isnan(margin).all():
        raise ConfigError(
            "no item has a margin: set economics.margin (the share of the price that is kept), "
            "or give a source for the table 'items' with a margin"
        )
    rows = pd.DataFrame({"margin": margin, "price": price, "quantity": _pieces(history)})
    share = economics.margin or 0.0
    return row_values(
        rows.fillna({"margin": rows["price"] * share}).fillna(0.0), economics
    ).to_numpy()


def _column(features: pd.DataFrame, name: str) -> np.ndarray:
    if name not in features:
        return np.full(len(features), np.nan)
    return features[name].to_numpy(dtype=np.float64)


def _pieces(history: History) -> np.ndarray:
    median = history.lines.groupby("item")["quantity"].median()
    return median.reindex(range(len(history.items))).to_numpy(dtype=np.float64)


def with_activity(rows: pd.DataFrame, history: History) -> pd.DataFrame:
    """Add how lately and how often the customer of each row bought.

    The indicators of that name are taken where they are known. Otherwise the lines tell, and
    customers without a purchase in the observed span get the recency of its oldest purchase.
    """
    customer = rows["customer"].to_numpy()
    known = history.customer_features
    if {"recency_days", "frequency"} <= set(known.columns):
        recency, frequency = known["recency_days"].to_numpy(), known["frequency"].to_numpy()
    else:
        recency, frequency = _activity(history)
    return rows.assign(recency_days=recency[customer], frequency=frequency[customer])


def _activity(history: History) -> tuple[np.ndarray, np.ndarray]:
    by_customer = history.lines.groupby("customer")
    everybody = range(len(history.customers))
    oldest = float(history.lines["age"].max()) if len(history.lines) else 0.0
    recency = by_customer["age"].min().reindex(everybody).fillna(oldest).to_numpy(np.float64)
    frequency = by_customer["basket"].nunique().reindex(everybody).fillna(0).to_numpy(np.float64)
    return recency, frequency


def calibrated(rows: pd.DataFrame, history: History) -> PurchaseCalibrator:
    """Learn the probability of a purchase from offers whose outcome is known.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``customer``, ``item``, ``rank``, ``score``, and ``bought`` (1 or 0).
    history : History
        What the customers bought before.
    """
    return PurchaseCalibrator().fit(with_activity(rows, history), rows["bought"].to_numpy())


def priced(
    rows: pd.DataFrame, history: History, calibrator: PurchaseCalibrator, economics: Economics
) -> pd.DataFrame:
    """Add ``probability`` of a purchase and ``margin``, the money of a sale of the item.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``customer``, ``item``, ``rank``, ``score``, in the codes of `history`.
    history : History
        What the customers bought so far.
    calibrator : PurchaseCalibrator
        Fitted on a window that the recommender did not learn from.
    economics : Economics
        Costs and margins.
    """
    values = item_values(history, economics)
    probability = calibrator.predict_proba(with_activity(rows, history))
    return rows.assign(probability=probability, margin=values[rows["item"].to_numpy()])
