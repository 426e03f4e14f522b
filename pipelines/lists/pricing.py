"""Give every candidate row its probability and its money."""

import numpy as np
import pandas as pd

from experiments.evaluation.money import Economics, row_values
from lodeworks.errors import ConfigError
from models.calibration import PurchaseCalibrator, offer_inputs
from models.recommend.history import History

__all__ = ["calibrated", "item_values", "priced"]


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
    rows = pd.DataFrame({"margin": margin, "price": price, "quantity": _column(features, "pieces")})
    share = economics.margin or 0.0
    known = rows.fillna({"margin": rows["price"] * share}).fillna({"margin": 0.0, "price": 0.0})
    return row_values(known, economics).to_numpy()


def _column(features: pd.DataFrame, name: str) -> np.ndarray:
    if name not in features:
        return np.full(len(features), np.nan)
    return features[name].to_numpy(dtype=np.float64)


def calibrated(rows: pd.DataFrame, history: History) -> PurchaseCalibrator:
    """Learn the probability of a purchase from offers whose outcome is known.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``customer``, ``item``, ``rank``, ``score``, and ``bought`` (1 or 0).
    history : History
        What the customers bought before.
    """
    return PurchaseCalibrator().fit(offer_inputs(rows, history), rows["bought"].to_numpy())


def priced(
    rows: pd.DataFrame, history: History, calibrator: PurchaseCalibrator, economics: Economics
) -> pd.DataFrame:
    """Add the probability of a purchase and the money that goes with it.

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

    Returns
    -------
    pandas.DataFrame
        `rows` with ``probability``; ``margin``, the money of a sale of the item;
        ``expected_margin``, the product of both; ``category``, a code (-1 = not known).
    """
    item = rows["item"].to_numpy()
    margin = item_values(history, economics)[item]
    probability = calibrator.predict_proba(offer_inputs(rows, history))
    category = np.nan_to_num(_column(history.item_features, "category_code"), nan=-1.0)[item]
    return rows.assign(
        probability=probability,
        margin=margin,
        expected_margin=probability * margin,
        category=category.astype(np.int32),
    )
