"""Parts of a table for cross-validation, chosen by the content of the records."""

import numpy as np
from numpy.typing import NDArray

from models.trees.table import Table

__all__ = ["folds"]

Rows = NDArray[np.int64]


def folds(table: Table, categories: frozenset[str], classes: Rows, n_folds: int, seed: int) -> Rows:
    """Give every record a fold by its content, so that the order of rows does not matter.

    Every class is spread over the folds evenly.

    Parameters
    ----------
    table : Table
    categories : frozenset of str
        The columns that hold categories.
    classes : ndarray of int64, shape (n_rows,)
    n_folds : int
    seed : int

    Returns
    -------
    ndarray of int64
        0 to n_folds - 1.

    Examples
    --------
    >>> import pandas as pd
    >>> table = Table(pd.DataFrame({"age": [1, 2, 3, 4]}))
    >>> sorted(folds(table, frozenset(), np.array([0, 0, 1, 1]), 2, seed=0).tolist())
    [0, 0, 1, 1]
    """
    order = np.lexsort((_fingerprints(table, categories, seed), classes))
    first = np.searchsorted(classes[order], classes[order], side="left")
    fold = np.empty(len(classes), np.int64)
    fold[order] = (np.arange(len(classes)) - first) % n_folds
    return fold


def _fingerprints(table: Table, categories: frozenset[str], seed: int) -> NDArray[np.uint64]:
    """Mix the values of every record into one number (splitmix64)."""
    mixed = np.full(len(table), seed, np.uint64)
    for name in map(str, table.frame):
        if name in categories:
            values = table.labels(name)[0].astype(np.float64)
        else:
            values = table.numbers(name) + 0.0
        bits = np.where(np.isnan(values), -1.7e308, values).view(np.uint64)
        mixed = (mixed ^ bits) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed
