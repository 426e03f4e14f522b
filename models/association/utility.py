"""Itemsets by what they are worth: quantity times unit profit, summed over the baskets."""

import time
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from lodeworks.errors import BudgetExceeded
from models.association._threads import UNLIMITED, Overrun, run_parts, threads
from models.association._utility import UtilityFrame, first_frame, search_utility
from models.association.baskets import Baskets
from models.association.budget import Budget, Estimate, trial_deadlines
from models.association.fitting import (
    extrapolated,
    least_that_fits,
    longest_that_fits,
    tried,
)
from models.association.itemsets import Itemsets
from models.association.rules import Rules
from models.association.thresholds import check_positive

__all__ = [
    "UtilityBaskets",
    "UtilityItemsets",
    "estimate_utility",
    "expected_profit",
    "high_utility_itemsets",
]

Values = NDArray[Any]  # int64 or float64

_ROUNDING = 1e-9
_LARGEST_TOTAL = 2**62
_PARTS_A_THREAD = 16
_BYTES_A_LINE = 24  # as of itemsets
_BYTES_AN_ITEMSET = 72
_ANY_LENGTH = 2**31 - 1


@dataclass(frozen=True, eq=False)
class UtilityBaskets:
    """Baskets in which every item is worth something.

    Parameters
    ----------
    baskets : Baskets
        The items.
    utilities : ndarray of int64 or float64
        What each item is worth in its basket, along `baskets.indices`: quantity times unit
        profit. Whole numbers, such as cents, are added up without rounding.

    Examples
    --------
    >>> given = UtilityBaskets.from_lists([["milk", "bread"], ["milk"]], [[30, 20], [45]])
    >>> given.utilities.tolist(), given.baskets.labels[given.baskets.indices].tolist()
    ([20, 30, 45], ['bread', 'milk', 'milk'])
    """

    baskets: Baskets
    utilities: Values

    def __len__(self) -> int:
        return len(self.baskets)

    @property
    def totals(self) -> Values:
        """What each basket is worth."""
        return _sums(self.utilities, self._owners, len(self.baskets))

    @property
    def _owners(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self.baskets)), self.baskets.lengths)

    @classmethod
    def from_lists(
        cls, baskets: Iterable[Iterable[Hashable]], utilities: Iterable[Iterable[float]]
    ) -> "UtilityBaskets":
        """Take one list of items and one of utilities a basket; repeats are added up.

        Raises
        ------
        ValueError
            When the lists differ in length, or a utility is negative, missing or infinite.
        """
        items, worth = [list(basket) for basket in baskets], [list(each) for each in utilities]
        if [len(basket) for basket in items] != [len(each) for each in worth]:
            raise ValueError("every item needs one utility: the lists differ in length")
        keys = np.repeat(np.arange(len(items)), [len(basket) for basket in items])
        names = pd.Series([name for basket in items for name in basket], dtype=object)
        return cls._summed(Baskets.from_lists(items), keys, names, [u for e in worth for u in e])

    @classmethod
    def from_table(
        cls, frame: pd.DataFrame, basket: str, item: str, utility: str
    ) -> "UtilityBaskets":
        """Take one row a line: the columns name its basket, item and utility; repeats add up.

        Raises
        ------
        ValueError
            When a column is missing or has missing values, or a utility is negative.
        """
        if utility not in frame.columns:
            raise ValueError(f"columns not found: {utility}; given: {list(frame.columns)}")
        items = Baskets.from_table(frame, basket, item)
        keys = pd.factorize(frame[basket], sort=True)[0]
        return cls._summed(items, keys, frame[item], frame[utility].tolist())

    @classmethod
    def _summed(
        cls, baskets: Baskets, keys: NDArray[Any], names: pd.Series, utilities: list[float]
    ) -> "UtilityBaskets":
        """Add up the lines of one item in one basket, along the sorted items of the baskets."""
        worth = _checked(utilities)
        codes = baskets.code_of(names.tolist())
        place = np.lexsort((codes, keys))
        starts = np.flatnonzero(_changes(keys[place]) | _changes(codes[place]))
        summed = np.add.reduceat(worth[place], starts) if len(worth) else worth
        return cls(baskets, summed)

    def __post_init__(self) -> None:
        if len(self.utilities) != len(self.baskets.indices):
            raise ValueError(
                f"{len(self.baskets.indices)} items need as many utilities, "
                f"not {len(self.utilities)}"
            )
        object.__setattr__(self, "utilities", _checked(self.utilities))
        if float(self.utilities.sum(dtype=float)) > _LARGEST_TOTAL:
            raise ValueError("the utilities add up to more than 2**62; use a larger unit of money")


