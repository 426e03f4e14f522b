"""Pareto/NBD: customers buy at rates of their own and leave at any moment, unseen."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import special

from models.value.estimated import EstimatedModel
from models.value.histories import Histories
from models.value.likelihood import Curvature

__all__ = ["ParetoNBD"]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)
# Beyond a fall by exp(-30) on either factor, the rest of the integral cannot be seen.
FALL = 30.0
CHUNK = 4096


class ParetoNBD(EstimatedModel):
    """The Pareto/NBD model of Schmittlein, Morrison and Colombo.

    While active, a customer buys at random at a rate; rates follow a gamma distribution (`r`,
    `alpha`). Customers leave at a rate; these follow another (`s`, `beta`).

    Notes
    -----
    Schmittlein, Morrison, Colombo (1987), Management Science 33(1); the formulas of Fader and
    Hardie (2005), *A note on deriving the Pareto/NBD model*. The difference of two hypergeometric
    functions in the likelihood is the integral, over the moment at which the customer left, of
    ``(alpha + u)^-(r + x) (beta + u)^-(s + 1)``. It is taken by Gauss-Legendre quadrature on a
    logarithmic scale: no cancellation, and the derivatives are moments of the same nodes.

    Examples
    --------
    >>> seen = pd.DataFrame({"frequency": [0, 1, 4, 0], "recency": [0, 10.0, 30.0, 0],
    ...                      "T": [30.0, 38.0, 33.0, 20.0]})
    >>> alive = ParetoNBD().fit(seen).p_alive(seen)
    >>> bool(alive[2] > alive[1])
    True
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")

    def _starts(self, rate: float) -> Sequence[Sequence[float]]:
        return [
            (0.5, 0.5 / rate, 0.5, 0.5 / rate),
            (1.0, 1.0 / rate, 0.3, 1.0 / rate),
            (2.0, 2.0 / rate, 2.0, 8.0 / rate),
        ]

    def _curvature(self, parameters: np.ndarray, seen: Histories) -> Curvature:
        total, slope, hessian = _constant_part(parameters, seen)
        for part in _chunks(seen):
            value, first, second = _varying_part(parameters, part)
            total, slope, hessian = total + value, slope + first, hessian + second
        return total, slope, hessian

    def _log_likelihood(self, seen: Histories) -> np.ndarray:
        r, alpha, s, beta = self._fitted
        common = special.gammaln(r + seen.x) - special.gammaln(r)
        common += r * np.log(alpha) + s * np.log(beta)
        return np.asarray(common + np.logaddexp(*self._both(seen)))

    def _p_alive(self, seen: Histories) -> np.ndarray:
        stay, left = self._both(seen)
        return np.asarray(special.expit(stay - left))

    def _both(self, seen: Histories) -> np.ndarray:
        parts = [_logarithms(self._fitted, part) for part in _chunks(seen)]
        return np.concatenate(parts, axis=1)

    def _expected(self, seen: Histories, time: float) -> np.ndarray:
        r, alpha, s, beta = self._fitted
        rate = (r + seen.x) / (alpha + seen.t)
        lived = np.log1p(time / (beta + seen.t))
        # (1 - q^(s - 1)) / (s - 1), which is a logarithm at s = 1.
        years = lived if abs(s - 1) < 1e-9 else -np.expm1(-(s - 1) * lived) / (s - 1)
        return np.asarray(self._p_alive(seen) * rate * (beta + seen.t) * years)

    def discounted_forever(self, X: pd.DataFrame, rate: float) -> np.ndarray:
        """Give the discounted expected residual transactions, without a horizon.

        Parameters
        ----------
        X : pandas.DataFrame
            Histories.
        rate : float
            Continuous discount rate of one unit of time, above 0.

        Notes
        -----
        Fader, Hardie and Lee (2005), *RFM and CLV*, Journal of Marketing Research 42(4), eq. 2,
        with Kummer's transformation of Tricomi's function.
        """
        if not rate > 0:
            raise ValueError(f"rate must be above 0 but got {rate!r}")
        r, alpha, s, beta = self._fitted

        def total(seen: Histories) -> np.ndarray:
            until = beta + seen.t
            years = until * special.hyperu(1.0, 2.0 - s, rate * until)
            return self._p_alive(seen) * (r + seen.x) / (alpha + seen.t) * years

        return self._each(X, total)


def _chunks(seen: Histories) -> Iterator[Histories]:
    """Cut into parts whose nodes fit into the processor's cache."""
    for begin in range(0, len(seen.x), CHUNK):
        part = slice(begin, begin + CHUNK)
        yield Histories(seen.x[part], seen.tx[part], seen.t[part], seen.count[part], seen.group[:0])


def _logarithms(parameters: np.ndarray, seen: Histories) -> np.ndarray:
    """Give the terms of "still here" and "left in between", without what is common; (2, rows)."""
    r, alpha, s, beta = parameters
    stay = -(r + seen.x) * np.log(alpha + seen.t) - s * np.log(beta + seen.t)
    _, log_terms = _nodes(parameters, seen)
    with np.errstate(divide="ignore"):
        return np.array([stay, np.log(s) + special.logsumexp(log_terms, axis=1)])


