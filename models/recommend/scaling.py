"""Indicators on one scale: each value becomes its place among those seen when learning."""

import numpy as np
import pandas as pd

__all__ = ["quantile_levels", "quantile_points"]

GRID = np.linspace(0.0, 1.0, 101)


def quantile_points(features: pd.DataFrame) -> pd.DataFrame:
    """Take the 0, 1, ... 100 % points of each column; a column of NaN gives zeros."""
    return features.quantile(GRID).fillna(0.0).reset_index(drop=True)


def quantile_levels(features: pd.DataFrame, points: pd.DataFrame) -> np.ndarray:
    """Place values between -0.5 and 0.5 by their quantile; NaN and absent columns are 0.

    Heavy tails lose their weight, and no scale has to be known.

    Parameters
    ----------
    features : pandas.DataFrame
        Any rows; columns beyond those of `points` are passed over.
    points : pandas.DataFrame
        From `quantile_points`.

    Returns
    -------
    numpy.ndarray of float64, (rows, columns of points)

    Examples
    --------
    >>> points = quantile_points(pd.DataFrame({"spend": [0.0, 10.0, 20.0]}))
    >>> quantile_levels(pd.DataFrame({"spend": [0.0, 10.0, 1000.0, np.nan]}), points).ravel()
    array([-0.5,  0. ,  0.5,  0. ])
    """
    levels = np.zeros((len(features), points.shape[1]))
    for place, name in enumerate(points):
        if name in features:
            levels[:, place] = _level(features[name].to_numpy(), points[name].to_numpy())
    return levels


def _level(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    low = np.searchsorted(points, values, side="left")
    high = np.searchsorted(points, values, side="right")
    tied = (GRID[np.minimum(low, len(GRID) - 1)] + GRID[np.maximum(high, 1) - 1]) / 2
    level = np.where(high - low > 1, tied, np.interp(values, points, GRID))
    return np.where(np.isnan(values), 0.0, level - 0.5)
