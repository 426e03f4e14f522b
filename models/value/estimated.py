"""Models of buying whose parameters are estimated by maximum likelihood."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd

from models.value.histories import Histories
from models.value.likelihood import Curvature, maximise
from models.value.purchases import PurchaseModel

__all__ = ["EstimatedModel"]

SAMPLE = 5_000


class EstimatedModel(PurchaseModel):
    """Base of the probability models; a model says its likelihood, this class climbs it."""

    def fit(
        self,
        X: pd.DataFrame,
        y: None = None,
        sample_weight: np.ndarray | pd.Series | None = None,
    ) -> Self:
        """Estimate the parameters by maximum likelihood.

        Parameters
        ----------
        X : pandas.DataFrame
            ``frequency`` (purchases after the first), ``recency`` (time of the last) and ``T``
            (length of the observation), one row a customer, time in any one unit.
        y : None
            Not used.
        sample_weight : array of float, optional
            How many customers a row stands for.

        Raises
        ------
        ValueError
            When the histories are impossible, or nobody bought again.
        """
        seen = Histories.of(X, sample_weight)
        if not (seen.x * seen.count).any():
            raise ValueError("nobody bought after the first purchase: there is no rate to estimate")
        few = seen.sample(SAMPLE) if len(seen.x) > 2 * SAMPLE else None
        found = maximise(
            lambda p: self._curvature(p, seen),
            self._starts(float((seen.x * seen.count).sum() / (seen.t * seen.count).sum())),
            None if few is None else lambda p: self._curvature(p, few),
        )
        self.parameters_ = dict(zip(self.names, map(float, found.parameters), strict=True))
        errors = map(float, found.standard_errors)
        self.standard_errors_ = dict(zip(self.names, errors, strict=True))
        self.covariance_ = found.covariance
        self.log_likelihood_ = found.log_likelihood
        self.n_customers_ = float(seen.count.sum())
        return self

    @abstractmethod
    def _starts(self, rate: float) -> Sequence[Sequence[float]]:
        """Give parameters to begin from; `rate` is purchases a unit of time."""

    @abstractmethod
    def _curvature(self, parameters: np.ndarray, seen: Histories) -> Curvature:
        """Give the log-likelihood of all, its gradient and its Hessian."""
