"""Shares of two groups: an interval of their difference, and a test."""

import math

from scipy import special

__all__ = ["newcombe", "score_test", "wilson"]


def wilson(hits: int, n: int, level: float) -> tuple[float, float]:
    """Give Wilson's score interval of a share.

    Examples
    --------
    >>> low, high = wilson(0, 10, 0.95)
    >>> low, round(high, 4)
    (0.0, 0.2775)
    """
    z = float(special.ndtri((1 + level) / 2))
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    far = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = middle - far, middle + far
    return (0.0 if hits == 0 else low), (1.0 if hits == n else high)


def newcombe(k1: int, n1: int, k0: int, n0: int, level: float) -> tuple[float, float]:
    """Give the hybrid score interval of the difference of two shares.

    Parameters
    ----------
    k1, n1, k0, n0 : int
        Hits and customers of the treated and of the controls.
    level : float
        Coverage.

    Notes
    -----
    Newcombe (1998), *Interval estimation for the difference between independent proportions*,
    Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    The first example of that paper, 56 of 70 against 48 of 80:

    >>> [round(end, 4) for end in newcombe(56, 70, 48, 80, 0.95)]
    [0.0524, 0.3339]
    """
    p1, p0 = k1 / n1, k0 / n0
    (low1, high1), (low0, high0) = wilson(k1, n1, level), wilson(k0, n0, level)
    below = math.hypot(p1 - low1, high0 - p0)
    above = math.hypot(high1 - p1, p0 - low0)
    return p1 - p0 - below, p1 - p0 + above


def score_test(k1: int, n1: int, k0: int, n0: int) -> float:
    """Give the two-sided p of equal shares: z with the pooled share, chi-square uncorrected.

    Examples
    --------
    >>> round(score_test(56, 70, 48, 80), 4), score_test(0, 5, 0, 9)
    (0.008, 1.0)
    """
    pooled = (k1 + k0) / (n1 + n0)
    se = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))
    return float(2 * special.ndtr(-abs(k1 / n1 - k0 / n0) / se)) if se else 1.0
