"""Tracking: what a model expects of all customers, week by week, against what happened."""

import numpy as np
import pandas as pd

from models.value.purchases import PurchaseModel

__all__ = ["expected_repeats", "tracking_table"]


def expected_repeats(
    model: PurchaseModel, T: pd.Series | np.ndarray, until: float, periods: int, step: float = 1.0
) -> np.ndarray:
    """Give the repeat purchases that a model expects of all customers up to each period's end.

    Parameters
    ----------
    model : PurchaseModel
        Fitted.
    T : array of float, (customers,)
        Time from each customer's first purchase to the end of the calibration.
    until : float
        When the calibration ended, on the clock that the periods are counted on.
    periods : int
        How many periods, from time 0 of that clock.
    step : float, default 1
        Length of a period.

    Returns
    -------
    numpy.ndarray of float64, (periods,)
        Cumulative; only the first purchases of the customers are used, not what they did later.
    """
    since = until - np.asarray(T, dtype=np.float64)
    starts, count = np.unique(since, return_counts=True)
    ends = step * np.arange(1, periods + 1)
    ages = np.maximum(np.round(ends[:, None] - starts[None, :], 9), 0.0)
    distinct, place = np.unique(ages, return_inverse=True)
    each = np.array([model.new_customer_purchases(float(age)) for age in distinct])
    return np.asarray(each[place.reshape(ages.shape)] @ count)


def tracking_table(
    model: PurchaseModel,
    log: pd.DataFrame,
    histories: pd.DataFrame,
    until: pd.Timestamp | str,
    periods: int,
    unit: float = 7.0,
) -> pd.DataFrame:
    """Compare expected with actual repeat purchases, before and after the calibration's end.

    Parameters
    ----------
    model : PurchaseModel
        Fitted on `histories`.
    log : pandas.DataFrame
        ``customer_id`` and ``ordered_at`` of all purchases, those after `until` too.
    histories : pandas.DataFrame
        What `purchase_histories` gave of `log` and `until`, by ``customer_id``.
    until : timestamp or str
        The last day of the calibration.
    periods : int
        Periods to show, from the day of the first purchase of all.
    unit : float, default 7
        Days in a unit of time, and in a period.

    Returns
    -------
    pandas.DataFrame
        One row a period: ``period`` (from 1), ``calibration`` (whether it had begun to an end by
        `until`), ``actual``, ``expected`` (in the period), ``cumulative_actual``,
        ``cumulative_expected``.

    Examples
    --------
    >>> from models.value.nbd import NBD
    >>> from models.value.histories import purchase_histories
    >>> days = ["1997-01-01", "1997-01-05", "1997-01-20", "1997-01-01", "1997-01-27"]
    >>> log = pd.DataFrame({"customer_id": list("aaabb"), "ordered_at": pd.to_datetime(days)})
    >>> seen = purchase_histories(log, "1997-01-15")
    >>> tracking_table(NBD().fit(seen), log, seen, "1997-01-15", 4)["cumulative_actual"].tolist()
    [1.0, 1.0, 2.0, 3.0]
    """
    end = pd.Timestamp(until).normalize()
    span = float(histories["T"].max())
    origin = end - pd.Timedelta(days=round(span * unit))
    actual = _actual(log, histories.index, origin, periods, unit)
    total = expected_repeats(model, histories["T"].to_numpy(), span, periods)
    return pd.DataFrame(
        {
            "period": np.arange(1, periods + 1),
            "calibration": np.arange(1, periods + 1) <= span + 1e-9,
            "actual": actual,
            "expected": np.diff(total, prepend=0.0),
            "cumulative_actual": np.cumsum(actual),
            "cumulative_expected": total,
        }
    )


def _actual(
    log: pd.DataFrame, customers: pd.Index, origin: pd.Timestamp, periods: int, unit: float
) -> np.ndarray:
    """Count days with a repeat purchase in each period; the period of a day ends at its end."""
    day = pd.to_datetime(log["ordered_at"]).dt.normalize()
    days = pd.DataFrame({"customer_id": log["customer_id"], "day": day}).drop_duplicates()
    days = days[days["customer_id"].isin(customers)]
    later = days["day"] > days.groupby("customer_id")["day"].transform("min")
    since = (days.loc[later, "day"] - origin).dt.days.to_numpy()
    period = np.ceil(since / unit - 1e-9).astype(int) - 1
    inside = (period >= 0) & (period < periods)
    return np.bincount(period[inside], minlength=periods).astype(np.float64)
