"""The naive forecast: as often as before."""

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from models.value.histories import Histories
from models.value.purchases import PurchaseModel

__all__ = ["SameRate"]


class SameRate(PurchaseModel):
    """Every customer goes on buying exactly as often as so far, with nothing estimated.

    Examples
    --------
    >>> seen = pd.DataFrame({"frequency": [4, 0], "recency": [30.0, 0], "T": [40.0, 20.0]})
    >>> SameRate().fit(seen).expected_purchases(seen, 10).tolist()
    [1.0, 0.0]
    """

    names: ClassVar[tuple[str, ...]] = ()

    def fit(self, X: pd.DataFrame, y: None = None, sample_weight: Any = None) -> Self:
        """Check the histories; there is nothing to estimate.

        Parameters
        ----------
        X : pandas.DataFrame
            ``frequency``, ``recency``, ``T``.
        y : None
            Not used.
        sample_weight : array of float, optional
            How many customers a row stands for.
        """
        seen = Histories.of(X, sample_weight)
        self.parameters_, self.standard_errors_ = {}, {}
        self.covariance_ = np.zeros((0, 0))
        self.n_customers_ = float(seen.count.sum())
        with np.errstate(invalid="ignore"):
            self.log_likelihood_ = float(self._log_likelihood(seen) @ seen.count)
        return self

    def _log_likelihood(self, seen: Histories) -> np.ndarray:
        """Give that of a steady rate; a rate of 0 makes every later purchase impossible."""
        rate = _rate(seen)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(seen.x > 0, seen.x * np.log(rate) - rate * seen.t, 0.0)

    def _p_alive(self, seen: Histories) -> np.ndarray:
        return np.ones_like(seen.x)

    def _expected(self, seen: Histories, time: float) -> np.ndarray:
        return _rate(seen) * time


def _rate(seen: Histories) -> np.ndarray:
    return np.divide(seen.x, seen.t, out=np.zeros_like(seen.x), where=seen.t > 0)
