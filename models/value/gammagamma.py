"""Gamma-Gamma: what a purchase of a customer is worth, drawn to the mean where little is known."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import special
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.value.likelihood import Curvature, maximise

__all__ = ["GammaGamma"]


class GammaGamma(BaseEstimator):
    """The Gamma-Gamma model of money per purchase.

    The money of a customer's purchases follows a gamma distribution of shape `p`, whose scale
    follows another (`q`, `gamma`). It does not depend on how often the customer buys.

    Attributes
    ----------
    parameters_, standard_errors_ : dict of str to float
        ``p``, ``q``, ``gamma``.
    log_likelihood_ : float
    n_customers_ : float

    Notes
    -----
    Fader and Hardie (2013), *The Gamma-Gamma model of monetary value*.

    Examples
    --------
    >>> seen = pd.DataFrame({"frequency": [1, 4, 2, 9, 3.0], "spend": [12.0, 40, 25, 31, 18]})
    >>> model = GammaGamma().fit(seen)
    >>> between = model.expected_spend(seen)[0]
    >>> bool(12 < between < 40)
    True
    """

    names: ClassVar[tuple[str, ...]] = ("p", "q", "gamma")

    parameters_: dict[str, float]
    standard_errors_: dict[str, float]
    log_likelihood_: float
    n_customers_: float

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
            ``frequency`` (purchases that `spend` is the mean of) and ``spend`` (money). Customers
            without a purchase or with a spend of 0 or less are left out: the model has no place
            for them.
        y : None
            Not used.
        sample_weight : array of float, optional
            How many customers a row stands for.

        Raises
        ------
        ValueError
            When fewer than two customers remain.
        """
        x, mean, count = _usable(X, sample_weight)
        scale = float(count @ mean / count.sum())
        found = maximise(
            lambda p: _curvature(p, x, mean / scale, count),
            [(6.0, 4.0, 0.5), (1.0, 3.0, 2.0), (20.0, 10.0, 0.5)],
        )
        unit = np.array([1.0, 1.0, scale])
        self.parameters_ = dict(zip(self.names, map(float, found.parameters * unit), strict=True))
        errors = map(float, found.standard_errors * unit)
        self.standard_errors_ = dict(zip(self.names, errors, strict=True))
        self.log_likelihood_ = float(found.log_likelihood - count.sum() * np.log(scale))
        self.n_customers_ = float(count.sum())
        return self

    def expected_spend(self, X: pd.DataFrame) -> np.ndarray:
        """Give the expected money of a purchase of each customer.

        Who has no purchase, or no spend, gets what a customer of whom nothing is known is worth.
        Not finite where ``q`` is 1 or less: then the mean of all customers does not exist.
        """
        check_is_fitted(self, "parameters_")
        p, q, gamma = (self.parameters_[name] for name in self.names)
        spend = X["spend"].to_numpy(dtype=np.float64)
        known = np.isfinite(spend) & (spend > 0)
        x = np.where(known, X["frequency"].to_numpy(dtype=np.float64), 0.0)
        total = np.where(known, x * np.where(known, spend, 0.0), 0.0)
        below = p * x + q - 1
        safe = np.where(below > 0, below, 1.0)
        return np.where(below > 0, p * (gamma + total) / safe, np.inf)

    def get_state(self) -> dict[str, Any]:
        """Give what was learned as plain values."""
        check_is_fitted(self, "parameters_")
        return {
            "parameters_": self.parameters_,
            "standard_errors_": self.standard_errors_,
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
        if set(given) != set(self.names) or not all(value > 0 for value in given.values()):
            raise ValueError(f"state needs p, q and gamma above 0 but has {given}")
        self.parameters_ = {name: float(given[name]) for name in self.names}
        self.standard_errors_ = {
            name: float(state["standard_errors_"][name]) for name in self.names
        }
        self.log_likelihood_ = float(state["log_likelihood_"])
        self.n_customers_ = float(state["n_customers_"])
        return self


def _usable(
    X: pd.DataFrame, weight: np.ndarray | pd.Series | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    missing = [name for name in ("frequency", "spend") if name not in X]
    if missing:
        raise ValueError(f"histories lack {', '.join(missing)}; they have {', '.join(map(str, X))}")
    x, mean = (X[name].to_numpy(dtype=np.float64) for name in ("frequency", "spend"))
    count = np.ones(len(X)) if weight is None else np.asarray(weight, dtype=np.float64)
    keep = (x > 0) & np.isfinite(mean) & (mean > 0) & (count > 0)
    if keep.sum() < 2:
        raise ValueError(
            f"money per purchase needs at least 2 customers who bought again for more than 0, but"
            f" there are {int(keep.sum())} of {len(X)}"
        )
    # Ordered, so that sums do not depend on the order of the rows.
    order = np.lexsort((count[keep], mean[keep], x[keep]))
    return x[keep][order], mean[keep][order], count[keep][order]


def _curvature(
    parameters: np.ndarray, x: np.ndarray, mean: np.ndarray, count: np.ndarray
) -> Curvature:
    """Give the log-likelihood of equation 1a of the note, its gradient and its Hessian."""
    p, q, gamma = parameters
    psi, below = special.digamma, gamma + mean * x
    shape, weight = p * x + q, count
    fall, log_mean = np.log(below), np.log(mean * x)
    value = special.gammaln(shape) - special.gammaln(p * x) - special.gammaln(q)
    value += q * np.log(gamma) + p * x * log_mean - np.log(mean) - shape * fall
    in_p = x * (psi(shape) - psi(p * x) + log_mean - fall)
    in_q = psi(shape) - psi(q) + np.log(gamma) - fall
    in_gamma = q / gamma - shape / below
    slope = np.array([weight @ in_p, weight @ in_q, weight @ in_gamma])
    return float(weight @ value), slope, _bends(parameters, x, below, weight)


def _bends(
    parameters: np.ndarray, x: np.ndarray, below: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    p, q, gamma = parameters
    shape = p * x + q
    third = special.polygamma(1, shape)
    bend = np.zeros((3, 3))
    bend[0, 0] = weight @ (x**2 * (third - special.polygamma(1, p * x)))
    bend[0, 1] = bend[1, 0] = weight @ (x * third)
    bend[0, 2] = bend[2, 0] = -(weight @ (x / below))
    bend[1, 1] = weight @ (third - special.polygamma(1, q))
    bend[1, 2] = bend[2, 1] = weight @ (1 / gamma - 1 / below)
    bend[2, 2] = weight @ (shape / below**2 - q / gamma**2)
    return bend
