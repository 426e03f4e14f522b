"""ABC analysis: the few who bring most, the many who bring little."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

__all__ = ["AbcClasses"]


class AbcClasses(BaseEstimator):
    """Sort customers into A, B and C by their share of all value.

    Class A are the largest who together bring the share `a`, B the next up to the share `b`, C the
    rest, also those who bring nothing or cost money (Pareto's principle; Dickie, *ABC Inventory
    Analysis*, 1951).

    Parameters
    ----------
    a, b : float, default 0.8 and 0.95
        Shares of the value, ``0 < a < b < 1``.

    Attributes
    ----------
    cuts_ : list of float
        Least value of a customer of class A and of class B.

    Examples
    --------
    >>> value = pd.Series([70.0, 12.0, 10.0, 5.0, 3.0])
    >>> AbcClasses().fit(value).predict(value).tolist()
    ['A', 'A', 'B', 'B', 'C']
    """

    def __init__(self, a: float = 0.8, b: float = 0.95) -> None:
        self.a = a
        self.b = b

    def fit(self, value: pd.Series, y: None = None) -> Self:
        """Find the least value of each class.

        Raises
        ------
        ValueError
            When the shares are out of order.
        """
        if not 0 < self.a < self.b < 1:
            raise ValueError(f"0 < a < b < 1 is needed but got a={self.a} and b={self.b}")
        paying = np.sort(value[value > 0].to_numpy(dtype=np.float64))[::-1]
        before = np.cumsum(paying) - paying
        total = paying.sum()
        self.cuts_ = [
            _least(paying[before < share * total * (1 - 1e-12)]) for share in self._shares()
        ]
        return self

    def predict(self, value: pd.Series) -> np.ndarray:
        """Give the class of each customer, as text; a missing value counts as nothing."""
        check_is_fitted(self, "cuts_")
        given = value.fillna(0.0).to_numpy(dtype=np.float64)
        return np.select([given >= cut for cut in self.cuts_], ["A", "B"], default="C")

    def get_state(self) -> dict[str, Any]:
        """Give what was learned, as plain values."""
        check_is_fitted(self, "cuts_")
        return {"cuts": self.cuts_}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        self.cuts_ = list(state["cuts"])
        return self

    def _shares(self) -> tuple[float, float]:
        return self.a, self.b


def _least(values: np.ndarray) -> float:
    return float(values[-1]) if len(values) else float("inf")
