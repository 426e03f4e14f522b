"""Correlations with intervals, and p-values corrected for their number."""

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm, rankdata
from scipy.stats import t as student

from models.association.significance import adjusted
from models.statistics.checks import check_level, complete

__all__ = ["correlation_matrix", "correlations"]

Method = Literal["pearson", "spearman", "partial"]
Values = NDArray[np.float64]


def correlations(
    table: pd.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    method: Method = "pearson",
    correction: Literal["holm", "bh", "none"] = "holm",
    level: float = 0.95,
) -> pd.DataFrame:
    """Give the correlation of every pair of columns.

    Intervals are those of Fisher's z. For ranks its standard error is that of Bonett and Wright
    (2000), for partial correlations the number of the other columns is taken off the rows.

    Parameters
    ----------
    table : DataFrame
    columns : sequence of str, optional
        Default: all columns of numbers.
    method : {'pearson', 'spearman', 'partial'}
        'partial' holds all other columns fixed.
    correction : {'holm', 'bh', 'none'}
        For the number of pairs.
    level : float, default 0.95
        Of the intervals.

    Returns
    -------
    DataFrame
        One row a pair: first, second, n, r, low, high, p_value, q_value. Rows with a missing value
        are left out, by pair ('partial': of any column).

    Raises
    ------
    ValueError
        When there are fewer than two columns, or one is constant or all missing, or there are too
        few rows; for 'partial' also when a column follows from the others.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [2.0, 1, 4, 3, 5]})
    >>> correlations(table)[["r", "low", "high"]].round(3).values.tolist()
    [[0.8, -0.28, 0.986]]
    """
    check_level(level)
    if method not in ("pearson", "spearman", "partial"):
        raise ValueError(f"method is 'pearson', 'spearman' or 'partial', not {method!r}")
    numeric = table.select_dtypes("number")
    names = [str(name) for name in (numeric.columns if columns is None else columns)]
    if len(names) < 2:
        raise ValueError(f"two columns of numbers or more are needed, not {names}")
    find = _partial if method == "partial" else _by_pair
    frame = pd.DataFrame(find(table, names, method), columns=["first", "second", "n", "r", "k"])
    return _tested(frame, method, correction, level)


def correlation_matrix(pairs: pd.DataFrame, value: str = "r") -> pd.DataFrame:
    """Give a figure of `correlations` as a square frame.

    Parameters
    ----------
    pairs : DataFrame
        What `correlations` gave.
    value : str, default 'r'
        'r', 'low', 'high', 'p_value' or 'q_value'. The diagonal is 1, of p-values 0.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [2.0, 1, 4, 3, 5]})
    >>> correlation_matrix(correlations(table)).round(1).values.tolist()
    [[1.0, 0.8], [0.8, 1.0]]
    """
    names = list(dict.fromkeys([*pairs["first"], *pairs["second"]]))
    own = 0.0 if value.endswith("_value") else 1.0
    square = pd.DataFrame(own, index=names, columns=names)
    for first, second, figure in zip(pairs["first"], pairs["second"], pairs[value], strict=True):
        square.loc[first, second] = square.loc[second, first] = figure
    return square


Row = tuple[str, str, int, float, int]


def _by_pair(table: pd.DataFrame, names: list[str], method: str) -> list[Row]:
    rows = []
    for first, second in combinations(names, 2):
        both = complete(table, [first, second], least=4).to_numpy(float)
        if method == "spearman":
            both = rankdata(both, axis=0)
        rows.append((first, second, len(both), float(np.corrcoef(both.T)[0, 1]), 0))
    return rows


def _partial(table: pd.DataFrame, names: list[str], method: str) -> list[Row]:
    both = complete(table, names, least=len(names) + 3).to_numpy(float)
    square = np.corrcoef(both.T)
    if np.linalg.cond(square) > 1e12:
        raise ValueError("a column follows from the others: partial correlations are not defined")
    inverse = np.linalg.inv(square)
    scale = np.sqrt(np.diag(inverse))
    partial = -inverse / np.outer(scale, scale)
    return [
        (names[i], names[j], len(both), float(partial[i, j]), len(names) - 2)
        for i, j in combinations(range(len(names)), 2)
    ]


def _tested(
    frame: pd.DataFrame, method: str, correction: Literal["holm", "bh", "none"], level: float
) -> pd.DataFrame:
    r = frame["r"].clip(-1, 1).to_numpy(float)
    free = (frame["n"] - frame["k"]).to_numpy(float)
    more = np.sqrt(1 + r**2 / 2) if method == "spearman" else 1.0
    half = norm.ppf((1 + level) / 2) * more / np.sqrt(free - 3)
    with np.errstate(divide="ignore"):
        z = np.arctanh(r)
        statistic = r * np.sqrt((free - 2) / (1 - r**2))
    p = 2 * student.sf(np.abs(statistic), free - 2)
    return frame.drop(columns="k").assign(
        low=np.tanh(z - half), high=np.tanh(z + half), p_value=p, q_value=adjusted(p, correction)
    )
