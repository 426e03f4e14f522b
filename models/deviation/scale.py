"""Attributes on a scale that a few extreme customers cannot move."""

from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

__all__ = ["RobustScale", "robust_spread"]

_NORMAL = 1.4826  # the deviation of a normal distribution over its median absolute deviation


def robust_spread(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """Give a deviation by medians: 1.4826 x MAD, and the plain deviation where that is 0.

    Examples
    --------
    >>> float(robust_spread(np.array([1.0, 2.0, 3.0, 4.0, 1000.0])).round(3))
    1.483
    """
    with np.errstate(all="ignore"):
        centre = np.nanmedian(values, axis=axis, keepdims=True)
        spread = _NORMAL * np.nanmedian(np.abs(values - centre), axis=axis)
        return np.where(spread > 0, spread, np.nanstd(values, axis=axis))


class RobustScale(BaseEstimator):
    """Bring numbers to their distance from the median, in robust deviations.

    Attributes
    ----------
    names_ : list of str
        Attributes that vary; constant and empty ones are left out.
    centres_, spreads_ : numpy.ndarray of float64
        Median and robust deviation of each.

    Examples
    --------
    >>> frame = pd.DataFrame({"spend": [1.0, 2.0, 3.0, np.nan], "land": 1.0})
    >>> RobustScale().fit_transform(frame).ravel().round(2).tolist()
    [-0.67, 0.0, 0.67, 0.0]
    """

    def fit(self, frame: pd.DataFrame, y: None = None) -> Self:
        """Learn median and spread.

        Raises
        ------
        ValueError
            When an attribute is no number (all are named) or none varies.
        """
        wrong = [str(n) for n in frame if not pd.api.types.is_numeric_dtype(frame[n])]
        if wrong:
            raise ValueError(f"numbers are needed, unlike {', '.join(wrong)}")
        varies = [n for n in frame if _known(frame[[n]]).size and np.ptp(_finite(frame[n])) > 0]
        if not varies:
            raise ValueError("no attribute varies: nothing can be unusual")
        values = _known(frame[varies])
        self.names_ = [str(name) for name in varies]
        self.centres_ = np.nanmedian(values, axis=0)
        self.spreads_ = robust_spread(values)
        return self

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """Give the distances, at most 20 to either side; 0 for what is missing."""
        check_is_fitted(self, "names_")
        placed = (_known(frame[self.names_]) - self.centres_) / self.spreads_
        return np.clip(np.nan_to_num(placed, nan=0.0), -20, 20)

    def fit_transform(self, frame: pd.DataFrame, y: None = None) -> np.ndarray:
        """Fit and transform the same customers."""
        return self.fit(frame).transform(frame)


def _known(frame: pd.DataFrame) -> np.ndarray:
    values = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _finite(values: pd.Series) -> np.ndarray:
    given = values.to_numpy(dtype=np.float64, na_value=np.nan)
    given = given[np.isfinite(given)]
    return given if len(given) else np.zeros(1)
