"""Switching matrix estimated from what customers bought in consecutive periods."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

__all__ = ["SwitchingEstimate", "estimate_switching", "main_brands"]


@dataclass(frozen=True)
class SwitchingEstimate:
    """Where buyers of each brand are a period later.

    Attributes
    ----------
    brands : tuple of str
        In the order of rows and columns.
    counts : numpy.ndarray of int64, (brands, brands)
        Moves seen from the brand of the row to that of the column.
    customers : numpy.ndarray of int64, (brands,)
        Different customers behind each row; one may be seen in several pairs of periods.
    matrix : numpy.ndarray of float64, (brands, brands)
        Shares of each row; they sum to 1.
    low, high : numpy.ndarray of float64, (brands, brands)
        Ends of the interval of each share.
    paused : int
        Times that somebody bought in a period and nothing in the next one, which was seen too.
    level : float
        Coverage of each interval.
    """

    brands: tuple[str, ...]
    counts: np.ndarray
    customers: np.ndarray
    matrix: np.ndarray
    low: np.ndarray
    high: np.ndarray
    paused: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Give one row a pair of brands.

        Returns
        -------
        pandas.DataFrame
            ``brand``, ``next_brand``, ``moves``, ``share``, ``low``, ``high``, and ``customers``
            behind the row of `brand`.
        """
        size = len(self.brands)
        return pd.DataFrame(
            {
                "brand": np.repeat(np.array(self.brands, dtype=object), size),
                "next_brand": np.tile(np.array(self.brands, dtype=object), size),
                "moves": self.counts.ravel(),
                "share": self.matrix.ravel(),
                "low": self.low.ravel(),
                "high": self.high.ravel(),
                "customers": np.repeat(self.customers, size),
            }
        )


def main_brands(purchases: pd.DataFrame) -> pd.DataFrame:
    """Give the brand on which each customer spent most in each period.

    Parameters
    ----------
    purchases : pandas.DataFrame
        ``customer_id``, ``period`` (whole numbers that rise with time), ``brand``, ``amount``.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``period``, ``brand``; of equal amounts the first in the alphabet.

    Examples
    --------
    >>> bought = [("ann", 0, "tea", 5.0), ("ann", 0, "milk", 2.0), ("ann", 0, "milk", 4.0)]
    >>> log = pd.DataFrame(bought, columns=["customer_id", "period", "brand", "amount"])
    >>> main_brands(log)["brand"].tolist()
    ['milk']
    """
    keys = ["customer_id", "period"]
    spent = purchases.groupby([*keys, "brand"], as_index=False)["amount"].sum()
    # Sums of the same amounts in another order differ in the last digits.
    spent = spent.assign(less=-spent["amount"].round(6)).sort_values([*keys, "less", "brand"])
    return spent.drop_duplicates(keys, ignore_index=True)[[*keys, "brand"]]


def estimate_switching(
    states: pd.DataFrame,
    brands: Sequence[str] | None = None,
    *,
    prior: float = 1.0,
    level: float = 0.95,
) -> SwitchingEstimate:
    """Estimate a switching matrix from the brands of customers in consecutive periods.

    Parameters
    ----------
    states : pandas.DataFrame
        ``customer_id``, ``period`` (whole numbers that rise with time), ``brand``; at most one row
        a customer and period, as `main_brands` gives them.
    brands : sequence of str, optional
        Order of rows and columns; default: those seen, by the alphabet.
    prior : float, default 1
        Moves added to each row in equal parts (Laplace's rule with weight 1 / brands): a row that
        nobody was seen in says that nothing is known, and no move is impossible.
    level : float, default 0.95
        Coverage of each interval.

    Raises
    ------
    ValueError
        When a customer has two brands in a period, a brand is not among `brands`, there are fewer
        than two of them, or `prior` or `level` is out of range.

    Notes
    -----
    Only who bought in both periods tells of switching: the matrix is of those who go on buying.
    Intervals are Wilson's (1927) of the moves seen, each for itself. They take the moves as
    independent, as they are where the next brand depends on the present one only.

    Examples
    --------
    >>> seen = [("a", 0, "x"), ("a", 1, "y"), ("b", 0, "x"), ("b", 1, "x"), ("b", 2, "y")]
    >>> states = pd.DataFrame(seen, columns=["customer_id", "period", "brand"])
    >>> found = estimate_switching(states)
    >>> found.counts.tolist(), found.customers.tolist()
    ([[1, 2], [0, 0]], [2, 0])
    >>> found.matrix.tolist()
    [[0.375, 0.625], [0.5, 0.5]]
    """
    if not prior > 0 or not 0 < level < 1:
        raise ValueError(f"prior must be above 0 and level inside 0 and 1, not {prior}, {level}")
    names = tuple(sorted(set(states["brand"]))) if brands is None else tuple(brands)
    unknown = sorted(set(states["brand"]) - set(names))
    if unknown or len(set(names)) < max(2, len(names)):
        raise ValueError(f"brands must be two or more that differ and hold all seen, not {names}")
    if states.duplicated(["customer_id", "period"]).any():
        raise ValueError("a customer has more than one brand in a period")
    pairs = _pairs(states)
    counts = _counts(pairs, names)
    low, high = _wilson(counts, level)
    moves = counts.sum(axis=1, keepdims=True)
    behind = pairs.groupby("brand")["customer_id"].nunique().reindex(names, fill_value=0)
    return SwitchingEstimate(
        brands=names,
        counts=counts,
        customers=behind.to_numpy(dtype=np.int64),
        matrix=(counts + prior / len(names)) / (moves + prior),
        low=low,
        high=high,
        paused=int((states["period"] < states["period"].max()).sum()) - len(pairs),
        level=level,
    )


def _pairs(states: pd.DataFrame) -> pd.DataFrame:
    """Give ``customer_id``, ``period``, ``brand`` and ``next_brand`` where both are known."""
    later = states.rename(columns={"brand": "next_brand"})
    later = later.assign(period=later["period"] - 1)
    return states.merge(later, on=["customer_id", "period"])


def _counts(pairs: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    place = {name: at for at, name in enumerate(names)}
    before, after = (
        pairs[column].map(place).to_numpy(dtype=np.int64) for column in ("brand", "next_brand")
    )
    cells = np.bincount(before * len(names) + after, minlength=len(names) ** 2)
    return cells.reshape(len(names), len(names)).astype(np.int64)


def _wilson(counts: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Give the ends of the intervals; 0 and 1 in a row without moves."""
    moves = counts.sum(axis=1, keepdims=True) + np.zeros_like(counts)
    ends = proportion_confint(counts, np.maximum(moves, 1), 1 - level, method="wilson")
    low, high = (np.clip(np.asarray(one), 0.0, 1.0) for one in ends)
    return np.where(moves > 0, low, 0.0), np.where(moves > 0, high, 1.0)
