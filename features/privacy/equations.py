"""The sums that a table of cells and sub-totals obeys, as one sparse matrix."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

__all__ = ["Equations", "equations"]

_TOTAL = -1


@dataclass(frozen=True)
class Equations:
    """Every parent cell that is the sum of others.

    Attributes
    ----------
    matrix : scipy.sparse.csr_array of int8, shape (equations, cells)
        1 for the parent, -1 for each of the cells that sum to it.
    counts : numpy.ndarray of float64, shape (cells,)
        Size of the group behind each cell.
    given : int
        The first so many cells are those of the table. The others stand for totals that the
        table does not show, but that two of its levels have in common.
    """

    matrix: Any
    counts: np.ndarray
    given: int


def equations(codes: np.ndarray, counts: np.ndarray) -> Equations:
    """Find the sums among cells.

    Parameters
    ----------
    codes : numpy.ndarray of int, shape (cells, dimensions)
        Members by number; -1 where the cell is a total over the dimension.
    counts : numpy.ndarray of float64, shape (cells,)
        Size of the group behind each cell.
    """
    given = len(codes)
    codes, counts = _with_shared_totals(codes, counts)
    levels = _rows_by_level(codes)
    parts, first = [], 0
    for lower, upper in _neighbours(levels):
        people = levels[lower][counts[levels[lower]] > 0]
        part = _sums(codes, people, levels[upper], sorted(upper))
        parts.append(part + np.array([[first], [0], [0]]))
        first += len(levels[upper])
    row, column, value = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0), int)
    shape = (first, len(codes))
    matrix = sparse.csr_array((value, (row, column)), shape=shape, dtype=np.int8)
    return Equations(matrix, counts, given)


def _rows_by_level(codes: np.ndarray) -> dict[frozenset[int], np.ndarray]:
    """Group rows by the set of dimensions that are not summed over."""
    shown, level = np.unique(codes != _TOTAL, axis=0, return_inverse=True)
    level = level.ravel()
    return {
        frozenset(np.flatnonzero(dimensions).tolist()): np.flatnonzero(level == number)
        for number, dimensions in enumerate(shown)
    }


def _neighbours(levels: Iterable[frozenset[int]]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Pair each level with the next coarser ones; the sums further up follow from these."""
    known = sorted(levels, key=lambda level: (len(level), sorted(level)))
    pairs = [(lower, upper) for lower in known for upper in known if upper < lower]
    return [(a, b) for a, b in pairs if not any(b < between < a for between in known)]


def _sums(
    codes: np.ndarray, children: np.ndarray, parents: np.ndarray, dimensions: list[int]
) -> np.ndarray:
    """Give row, column and value of one equation for each parent that has a part."""
    columns = [f"d{d}" for d in dimensions]
    above = pd.DataFrame(codes[parents][:, dimensions], columns=columns)
    below = pd.DataFrame(codes[children][:, dimensions], columns=columns)
    above, below = above.assign(equation=range(len(parents))), below.assign(cell=children)
    how = {"on": columns} if columns else {"how": "cross"}
    met = below.merge(above, **how)
    with_parts = np.unique(met["equation"])
    own = np.vstack([with_parts, parents[with_parts], np.ones(len(with_parts), int)])
    rest = np.vstack([met["equation"], met["cell"], np.full(len(met), -1)])
    return np.concatenate([own, rest], axis=1)


def _with_shared_totals(codes: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add the totals that two levels share and nobody shows: both sum to them.

    Such a group counts as no larger than the largest cell in it, which is true however the cells
    overlap.
    """
    levels = _rows_by_level(codes)
    for level in _missing(levels):
        summed = codes.copy()
        summed[:, [d for d in range(codes.shape[1]) if d not in level]] = _TOTAL
        finer = np.concatenate([rows for known, rows in levels.items() if level < known])
        found, which = np.unique(summed[finer], axis=0, return_inverse=True)
        largest = np.zeros(len(found))
        np.maximum.at(largest, which.ravel(), counts[finer])
        codes, counts = np.vstack([codes, found]), np.concatenate([counts, largest])
    return codes, counts


def _missing(levels: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    known, closed = set(levels), set(levels)
    while more := {a & b for a, b in combinations(closed, 2)} - closed:
        closed |= more
    return sorted(closed - known, key=lambda level: (-len(level), sorted(level)))
