"""NBD: customers buy at rates of their own and nobody ever leaves."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from scipy import special

from models.value.estimated import EstimatedModel
from models.value.histories import Histories
from models.value.likelihood import Curvature

__all__ = ["NBD"]


class NBD(EstimatedModel):
    """The NBD model of Ehrenberg: rates follow a gamma distribution (`r`, `alpha`).

    What a model with leaving must beat.

    Notes
    -----
    Ehrenberg (1959), *The pattern of consumer purchases*, Applied Statistics 8(1).

    Examples
    --------
    >>> import pandas as pd
    >>> seen = pd.DataFrame({"frequency": [0, 1, 4, 0], "recency": [0, 10.0, 30.0, 0],
    ...                      "T": [30.0, 38.0, 33.0, 20.0]})
    >>> NBD().fit(seen).p_alive(seen).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha")

    def _starts(self, rate: float) -> Sequence[Sequence[float]]:
        return [(0.3, 0.3 / rate), (2.0, 2.0 / rate)]

    def _curvature(self, parameters: np.ndarray, seen: Histories) -> Curvature:
        r, alpha = parameters
        x, n = seen.x, seen.count
        psi, trigamma = special.digamma, lambda value: special.polygamma(1, value)
        power, at_t = r + x, alpha + seen.t
        slope = [
            n @ (psi(power) - psi(r) + np.log(alpha) - np.log(at_t)),
            n @ (r / alpha - power / at_t),
        ]
        across = n @ (1 / alpha - 1 / at_t)
        bend = [
            [n @ (trigamma(power) - trigamma(r)), across],
            [across, n @ (power / at_t**2 - r / alpha**2)],
        ]
        return float(n @ _log_likelihood(parameters, seen)), np.array(slope), np.array(bend)

    def _log_likelihood(self, seen: Histories) -> np.ndarray:
        return _log_likelihood(self._fitted, seen)

    def _p_alive(self, seen: Histories) -> np.ndarray:
        return np.ones_like(seen.x)

    def _expected(self, seen: Histories, time: float) -> np.ndarray:
        r, alpha = self._fitted
        return np.asarray(time * (r + seen.x) / (alpha + seen.t))


def _log_likelihood(parameters: np.ndarray, seen: Histories) -> np.ndarray:
    r, alpha = parameters
    gammas = special.gammaln(r + seen.x) - special.gammaln(r)
    return np.asarray(gammas + r * np.log(alpha) - (r + seen.x) * np.log(alpha + seen.t))
