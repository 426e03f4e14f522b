"""Intervals of means by resampling customers: how sure a measured number is."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

__all__ = ["Interval", "mean_interval", "mean_intervals", "paired_difference", "resampled_means"]

CELLS_AT_A_TIME = 1_000_000


@dataclass(frozen=True)
class Interval:
    """A measured value and where it may lie.

    Attributes
    ----------
    mean, low, high : float
        The estimate and the ends of its interval; the ends are NaN when fewer than two customers
        were measured, because then nothing can be said.
    se : float
        Standard error of the mean, s / sqrt(n).
    n : int
        Number of customers measured.
    level : float
        Share of resamples inside the interval.
    """

    mean: float
    low: float
    high: float
    se: float = float("nan")
    n: int = 0
    level: float = 0.95

    def times(self, factor: float) -> Self:
        """Scale the interval, for instance from a mean to a total.

        Parameters
        ----------
        factor : float
            Not negative.

        Examples
        --------
        >>> Interval(2.0, 1.0, 3.0, se=0.5, n=10).times(10)
        Interval(mean=20.0, low=10.0, high=30.0, se=5.0, n=10, level=0.95)
        """
        if factor < 0:
            raise ValueError(f"factor cannot be negative but got {factor!r}.")
        return replace(
            self,
            mean=factor * self.mean,
            low=factor * self.low,
            high=factor * self.high,
            se=factor * self.se,
        )

    def __contains__(self, value: float) -> bool:
        return bool(self.low <= value <= self.high)


def resampled_means(values: np.ndarray, *, n: int = 2000, seed: int = 0) -> np.ndarray:
    """Draw as many customers as there are, with replacement, and average; do so `n` times.

    All columns of one draw use the same customers, so differences between columns are paired.
    Rows are put in order of their values first: the result does not depend on the row order.

    Parameters
    ----------
    values : numpy.ndarray of float, (customers, columns)
        At least one row; no NaN.
    n : int
        Number of resamples.
    seed : int
        Seed of the draws.

    Returns
    -------
    numpy.ndarray of float64, (n, columns)
        Memory beside it is bounded, whatever the number of customers.

    Notes
    -----
    The non-parametric bootstrap of Efron (1979), *Bootstrap methods: another look at the
    jackknife*, Annals of Statistics 7(1).
    """
    ordered = values[np.lexsort(values.T[::-1])]
    rng = np.random.default_rng(seed)
    size = len(ordered)
    step = max(1, CELLS_AT_A_TIME // size)
    means = [
        _drawn_counts(rng, min(step, n - start), size) @ ordered for start in range(0, n, step)
    ]
    return np.concatenate(means) / size


def _drawn_counts(rng: np.random.Generator, draws: int, size: int) -> np.ndarray:
    """Count how often each of `size` rows was drawn, for each of `draws` resamples."""
    drawn = rng.integers(0, size, size=(draws, size))
    drawn += np.arange(draws)[:, None] * size
    counts = np.bincount(drawn.ravel(), minlength=draws * size)
    return counts.reshape(draws, size).astype(np.float64)


def mean_intervals(
    frame: pd.DataFrame, *, level: float = 0.95, n: int = 2000, seed: int = 0
) -> list[Interval]:
    """Give the mean of every column with its percentile interval.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a customer, numeric columns, no missing value.
    level : float
        Between 0 and 1, ends excluded.
    n : int
        Number of resamples.
    seed : int
        Seed of the draws.

    Returns
    -------
    list of Interval
        In the order of the columns.

    Raises
    ------
    ValueError
        When a value is missing or infinite, or an argument is out of its range.

    Notes
    -----
    Percentile interval: Efron and Tibshirani (1993), *An Introduction to the Bootstrap*, ch. 13.
    """
    _check_settings(level, n)
    values = frame.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).any(axis=1).sum())
        raise ValueError(f"{bad} of {len(values)} rows hold a missing or infinite value.")
    if len(values) < 2:
        return [_unsure(column, level) for column in values.T]
    tail = (1 - level) / 2
    ends = np.quantile(resampled_means(values, n=n, seed=seed), [tail, 1 - tail], axis=0)
    errors = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    rows = zip(values.mean(axis=0), ends[0], ends[1], errors, strict=True)
    return [
        Interval(float(mean), float(low), float(high), float(error), len(values), level)
        for mean, low, high, error in rows
    ]


def _check_settings(level: float, n: int) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1 but got {level!r}.")
    if n < 1:
        raise ValueError(f"n must be at least 1 but got {n!r}.")


def _unsure(column: np.ndarray, level: float) -> Interval:
    nan = float("nan")
    mean = float(column[0]) if len(column) else nan
    return Interval(mean, nan, nan, n=len(column), level=level)


def mean_interval(
    values: np.ndarray | pd.Series, level: float = 0.95, n: int = 2000, seed: int = 0
) -> Interval:
    """Give the mean of one value a customer with its percentile interval.

    Parameters
    ----------
    values : array of float
        One value a customer, none missing.
    level, n, seed
        As in `mean_intervals`.

    Examples
    --------
    >>> interval = mean_interval([0, 0, 1, 1, 1, 1, 1, 1, 1, 1], seed=1)
    >>> interval.mean, 0.3 < interval.low < 0.8 < interval.high <= 1.0
    (0.8, True)
    """
    return mean_intervals(pd.DataFrame({"value": values}), level=level, n=n, seed=seed)[0]


def paired_difference(
    a: np.ndarray | pd.Series,
    b: np.ndarray | pd.Series,
    level: float = 0.95,
    n: int = 2000,
    seed: int = 0,
) -> Interval:
    """Give the mean of ``a - b`` with its interval; the two values of a customer stay together.

    Parameters
    ----------
    a, b : array or pandas.Series of float
        One value a customer. Two Series are matched by their index and must name the same
        customers; arrays are matched by position.
    level, n, seed
        As in `mean_intervals`.

    Raises
    ------
    ValueError
        When the two do not cover the same customers.
    """
    if isinstance(a, pd.Series) and isinstance(b, pd.Series):
        b = _matched(b, a.index)
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(f"a and b differ in length: {len(first)} and {len(second)} customers.")
    return mean_interval(first - second, level, n, seed)


def _matched(values: pd.Series, index: pd.Index) -> pd.Series:
    if not (index.is_unique and values.index.is_unique):
        raise ValueError("a customer appears twice.")
    strangers = index.symmetric_difference(values.index)
    if len(strangers):
        raise ValueError(f"{len(strangers)} customers are in only one of a and b.")
    return values.reindex(index)
