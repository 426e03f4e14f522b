"""What every model of buying has: expectations, standard errors, state."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.value.histories import Histories

__all__ = ["PurchaseModel"]


class PurchaseModel(BaseEstimator):
    """Base of the models of how often, and how long, customers buy.

    Attributes
    ----------
    parameters_ : dict of str to float
        By name.
    standard_errors_ : dict of str to float
        Of the parameters; a very large one says that the data do not tell the parameter.
    covariance_ : numpy.ndarray of float64
        Of the logarithms of the parameters.
    log_likelihood_ : float
    n_customers_ : float
        Customers, or the sum of their weights.
    """

    names: ClassVar[tuple[str, ...]] = ()

    parameters_: dict[str, float]
    standard_errors_: dict[str, float]
    covariance_: np.ndarray
    log_likelihood_: float
    n_customers_: float

    @abstractmethod
    def fit(
        self,
        X: pd.DataFrame,
        y: None = None,
        sample_weight: np.ndarray | pd.Series | None = None,
    ) -> Self:
        """Learn from histories of purchases.

        Parameters
        ----------
        X : pandas.DataFrame
            ``frequency`` (purchases after the first), ``recency`` (time of the last) and ``T``
            (length of the observation), one row a customer, time in any one unit.
        y : None
            Not used.
        sample_weight : array of float, optional
            How many customers a row stands for.
        """

    def intervals(self, level: float = 0.95) -> pd.DataFrame:
        """Give the parameters with standard errors and intervals that stay above 0.

        Returns
        -------
        pandas.DataFrame
            ``parameter``, ``estimate``, ``standard_error``, ``low``, ``high``.
        """
        check_is_fitted(self, "parameters_")
        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1 but got {level!r}")
        estimate = np.array([self.parameters_[name] for name in self.names])
        error = np.array([self.standard_errors_[name] for name in self.names])
        # Log-normal: the search runs in logarithms. Clipped, so that an unknown one stays finite.
        reach = np.exp(np.minimum(stats.norm.ppf((1 + level) / 2) * error / estimate, 700))
        return pd.DataFrame(
            {
                "parameter": self.names,
                "estimate": estimate,
                "standard_error": error,
                "low": estimate / reach,
                "high": estimate * reach,
            }
        )

    def log_likelihood(self, X: pd.DataFrame) -> np.ndarray:
        """Give the log-likelihood of each row's purchases and their times."""
        return self._each(X, self._log_likelihood)

    def p_alive(self, X: pd.DataFrame) -> np.ndarray:
        """Give the probability that each customer still buys."""
        return self._each(X, self._p_alive)

    def expected_purchases(self, X: pd.DataFrame, time: float) -> np.ndarray:
        """Give how many purchases each customer is expected to make in the next `time` units.

        Raises
        ------
        ValueError
            When `time` is negative.
        """
        if not (np.isfinite(time) and time >= 0):
            raise ValueError(f"time must be a number from 0 but got {time!r}")
        return self._each(X, lambda seen: self._expected(seen, time))

    def discounted_purchases(
        self, X: pd.DataFrame, periods: int, rate: float, length: float = 1.0
    ) -> np.ndarray:
        """Give the expected purchases of the coming periods, each worth less the later it comes.

        Parameters
        ----------
        X : pandas.DataFrame
            Histories.
        periods : int
            How many periods are looked ahead.
        rate : float
            Discount rate of one period; purchases of a period count as made at its end.
        length : float, default 1
            Units of time in a period.
        """
        if periods < 1 or not rate > -1 or not length > 0:
            raise ValueError(
                "periods must be at least 1, rate above -1 and length above 0 but got"
                f" {periods!r}, {rate!r}, {length!r}"
            )

        def total(seen: Histories) -> np.ndarray:
            before, value = np.zeros(len(seen.x)), np.zeros(len(seen.x))
            for period in range(1, periods + 1):
                now = self._expected(seen, period * length)
                value += (now - before) / (1 + rate) ** period
                before = now
            return value

        return self._each(X, total)

    def new_customer_purchases(self, time: float) -> float:
        """Give the purchases, after the first, of a new customer in `time` units."""
        check_is_fitted(self, "parameters_")
        fresh = pd.DataFrame({"frequency": [0.0], "recency": [0.0], "T": [0.0]})
        return float(self.expected_purchases(fresh, time)[0])

    def get_state(self) -> dict[str, Any]:
        """Give what was learned as plain values."""
        check_is_fitted(self, "parameters_")
        return {
            "parameters_": self.parameters_,
            "standard_errors_": self.standard_errors_,
            "covariance_": self.covariance_.tolist(),
            "log_likelihood_": self.log_likelihood_,
            "n_customers_": self.n_customers_,
        }

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave.

        Raises
        ------
        ValueError
            When a parameter is missing, unknown or not above 0.
        """
        given = dict(state.get("parameters_", {}))
        if set(given) != set(self.names):
            raise ValueError(
                f"state needs the parameters {', '.join(self.names)} but has"
                f" {', '.join(sorted(given)) or 'none'}"
            )
        if not all(np.isfinite(value) and value > 0 for value in given.values()):
            raise ValueError(f"parameters must be above 0 but are {given}")
        self.parameters_ = {name: float(given[name]) for name in self.names}
        self.standard_errors_ = {
            name: float(state["standard_errors_"][name]) for name in self.names
        }
        self.covariance_ = np.asarray(state["covariance_"], dtype=np.float64)
        self.log_likelihood_ = float(state["log_likelihood_"])
        self.n_customers_ = float(state["n_customers_"])
        return self

    def _each(self, X: pd.DataFrame, function: Any) -> np.ndarray:
        """Work on the distinct histories and spread the answers over the rows."""
        check_is_fitted(self, "parameters_")
        seen = Histories.of(X)
        return np.asarray(function(seen))[seen.group]

    @property
    def _fitted(self) -> np.ndarray:
        return np.array([self.parameters_[name] for name in self.names])

    @abstractmethod
    def _log_likelihood(self, seen: Histories) -> np.ndarray: ...

    @abstractmethod
    def _p_alive(self, seen: Histories) -> np.ndarray: ...

    @abstractmethod
    def _expected(self, seen: Histories, time: float) -> np.ndarray: ...
