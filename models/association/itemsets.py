"""Frequent, closed and maximal itemsets of baskets."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from lodeworks.progress import Progress
from models.association._closed_plan import ClosedPlan
from models.association._plan import Plan
from models.association._threads import threads
from models.association.baskets import Baskets
from models.association.budget import Budget, Estimate, estimate_plan, run_within
from models.association.constraints import ItemConstraints

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "Itemsets",
    "Target",
    "estimate_itemsets",
    "frequent_itemsets",
    "least_count",
    "top_itemsets",
]

Target = Literal["frequent", "closed", "maximal"]

_MOST_BASKETS = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Itemsets:
    """Itemsets as a CSR pair of arrays, with the number of baskets that hold each.

    Parameters
    ----------
    indptr : ndarray of int64, shape (n_itemsets + 1,)
        Where the items of each itemset begin.
    items : ndarray of int32
        Item codes, ascending within an itemset.
    counts : ndarray of int32, shape (n_itemsets,)
        How many baskets hold all the items.
    n_baskets : int
        How many baskets were searched, empty ones included.
    labels : ndarray of object, shape (n_items,)
        The name of every item code.
    n_capped : int
        How many baskets were cut down because they were longer than the cap.
    """

    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    counts: NDArray[np.int32]
    n_baskets: int
    labels: NDArray[np.object_]
    n_capped: int = 0

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many items each itemset has."""
        return np.diff(self.indptr)

    @property
    def supports(self) -> NDArray[np.float64]:
        """The share of the baskets that hold each itemset."""
        return self.counts / self.n_baskets

    def take(self, numbers: NDArray[Any]) -> "Itemsets":
        """Keep the itemsets with these numbers, in this order."""
        whole = Baskets(self.indptr, self.items, self.labels).take(numbers)
        return replace(self, indptr=whole.indptr, items=whole.indices, counts=self.counts[numbers])

    def codes(self) -> list[tuple[int, ...]]:
        """Give the item codes of every itemset as tuples."""
        items, ends = self.items.tolist(), self.indptr.tolist()
        return [tuple(items[a:b]) for a, b in pairwise(ends)]

    def sets(self) -> list[frozenset[Any]]:
        """Give the item names of every itemset as frozen sets."""
        names, ends = self.labels[self.items].tolist(), self.indptr.tolist()
        return [frozenset(names[a:b]) for a, b in pairwise(ends)]

    def to_frame(self) -> "pd.DataFrame":
        """Give mlxtend's form: the columns `support` (a share) and `itemsets` (frozen sets)."""
        import pandas as pd

        return pd.DataFrame(
            {"support": self.supports, "itemsets": pd.Series(self.sets(), dtype=object)}
        )

    def to_arrow(self) -> "pa.Table":
        """Give an Arrow table without a Python object per itemset.

        The columns are `itemset` (list of dictionary-encoded names), `count` and `support`.
        Names become text.
        """
        import pyarrow as pa

        names = pa.array([str(label) for label in self.labels.tolist()], pa.string())
        items = pa.DictionaryArray.from_arrays(pa.array(self.items), names)
        lists = pa.LargeListArray.from_arrays(pa.array(self.indptr), items)
        columns = [lists, pa.array(self.counts), pa.array(self.supports)]
        return pa.table(columns, names=["itemset", "count", "support"])


def least_count(min_support: float, n_baskets: int) -> int:
    """Give the smallest number of baskets whose share is `min_support` or more.

    Examples
    --------
    >>> least_count(0.1, 30), least_count(0.101, 30)
    (3, 4)
    """
    count = max(1, int(np.floor(min_support * n_baskets)))
    while count > 1 and (count - 1) / n_baskets >= min_support:
        count -= 1
    while count / max(n_baskets, 1) < min_support:
        count += 1
    return count


