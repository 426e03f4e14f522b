"""Kernels of the measures that a search for the best rules can bound.

Counts are joined in whole numbers before the one division, so that equal values tie.
"""

import math

import numpy as np
from numba import njit

__all__ = ["RULE_SCORES", "bound", "score"]

RULE_SCORES = (
    "confidence",
    "lift",
    "leverage",
    "conviction",
    "chi_squared",
    "cosine",
    "jaccard",
    "kulczynski",
    "all_confidence",
    "max_confidence",
    "added_value",
    "phi",
    "odds_ratio",
    "fisher_p",
    "loevinger",
    "klosgen",
    "support",
)
(
    _CONFIDENCE, _LIFT, _LEVERAGE, _CONVICTION, _CHI_SQUARED, _COSINE, _JACCARD, _KULCZYNSKI,
    _ALL_CONFIDENCE, _MAX_CONFIDENCE, _ADDED_VALUE, _PHI, _ODDS_RATIO, _FISHER, _LOEVINGER,
    _KLOSGEN, _SUPPORT,
) = range(len(RULE_SCORES))  # fmt: skip


@njit(cache=True, nogil=True)
def score(kind: int, n: int, n_x: int, n_y: int, n_xy: int) -> float:
    """Compute a measure by its place in `RULE_SCORES`; of Fisher's p minus its logarithm.

    Formulas: `models.association.measures`. NaN where a measure has no value.
    """
    x, y, xy, all_ = float(n_x), float(n_y), float(n_xy), float(n)
    over = all_ * xy - x * y
    if kind == _CONFIDENCE:
        return xy / x
    if kind == _LIFT:
        return all_ * xy / (x * y)
    if kind == _LEVERAGE:
        return over / (all_ * all_)
    if kind == _CONVICTION:
        return np.inf if n_x == n_xy else x * (all_ - y) / (all_ * (x - xy))
    if kind == _ADDED_VALUE:
        return over / (all_ * x)
    if kind == _LOEVINGER:
        return 0.0 if n_y == n else over / (x * (all_ - y))
    if kind == _KLOSGEN:
        return math.sqrt(xy / all_) * over / (all_ * x)
    if kind == _SUPPORT:
        return xy / all_
    if kind == _FISHER:
        return -_log_tail(n, n_x, n_y, n_xy)
    return _symmetric(kind, x, y, xy, all_)


@njit(cache=True, nogil=True)
def _symmetric(kind: int, x: float, y: float, xy: float, all_: float) -> float:
    """Compute a measure that does not tell IF from THEN."""
    if kind == _COSINE:
        return xy / math.sqrt(x * y)
    if kind == _JACCARD:
        return xy / (x + y - xy)
    if kind == _KULCZYNSKI:
        return xy * (x + y) / (2.0 * x * y)
    if kind == _ALL_CONFIDENCE:
        return xy / max(x, y)
    if kind == _MAX_CONFIDENCE:
        return xy / min(x, y)
    if kind == _ODDS_RATIO:
        ad, bc = xy * (all_ - x - y + xy), (x - xy) * (y - xy)
        if bc == 0:
            return np.inf if ad > 0 else np.nan
        return ad / bc
    spread = x * y * (all_ - x) * (all_ - y)
    if spread == 0:
        return np.nan
    over = all_ * xy - x * y
    return over / math.sqrt(spread) if kind == _PHI else all_ * over * over / spread


@njit(cache=True, nogil=True)
def _log_tail(n: int, n_x: int, n_y: int, n_xy: int) -> float:
    """Give the logarithm of the upper tail of the hypergeometric distribution."""
    most, least = min(n_x, n_y), max(0, n_x + n_y - n)
    if n_xy <= least:
        return 0.0
    first = _log_choose(n_y, n_xy) + _log_choose(n - n_y, n_x - n_xy) - _log_choose(n, n_x)
    term, total = 1.0, 1.0
    for i in range(n_xy, most):
        term *= float(n_y - i) * float(n_x - i) / (float(i + 1) * float(n - n_y - n_x + i + 1))
        total += term
        if term < 1e-17 * total:
            break
    return min(0.0, first + math.log(total))


@njit(cache=True, nogil=True)
def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)


@njit(cache=True, nogil=True)
def bound(kind: int, n: int, n_x: int, n_y: int, n_xy: int, least: int) -> float:
    """Give a value that no rule from a larger antecedent to the same item exceeds.

    A larger antecedent stands in `n_x` baskets at most, with the item in `least` to `n_xy` of
    them, without it in `n_x - n_xy` at most. All measures but chi-squared grow with the common
    count and fall with that of the antecedent, and do not fall when both grow as one: they are
    largest where `n_xy` baskets hold the antecedent and all of them the item. Chi-squared is
    convex: it is largest in a corner of the polygon (Morishita and Sese 2000).
    """
    largest = score(kind, n, n_xy, n_y, n_xy)
    if kind == _CHI_SQUARED:
        rest = n_x - n_xy
        for a, b in ((n_x, n_xy), (least, least), (rest + least, least)):
            value = score(kind, n, a, n_y, b)
            largest = np.nan if np.isnan(value) else max(largest, value)
    if np.isnan(largest):
        return np.inf
    if kind in (_PHI, _KLOSGEN):
        return max(0.0, largest)
    if kind == _FISHER:
        return largest + 1e-6  # differences of large logarithms are rounded
    return largest * (1 + 1e-12) if kind == _COSINE else largest
