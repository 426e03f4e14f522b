"""Turn columns into a few codes, so that the best split of a node is found by counting."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.trees.table import Table

__all__ = ["Bins", "Column", "fit_columns", "histogram"]

Values = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Column:
    """How the values of a column become codes.

    Parameters
    ----------
    name : str
    edges : ndarray of float
        Upper ends of all codes of a number but the last.
    categories : tuple of str, or None
        The value of each code of a category; rarer values count as missing. None for a number.
    """

    name: str
    edges: Values
    categories: tuple[str, ...] | None = None

    @property
    def n_codes(self) -> int:
        """How many codes there are; the next one stands for missing."""
        return len(self.edges) + 1 if self.categories is None else len(self.categories)

    def encode(self, table: Table) -> NDArray[np.uint8]:
        """Give the code of every record."""
        if self.categories is None:
            values = table.numbers(self.name)
            codes = np.searchsorted(self.edges, values, side="left")
            return np.where(np.isnan(values), self.n_codes, codes).astype(np.uint8)
        place = {value: i for i, value in enumerate(self.categories)}
        codes, uniques = table.labels(self.name)
        known = np.array([*(place.get(value, self.n_codes) for value in uniques), self.n_codes])
        return known[codes].astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Bins:
    """Training records as codes, with their class and weight.

    Parameters
    ----------
    columns : sequence of Column
    codes : ndarray of uint8, shape (n_columns, n_rows)
    classes : ndarray of int64, shape (n_rows,)
    weights : ndarray of float64, shape (n_rows,)
    n_classes : int
    """

    columns: Sequence[Column]
    codes: NDArray[np.uint8]
    classes: NDArray[np.int64]
    weights: Values
    n_classes: int

    def only(self, numbers: Sequence[int]) -> "Bins":
        """Give the same records with these columns alone."""
        if len(numbers) == len(self.columns):
            return self
        kept = [self.columns[i] for i in numbers]
        return replace(self, columns=kept, codes=self.codes[list(numbers)])

    def count(self, rows: Rows) -> tuple[Values, NDArray[np.int64]]:
        """Give weight by column, code and class, and rows by column and code."""
        size = max((column.n_codes for column in self.columns), default=0) + 1
        return histogram(self.codes, self.classes, self.weights, rows, size, self.n_classes)

    def class_weights(self, rows: Rows) -> Values:
        """Give the weight of each class among these rows."""
        totals = np.zeros(self.n_classes)
        np.add.at(totals, self.classes[rows], self.weights[rows])
        return totals


@nb.njit(cache=True, nogil=True)
def histogram(
    codes: NDArray[np.uint8],
    classes: NDArray[np.int64],
    weights: Values,
    rows: Rows,
    size: int,
    n_classes: int,
) -> tuple[Values, NDArray[np.int64]]:
    """Count weights by column, code and class, and rows by column and code."""
    n_columns = codes.shape[0]
    weight = np.zeros((n_columns, size, n_classes))
    number = np.zeros((n_columns, size), np.int64)
    for c in range(n_columns):
        for row in rows:
            code = codes[c, row]
            weight[c, code, classes[row]] += weights[row]
            number[c, code] += 1
    return weight, number


def fit_columns(
    table: Table, categories: frozenset[str], max_bins: int, forbidden: frozenset[str]
) -> list[Column]:
    """Choose the codes of every column that may be split."""
    names = [str(name) for name in table.frame if name not in forbidden]
    return [
        _category(table, name, max_bins) if name in categories else _number(table, name, max_bins)
        for name in names
    ]


def _category(table: Table, name: str, max_bins: int) -> Column:
    codes, uniques = table.labels(name)
    often = np.bincount(codes[codes >= 0], minlength=len(uniques))
    kept = np.sort(np.argsort(-often, kind="stable")[: max_bins - 1])
    return Column(name, np.empty(0), tuple(uniques[i] for i in kept))


def _number(table: Table, name: str, max_bins: int) -> Column:
    values = table.numbers(name)
    points, often = np.unique(values[~np.isnan(values)], return_counts=True)
    if len(points) > max_bins - 1:
        share = np.cumsum(often) / often.sum()
        ends = np.searchsorted(share, np.arange(1, max_bins - 1) / (max_bins - 1))
        ends = np.unique(ends[ends < len(points) - 1])
    else:
        ends = np.arange(len(points) - 1)
    edges = [_roundest(points[i], points[i + 1]) for i in ends]
    return Column(name, np.array(edges, float))


def _roundest(low: float, high: float) -> float:
    """Give the number with fewest decimals in the middle half between two values.

    Between whole numbers that follow each other it is the lower one.
    """
    if high - low == 1 and float(low).is_integer():
        return float(low)
    middle, near = low / 2 + high / 2, high / 4 - low / 4
    largest = max(abs(low), abs(high), 1e-300)
    first = -math.floor(math.log10(largest)) - 1
    for decimals in range(first, first + 18):
        unit = 10.0**-decimals
        cut = round(math.ceil(middle / unit - 0.5) * unit, max(decimals, 0))
        if low <= cut < high and abs(cut - middle) <= near:
            return float(cut)
    return float(low)
