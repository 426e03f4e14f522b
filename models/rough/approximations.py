"""Rough sets: which records can be told apart, and what can be said of a class for certain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lodeworks.errors import did_you_mean

__all__ = [
    "Approximation",
    "approximate",
    "classes",
    "dependency",
    "indiscernible",
    "positive_region",
]

Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Approximation:
    """What some columns say of a set of records.

    Parameters
    ----------
    lower : ndarray of bool
        Records that belong to the set for certain.
    upper : ndarray of bool
        Records that possibly belong to it.
    """

    lower: Mask
    upper: Mask

    @property
    def boundary(self) -> Mask:
        """Records of which it cannot be said."""
        return self.upper & ~self.lower

    @property
    def accuracy(self) -> float:
        """Certain by possible records; 1 when the set is crisp."""
        n = int(self.upper.sum())
        return float(self.lower.sum() / n) if n else 1.0


def classes(table: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """Give the number of the indiscernibility class of every record.

    Pawlak, *Rough Sets* (1991). Records with equal values have equal numbers. Missing is a
    value of its own. Numbers follow the first record of each class.

    Parameters
    ----------
    table : DataFrame
    columns : sequence of str
        The columns seen; none makes all records equal.

    Examples
    --------
    >>> classes(pd.DataFrame({"a": [1, 2, 1], "b": ["x", "x", None]}), ["a", "b"]).tolist()
    [0, 1, 2]
    """
    check_columns(table, columns)
    codes = np.zeros(len(table), np.int64)
    for name in columns:
        codes = refine(codes, column_codes(table[name]))
    return codes


def indiscernible(table: pd.DataFrame, columns: Sequence[str]) -> list[list[Any]]:
    """Give the index labels of each indiscernibility class.

    Examples
    --------
    >>> indiscernible(pd.DataFrame({"a": [1, 2, 1]}, index=["p1", "p2", "p3"]), ["a"])
    [['p1', 'p3'], ['p2']]
    """
    groups = pd.Series(table.index.to_list(), dtype=object).groupby(classes(table, columns))
    return [group.tolist() for _, group in groups]


def approximate(table: pd.DataFrame, columns: Sequence[str], members: Any) -> Approximation:
    """Approximate a set of records from below and above by what some columns see.

    Parameters
    ----------
    table : DataFrame
    columns : sequence of str
    members : array of bool, shape (n_rows,)
        The set.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1, 1, 2]})
    >>> near = approximate(table, ["a"], [True, False, True])
    >>> near.lower.tolist(), near.upper.tolist(), near.accuracy
    ([False, False, True], [True, True, True], 0.3333333333333333)
    """
    inside = np.asarray(members)
    if inside.dtype != bool or inside.shape != (len(table),):
        raise ValueError(f"members are {len(table)} booleans, not {inside.dtype} {inside.shape}")
    codes = classes(table, columns)
    n, n_inside = np.bincount(codes), np.bincount(codes, inside)
    return Approximation((n == n_inside)[codes], (n_inside > 0)[codes])


def positive_region(table: pd.DataFrame, columns: Sequence[str], decision: str) -> Mask:
    """Mark the records whose decision follows from the columns for certain.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1, 1, 2], "d": ["x", "y", "x"]})
    >>> positive_region(table, ["a"], "d").tolist()
    [False, False, True]
    """
    check_columns(table, [decision])
    return certain(classes(table, columns), column_codes(table[decision]))


def dependency(table: pd.DataFrame, columns: Sequence[str], decision: str) -> float:
    """Give the degree to which the decision depends on the columns: the share of certain records.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1, 1, 2, 3], "d": ["x", "y", "x", "x"]})
    >>> dependency(table, ["a"], "d")
    0.5
    """
    return float(positive_region(table, columns, decision).mean()) if len(table) else 1.0


def column_codes(column: pd.Series) -> Codes:
    """Give the values of a column as numbers; missing is a value too."""
    codes = pd.factorize(column, use_na_sentinel=False)[0]
    return codes.astype(np.int64)


def refine(codes: Codes, more: Codes) -> Codes:
    """Split classes by a further column, and number them by their first record."""
    if not len(codes):
        return codes
    both = codes * (int(more.max()) + 1) + more
    return pd.factorize(both)[0].astype(np.int64)


def certain(codes: Codes, decisions: Codes) -> Mask:
    """Mark the records whose class has one decision only."""
    if not len(codes):
        return np.zeros(0, bool)
    n = int(codes.max()) + 1
    low, high = np.full(n, np.iinfo(np.int64).max), np.full(n, -1)
    np.minimum.at(low, codes, decisions)
    np.maximum.at(high, codes, decisions)
    return (low == high)[codes]


def check_columns(table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse columns that the table does not have."""
    known = [str(name) for name in table.columns]
    problems = [
        f"unknown column {name!r}; {did_you_mean(str(name), known)}"
        for name in columns
        if name not in table.columns
    ]
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()].unique().tolist()
        problems.append(f"column names that come twice: {twice}")
    if problems:
        raise ValueError("; ".join(problems))
