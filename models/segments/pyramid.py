"""The customer value pyramid: a few top customers on a broad base."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

__all__ = ["LEVELS", "ValuePyramid"]

LEVELS = ("top", "large", "medium", "small", "inactive")


class ValuePyramid(BaseEstimator):
    """Sort customers into five levels by what they spent.

    The shares are those of Curry and Curry, *The Customer Marketing Method* (2000): the best 1 % of
    the active customers are top, the next 4 % large, the next 15 % medium, the rest small; who
    bought nothing is inactive.

    Parameters
    ----------
    top, large, medium : float
        Shares of the active customers, from the top of the pyramid.

    Attributes
    ----------
    cuts_ : list of float
        Least spend of a top, a large and a medium customer.

    Examples
    --------
    >>> spend = pd.Series([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100], dtype=float)
    >>> ValuePyramid(top=0.1, large=0.2, medium=0.3).fit(spend).predict(spend).tolist()[-4:]
    ['medium', 'large', 'large', 'top']
    """

    def __init__(self, top: float = 0.01, large: float = 0.04, medium: float = 0.15) -> None:
        self.top = top
        self.large = large
        self.medium = medium

    def fit(self, spend: pd.Series, y: None = None) -> Self:
        """Find the least spend of each level.

        Parameters
        ----------
        spend : pandas.Series of float
            Money by customer; missing counts as nothing.
        y : None
            Not used.
        """
        shares = np.cumsum([self.top, self.large, self.medium])
        if min(self.top, self.large, self.medium) < 0 or shares[-1] > 1:
            raise ValueError(f"shares must be positive and sum to 1 at most, but got {shares}")
        active = np.sort(spend[spend > 0].to_numpy(dtype=np.float64))[::-1]
        self.cuts_ = [_least_of_best(active, share) for share in shares]
        return self

    def predict(self, spend: pd.Series) -> np.ndarray:
        """Give the level of each customer, as text."""
        check_is_fitted(self, "cuts_")
        value = spend.fillna(0.0).to_numpy(dtype=np.float64)
        above = [value >= cut for cut in self.cuts_]
        return np.select([value <= 0, *above], ["inactive", *LEVELS[:3]], default="small")

    def get_state(self) -> dict[str, Any]:
        """Give what was learned, as plain values."""
        check_is_fitted(self, "cuts_")
        return {"cuts": self.cuts_}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        self.cuts_ = list(state["cuts"])
        return self


def _least_of_best(descending: np.ndarray, share: float) -> float:
    if not len(descending):
        return float("inf")
    best = max(1, round(share * len(descending)))
    return float(descending[min(best, len(descending)) - 1])
