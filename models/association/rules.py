"""Association rules: every way to split an itemset into IF and THEN that is sure enough."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import comb
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from lodeworks.errors import BudgetExceeded
from models.association._bits import OVERFULL
from models.association._gather import gather_runs
from models.association._generate import (
    MISSING,
    Lookup,
    Sides,
    count_splits,
    find_parts,
    lookup,
    write_splits,
)
from models.association._threads import UNLIMITED, Overrun, run_parts, threads
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.constraints import ItemConstraints
from models.association.itemsets import Itemsets, frequent_itemsets
from models.association.measures import RuleCounts, measure

__all__ = ["Rules", "above", "association_rules", "mine_rules", "rules_of_baskets"]

Result = TypeVar("Result")

_SMALL_WORK = 1_000_000

MLXTEND_COLUMNS: Mapping[str, str] = {
    "antecedent support": "antecedent_support",
    "consequent support": "consequent_support",
    "support": "support",
    "confidence": "confidence",
    "lift": "lift",
    "leverage": "leverage",
    "conviction": "conviction",
    "zhangs_metric": "zhang",
    "jaccard": "jaccard",
    "certainty": "loevinger",
    "kulczynski": "kulczynski",
}


@dataclass(frozen=True, eq=False)
class Rules:
    """Rules between itemsets; each side is the number of an itemset.

    Parameters
    ----------
    itemsets : Itemsets
        What the numbers mean.
    whole, antecedents, consequents : ndarray of int32, shape (n_rules,)
        The itemset that was split and its two sides.
    n_searched : int
        How many splits were open to the search: the number of tests that a correction for many
        tests has to count.
    """

    itemsets: Itemsets
    whole: NDArray[np.int32]
    antecedents: NDArray[np.int32]
    consequents: NDArray[np.int32]
    n_searched: int

    def __len__(self) -> int:
        return len(self.whole)

    @property
    def counts(self) -> RuleCounts:
        """The baskets that hold each side and both; input of every measure."""
        of = self.itemsets.counts
        return RuleCounts(
            self.itemsets.n_baskets, of[self.antecedents], of[self.consequents], of[self.whole]
        )

    def measure(self, name: str) -> NDArray[np.float64]:
        """Compute a measure of `models.association.measures` for every rule."""
        return measure(name, self.counts)

    def take(self, numbers: NDArray[Any] | slice) -> "Rules":
        """Keep the rules with these numbers, or where a mask is true, or a slice, in order."""
        return replace(
            self,
            whole=self.whole[numbers],
            antecedents=self.antecedents[numbers],
            consequents=self.consequents[numbers],
        )

    def to_frame(self, measures: Sequence[str] | None = None) -> pd.DataFrame:
        """Give one row a rule: `antecedents`, `consequents` (frozen sets) and measures.

        Parameters
        ----------
        measures : sequence of str, optional
            Names from `MEASURES`. Default: the columns of mlxtend's frame, under its names.
        """
        sides = {"antecedents": self.antecedents, "consequents": self.consequents}
        columns = {name: self._sets(numbers) for name, numbers in sides.items()}
        names = MLXTEND_COLUMNS if measures is None else {name: name for name in measures}
        return pd.DataFrame(columns | {out: self.measure(name) for out, name in names.items()})

    def to_arrow(self, measures: Sequence[str] = ("support", "confidence", "lift")) -> pa.Table:
        """Give an Arrow table without a Python object per rule: both sides, count, measures."""
        return pa.Table.from_batches(list(self.to_batches(measures)))

    def to_batches(
        self, measures: Sequence[str] = ("support", "confidence", "lift"), size: int = 2**18
    ) -> Iterator[pa.RecordBatch]:
        """Give the rows of `to_arrow` in batches, so that they can be written one by one.

        Parameters
        ----------
        measures : sequence of str
            Names from `MEASURES`.
        size : int, default 262,144
            How many rules make a batch.
        """
        names = pa.array([str(label) for label in self.itemsets.labels.tolist()], pa.string())
        for begin in range(0, max(len(self), 1), size):
            yield self.take(slice(begin, begin + size))._batch(measures, names)

    def _batch(self, measures: Sequence[str], names: pa.Array) -> pa.RecordBatch:
        counts = self.counts
        columns = {
            "antecedent": self._lists(self.antecedents, names),
            "consequent": self._lists(self.consequents, names),
            "count": pa.array(counts.n_xy),
        }
        values = {name: pa.array(measure(name, counts)) for name in measures}
        return pa.RecordBatch.from_pydict(columns | values)

    def _lists(self, numbers: NDArray[np.int32], names: pa.Array) -> pa.Array:
        ends, items = gather_runs(self.itemsets.indptr, self.itemsets.items, numbers)
        return pa.LargeListArray.from_arrays(
            pa.array(ends), pa.DictionaryArray.from_arrays(pa.array(items), names)
        )

    def _sets(self, numbers: NDArray[np.int32]) -> pd.Series:
        """Name each different side once; rules share them."""
        used, place = np.unique(numbers, return_inverse=True)
        names = np.empty(len(used), object)
        names[:] = self.itemsets.take(used).sets()
        return pd.Series(names[place], dtype=object)


def association_rules(
    itemsets: Itemsets,
    *,
    min_confidence: float = 0.0,
    max_consequent: int | None = None,
    antecedents: Iterable[Hashable] | None = None,
    consequents: Iterable[Hashable] | None = None,
    thresholds: Mapping[str, float] | None = None,
    max_rules: int | None = None,
    n_jobs: int = 1,
) -> Rules:
    """Split itemsets into rules.

    Parameters
    ----------
    itemsets : Itemsets
        Frequent ones with all their parts: not closed or maximal ones only, and not such that
        had to hold an item.
    min_confidence : float, in 0 .. 1, default 0
        The smallest confidence.
    max_consequent : int, optional
        The largest number of items behind THEN. Default: any.
    antecedents, consequents : iterable of item names, optional
        The only items that may stand on that side.
    thresholds : mapping of measure name to float, optional
        The smallest value of further measures; rules without a value (NaN) fail.
    max_rules : int, optional
        The most rules of `min_confidence` that may be made; more are refused, not cut.
    n_jobs : int, default 1
        Number of threads; -1 stands for all cores.

    Returns
    -------
    Rules
        In the order of the itemsets.

    Raises
    ------
    ValueError
        When an argument is out of range, or a part of an itemset is missing.
    lodeworks.errors.BudgetExceeded
        When there are more than `max_rules`.

    Examples
    --------
    >>> found = frequent_itemsets([["a", "b"], ["a", "b"], ["a"]], min_count=2)
    >>> rules = association_rules(found, min_confidence=0.9)
    >>> rules.to_frame(["confidence", "lift"]).values.tolist()
    [[frozenset({'b'}), frozenset({'a'}), 1.0, 1.0]]
    """
    if not 0 <= min_confidence <= 1:
        raise ValueError(f"min_confidence lies in 0 .. 1, not {min_confidence}")
    if max_consequent is not None and max_consequent < 1:
        raise ValueError(f"max_consequent must be at least 1, not {max_consequent}")
    most = max_consequent or int(itemsets.lengths.max(initial=1))
    allowed = _allowed(itemsets, antecedents), _allowed(itemsets, consequents)
    sides = Sides(float(min_confidence), most, *allowed)
    whole, left, right = _generated(itemsets, sides, threads(n_jobs), max_rules)
    rules = Rules(itemsets, whole, left, right, _n_splits(itemsets.lengths, most))
    return above(rules, thresholds or {})


def rules_of_baskets(
    baskets: Any,
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    min_confidence: float = 0.0,
    max_length: int | None = None,
    max_consequent: int | None = 1,
    antecedents: Iterable[Hashable] | None = None,
    consequents: Iterable[Hashable] | None = None,
    thresholds: Mapping[str, float] | None = None,
    max_rules: int | None = None,
    budget: Budget | None = None,
    n_jobs: int = 1,
) -> Rules:
    """Mine the itemsets and split them; what the sides may hold limits the search already.

    Items that may stand on neither side are never visited. With one item behind THEN an itemset
    never holds two of the items that may stand there only.

    Parameters
    ----------
    baskets, min_support, min_count, max_length, budget, n_jobs
        As for `frequent_itemsets`.
    min_confidence, max_consequent, antecedents, consequents, thresholds, max_rules
        As for `association_rules`.

    Returns
    -------
    Rules
    """
    given = Baskets.of(baskets)
    left = None if antecedents is None else frozenset(antecedents)
    right = None if consequents is None else frozenset(consequents)
    found = frequent_itemsets(
        given, min_support, min_count=min_count, max_length=max_length,
        constraints=_side_constraints(left, right, max_consequent), budget=budget, n_jobs=n_jobs,
    )  # fmt: skip
    return association_rules(
        found, min_confidence=min_confidence, max_consequent=max_consequent, antecedents=left,
        consequents=right, thresholds=thresholds, max_rules=max_rules, n_jobs=n_jobs,
    )  # fmt: skip


def mine_rules(
    indptr: ArrayLike,
    indices: ArrayLike,
    n_items: int,
    *,
    min_count: int,
    max_length: int | None = 3,
    min_confidence: float,
    max_rules: int | None = None,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Find the rules `antecedent -> consequent` with one item as consequent, best first.

    Parameters
    ----------
    indptr, indices : array of int
        Baskets as a CSR pair; repeats within a basket count once.
    n_items : int
        Item codes are `0 .. n_items - 1`.
    min_count : int
        The smallest number of baskets with both sides; above the number of baskets: no rules.
    max_length : int or None, default 3
        The largest number of items of both sides together.
    min_confidence : float, in 0 .. 1
        The smallest confidence.
    max_rules : int, optional
        How many to keep.
    n_jobs : int, default 1
        Number of threads.

    Returns
    -------
    DataFrame
        `antecedent` (ascending tuple of codes), `consequent` (code), `count`, `support`,
        `confidence`, `lift`; the largest confidence first, then the largest count, the fewest
        items and the smallest codes.

    Examples
    --------
    >>> mine_rules([0, 2, 4, 5], [0, 1, 0, 1, 0], 2, min_count=2, min_confidence=0.9)
      antecedent  consequent  count   support  confidence  lift
    0       (1,)           0      2  0.666667         1.0   1.0
    """
    if max_rules is not None and max_rules < 0:
        raise ValueError(f"max_rules must not be negative, not {max_rules}")
    baskets = Baskets.from_csr(indptr, indices, n_items)
    enough = frequent_itemsets(
        baskets, min_count=min(min_count, max(len(baskets), 1)), max_length=max_length,
        n_jobs=n_jobs,
    )  # fmt: skip
    found = enough.take(np.flatnonzero(enough.counts >= min_count))
    rules = association_rules(found, min_confidence=min_confidence, max_consequent=1, n_jobs=n_jobs)
    return _plain_frame(rules.take(_best_first(rules)[:max_rules]))


