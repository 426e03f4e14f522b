"""Give every candidate row its probability and its money."""

import numpy as np
import pandas as pd

from experiments.evaluation.money import Economics, row_values
from lodeworks.errors import ConfigError
from models.calibration import PurchaseCalibrator, offer_inputs
from models.recommend.history import History
from pipelines.lists.baseline import Baseline

__all__ = ["calibrated", "item_values", "priced", "unpriced"]


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


def unpriced(item_features: pd.DataFrame, economics: Economics) -> int:
    """Count the items of which it is not known what a sale earns."""
    known = ~np.isnan(_column(item_features, "margin"))
    if economics.margin is not None:
        known |= ~np.isnan(_column(item_features, "price"))
    return int((~known).sum())


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
    rows: pd.DataFrame,
    history: History,
    calibrator: PurchaseCalibrator,
    economics: Economics,
    baseline: Baseline | None = None,
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
    baseline : Baseline, optional
        What would be bought without an offer; default nothing.

    Returns
    -------
    pandas.DataFrame
        `rows` with ``probability``; ``baseline``, the probability without the offer; ``margin``,
        the money of a sale of the item; ``expected_margin``, what the offer adds: the difference
        of the two probabilities times the money; ``category``, a code (-1 = not known).
    """
    item = rows["item"].to_numpy()
    margin = item_values(history, economics)[item]
    probability = calibrator.predict_proba(offer_inputs(rows, history))
    organic = (baseline or Baseline()).of(rows, history)
    category = np.nan_to_num(_column(history.item_features, "category_code"), nan=-1.0)[item]
    return rows.assign(
        probability=probability,
        baseline=organic,
        margin=margin,
        expected_margin=(probability - organic) * margin,
        category=category.astype(np.int32),
    )
