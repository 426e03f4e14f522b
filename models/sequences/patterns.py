"""Sequences of itemsets with the number of customers that hold each."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from models.sequences.limits import TimeLimits

__all__ = ["SequencePatterns"]


@dataclass(frozen=True, eq=False)
class SequencePatterns:
    """Sequential patterns as flat arrays, without a Python object per pattern.

    Parameters
    ----------
    indptr : ndarray of int64, shape (n_patterns + 1,)
        Where the symbols of each pattern begin.
    symbols : ndarray of int32
        `2 * item`, plus 1 where the item begins an element; items ascend within an element.
    counts : ndarray of int32, shape (n_patterns,)
        How many customers hold the pattern.
    n_customers : int
        How many customers were searched, those without baskets included.
    labels : ndarray of object, shape (n_items,)
        The name of every item code.
    limits : TimeLimits
        The limits under which the patterns were counted.
    """

    indptr: NDArray[np.int64]
    symbols: NDArray[np.int32]
    counts: NDArray[np.int32]
    n_customers: int
    labels: NDArray[np.object_]
    limits: TimeLimits

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def supports(self) -> NDArray[np.float64]:
        """The share of the customers that hold each pattern."""
        return self.counts / max(self.n_customers, 1)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many items each pattern has."""
        return np.diff(self.indptr)

    @cached_property
    def elements(self) -> NDArray[np.int64]:
        """How many elements each pattern has."""
        running = np.concatenate([[0], np.cumsum(self.symbols & 1)])
        return np.diff(running[self.indptr])

    def take(self, numbers: NDArray[Any]) -> "SequencePatterns":
        """Keep the patterns with these numbers, in this order."""
        lengths = self.lengths[numbers]
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        within = np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths)
        symbols = self.symbols[np.repeat(self.indptr[numbers], lengths) + within]
        return replace(self, indptr=indptr, symbols=symbols, counts=self.counts[numbers])

    def codes(self) -> list[tuple[tuple[int, ...], ...]]:
        """Give every pattern as a tuple of tuples of item codes."""
        return _nested(self, (self.symbols >> 1).tolist())

    def sequences(self) -> list[tuple[tuple[Any, ...], ...]]:
        """Give every pattern as a tuple of tuples of item names."""
        return _nested(self, self.labels[self.symbols >> 1].tolist())

    def to_frame(self) -> pd.DataFrame:
        """Give the columns `support` (a share) and `sequence` (a tuple of tuples of names)."""
        return pd.DataFrame(
            {"support": self.supports, "sequence": pd.Series(self.sequences(), dtype=object)}
        )

    def to_arrow(self) -> pa.Table:
        """Give an Arrow table without a Python object per pattern.

        The columns are `sequence` (list of lists of dictionary-encoded names), `count` and
        `support`. Names become text.
        """
        names = pa.array([str(label) for label in self.labels.tolist()], pa.string())
        items = pa.DictionaryArray.from_arrays(pa.array(self.symbols >> 1), names)
        elements = pa.LargeListArray.from_arrays(pa.array(_element_ends(self)), items)
        ends = np.concatenate([[0], np.cumsum(self.elements)]).astype(np.int64)
        column = pa.LargeListArray.from_arrays(pa.array(ends), elements)
        columns = [column, pa.array(self.counts), pa.array(self.supports)]
        return pa.table(columns, names=["sequence", "count", "support"])


def _element_ends(patterns: SequencePatterns) -> NDArray[np.int64]:
    begins = np.flatnonzero(patterns.symbols & 1)
    return np.concatenate([begins, [len(patterns.symbols)]]).astype(np.int64)


def _nested(patterns: SequencePatterns, values: list[Any]) -> list[tuple[tuple[Any, ...], ...]]:
    ends = _element_ends(patterns).tolist()
    elements = [tuple(values[a:b]) for a, b in pairwise(ends)]
    of_pattern = np.concatenate([[0], np.cumsum(patterns.elements)]).tolist()
    return [tuple(elements[a:b]) for a, b in pairwise(of_pattern)]