def _plain_frame(rules: Rules) -> pd.DataFrame:
    sets = rules.itemsets
    antecedents = pd.Series(sets.take(rules.antecedents).codes(), dtype=object)
    return pd.DataFrame(
        {
            "antecedent": antecedents,
            "consequent": sets.items[sets.indptr[rules.consequents]].astype(np.int64),
            "count": sets.counts[rules.whole].astype(np.int64),
            "support": rules.measure("support"),
            "confidence": rules.measure("confidence"),
            "lift": rules.measure("lift"),
        }
    )


def _best_first(rules: Rules) -> NDArray[np.int64]:
    """Order rules by confidence, count, fewest items, codes of IF, codes of THEN."""
    sets = rules.itemsets
    codes = _padded(sets)
    left = [codes[rules.antecedents, k] for k in reversed(range(codes.shape[1]))]
    right = [codes[rules.consequents, k] for k in reversed(range(codes.shape[1]))]
    first = [sets.lengths[rules.whole], -sets.counts[rules.whole], -rules.measure("confidence")]
    return np.lexsort([*right, *left, *first])


def _padded(sets: Itemsets) -> NDArray[np.int32]:
    """Give the item codes as a matrix, one row an itemset, filled up with -1."""
    matrix = np.full((len(sets), int(sets.lengths.max(initial=1))), -1, np.int32)
    matrix[np.arange(matrix.shape[1]) < sets.lengths[:, None]] = sets.items
    return matrix