def _nodes(parameters: np.ndarray, seen: Histories) -> tuple[np.ndarray, np.ndarray]:
    """Give the moments of leaving, (rows, nodes), and the logarithm of each one's weighted term."""
    r, alpha, s, beta = parameters
    power = r + seen.x
    low, high = min(alpha, beta), max(alpha, beta)
    steep = power if alpha <= beta else np.full_like(power, s + 1)
    other = np.full_like(power, s + 1) if alpha <= beta else power
    begin = seen.tx
    # Where either factor has fallen enough; its Jacobian takes one power from the steep one.
    with np.errstate(over="ignore", divide="ignore"):
        by_steep = (low + begin) * np.exp(FALL / np.maximum(steep - 1, 1e-300)) - low
        by_other = (high + begin) * np.exp(np.minimum(FALL / other, 700)) - high
    end = np.minimum(seen.t, np.where(steep > 1, np.minimum(by_steep, by_other), seen.t))
    half = np.maximum(np.log((low + end) / (low + begin)), 0.0) / 2
    moment = (low + begin)[:, None] * np.exp(half[:, None] * (NODES + 1)) - low
    with np.errstate(divide="ignore"):
        term = np.log(WEIGHTS) + np.log(half)[:, None] + np.log(low + moment)
    term -= power[:, None] * np.log(alpha + moment) + (s + 1) * np.log(beta + moment)
    return moment, term


def _varying_part(parameters: np.ndarray, seen: Histories) -> Curvature:
    """Give value, slope and Hessian of the logarithm of the sum of both terms."""
    r, alpha, s, beta = parameters
    power = (r + seen.x)[:, None]
    moment, term = _nodes(parameters, seen)
    at_t = seen.t[:, None]
    stay = -power[:, 0] * np.log(alpha + seen.t) - s * np.log(beta + seen.t)
    left = np.log(s) + special.logsumexp(term, axis=1)
    together = np.logaddexp(stay, left)
    # One more node, with the slope of its own, stands for "still here".
    weight = np.exp(np.column_stack([stay[:, None], np.log(s) + term]) - together[:, None])
    moment = np.column_stack([at_t, moment])
    leaving = np.ones(moment.shape[1])
    leaving[0] = 0.0
    slopes = _slopes(parameters, power, moment, leaving)
    mean = np.einsum("kij,ij->ki", slopes, weight)
    counted = weight * seen.count[:, None]
    flat = slopes.reshape(4, -1)
    hessian = (flat * counted.ravel()) @ flat.T - (mean * seen.count) @ mean.T
    hessian += _bends(parameters, power, moment, leaving, counted)
    return float(together @ seen.count), mean @ seen.count, hessian


def _slopes(
    parameters: np.ndarray, power: np.ndarray, moment: np.ndarray, leaving: np.ndarray
) -> np.ndarray:
    """Give the slope of every node's logarithm, (4, rows, nodes)."""
    _, alpha, s, beta = parameters
    to_alpha, to_beta = alpha + moment, beta + moment
    return np.stack(
        [
            -np.log(to_alpha),
            -power / to_alpha,
            leaving / s - np.log(to_beta),
            -(s + leaving) / to_beta,
        ]
    )


def _bends(
    parameters: np.ndarray,
    power: np.ndarray,
    moment: np.ndarray,
    leaving: np.ndarray,
    counted: np.ndarray,
) -> np.ndarray:
    """Sum the second derivatives of every node's logarithm."""
    _, alpha, s, beta = parameters
    by_alpha, by_beta = counted / (alpha + moment), counted / (beta + moment)
    bend = np.zeros((4, 4))
    bend[0, 1] = bend[1, 0] = -by_alpha.sum()
    bend[1, 1] = (power * by_alpha / (alpha + moment)).sum()
    bend[2, 3] = bend[3, 2] = -by_beta.sum()
    bend[2, 2] = -(counted * leaving).sum() / s**2
    bend[3, 3] = ((s + leaving) * by_beta / (beta + moment)).sum()
    return bend


def _constant_part(parameters: np.ndarray, seen: Histories) -> Curvature:
    """Give what depends on the number of purchases only."""
    r, alpha, s, beta = parameters
    x, place = np.unique(seen.x, return_inverse=True)
    n = np.bincount(place, seen.count)
    everybody = n.sum()
    value = n @ (special.gammaln(r + x) - special.gammaln(r))
    value += everybody * (r * np.log(alpha) + s * np.log(beta))
    slope = everybody * np.array([np.log(alpha), r / alpha, np.log(beta), s / beta])
    slope[0] += n @ (special.digamma(r + x) - special.digamma(r))
    bend = np.diag([0.0, -everybody * r / alpha**2, 0.0, -everybody * s / beta**2])
    bend[0, 0] = n @ (special.polygamma(1, r + x) - special.polygamma(1, r))
    bend[0, 1] = bend[1, 0] = everybody / alpha
    bend[2, 3] = bend[3, 2] = everybody / beta
    return float(value), slope, bend