@dataclass(frozen=True, eq=False)
class UtilityItemsets:
    """Itemsets with what they are worth.

    Parameters
    ----------
    itemsets : Itemsets
        The itemsets with their counts.
    utilities : ndarray of int64 or float64, shape (n_itemsets,)
        The utilities of the items of each itemset, summed over the baskets that hold it whole.
    """

    itemsets: Itemsets
    utilities: Values

    def __len__(self) -> int:
        return len(self.utilities)

    def take(self, numbers: NDArray[Any]) -> "UtilityItemsets":
        """Keep the itemsets with these numbers, in this order."""
        return UtilityItemsets(self.itemsets.take(numbers), self.utilities[numbers])

    def to_frame(self) -> pd.DataFrame:
        """Give the columns `utility`, `count`, `support` (a share) and `itemsets`."""
        columns = {"utility": self.utilities, "count": self.itemsets.counts}
        return pd.concat([pd.DataFrame(columns), self.itemsets.to_frame()], axis=1)

    def to_arrow(self) -> pa.Table:
        """Give the table of `Itemsets.to_arrow` with the column `utility`."""
        return self.itemsets.to_arrow().append_column("utility", pa.array(self.utilities))


def high_utility_itemsets(
    transactions: UtilityBaskets,
    min_utility: float,
    max_length: int | None = None,
    budget: Budget | None = None,
    n_jobs: int = 1,
) -> UtilityItemsets:
    """Find all itemsets that are worth `min_utility` or more; exact, the same for any `n_jobs`.

    The search follows EFIM (Zida, Fournier-Viger, Lin, Wu, Tseng, *EFIM: a highly efficient
    algorithm for high-utility itemset mining*, 2015): items in ascending order of their
    transaction-weighted utility, local and sub-tree utility as bounds, projected baskets, equal
    ones merged.

    Parameters
    ----------
    transactions : UtilityBaskets
        The baskets. Negative utilities are refused: the bounds would not hold.
    min_utility : float, above 0
        The smallest utility. With float utilities an itemset within a billionth of it counts,
        because the order of a sum shows in its last digits.
    max_length : int, optional
        The largest number of items in an itemset.
    budget : Budget, optional
        The most itemsets, seconds and bytes that may be spent.
    n_jobs : int, default 1
        Number of threads; -1 stands for all cores.

    Returns
    -------
    UtilityItemsets
        In the order of the search.

    Raises
    ------
    ValueError
        When an argument is out of range.
    lodeworks.errors.BudgetExceeded
        When the budget does not do; the message says what would fit. Nothing is returned.

    Examples
    --------
    >>> given = UtilityBaskets.from_lists([["a", "b"], ["a", "b"], ["c"]], [[5, 1], [3, 2], [4]])
    >>> found = high_utility_itemsets(given, 8).to_frame()
    >>> found[["utility", "count", "itemsets"]].values.tolist()  # doctest: +ELLIPSIS
    [[8, 2, frozenset({'a'})], [11, 2, frozenset({...})]]
    """
    _check(min_utility, max_length)
    search = _Search(transactions, min_utility, max_length or _ANY_LENGTH, threads(n_jobs))
    return _run_within(search, budget or Budget())


def estimate_utility(
    transactions: UtilityBaskets,
    min_utility: float,
    max_length: int | None = None,
    most: int = 1_000_000,
) -> Estimate:
    """Estimate how many itemsets a search by utility would find and what it would cost.

    Items and pairs of enough utility are counted; the rest is extrapolated from a sample of the
    branches of the search, one an item.

    Parameters
    ----------
    transactions, min_utility, max_length
        As for `high_utility_itemsets`.
    most : int, default 1,000,000
        The most itemsets that the sample may find. One that finds more is cut short, and the
        estimate is then a lower bound (`at_least`).

    Returns
    -------
    Estimate

    Examples
    --------
    >>> given = UtilityBaskets.from_lists([["a", "b"], ["a", "b"], ["c"]], [[5, 1], [3, 2], [4]])
    >>> estimate = estimate_utility(given, 4)
    >>> estimate.items, estimate.pairs, estimate.itemsets
    (2, 1, 3)
    """
    _check(min_utility, max_length)
    began = time.monotonic()
    search = _Search(transactions, min_utility, max_length or _ANY_LENGTH, 1)
    short = replace(search, max_length=min(search.max_length, 2)).run(None, None).itemsets
    pairs_took, began, searched = time.monotonic() - began, time.monotonic(), 0
    root = search.frame()

    def branch(rank: int, limit: int) -> int:
        nonlocal searched
        found = search.branch(root, rank, limit)
        searched += found
        return found

    n, cut = extrapolated(np.diff(root.group.heads)[: len(root.items)], branch, most)
    pace = (time.monotonic() - began) / max(searched, 1)
    n, n_items = max(n, len(short)), int((short.lengths == 1).sum())
    size = _BYTES_A_LINE * len(transactions.utilities) + _BYTES_AN_ITEMSET * n
    return Estimate(n_items, len(short) - n_items, n, cut, pairs_took + n * pace, size)