def _allowed(itemsets: Itemsets, names: Iterable[Hashable] | None) -> NDArray[np.bool_]:
    if names is None:
        return np.ones(len(itemsets.labels), bool)
    mask = np.zeros(len(itemsets.labels), bool)
    mask[Baskets(itemsets.indptr, itemsets.items, itemsets.labels).code_of(names)] = True
    return mask


def _generated(
    itemsets: Itemsets, sides: Sides, n_threads: int, max_rules: int | None
) -> tuple[NDArray[np.int32], ...]:
    """Count the rules, then write them into arrays of the right size."""
    sets: Lookup = lookup(itemsets.indptr, itemsets.items, itemsets.counts)
    parts = np.empty(len(itemsets.items), np.int32)
    _in_parts(itemsets.indptr, n_threads, lambda a, b: find_parts(sets, a, b, parts))
    control = np.array([0, UNLIMITED if max_rules is None else max_rules], np.int64)

    def count(begin: int, end: int) -> NDArray[np.int64]:
        return np.asarray(count_splits(sets, parts, begin, end, sides, control))

    try:
        counted = _in_parts(itemsets.indptr, n_threads, count, control)
    except Overrun:
        raise _too_many(max_rules) from None
    _check_complete(control)
    starts = np.concatenate([[0], *counted]).cumsum()
    whole, left, right = np.empty((3, starts[-1]), np.int32)
    _in_parts(
        starts, n_threads,
        lambda a, b: write_splits(sets, parts, a, b, sides, starts, whole, left, right, control),
    )  # fmt: skip
    _check_complete(control)
    return whole, left, right


