"""How far the customers of today are from those a model was trained on."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

__all__ = [
    "bin_counts",
    "change_p",
    "drift",
    "drift_of",
    "feature_drift",
    "profile_of",
    "separability",
    "share_distance",
    "stability_index",
]

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
        By feature: ``n`` (customers), ``missing`` (share), ``edges`` (up to five different
        quantiles) and ``shares`` (of the known values: up to each edge, and above the last); plain
        values only.
    """
    return {str(name): _described(features[name]) for name in features}


def _described(values: pd.Series) -> dict[str, Any]:
    known = values.dropna().to_numpy(np.float64)
    edges = np.unique(np.quantile(known, LEVELS)) if len(known) else np.empty(0)
    return {
        "n": len(values),
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
    return drift_of(profile, bin_counts(profile, features), list(map(str, features.columns)))


def bin_counts(profile: Mapping[str, Any], features: pd.DataFrame) -> dict[str, list[int]]:
    """Count the known values in the bins of a profile; counts of parts can be added up."""
    return {
        name: _counts(features[name].dropna().to_numpy(np.float64), np.asarray(told["edges"]))
        for name, told in profile.items()
        if name in features and told["edges"]
    }


def drift_of(
    profile: Mapping[str, Any], counts: Mapping[str, Sequence[int]], columns: Sequence[str]
) -> dict[str, Any]:
    """Compare counts with the profile of the training data.

    Parameters
    ----------
    profile : mapping
        What `profile_of` gave.
    counts : mapping of str to sequence of int
        What `bin_counts` gave.
    columns : sequence of str
        Features that today's data have.

    Returns
    -------
    dict
        As `drift` gives.
    """
    values = {name: _index(profile[name]["shares"], counts[name]) for name in counts}
    ordered = dict(sorted(values.items(), key=lambda pair: (-pair[1], pair[0])))
    return {
        "psi": ordered,
        "largest": next(iter(ordered), None),
        "absent": sorted(set(profile) - set(columns)),
    }


def _index(shares: Sequence[float], counts: Sequence[int]) -> float:
    now = np.asarray(counts) / max(sum(counts), 1)
    then, now = np.maximum(shares, LEAST_SHARE), np.maximum(now, LEAST_SHARE)
    return float(np.sum((now - then) * np.log(now / then)))


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
    return _index(shares, _counts(values.dropna().to_numpy(np.float64), np.asarray(edges)))


def _counts(values: np.ndarray, edges: np.ndarray) -> list[int]:
    bins = np.searchsorted(edges, values, side="left")
    return [int(count) for count in np.bincount(bins, minlength=len(edges) + 1)]


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.asarray(_counts(values, edges)) / max(len(values), 1)


def feature_drift(profile: Mapping[str, Any], features: pd.DataFrame) -> pd.DataFrame:
    """Hold every feature of today against the training data.

    Parameters
    ----------
    profile : mapping
        What `profile_of` gave.
    features : pandas.DataFrame of float64
        Indicators of today's customers.

    Returns
    -------
    pandas.DataFrame
        One row a feature that both know: ``feature``, ``psi``, ``p`` (see `change_p`), ``auc`` (see
        `separability`), ``missing_then`` and
        ``missing_now``; the largest index first.
    """
    rows = [
        {
            "feature": name,
            "psi": stability_index(told["edges"], told["shares"], features[name]),
            "p": _p_of(told, features[name]),
            "auc": separability(told, features[name]),
            "missing_then": told["missing"],
            "missing_now": float(features[name].isna().mean()) if len(features) else 1.0,
        }
        for name, told in profile.items()
        if name in features
    ]
    columns = ["feature", "psi", "p", "auc", "missing_then", "missing_now"]
    found = pd.DataFrame(rows, columns=columns)
    return found.sort_values(["psi", "feature"], ascending=[False, True], ignore_index=True)


def _p_of(told: Mapping[str, Any], values: pd.Series) -> float:
    known = values.dropna().to_numpy(np.float64)
    n_then = round(told.get("n", len(values)) * (1 - told["missing"]))
    now = _shares(known, np.asarray(told["edges"]))
    return change_p(told["shares"], now.tolist(), n_then, len(known))


def change_p(shares: Sequence[float], now: Sequence[float], n_then: int, n_now: int) -> float:
    """Give the probability of shares as different as these when nothing changed.

    It is Pearson's chi-square test of two samples over the bins that are not empty in both.

    Parameters
    ----------
    shares, now : sequence of float
        Shares of the bins then and now.
    n_then, n_now : int
        Sizes of the two samples.

    Examples
    --------
    >>> change_p([0.5, 0.5], [0.5, 0.5], 100, 100)
    1.0
    >>> change_p([0.5, 0.5], [0.9, 0.1], 100, 100) < 0.001
    True
    """
    then, today = np.asarray(shares, dtype=float), np.asarray(now, dtype=float)
    pooled = (then * n_then + today * n_now) / max(n_then + n_now, 1)
    there = pooled > 0
    if there.sum() < 2 or not n_then or not n_now:
        return 1.0
    gaps = (today - then)[there] ** 2 / pooled[there]
    return float(stats.chi2.sf(gaps.sum() / (1 / n_then + 1 / n_now), there.sum() - 1))


def separability(told: Mapping[str, Any], values: pd.Series) -> float:
    """Give the AUC of the best classifier of then and now that sees only the bins of a feature.

    It orders the bins, the missing values one of them, by how much more frequent they are now.

    Parameters
    ----------
    told : mapping
        ``missing``, ``edges`` and ``shares`` of one feature; see `profile_of`.
    values : pandas.Series of float
        Today's values.

    Examples
    --------
    >>> told = {"missing": 0.0, "edges": [5.0], "shares": [1.0, 0.0]}
    >>> separability(told, pd.Series([1.0, 2.0])), separability(told, pd.Series([6.0, 7.0]))
    (0.5, 1.0)
    """
    missing = float(values.isna().mean()) if len(values) else 1.0
    known = _shares(values.dropna().to_numpy(np.float64), np.asarray(told["edges"]))
    now = np.append(known * (1 - missing), missing)
    then = np.append(np.asarray(told["shares"]) * (1 - told["missing"]), told["missing"])
    order = np.argsort(now / np.maximum(then + now, 1e-300), kind="stable")
    now, then = now[order], then[order]
    below = np.cumsum(then) - then
    return float(np.sum(now * (below + then / 2)))


def share_distance(
    then: Mapping[str, float], now: Mapping[str, float], n_then: int, n_now: int
) -> tuple[float, float]:
    """Give how much of one distribution lies elsewhere in another, and what chance would move.

    Parameters
    ----------
    then, now : mapping of str to float
        Shares that sum to 1.
    n_then, n_now : int
        How many things the shares were counted from.

    Returns
    -------
    tuple of float
        Half the sum of the absolute differences, and its expected value without any change, by the
        normal approximation.

    Examples
    --------
    >>> share_distance({"a": 1.0}, {"a": 0.5, "b": 0.5}, 100, 100)[0]
    0.5
    """
    names = sorted({*then, *now})
    first = np.array([then.get(name, 0.0) for name in names])
    second = np.array([now.get(name, 0.0) for name in names])
    pooled = (first * n_then + second * n_now) / max(n_then + n_now, 1)
    spread = pooled * (1 - pooled) * (1 / max(n_then, 1) + 1 / max(n_now, 1))
    by_chance = 0.5 * np.sqrt(2 / np.pi * spread).sum()
    return float(0.5 * np.abs(first - second).sum()), float(by_chance)