def expected_profit(
    rules: Rules, profits: Mapping[Hashable, float], cost: float = 0.0
) -> NDArray[np.float64]:
    """Give what an offer by each rule is expected to earn: confidence times profit less cost.

    Parameters
    ----------
    rules : Rules
        The rules.
    profits : mapping of item name to float
        The profit of one sale of every item that stands behind THEN.
    cost : float, default 0
        What one offer costs.

    Returns
    -------
    ndarray of float
        May serve as `weight` of `offers`.

    Raises
    ------
    ValueError
        When an item behind THEN has no profit; all of them are listed.

    Examples
    --------
    >>> from models.association.rules import rules_of_baskets
    >>> rules = rules_of_baskets([["a", "b"], ["a"]], min_count=1, consequents=["b"])
    >>> expected_profit(rules, {"b": 10.0}, cost=1.0).tolist()
    [4.0]
    """
    then = rules.itemsets.take(rules.consequents)
    names = then.labels.tolist()
    used = np.unique(then.items)
    if absent := [names[code] for code in used.tolist() if names[code] not in profits]:
        raise ValueError(f"items without a profit: {', '.join(map(repr, absent))}")
    worth = np.zeros(len(names))
    worth[used] = [profits[names[code]] for code in used.tolist()]
    owner = np.repeat(np.arange(len(then)), then.lengths)
    earned = np.bincount(owner, weights=worth[then.items], minlength=len(then))
    return rules.measure("confidence") * earned - cost


def _check(min_utility: float, max_length: int | None) -> None:
    if not (np.isfinite(min_utility) and min_utility > 0):
        raise ValueError(f"min_utility must be a number above 0, not {min_utility}")
    check_positive(max_length=max_length)


@dataclass(frozen=True, eq=False)
class _Search:
    """A search that is set up and can be run with other limits."""

    given: UtilityBaskets
    min_utility: float
    max_length: int
    n_jobs: int

    @property
    def least(self) -> Any:
        """The threshold in the type of the utilities."""
        if self.given.utilities.dtype.kind == "i":
            return int(min(np.ceil(self.min_utility), 2 * _LARGEST_TOTAL - 1))
        return float(self.min_utility) * (1 - _ROUNDING)

    def frame(self) -> UtilityFrame:
        """Renumber the items in ascending order of transaction-weighted utility."""
        baskets, worth = self.given.baskets, self.given.utilities
        owner = self.given._owners
        weighted = _sums(self.given.totals[owner], baskets.indices, baskets.n_items)
        order = np.lexsort((np.arange(baskets.n_items), weighted))
        order = order[weighted[order] >= self.least]
        rank_of = np.full(baskets.n_items, -1, np.int32)
        rank_of[order] = np.arange(1, len(order) + 1)
        ranks = rank_of[baskets.indices]
        kept = np.flatnonzero(ranks >= 0)
        # Every basket begins with rank 0, so that the root is a step like any other.
        owners = np.concatenate([np.arange(len(baskets)), owner[kept]])
        all_ranks = np.concatenate([np.zeros(len(baskets), np.int32), ranks[kept]])
        all_worth = np.concatenate([np.zeros(len(baskets), worth.dtype), worth[kept]])
        place = np.lexsort((all_ranks, owners))
        indptr = np.searchsorted(owners[place], np.arange(len(baskets) + 1))
        codes = np.concatenate([[-1], order]).astype(np.int32)
        return first_frame(indptr, all_ranks[place], all_worth[place], codes, self.least)

    def run(self, limit: int | None, deadline: float | None) -> UtilityItemsets:
        """Find the itemsets; raises `Overrun` beyond the limits."""
        root = self.frame()
        control = np.array([0, UNLIMITED if limit is None else limit], np.int64)

        def part(begin: int, end: int) -> tuple[Any, ...]:
            return search_utility(root, begin, end, self.least, self.max_length, control)

        bounds = _bounds(len(root.items), self.n_jobs)
        found = run_parts(
            part, bounds, control, self.n_jobs, deadline, count=lambda each: len(each[0])
        )
        return self._joined(found)

    def branch(self, root: UtilityFrame, rank: int, limit: int) -> int:
        """Count the itemsets whose first item has a rank, looking for no more than a limit."""
        control = np.array([0, min(limit, UNLIMITED)], np.int64)
        found = search_utility(root, rank, rank + 1, self.least, self.max_length, control)
        return len(found[0])

    def _joined(self, parts: list[tuple[Any, ...]]) -> UtilityItemsets:
        empty = np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32)
        parts = [(*empty, self.given.utilities[:0]), *parts]
        ends, items, counts, utilities = zip(*parts, strict=True)
        lengths = [np.diff(each, prepend=0) for each in ends]
        indptr = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
        itemsets = Itemsets(
            indptr, np.concatenate(items), np.concatenate(counts),
            len(self.given), self.given.baskets.labels,
        )  # fmt: skip
        return UtilityItemsets(itemsets, np.concatenate(utilities))


