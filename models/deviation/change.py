"""Change over time: a jump from the usual level, and a drift that adds up."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.deviation.scale import robust_spread
from models.segments.words import plain_name, plain_number

__all__ = ["Cusum", "changes", "cusum", "robust_z"]


@dataclass(frozen=True)
class Cusum:
    """Sums of deviations of several series.

    Attributes
    ----------
    upper, lower : numpy.ndarray of float64, shape (series, periods)
        Sums of what lies above and below the usual level, in deviations; never negative.
    alarm : numpy.ndarray of int64, shape (series,)
        First period in which a sum exceeds the limit; -1 = none.
    direction : numpy.ndarray of int64, shape (series,)
        1 = upwards, -1 = downwards, 0 = no alarm.
    """

    upper: np.ndarray
    lower: np.ndarray
    alarm: np.ndarray
    direction: np.ndarray


def robust_z(values: Any, baseline: int) -> np.ndarray:
    """Give every period's distance from the usual level, in robust deviations.

    Parameters
    ----------
    values : array of float, shape (series, periods)
    baseline : int
        First periods that say what is usual: their median, and 1.4826 x MAD (the plain deviation
        where that is 0).

    Returns
    -------
    numpy.ndarray of float64, shape (series, periods)
        0 where the value is usual, at most 20 to either side, also where the baseline never moved
        and the value does; NaN stays NaN.

    Examples
    --------
    >>> robust_z([[10.0, 11.0, 12.0, 11.0, 19.0]], baseline=4).round(2).tolist()
    [[-1.35, 0.0, 1.35, 0.0, 10.79]]
    """
    series = _checked(values, baseline)
    usual = series[:, :baseline]
    centre = np.nanmedian(usual, axis=1)[:, None]
    spread = robust_spread(usual, axis=1)[:, None]
    apart = series - centre
    with np.errstate(all="ignore"):
        still = np.where(np.abs(apart) > 0, np.sign(apart) * 20.0, 0.0)
        return np.clip(np.where(spread > 0, apart / spread, still), -20, 20)


def cusum(z: Any, *, slack: float = 0.5, limit: float = 5.0) -> Cusum:
    """Add up deviations, as Page's tabular CUSUM does.

    ``upper[t] = max(0, upper[t - 1] + z[t] - slack)`` and likewise downwards (Montgomery,
    *Introduction to Statistical Quality Control*, chapter 9).

    Parameters
    ----------
    z : array of float, shape (series, periods)
        Deviations from the usual level; a missing one adds nothing.
    slack : float, default 0.5
        What is forgiven in each period: half of the shift to be found.
    limit : float, default 5
        Sum that raises the alarm. With 0.5 and 5, a series that does not change raises one in
        465 periods on average.

    Examples
    --------
    >>> found = cusum([[0.0, 2.0, 2.0, 2.0, 2.0]])
    >>> found.upper.tolist(), int(found.alarm[0]), int(found.direction[0])
    ([[0.0, 1.5, 3.0, 4.5, 6.0]], 4, 1)
    """
    if slack < 0 or not limit > 0:
        raise ValueError(f"slack must be 0 or more and limit above 0 but got {slack}, {limit}")
    steps = np.nan_to_num(np.atleast_2d(np.asarray(z, dtype=np.float64)), nan=0.0)
    upper, lower = np.zeros_like(steps), np.zeros_like(steps)
    up, down = np.zeros(len(steps)), np.zeros(len(steps))
    for period in range(steps.shape[1]):
        up = np.maximum(0.0, up + steps[:, period] - slack)
        down = np.maximum(0.0, down - steps[:, period] - slack)
        upper[:, period], lower[:, period] = up, down
    first_up, first_down = _first(upper > limit), _first(lower > limit)
    alarm = np.minimum(first_up, first_down)
    none = alarm == steps.shape[1]
    direction = np.where(none, 0, np.where(first_up <= first_down, 1, -1))
    return Cusum(upper, lower, np.where(none, -1, alarm), direction)


def changes(
    table: pd.DataFrame,
    baseline: int,
    *,
    measure: str = "value",
    slack: float = 0.5,
    limit: float = 5.0,
) -> pd.DataFrame:
    """Find series that left their usual level, by a jump or by a drift.

    Parameters
    ----------
    table : pandas.DataFrame of float
        One row a series (such as a customer), one column a period, in order.
    baseline : int
        First periods that say what is usual.
    measure : str
        What the numbers are, for the sentence.
    slack, limit : float
        See `cusum`.

    Returns
    -------
    pandas.DataFrame
        One row a series with an alarm after the baseline, the largest sum first: ``row``,
        ``period`` (of the alarm), ``direction`` (``up`` or ``down``), ``score`` (largest sum),
        ``usual`` (median of the baseline), ``since`` (mean from the alarm's beginning on) and
        ``text``.
    """
    z = robust_z(table.to_numpy(dtype=np.float64, na_value=np.nan), baseline)
    z[:, :baseline] = 0.0  # what defines the usual cannot leave it
    found = cusum(z, slack=slack, limit=limit)
    alarmed = np.flatnonzero(found.direction).tolist()
    rows = [_row(table, found, at, baseline, measure) for at in alarmed]
    columns = ["row", "period", "direction", "score", "usual", "since", "text"]
    frame = pd.DataFrame(rows, columns=columns)
    by = frame["row"].astype(str)
    return (
        frame.assign(by=by)
        .sort_values(["score", "by"], ascending=[False, True], ignore_index=True)
        .drop(columns="by")
    )


def _row(table: pd.DataFrame, found: Cusum, at: int, baseline: int, measure: str) -> dict[str, Any]:
    up = found.direction[at] > 0
    sums = (found.upper if up else found.lower)[at]
    alarm = int(found.alarm[at])
    quiet = np.flatnonzero(sums[: alarm + 1] == 0)
    begin = int(quiet[-1]) + 1 if len(quiet) else 0
    values = table.iloc[at].to_numpy(dtype=np.float64, na_value=np.nan)
    usual, since = float(np.nanmedian(values[:baseline])), float(np.nanmean(values[begin:]))
    word = "rose" if up else "fell"
    text = (
        f"{plain_name(measure)} {word} from {plain_number(usual)} to {plain_number(since)}"
        f" since {table.columns[begin]}"
    )
    return {
        "row": table.index[at],
        "period": table.columns[alarm],
        "direction": "up" if up else "down",
        "score": float(sums.max()),
        "usual": usual,
        "since": since,
        "text": text,
    }


def _first(over: np.ndarray) -> np.ndarray:
    return np.where(over.any(axis=1), over.argmax(axis=1), over.shape[1])


def _checked(values: Any, baseline: int) -> np.ndarray:
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 2:
        raise ValueError(f"a table of series and periods is needed, not {series.shape}")
    if not 2 <= baseline <= series.shape[1]:
        raise ValueError(f"baseline must be from 2 to {series.shape[1]} but got {baseline}")
    if len(series) and np.isnan(series[:, :baseline]).all(axis=1).any():
        raise ValueError("a series has no value in the baseline")
    return series