def frequent_itemsets(
    baskets: Any,
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    max_length: int | None = None,
    max_basket_size: int | None = None,
    target: Target = "frequent",
    constraints: ItemConstraints | None = None,
    weights: NDArray[np.int64] | None = None,
    budget: Budget | None = None,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> Itemsets:
    """Find all itemsets that stand in enough baskets; exact, and the same for any `n_jobs`.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        Repeated items in a basket count once; empty baskets count as baskets.
    min_support : float, in (0, 1]
        The smallest share of the baskets; or
    min_count : int
        the smallest number of baskets. Give one of the two.
    max_length : int, optional
        The largest number of items in an itemset.
    max_basket_size : int, optional
        Longer baskets keep their most frequent items only. The counts are then lower bounds;
        `n_capped` of the result says how many baskets were cut.
    target : {'frequent', 'closed', 'maximal'}
        All; those without a larger one of equal count; those without a larger one. Larger ones
        are looked for among the itemsets that the other arguments allow. They are searched
        directly, so that dense baskets do no harm and a budget counts only the wanted itemsets;
        with `max_length`, or a condition on the items beyond `never` and `only`, all are found
        first.
    constraints : ItemConstraints, optional
        What the items must and must not be, obeyed inside the search.
    weights : ndarray of int, shape (n_baskets,), optional
        How many equal baskets each given one stands for, at least 1; all counts are then of
        these. Not together with `max_basket_size`.
    budget : Budget, optional
        The most itemsets, seconds and bytes that may be spent.
    n_jobs : int, default 1
        Number of threads; -1 stands for all cores.
    progress : Progress, optional
        Told about the steps of the work.

    Returns
    -------
    Itemsets
        In the order of the search: by the rank of the rarest item, then of the next.

    Raises
    ------
    ValueError
        When an argument is out of range.
    lodeworks.errors.BudgetExceeded
        When the budget does not do; the message says what would fit. Nothing is returned.

    Examples
    --------
    >>> found = frequent_itemsets([["a", "b"], ["a", "b", "c"], ["a"]], min_count=2)
    >>> found.counts.tolist(), [sorted(items) for items in found.sets()]
    ([3, 2, 2], [['a'], ['b'], ['a', 'b']])
    """
    given = Baskets.of(baskets)
    _check(max_length, max_basket_size, target)
    if (own := _weights(weights, len(given))) is not None and max_basket_size is not None:
        raise ValueError("max_basket_size cuts single baskets, not those with weights")
    n_baskets = len(given) if own is None else int(own.sum())
    count = _wanted_count(min_support, min_count, n_baskets)
    capped, n_capped = _capped(given, max_basket_size)
    limits = capped, count, max_length, constraints or ItemConstraints(), threads(n_jobs), own
    frequent = target == "frequent"
    plan = Plan(*limits) if frequent else ClosedPlan(*limits, maximal=target == "maximal")
    found = run_within(plan, budget or Budget(), progress)
    return Itemsets(found.indptr, found.items, found.counts, n_baskets, given.labels, n_capped)


def estimate_itemsets(
    baskets: Any,
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    max_length: int | None = None,
    constraints: ItemConstraints | None = None,
    most: int = 1_000_000,
) -> Estimate:
    """Estimate how many itemsets a search would find and what it would cost.

    The frequent items and pairs are counted; the rest is extrapolated from a sample of the
    branches of the search.

    Parameters
    ----------
    baskets, min_support, min_count, max_length, constraints
        As for `frequent_itemsets`.
    most : int, default 1,000,000
        The most itemsets that the sample may find. One that finds more is cut short, and the
        estimate is then a lower bound (`at_least`).

    Returns
    -------
    Estimate

    Examples
    --------
    >>> estimate = estimate_itemsets([["a", "b", "c"], ["a", "b"], ["a"]], min_count=1)
    >>> estimate.items, estimate.pairs, estimate.itemsets, estimate.at_least
    (3, 3, 7, False)
    """
    given = Baskets.of(baskets)
    count = _wanted_count(min_support, min_count, len(given))
    _check(max_length, None, "frequent")
    return estimate_plan(Plan(given, count, max_length, constraints or ItemConstraints()), most)


def top_itemsets(
    baskets: Any,
    k: int,
    *,
    min_length: int = 1,
    max_length: int | None = None,
    constraints: ItemConstraints | None = None,
    budget: Budget | None = None,
    n_jobs: int = 1,
) -> Itemsets:
    """Find the `k` itemsets with the largest counts, without a threshold.

    Itemsets that tie with the last one are kept too, so that the answer does not depend on an
    order. Fewer come back when there are fewer.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        The baskets.
    k : int
        How many.
    min_length, max_length : int
        The smallest and largest number of items.
    constraints, budget, n_jobs
        As for `frequent_itemsets`.

    Returns
    -------
    Itemsets
        Largest count first, then fewer items first, then by item code.

    Examples
    --------
    >>> found = top_itemsets([["a", "b"], ["a", "b", "c"], ["a"]], 1, min_length=2)
    >>> found.sets() == [frozenset("ab")], found.counts.tolist()
    (True, [2])
    """
    if k < 1 or min_length < 1:
        raise ValueError(f"k and min_length must be at least 1, not {k} and {min_length}")
    given = Baskets.of(baskets)
    count = max(1, int(given.counts.max(initial=1)))
    while True:
        found = frequent_itemsets(
            given, min_count=count, max_length=max_length,
            constraints=constraints, budget=budget, n_jobs=n_jobs,
        )  # fmt: skip
        long_enough = found.take(np.flatnonzero(found.lengths >= min_length))
        if len(long_enough) >= k or count == 1:
            return _largest(long_enough, k)
        count = max(1, count * 3 // 4)


def _largest(found: Itemsets, k: int) -> Itemsets:
    if len(found) > k:
        least = np.partition(found.counts, -k)[-k]
        found = found.take(np.flatnonzero(found.counts >= least))
    codes = found.codes()
    keys = [(-count, len(items), items) for count, items in zip(found.counts, codes, strict=True)]
    return found.take(np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64))


def _wanted_count(min_support: float | None, min_count: int | None, n_baskets: int) -> int:
    if (min_support is None) == (min_count is None):
        raise ValueError("give either min_support (a share) or min_count (a number of baskets)")
    if min_support is not None:
        if not 0 < min_support <= 1:
            raise ValueError(
                f"min_support is a share above 0 and up to 1, not {min_support}; "
                "give min_count for a number of baskets"
            )
        return least_count(min_support, n_baskets) if n_baskets else 1
    assert min_count is not None
    if min_count != int(min_count) or min_count < 1:
        raise ValueError(f"min_count is a whole number of at least 1, not {min_count}")
    if min_count > max(n_baskets, 1):
        raise ValueError(f"min_count is {min_count} but there are only {n_baskets} baskets")
    return int(min_count)


def _weights(weights: Any, n_baskets: int) -> NDArray[np.int64] | None:
    if weights is None:
        return None
    own = np.asarray(weights)
    if own.shape != (n_baskets,) or own.dtype.kind not in "iu":
        raise ValueError(f"weights are one whole number for each of the {n_baskets} baskets")
    if (own < 1).any() or own.sum() > _MOST_BASKETS:
        raise ValueError(f"weights are at least 1 and at most {_MOST_BASKETS:,} together")
    return own.astype(np.int64)


def _check(max_length: int | None, max_basket_size: int | None, target: str) -> None:
    for name, value in (("max_length", max_length), ("max_basket_size", max_basket_size)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    if target not in ("frequent", "closed", "maximal"):
        raise ValueError(f"target must be 'frequent', 'closed' or 'maximal', not {target!r}")


def _capped(baskets: Baskets, size: int | None) -> tuple[Baskets, int]:
    if size is None or not (longer := int((baskets.lengths > size).sum())):
        return baskets, 0
    return baskets.capped(size), longer
