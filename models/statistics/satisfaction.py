"""Satisfaction scores: who is satisfied, and who is very satisfied."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from models.association.significance import confidence_interval

__all__ = ["satisfaction", "satisfaction_by"]

# Least score that counts as satisfied and as very satisfied, and the largest that is dissatisfied.
_LIMITS = {5: (4, 5, 2), 10: (7, 9, 4)}


def satisfaction(scores: ArrayLike, *, points: int = 5, level: float = 0.95) -> pd.Series:
    """Give the satisfied share of answers, with the very satisfied told apart.

    On 5 points the top two are satisfied and the top one is very satisfied; on 10 points above 6,
    and 9 or more.

    Parameters
    ----------
    scores : array
        Answers from 1; missing ones are counted and left out.
    points : {5, 10}
        The scale.
    level : float, default 0.95
        Of the interval (Wilson).

    Returns
    -------
    Series
        n, n_missing, mean, satisfied with low and high, very_satisfied with very_low and very_high,
        merely_satisfied, neutral, dissatisfied (shares).

    Raises
    ------
    ValueError
        When the scale is another, a score is not on it, or no answer is known.

    Examples
    --------
    >>> satisfaction([5, 4, 4, 3, 1])[["satisfied", "very_satisfied"]].tolist()
    [0.6, 0.2]
    >>> float(satisfaction([10, 9, 7, 6, 2], points=10)["satisfied"])
    0.6
    """
    if points not in _LIMITS:
        raise ValueError(f"scales have {' or '.join(map(str, _LIMITS))} points, not {points}")
    every = pd.Series(np.asarray(scores)).to_numpy(dtype=np.float64, na_value=np.nan)
    known = every[~np.isnan(every)]
    if not len(known):
        raise ValueError("no score is known")
    off = np.unique(known[(known < 1) | (known > points) | (known != np.round(known))])
    if len(off):
        raise ValueError(f"scores are whole numbers from 1 to {points}, not {off[:5].tolist()}")
    good, best, bad = _LIMITS[points]
    n, n_good, n_best = len(known), (known >= good).sum(), (known >= best).sum()
    low, high = confidence_interval([n_good, n_best], [n, n], level)
    figures = {
        "n": n, "n_missing": len(every) - n, "mean": known.mean(),
        "satisfied": n_good / n, "low": low[0], "high": high[0],
        "very_satisfied": n_best / n, "very_low": low[1], "very_high": high[1],
        "merely_satisfied": (n_good - n_best) / n,
        "neutral": ((known > bad) & (known < good)).mean(), "dissatisfied": (known <= bad).mean(),
    }  # fmt: skip
    return pd.Series({name: float(value) for name, value in figures.items()})


def satisfaction_by(
    table: pd.DataFrame, score: str, by: str, *, points: int = 5,
    level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Give the figures of `satisfaction` for every group, one row each.

    Examples
    --------
    >>> answers = pd.DataFrame({"shop": list("aabb"), "score": [5, 4, 2, 4]})
    >>> satisfaction_by(answers, "score", "shop")["satisfied"].to_dict()
    {'a': 1.0, 'b': 0.5}
    """
    groups = table.groupby(by)[score]
    found = {name: satisfaction(part, points=points, level=level) for name, part in groups}
    return pd.DataFrame(found).T.rename_axis(by)
