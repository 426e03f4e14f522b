"""The effect on a ratio of two sums, such as money an order."""

import math

import numpy as np
from scipy import special

from experiments.effect.estimate import NAN, Effect, arms

__all__ = ["ratio_effect"]


def ratio_effect(
    numerator: np.ndarray, denominator: np.ndarray, treated: np.ndarray, *, level: float = 0.95
) -> Effect:
    """Compare a ratio between the groups, the customer being the unit that was drawn.

    Parameters
    ----------
    numerator, denominator : array of float, (customers,)
        What is divided, summed over a group: money and orders give money an order.
    treated : array of bool, (customers,)
        The groups.
    level : float
        Coverage of the interval.

    Returns
    -------
    Effect
        Of the ratio; it is not a sum over customers, so its total means nothing. Ends are NaN
        where a group's denominator is 0.

    Notes
    -----
    The delta method: the variance of a ratio R of means is that of the mean of
    (numerator - R denominator) over the squared mean of the denominator (Deng, Knoblich and Lu
    2018, *Applying the delta method in metric analytics*).

    Examples
    --------
    >>> found = ratio_effect([9, 3, 4, 2], [3, 1, 2, 1], [1, 1, 0, 0])
    >>> found.treated_mean, found.control_mean, found.difference
    (3.0, 2.0, 1.0)
    """
    is_treated = np.asarray(treated).astype(bool)
    parts = zip(
        arms(np.asarray(numerator, dtype=np.float64), is_treated),
        arms(np.asarray(denominator, dtype=np.float64), is_treated),
        strict=True,
    )
    (r1, s1, n1), (r0, s0, n0) = (_ratio(above, below) for above, below in parts)
    se = math.hypot(s1 / math.sqrt(n1), s0 / math.sqrt(n0)) if n1 and n0 else NAN
    far = float(special.ndtri((1 + level) / 2)) * se
    p = float(2 * special.ndtr(-abs(r1 - r0) / se)) if se > 0 else NAN
    ends = (r1 - r0 - far, r1 - r0 + far) if se > 0 else (NAN, NAN)
    lift = r1 / r0 - 1 if r0 > 0 else NAN
    return Effect(
        difference=r1 - r0,
        low=ends[0],
        high=ends[1],
        se=se,
        p=p,
        treated_mean=r1,
        control_mean=r0,
        treated_sd=s1,
        control_sd=s0,
        treated=n1,
        control=n0,
        lift=lift,
        method="delta",
        level=level,
    )


def _ratio(above: np.ndarray, below: np.ndarray) -> tuple[float, float, int]:
    """Give the ratio, the standard deviation of one customer's part in it, and the customers."""
    if len(below) < 2 or below.sum() == 0:
        return NAN, NAN, len(below)
    ratio = float(above.sum() / below.sum())
    return ratio, float((above - ratio * below).std(ddof=1) / below.mean()), len(below)
