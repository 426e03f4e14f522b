"""What customers who will join are worth: the future part of customer equity."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["future_cohorts"]


def future_cohorts(
    joining: Sequence[float] | np.ndarray, value: float, cost: float, rate: float
) -> pd.DataFrame:
    """Give the present value of the customers who will join in each coming year.

    Parameters
    ----------
    joining : array of float, (years,)
        How many join in each year; in the middle of it, on average.
    value : float
        Lifetime value of a customer on the day of joining.
    cost : float
        Money that winning one costs on that day.
    rate : float
        Discount rate of a year, above -1.

    Returns
    -------
    pandas.DataFrame
        One row a year: ``year`` (from 1), ``customers``, ``present_value`` of one, after the cost,
        and ``total_value``.

    Examples
    --------
    >>> future_cohorts([10, 20], value=30.0, cost=5.0, rate=0.0)["total_value"].tolist()
    [250.0, 500.0]
    """
    number = np.asarray(joining, dtype=np.float64)
    if number.ndim != 1 or not (np.isfinite(number) & (number >= 0)).all():
        raise ValueError(f"who joins must be numbers from 0, one a year, but got {joining!r}")
    if not rate > -1:
        raise ValueError(f"rate must be above -1 but got {rate!r}")
    if not (np.isfinite(value) and np.isfinite(cost)):
        raise ValueError(f"value and cost must be finite but got {value!r} and {cost!r}")
    year = np.arange(1, len(number) + 1)
    present = (value - cost) / (1 + rate) ** (year - 0.5)
    return pd.DataFrame(
        {
            "year": year,
            "customers": number,
            "present_value": present,
            "total_value": number * present,
        }
    )
