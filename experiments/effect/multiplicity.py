"""Many looks at one experiment: p values that allow for them."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

__all__ = ["benjamini_hochberg", "holm"]


def holm(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Adjust p values so that any wrong find among all has the stated probability (Holm 1979).

    Parameters
    ----------
    p : sequence of float
        NaN where there is no test; such a look does not count.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    return _of_known(p, _holm)


def benjamini_hochberg(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Adjust p values so that of all finds the stated share is wrong (Benjamini, Hochberg 1995).

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.04, 0.04]
    """
    return _of_known(p, stats.false_discovery_control)


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty(len(p))
    found[order] = np.minimum(steps, 1.0)
    return found


def _of_known(
    p: Sequence[float] | np.ndarray, adjust: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    found = np.array(p, dtype=np.float64)
    known = np.isfinite(found)
    if known.any():
        found[known] = adjust(found[known])
    return found
