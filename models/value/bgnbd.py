"""BG/NBD: customers buy at rates of their own and may leave after any purchase."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from scipy import special
from scipy.linalg import eigh_tridiagonal

from models.value.estimated import EstimatedModel
from models.value.histories import Histories
from models.value.likelihood import Curvature

__all__ = ["BetaGeometricNBD"]


# Above it hardly two customers differ in their probability of leaving.
CONCENTRATED = 20.0


class BetaGeometricNBD(EstimatedModel):
    """The BG/NBD model of Fader, Hardie and Lee.

    While active, a customer buys at random at a rate; rates follow a gamma distribution (`r`,
    `alpha`). After each purchase the customer leaves with a probability that follows a beta
    distribution (`a`, `b`).

    Notes
    -----
    Fader, Hardie, Lee (2005), *"Counting your customers" the easy way*, Marketing Science 24(2).
    The Gaussian hypergeometric function is used after Euler's transformation, in which no factor
    grows with the number of purchases.

    Examples
    --------
    >>> import pandas as pd
    >>> seen = pd.DataFrame({"frequency": [0, 1, 4, 0], "recency": [0, 10.0, 30.0, 0],
    ...                      "T": [30.0, 38.0, 33.0, 20.0]})
    >>> model = BetaGeometricNBD().fit(seen)
    >>> bool(model.p_alive(seen)[0] == 1.0)
    True
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")

    def _starts(self, rate: float) -> Sequence[Sequence[float]]:
        return [(0.3, 0.3 / rate, 0.8, 2.5), (1.0, 1.0 / rate, 0.5, 5.0), (3.0, 3.0 / rate, 2, 2)]

    def _curvature(self, parameters: np.ndarray, seen: Histories) -> Curvature:
        r, alpha, a, b = parameters
        values, slopes, hessian = _constant_part(parameters, seen)
        stay, leave = _logarithms(parameters, seen)
        share = special.expit(leave - stay)  # weight of "left after the last purchase"
        total = values + float(np.logaddexp(stay, leave) @ seen.count)
        d_stay, d_leave = _slopes(parameters, seen)
        mixed = d_stay + share * (d_leave - d_stay)
        gap = d_leave - d_stay
        weight = seen.count * share * (1 - share)
        hessian += (gap * weight) @ gap.T
        at_t, at_tx, again = alpha + seen.t, alpha + seen.tx, seen.x > 0
        out, gone = seen.count * (1 - share), seen.count * share
        hessian[0, 1] -= (out / at_t).sum() + (gone / at_tx).sum()
        hessian[1, 0] = hessian[0, 1]
        power = r + seen.x
        hessian[1, 1] += (out * power / at_t**2).sum() + (gone * power / at_tx**2).sum()
        hessian[2, 2] -= gone.sum() / a**2
        hessian[3, 3] += (gone[again] / (b + seen.x[again] - 1) ** 2).sum()
        return total, slopes + mixed @ seen.count, hessian

    def _log_likelihood(self, seen: Histories) -> np.ndarray:
        r, alpha, a, b = self._fitted
        gammas = special.gammaln(r + seen.x) - special.gammaln(r) + r * np.log(alpha)
        betas = special.betaln(a, b + seen.x) - special.betaln(a, b)
        return np.asarray(gammas + betas + np.logaddexp(*_logarithms(self._fitted, seen)))

    def _p_alive(self, seen: Histories) -> np.ndarray:
        stay, leave = _logarithms(self._fitted, seen)
        return np.asarray(special.expit(stay - leave))

    def _expected(self, seen: Histories, time: float) -> np.ndarray:
        """Give equation 10 of the paper."""
        r, alpha, a, b = self._fitted
        start = alpha + seen.t
        alive = self._p_alive(seen)
        if a > CONCENTRATED:
            return np.asarray(_by_quadrature(r, a, b, seen.x, time / start) * alive)
        more = _by_series(r, a, b, seen.x, time / (start + time))
        lost = ~np.isfinite(more)
        if lost.any():
            more[lost] = _by_quadrature(r, a, b, seen.x[lost], time / start[lost])
        return np.asarray(more * alive)


