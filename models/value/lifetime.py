"""Lifetime value: the present value of a relationship's profits, and how it moves."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["constant_lifetime_value", "lifetime_value", "what_if"]

CAP = 5
"""Longest horizon in periods (years): who stays longer counts for no more."""


def lifetime_value(
    profits: Sequence[float] | np.ndarray | pd.DataFrame,
    rate: float,
    horizon: int = CAP,
    discount_first: bool = False,
) -> float | np.ndarray:
    """Give the present value of the profits of a relationship.

    Parameters
    ----------
    profits : array of float, (periods,) or (customers, periods)
        Profit of each period, which may be negative. A relation that is shorter than `horizon`
        counts nothing after its end, whether its row is short, or filled with NaN; one that is
        longer is cut.
    rate : float
        Discount rate of one period, above -1.
    horizon : int, default 5
        Periods that count.
    discount_first : bool, default False
        Whether the profit of the first period is discounted by one period (paid at its end)
        or not at all (paid at its beginning).

    Returns
    -------
    float or numpy.ndarray of float64, (customers,)

    Raises
    ------
    ValueError
        When the rate is -1 or less, the horizon is below 1, or a profit is infinite.

    Examples
    --------
    >>> round(lifetime_value([100, 100, 100], rate=0.1), 2)
    273.55
    >>> lifetime_value([100, 100, 100, 100, 100, 100, 100], rate=0)
    500.0
    """
    _check_terms(rate, horizon)
    values = np.asarray(profits, dtype=np.float64)
    if values.ndim not in (1, 2):
        raise ValueError(f"profits must have one or two dimensions but have {values.ndim}")
    if np.isinf(values).any():
        raise ValueError("profits must be finite")
    counted = np.nan_to_num(values[..., :horizon])
    present = counted @ _factors(rate, counted.shape[-1], discount_first)
    return float(present) if values.ndim == 1 else np.asarray(present)


def constant_lifetime_value(
    profit: float,
    rate: float,
    retention: float = 1.0,
    horizon: int = CAP,
    discount_first: bool = False,
) -> float:
    """Give the lifetime value of a customer who brings the same profit while he stays.

    Parameters
    ----------
    profit : float
        Of one period.
    rate : float
        Discount rate of one period.
    retention : float, default 1
        Probability of staying from one period to the next; 1 is the constant model.
    horizon : int, default 5
        Periods that count.
    discount_first : bool, default False
        As in `lifetime_value`.

    Examples
    --------
    >>> constant_lifetime_value(100, rate=0, retention=0.5, horizon=3)
    175.0
    """
    if not 0 <= retention <= 1:
        raise ValueError(f"retention must lie between 0 and 1 but got {retention!r}")
    _check_terms(rate, horizon)
    expected = profit * retention ** np.arange(horizon)
    return float(expected @ _factors(rate, horizon, discount_first))


def what_if(
    profit: float,
    rates: Sequence[float],
    retentions: Sequence[float],
    horizon: int = CAP,
    discount_first: bool = False,
) -> pd.DataFrame:
    """Give the lifetime value for every pair of discount rate and retention.

    Parameters
    ----------
    profit : float
        Of one period.
    rates, retentions : sequence of float
        What is tried.
    horizon : int, default 5
        Periods that count.
    discount_first : bool, default False
        As in `lifetime_value`.

    Returns
    -------
    pandas.DataFrame
        One row a pair: ``rate``, ``retention``, ``lifetime_value``.

    Examples
    --------
    >>> table = what_if(100, rates=[0.0, 0.1], retentions=[1.0], horizon=2)
    >>> table["lifetime_value"].round(1).tolist()
    [200.0, 190.9]
    """
    if not len(rates) or not len(retentions):
        raise ValueError("what_if needs at least one rate and one retention")
    pairs = [(rate, retention) for rate in rates for retention in retentions]
    table = pd.DataFrame(pairs, columns=["rate", "retention"], dtype=np.float64)
    table["lifetime_value"] = [
        constant_lifetime_value(profit, rate, retention, horizon, discount_first)
        for rate, retention in pairs
    ]
    return table


def _check_terms(rate: float, horizon: int) -> None:
    if not rate > -1:
        raise ValueError(f"rate must be above -1 but got {rate!r}")
    if horizon < 1:
        raise ValueError(f"horizon must be at least 1 period but got {horizon!r}")


def _factors(rate: float, periods: int, discount_first: bool) -> np.ndarray:
    return np.asarray((1.0 + rate) ** -(np.arange(periods) + float(discount_first)))