def _in_parts(
    work: NDArray[np.int64],
    n_threads: int,
    do: Callable[[int, int], Result],
    control: NDArray[np.int64] | None = None,
) -> list[Result]:
    """Do something for runs of itemsets of about equal work; `work` is a running sum."""
    if work[-1] <= _SMALL_WORK:
        done = [do(0, len(work) - 1)]
        if control is not None and control[0] == OVERFULL:
            raise Overrun("rules")
        return done
    n_parts = 8 * n_threads if n_threads > 1 else 1
    cuts = np.searchsorted(work, work[-1] * np.arange(1, n_parts) / n_parts)
    bounds = np.unique(np.concatenate([[0], cuts, [len(work) - 1]])).tolist()
    watched = np.array([0, UNLIMITED], np.int64) if control is None else control
    return run_parts(do, list(pairwise(bounds)), watched, n_threads, count=_n_counted)


def _n_counted(result: Any) -> int:
    return int(result.sum()) if isinstance(result, np.ndarray) else 0


def _too_many(max_rules: int | None) -> BudgetExceeded:
    return BudgetExceeded(
        f"more than {max_rules or UNLIMITED:,} rules; a larger min_confidence, or a smaller "
        "max_consequent or max_length, gives fewer"
    )


def _check_complete(control: NDArray[np.int64]) -> None:
    if control[0] == MISSING:
        raise ValueError(
            "a part of an itemset is missing: rules need all frequent itemsets, not only closed, "
            "maximal or constrained ones"
        )


def _n_splits(lengths: NDArray[np.int64], most: int) -> int:
    return sum(
        n * sum(comb(size, m) for m in range(1, min(most, size - 1) + 1))
        for size, n in enumerate(np.bincount(lengths).tolist())
        if n
    )


def above(rules: Rules, thresholds: Mapping[str, float]) -> Rules:
    """Keep the rules that reach the smallest value of every measure; NaN does not."""
    keep = np.ones(len(rules), bool)
    for name, least in thresholds.items():
        keep &= rules.measure(name) >= least
    return rules if keep.all() else rules.take(np.flatnonzero(keep))


def _side_constraints(
    left: frozenset[Hashable] | None, right: frozenset[Hashable] | None, most: int | None
) -> ItemConstraints:
    only = None if left is None or right is None else left | right
    single = most == 1 and left is not None and right is not None
    then_only = (right - left) if single and left is not None and right is not None else ()
    return ItemConstraints(only=only, at_most_one_of=then_only)