def _by_series(r: float, a: float, b: float, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Give the closed form, which overflows where hardly two customers differ in their rate."""
    # At a = 1 the formula is 0 / 0 and smooth around it: take both sides.
    shifts = (-1e-4, 1e-4) if abs(a - 1) < 1e-4 else (0.0,)
    with np.errstate(over="ignore", invalid="ignore"):
        purchases = [_left_over(r, a + shift, b, x, z) for shift in shifts]
    return np.asarray((a + b - 1 + x) * np.mean(purchases, axis=0))


def _by_quadrature(r: float, a: float, b: float, x: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Give the mean of (1 - (1 + p time)^-(r + x)) / p over the probability p of leaving.

    The same expectation, where the hypergeometric function overflows.
    """
    found = np.zeros_like(time)
    for count in np.unique(x):
        rows = x == count
        p, weight = _beta_nodes(a, b + count)
        gone = -np.expm1(-(r + count) * np.log1p(p * time[rows, None]))
        found[rows] = (gone / p) @ weight
    return found


def _beta_nodes(a: float, b: float, number: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Give nodes and weights of the mean under a beta distribution.

    Golub and Welsch (1969): eigenvalues of the recurrence of the Jacobi polynomials, in which no
    gamma function stands that could overflow.
    """
    low, high, k = a - 1, b - 1, np.arange(number)
    both = 2 * k + low + high
    middle = (low - high) * (low + high) / (both * (both + 2))
    j = k[1:]
    top = 4 * j * (j + low) * (j + high) * (j + low + high)
    aside = np.sqrt(top / (both[1:] ** 2 * (both[1:] + 1) * (both[1:] - 1)))
    nodes, vectors = eigh_tridiagonal(middle, aside)
    return (1 + nodes) / 2, vectors[0] ** 2


def _left_over(r: float, a: float, b: float, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Give (1 - (1 - z)^(a - 1) 2F1(a + b - 1 - r, a - 1; a + b + x - 1; z)) / (a - 1)."""
    series = special.hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    return np.asarray((1 - np.exp((a - 1) * np.log1p(-z)) * series) / (a - 1))


def _logarithms(parameters: np.ndarray, seen: Histories) -> tuple[np.ndarray, np.ndarray]:
    """Give the terms of "still here" and "left after the last purchase", without what is common."""
    r, alpha, a, b = parameters
    power, again = r + seen.x, seen.x > 0
    stay = -power * np.log(alpha + seen.t)
    after = np.log(a) - np.log(np.where(again, b + seen.x - 1, 1.0))
    return stay, np.where(again, after - power * np.log(alpha + seen.tx), -np.inf)


def _slopes(parameters: np.ndarray, seen: Histories) -> tuple[np.ndarray, np.ndarray]:
    r, alpha, a, b = parameters
    power, again = r + seen.x, seen.x > 0
    nothing = np.zeros_like(power)
    stay = np.array([-np.log(alpha + seen.t), -power / (alpha + seen.t), nothing, nothing])
    after = np.where(again, -1 / np.where(again, b + seen.x - 1, 1.0), 0.0)
    leave = [-np.log(alpha + seen.tx), -power / (alpha + seen.tx), nothing + 1 / a, after]
    return stay, np.array(leave)


def _constant_part(parameters: np.ndarray, seen: Histories) -> tuple[float, np.ndarray, np.ndarray]:
    """Give value, slope and Hessian of what depends on the number of purchases only."""
    r, alpha, a, b = parameters
    x, place = np.unique(seen.x, return_inverse=True)
    n = np.bincount(place, seen.count)
    everybody = n.sum()
    lgamma, psi = special.gammaln, special.digamma
    value = n @ (lgamma(r + x) - lgamma(r) + special.betaln(a, b + x) - special.betaln(a, b))
    d_ab = psi(a + b) - psi(a + b + x)
    slope = [
        n @ (psi(r + x) - psi(r)) + everybody * np.log(alpha),
        everybody * r / alpha,
        n @ d_ab,
        n @ (d_ab + psi(b + x) - psi(b)),
    ]
    return float(value + everybody * r * np.log(alpha)), np.array(slope), _bends(parameters, x, n)


def _bends(parameters: np.ndarray, x: np.ndarray, n: np.ndarray) -> np.ndarray:
    r, alpha, a, b = parameters
    everybody = n.sum()
    bend = np.zeros((4, 4))
    bend[0, 0] = n @ (_trigamma(r + x) - _trigamma(r))
    bend[0, 1] = bend[1, 0] = everybody / alpha
    bend[1, 1] = -everybody * r / alpha**2
    bend[2:, 2:] = n @ (_trigamma(a + b) - _trigamma(a + b + x))
    bend[3, 3] += n @ (_trigamma(b + x) - _trigamma(b))
    return bend


def _trigamma(value: float | np.ndarray) -> np.ndarray:
    return np.asarray(special.polygamma(1, value))
