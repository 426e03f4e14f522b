"""Return on money spent: ROI, net present value, internal rate and payback."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

__all__ = ["internal_rate", "net_present_value", "payback_period", "return_on_investment"]


def return_on_investment(gain: float, cost: float) -> float:
    """Give (gain - cost) / cost.

    Parameters
    ----------
    gain : float
        What came back, before the cost is taken off.
    cost : float
        What was spent.

    Raises
    ------
    ValueError
        When nothing was spent.

    Examples
    --------
    >>> return_on_investment(gain=150, cost=100)
    0.5
    """
    if cost <= 0:
        raise ValueError(f"a return needs a positive cost, not {cost}")
    return (gain - cost) / cost


def net_present_value(flows: ArrayLike, rate: float, *, discount_first: bool = False) -> float:
    """Give what a row of yearly flows is worth today.

    Parameters
    ----------
    flows : array of float
        By period; what is paid is negative.
    rate : float
        Of a period; rate 0 gives the plain sum.
    discount_first : bool, default False
        Whether the first flow comes at the end of the first period already.

    Raises
    ------
    ValueError
        When the rate is -1 or less, or a flow is not finite.

    Examples
    --------
    >>> round(net_present_value([-100, 60, 60], 0.1), 2)
    4.13
    """
    money = np.asarray(flows, float)
    if rate <= -1:
        raise ValueError(f"a rate is above -1, not {rate}")
    if not np.isfinite(money).all():
        raise ValueError("flows must be finite")
    periods = np.arange(len(money)) + int(discount_first)
    return float((money / (1 + rate) ** periods).sum())


def internal_rate(flows: ArrayLike) -> float:
    """Give the rate at which the net present value is 0.

    Raises
    ------
    ValueError
        When the flows do not change sign exactly once, so that there is not one such rate.

    Examples
    --------
    >>> round(internal_rate([-100, 110]), 4)
    0.1
    """
    money = np.asarray(flows, float)
    signs = np.sign(money[money != 0])
    if (np.diff(signs) != 0).sum() != 1:
        raise ValueError("one internal rate needs flows that change sign exactly once")
    return float(brentq(lambda rate: net_present_value(money, rate), -0.9999, 1e6))


def payback_period(flows: ArrayLike) -> float:
    """Give the periods until the sum of flows is no longer negative; infinite if never.

    Within a period money is taken to come evenly.

    Examples
    --------
    >>> payback_period([-100, 40, 40, 40]), payback_period([-100, 10])
    (2.5, inf)
    """
    total = np.cumsum(np.asarray(flows, float))
    if total[0] >= 0:
        return 0.0
    back = np.flatnonzero((total[1:] >= 0) & (total[:-1] < 0))
    if not len(back):
        return float("inf")
    i = int(back[0])
    return float(i + -total[i] / (total[i + 1] - total[i]))
