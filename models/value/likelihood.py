"""Maximum likelihood of positive parameters: several starts, Newton steps, standard errors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

__all__ = ["Curvature", "Maximum", "maximise"]

Curvature = tuple[float, np.ndarray, np.ndarray]
"""Log-likelihood, its gradient and its Hessian in the parameters themselves."""

Function = Callable[[np.ndarray], Curvature]

# Keeps a parameter finite that the data would send to 0 or infinity; far below any standard error.
RIDGE = 1e-5


@dataclass(frozen=True)
class Maximum:
    """Where a log-likelihood is largest.

    Attributes
    ----------
    parameters : numpy.ndarray of float64
        All above 0.
    log_likelihood : float
    covariance : numpy.ndarray of float64
        Of the logarithms of the parameters: the inverse of the observed information.
    steps : int
        Steps that the last search took.
    """

    parameters: np.ndarray
    log_likelihood: float
    covariance: np.ndarray
    steps: int

    @property
    def standard_errors(self) -> np.ndarray:
        """Standard errors of the parameters, by the delta method."""
        return self.parameters * np.sqrt(np.diag(self.covariance))


def maximise(
    function: Function,
    starts: Sequence[Sequence[float]],
    trial: Function | None = None,
) -> Maximum:
    """Search from every start and refine the best.

    The search runs in the logarithms of the parameters, by Newton steps in a trust region.

    Parameters
    ----------
    function : callable
        From parameters to log-likelihood, gradient and Hessian.
    starts : sequence of sequence of float
        Parameters above 0 to begin from.
    trial : callable, optional
        A cheaper function of the same shape, such as that of a sample, for the search from every
        start; the best is refined with `function`.

    Raises
    ------
    ValueError
        When no start has a finite likelihood.
    """
    function = _remembering(function)
    searched = function if trial is None else _remembering(trial)
    scale = _size(searched, np.log(starts[0]))
    found = [_search(searched, np.log(start), scale) for start in starts]
    found = [one for one in found if np.isfinite(one.fun)]
    if not found:
        raise ValueError("the likelihood is not finite at any start; are the numbers plausible?")
    best = min(found, key=lambda one: one.fun)
    if trial is not None:
        best = _search(function, best.x, _size(function, best.x))
    return _described(function, best)


def _remembering(function: Function) -> Function:
    """Keep the last answer: value, slope and Hessian are asked for one after the other."""
    last: dict[bytes, Curvature] = {}

    def remembered(parameters: np.ndarray) -> Curvature:
        key = parameters.tobytes()
        if key not in last:
            last.clear()
            last[key] = function(parameters)
        return last[key]

    return remembered


def _size(function: Function, theta: np.ndarray) -> float:
    """Give the size of the log-likelihood, so that one tolerance fits few and many customers."""
    value = abs(function(np.exp(theta))[0])
    return max(value, 1.0) if np.isfinite(value) else 1.0


def _search(function: Function, start: np.ndarray, scale: float) -> optimize.OptimizeResult:
    search: Any = optimize.minimize
    with np.errstate(all="ignore"):
        return search(
            lambda theta: _in_logarithms(function, theta, scale)[0],
            start,
            jac=lambda theta: _in_logarithms(function, theta, scale)[1],
            hess=lambda theta: _in_logarithms(function, theta, scale)[2],
            method="trust-exact",
            options={"gtol": 1e-8, "maxiter": 200, "initial_trust_radius": 0.5},
        )


def _in_logarithms(function: Function, theta: np.ndarray, scale: float) -> Curvature:
    """Give what is made small: minus the log-likelihood over `scale`, with a tiny ridge."""
    parameters = np.exp(np.clip(theta, -50, 50))
    value, slope, hessian = function(parameters)
    slope = slope * parameters
    hessian = hessian * np.outer(parameters, parameters) + np.diag(slope)
    if not (np.isfinite(value) and np.isfinite(slope).all() and np.isfinite(hessian).all()):
        size = len(theta)
        return np.inf, np.zeros(size), np.eye(size)
    return (
        -value / scale + RIDGE / scale * float(theta @ theta),
        -slope / scale + 2 * RIDGE / scale * theta,
        -hessian / scale + 2 * RIDGE / scale * np.eye(len(theta)),
    )


def _described(function: Function, best: optimize.OptimizeResult) -> Maximum:
    parameters = np.exp(best.x)
    _, _, information = _in_logarithms(function, best.x, 1.0)
    return Maximum(
        parameters=parameters,
        log_likelihood=float(function(parameters)[0]),
        covariance=_inverse(information),
        steps=int(best.nit),
    )


def _inverse(information: np.ndarray) -> np.ndarray:
    """Invert; a direction of which the data say nothing gets the large variance of the ridge."""
    values, vectors = np.linalg.eigh(information)
    return np.asarray((vectors / np.maximum(values, 2 * RIDGE)) @ vectors.T)
