"""How impure a node is, and how far a table of counts is from independence."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["CRITERIA", "Criterion", "chi_square", "entropy", "gini"]

Criterion = Literal["gini", "entropy", "chi-square"]
CRITERIA = ("gini", "entropy", "chi-square")

Values = NDArray[np.float64]


def gini(counts: ArrayLike) -> Values:
    """Give the Gini impurity of class counts along the last axis.

    Breiman, Friedman, Olshen and Stone, *Classification and Regression Trees* (1984).

    Parameters
    ----------
    counts : array, shape (..., n_classes)
        Rows, or their weights, by class.

    Returns
    -------
    ndarray, shape (...)
        0 for one class alone, at most 1 - 1 / n_classes; 0 where there is nothing.

    Examples
    --------
    >>> gini([[5, 5], [10, 0]]).tolist()
    [0.5, 0.0]
    """
    table = np.asarray(counts, float)
    return np.where(table.sum(axis=-1) > 0, 1 - (_shares(table) ** 2).sum(axis=-1), 0.0)


def entropy(counts: ArrayLike) -> Values:
    """Give the entropy in bits of class counts along the last axis.

    Examples
    --------
    >>> entropy([[5, 5], [10, 0]]).tolist()
    [1.0, 0.0]
    """
    share = _shares(np.asarray(counts, float))
    return np.abs((share * np.log2(np.where(share > 0, share, 1))).sum(axis=-1))


def chi_square(table: ArrayLike) -> tuple[Values, NDArray[np.int64]]:
    """Give Pearson's statistic and its degrees of freedom for tables of counts.

    Empty rows and columns do not count.

    Parameters
    ----------
    table : array, shape (..., n_groups, n_classes)
        Counts.

    Returns
    -------
    statistic, degrees : ndarray, shape (...)

    Examples
    --------
    >>> statistic, degrees = chi_square([[10, 20], [20, 10]])
    >>> float(statistic.round(4)), int(degrees)
    (6.6667, 1)
    """
    counts = np.asarray(table, float)
    rows, columns = counts.sum(axis=-1, keepdims=True), counts.sum(axis=-2, keepdims=True)
    total = np.maximum(counts.sum(axis=(-2, -1), keepdims=True), 1e-300)
    expected = rows * columns / total
    away = np.divide((counts - expected) ** 2, expected, np.zeros_like(counts), where=expected > 0)
    n_rows, n_columns = (rows > 0).sum(axis=(-2, -1)), (columns > 0).sum(axis=(-2, -1))
    degrees = np.maximum(n_rows - 1, 0) * np.maximum(n_columns - 1, 0)
    return away.sum(axis=(-2, -1)), degrees


def _shares(counts: Values) -> Values:
    total = counts.sum(axis=-1, keepdims=True)
    return np.divide(counts, total, np.zeros_like(counts), where=total > 0)
