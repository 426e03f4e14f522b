"""How far the customers of today are from those a model was trained on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["drift", "profile_of", "stability_index"]

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)

# Half a customer in a thousand, so that an empty bin does not make the index infinite.
LEAST_SHARE = 0.0005


def profile_of(features: pd.DataFrame) -> dict[str, Any]:
    """Describe indicators, so that later ones can be held against them.

    Parameters
    ----------
    features : pandas.DataFrame of float64
        One row a customer.

    Returns
    -------
    dict
        By feature: ``missing`` (share), ``edges`` (up to five different quantiles) and ``shares``
        (of the known values: up to each edge, and above the last); plain values only.
    """
    return {str(name): _described(features[name]) for name in features}


def _described(values: pd.Series) -> dict[str, Any]:
    known = values.dropna().to_numpy(np.float64)
    edges = np.unique(np.quantile(known, LEVELS)) if len(known) else np.empty(0)
    return {
        "missing": float(values.isna().mean()) if len(values) else 1.0,
        "edges": edges.tolist(),
        "shares": _shares(known, edges).tolist(),
    }


def drift(profile: Mapping[str, Any], features: pd.DataFrame) -> dict[str, Any]:
    """Compare indicators with the profile of the training data.

    Parameters
    ----------
    profile : mapping
        What `profile_of` gave.
    features : pandas.DataFrame of float64
        Indicators of today's customers.

    Returns
    -------
    dict
        ``psi``: the population stability index of every feature that both know, the largest first;
        ``largest``: the first of them; ``absent``: features that today's data lack. By custom an
        index under 0.1 is little, over 0.25 much.
    """
    values = {
        name: stability_index(told["edges"], told["shares"], features[name])
        for name, told in profile.items()
        if name in features and told["edges"]
    }
    ordered = dict(sorted(values.items(), key=lambda pair: (-pair[1], pair[0])))
    return {
        "psi": ordered,
        "largest": next(iter(ordered), None),
        "absent": sorted(set(profile) - set(map(str, features.columns))),
    }


def stability_index(edges: list[float], shares: list[float], values: pd.Series) -> float:
    """Give the population stability index of `values` over bins between edges.

    It is the sum over the bins of (now - then) * ln(now / then), where then and now are the shares
    of customers in the bin (Siddiqi 2006, *Credit Risk Scorecards*, ch. 8).

    Parameters
    ----------
    edges : list of float
        Upper ends of the bins, increasing; the last bin has none.
    shares : list of float
        Shares of the training data in the bins, one more than edges.
    values : pandas.Series of float
        Today's values; missing ones are left out.

    Examples
    --------
    >>> stability_index([5.0], [0.5, 0.5], pd.Series([1.0, 2, 6, 7]))
    0.0
    >>> stability_index([5.0], [0.5, 0.5], pd.Series([6.0, 7, 8, 9])) > 0.25
    True
    """
    now = _shares(values.dropna().to_numpy(np.float64), np.asarray(edges))
    then, now = np.maximum(shares, LEAST_SHARE), np.maximum(now, LEAST_SHARE)
    return float(np.sum((now - then) * np.log(now / then)))


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    bins = np.searchsorted(edges, values, side="left")
    return np.bincount(bins, minlength=len(edges) + 1) / max(len(values), 1)