def _bounds(n_ranks: int, n_jobs: int) -> list[tuple[int, int]]:
    n_parts = 1 if n_jobs == 1 else n_jobs * _PARTS_A_THREAD
    cuts = np.unique(np.linspace(0, n_ranks, n_parts + 1).astype(int)).tolist()
    return list(pairwise(cuts))


def _run_within(search: _Search, budget: Budget) -> UtilityItemsets:
    limit = budget.limit(len(search.given.utilities))
    began = time.monotonic()
    deadline = None if budget.seconds is None else began + budget.seconds
    try:
        if limit == 0:
            raise Overrun("bytes")
        return search.run(limit, deadline)
    except Overrun:
        message = (
            f"over the budget of {budget} at min_utility {search.min_utility:,}; "
            "nothing was returned"
        )
        raise BudgetExceeded(message, tuple(_what_would_fit(search, budget, began))) from None


def _what_would_fit(search: _Search, budget: Budget, began: float) -> Iterable[str]:
    deadlines = trial_deadlines(budget, began)
    limit = budget.trial_limit(len(search.given.utilities))

    def fits(other: _Search) -> int | None:
        return None if limit == 0 else tried(next(deadlines), lambda e: len(other.run(limit, e)))

    def fits_utility(utility: int) -> int | None:
        return fits(replace(search, min_utility=utility))

    def fits_length(length: int) -> int | None:
        return fits(replace(search, max_length=length))

    least, total = int(np.ceil(search.min_utility)), int(search.given.utilities.sum())
    if found := least_that_fits(fits_utility, least, total, limit // 2):
        yield f"min_utility {found[0]:,} would fit: {found[1]:,} itemsets"
    if found := longest_that_fits(fits_length, search.max_length):
        yield f"max_length {found[0]} would fit: {found[1]:,} itemsets"


def _sums(values: Values, groups: NDArray[Any], n_groups: int) -> Values:
    """Add up the values of each group, in their own type."""
    sums = np.zeros(n_groups, values.dtype)
    np.add.at(sums, groups, values)
    return sums


def _changes(sorted_values: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark where a value differs from the one before; the first one does."""
    return np.concatenate([[True], sorted_values[1:] != sorted_values[:-1]])[: len(sorted_values)]


def _checked(utilities: ArrayLike) -> Values:
    worth = np.asarray(utilities)
    if worth.ndim != 1 or (len(worth) and worth.dtype.kind not in "iuf"):
        raise ValueError("utilities must be one flat run of numbers")
    worth = worth.astype(np.float64 if worth.dtype.kind == "f" and len(worth) else np.int64)
    if not np.isfinite(worth).all():
        raise ValueError("utilities must be finite: one is missing or infinite")
    if (worth < 0).any():
        raise ValueError(
            f"negative utilities are not supported ({(worth < 0).sum()} of {len(worth)}, the first "
            f"is {worth[worth < 0][0]}): leave returns and losses out, or mine them apart"
        )
    return worth
