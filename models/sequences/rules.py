"""Sequential rules: what follows next, how surely and how soon."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

from models.association._threads import UNLIMITED, run_parts, threads
from models.sequences._encode import encode
from models.sequences._lags import lag_quantiles
from models.sequences._shapes import ABSENT, find, new_table
from models.sequences.patterns import SequencePatterns
from models.sequences.sequences import Sequences

__all__ = ["SequentialRules", "sequential_rules"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Values = NDArray[np.float64]

_QUARTILES = 0.25, 0.5, 0.75
_PARTS_A_THREAD = 8


@dataclass(frozen=True, eq=False)
class SequentialRules:
    """Rules between patterns; each side is the number of a pattern.

    Parameters
    ----------
    patterns : SequencePatterns
        What the numbers mean.
    whole, antecedents, consequents : ndarray of int32, shape (n_rules,)
        The pattern, the same without its last element, and its last element alone.
    lags : ndarray of float64, shape (n_rules, 3)
        Quartiles of the time that customers took from the last element of the antecedent to the
        consequent, in the unit of the times; NaN when they were not measured.
    """

    patterns: SequencePatterns
    whole: Int32
    antecedents: Int32
    consequents: Int32
    lags: Values

    def __len__(self) -> int:
        return len(self.whole)

    @property
    def supports(self) -> Values:
        """The share of the customers that hold the antecedent and then the consequent."""
        return self.patterns.supports[self.whole]

    @property
    def confidences(self) -> Values:
        """The share of the customers with the antecedent whom the consequent follows."""
        counts = self.patterns.counts
        return counts[self.whole] / counts[self.antecedents]

    @property
    def lifts(self) -> Values:
        """Confidence over the share of all customers that hold the consequent at any time."""
        return self.confidences / self.patterns.supports[self.consequents]

    def take(self, numbers: NDArray[Any]) -> "SequentialRules":
        """Keep the rules with these numbers, or where a mask is true, in this order."""
        sides = {name: getattr(self, name)[numbers] for name in _SIDES}
        return replace(self, **sides, lags=self.lags[numbers])

    def to_frame(self) -> pd.DataFrame:
        """Give one row a rule.

        The columns are `antecedent` (a tuple of tuples of names), `consequent` (a tuple of names),
        `count`, `support`, `confidence`, `lift`, `lag_quarter`, `lag_median`,
        `lag_three_quarters`.
        """
        after = [last for (last,) in self.patterns.take(self.consequents).sequences()]
        before = self.patterns.take(self.antecedents).sequences()
        return pd.DataFrame(
            {
                "antecedent": pd.Series(before, dtype=object),
                "consequent": pd.Series(after, dtype=object),
                "count": self.patterns.counts[self.whole],
                "support": self.supports,
                "confidence": self.confidences,
                "lift": self.lifts,
            }
            | dict(zip(_LAGS, self.lags.T, strict=True))
        )

    def to_arrow(self) -> pa.Table:
        """Give an Arrow table without a Python object per rule.

        The columns are those of `to_frame`: `antecedent` is a list of lists of dictionary-encoded
        names, `consequent` a list of them. Names become text.
        """
        after = self.patterns.take(self.consequents).to_arrow()["sequence"]
        columns = {
            "antecedent": self.patterns.take(self.antecedents).to_arrow()["sequence"],
            "consequent": pc.list_flatten(after),  # a consequent is one element
            "count": pa.array(self.patterns.counts[self.whole]),
            "support": pa.array(self.supports),
            "confidence": pa.array(self.confidences),
            "lift": pa.array(self.lifts),
        }
        lags = {name: pa.array(lag) for name, lag in zip(_LAGS, self.lags.T, strict=True)}
        return pa.table(columns | lags)


_SIDES = ("whole", "antecedents", "consequents")
_LAGS = ("lag_quarter", "lag_median", "lag_three_quarters")


def sequential_rules(
    patterns: SequencePatterns,
    sequences: Sequences | None = None,
    *,
    min_confidence: float = 0.0,
    min_lift: float = 0.0,
    n_jobs: int = 1,
) -> SequentialRules:
    """Split patterns before their last element: after the antecedent, the consequent follows.

    Parameters
    ----------
    patterns : SequencePatterns
        Frequent ones, not closed or maximal ones only.
    sequences : Sequences, optional
        What the patterns were found in. Without it the lags are not measured.
    min_confidence : float, in 0 .. 1, default 0
        The smallest share of the customers with the antecedent whom the consequent follows.
    min_lift : float, default 0
        The smallest lift.
    n_jobs : int, default 1
        Number of threads that measure the lags; -1 stands for all cores.

    Returns
    -------
    SequentialRules
        In the order of the patterns. The lag of a customer is the time from the start of the
        antecedent's last element to the end of the consequent (what a maximum gap limits), where
        the whole is first complete; the shortest of several.

    Raises
    ------
    ValueError
        When an argument is out of range, a part of a pattern is missing, or the sequences are
        others than those of the patterns.

    Examples
    --------
    >>> from models.sequences.mining import frequent_sequences
    >>> bought = Sequences.from_lists([[["tea"], ["cup"]], [["tea"], ["cup"]]], [[1, 4], [2, 9]])
    >>> rules = sequential_rules(frequent_sequences(bought, min_count=2), bought)
    >>> rules.to_frame()[["antecedent", "consequent", "confidence", "lag_median"]].values.tolist()
    [[(('tea',),), ('cup',), 1.0, 5.0]]
    """
    if not 0 <= min_confidence <= 1:
        raise ValueError(f"min_confidence lies in 0 .. 1, not {min_confidence}")
    if not min_lift >= 0:
        raise ValueError(f"min_lift must not be negative, not {min_lift}")
    whole, left, right = _split(patterns)
    unmeasured = np.full((len(whole), len(_QUARTILES)), np.nan)
    rules = SequentialRules(patterns, whole, left, right, unmeasured)
    enough = (rules.confidences >= min_confidence) & (rules.lifts >= min_lift)
    kept = rules.take(np.flatnonzero(enough))
    return kept if sequences is None else replace(kept, lags=_lags(kept, sequences, n_jobs))


def _split(patterns: SequencePatterns) -> tuple[Int32, Int32, Int32]:
    whole = np.flatnonzero(patterns.elements > 1).astype(np.int32)
    left, right = _sides(patterns.indptr, patterns.symbols, whole)
    if (left == ABSENT).any() or (right == ABSENT).any():
        raise ValueError(
            "a part of a pattern is missing: rules need all frequent sequences, not only closed "
            "or maximal ones"
        )
    return whole, left, right


@njit(cache=True, nogil=True)
def _sides(indptr: Int64, symbols: Int32, whole: Int32) -> tuple[Int32, Int32]:
    table = new_table(indptr, symbols)
    left, right = np.empty_like(whole), np.empty_like(whole)
    for k in range(len(whole)):
        own = symbols[indptr[whole[k]] : indptr[whole[k] + 1]]
        cut = len(own) - 1
        while not own[cut] & 1:
            cut -= 1
        left[k] = find(indptr, symbols, table, own, cut)
        right[k] = find(indptr, symbols, table, own[cut:], len(own) - cut)
    return left, right


def _lags(rules: SequentialRules, sequences: Sequences, n_jobs: int) -> Values:
    patterns = rules.patterns
    if len(sequences) != patterns.n_customers or not np.array_equal(
        sequences.labels, patterns.labels
    ):
        raise ValueError("the patterns were found in other sequences than those given")
    data, limits = encode(sequences, 0)[0], patterns.limits.for_kernels()
    wanted, n_threads = patterns.take(rules.whole), threads(n_jobs)
    cuts = np.linspace(0, len(rules), n_threads * _PARTS_A_THREAD + 1).astype(int)

    def part(first: int, last: int) -> Values:
        return np.asarray(
            lag_quantiles(data, limits, wanted.indptr, wanted.symbols, first, last, _QUARTILES)
        )

    control = np.array([0, UNLIMITED], np.int64)
    return np.concatenate(
        run_parts(part, list(pairwise(cuts.tolist())), control, n_threads, count=len)
    )
