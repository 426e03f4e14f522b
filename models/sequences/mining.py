"""Frequent, closed and maximal sequences of customers' baskets."""

from typing import Any

import numpy as np

from lodeworks.progress import Progress
from models.association._threads import threads
from models.association.budget import Budget, Estimate
from models.association.thresholds import (
    Target,
    check_positive,
    check_target,
    wanted_count,
)
from models.sequences._plan import Plan, estimate_plan, run_within
from models.sequences.closed import closed_sequences, maximal_sequences
from models.sequences.limits import TimeLimits
from models.sequences.patterns import SequencePatterns
from models.sequences.sequences import Sequences

__all__ = ["estimate_sequences", "frequent_sequences"]


def frequent_sequences(
    sequences: Any,
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    max_length: int | None = None,
    max_elements: int | None = None,
    min_gap: int = 0,
    max_gap: int | None = None,
    max_span: int | None = None,
    window: int = 0,
    target: Target = "frequent",
    budget: Budget | None = None,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> SequencePatterns:
    """Find all sequences that enough customers hold; exact, and the same for any `n_jobs`.

    A customer holds a sequence when its elements are found in that order in the customer's
    baskets; the customer counts once, however often. Limits of time are those of Srikant and
    Agrawal (1996); the search projects occurrences in the manner of Pei et al. (2001), with all
    the last positions that a maximum gap needs (Zaki 2000).

    Parameters
    ----------
    sequences : Sequences or lists
        Customers' baskets; lists are given to `Sequences.from_lists`.
    min_support : float, in (0, 1]
        The smallest share of the customers, those without baskets included; or
    min_count : int
        the smallest number of customers. Give one of the two.
    max_length : int, optional
        The largest number of items in a sequence.
    max_elements : int, optional
        The largest number of elements in a sequence.
    min_gap : int, default 0
        The least time from the end of an element to the start of the next, which is always later.
    max_gap : int, optional
        The most time from the start of an element to the end of the next.
    max_span : int, optional
        The most time from the start of the first element to the end of the last.
    window : int, default 0
        Baskets within this time may make up one element together.
    target : {'frequent', 'closed', 'maximal'}
        All; those that are no part of a longer one of equal count; of any longer one. Longer ones
        are looked for among the sequences that the other arguments allow. Being a part looks at
        items and order, not at time.
    budget : Budget, optional
        The most sequences (`itemsets`), seconds and bytes that may be spent.
    n_jobs : int, default 1
        Number of threads; -1 stands for all cores.
    progress : Progress, optional
        Told about the steps of the work.

    Returns
    -------
    SequencePatterns
        In the order of their items: a sequence before those that it begins; an item of the same
        element before the same item in a new one.

    Raises
    ------
    ValueError
        When an argument is out of range.
    lodeworks.errors.BudgetExceeded
        When the budget does not do; the message says what would fit. Nothing is returned.

    Examples
    --------
    >>> bought = [[["tea"], ["cup", "pot"]], [["tea"], ["pot"], ["cup"]], [["cup"], ["tea"]]]
    >>> found = frequent_sequences(bought, min_count=2)
    >>> found.sequences()
    [(('cup',),), (('pot',),), (('tea',),), (('tea',), ('cup',)), (('tea',), ('pot',))]
    >>> found.counts.tolist()
    [3, 2, 3, 2, 2]
    >>> len(frequent_sequences(bought, min_count=2, max_gap=1))
    4
    """
    given = sequences if isinstance(sequences, Sequences) else Sequences.from_lists(sequences)
    limits = TimeLimits(min_gap, max_gap, max_span, window)
    count = wanted_count(min_support, min_count, len(given), "customers")
    check_positive(max_length=max_length, max_elements=max_elements)
    check_target(target)
    plan = Plan(given, count, max_length, max_elements, limits, threads(n_jobs))
    indptr, symbols, counts = run_within(plan, budget or Budget(), progress)
    whole = SequencePatterns(indptr, symbols, counts, len(given), given.labels, limits)
    return _targeted(whole, target)


def estimate_sequences(
    sequences: Any,
    min_support: float | None = None,
    *,
    min_count: int | None = None,
    max_length: int | None = None,
    max_elements: int | None = None,
    min_gap: int = 0,
    max_gap: int | None = None,
    max_span: int | None = None,
    window: int = 0,
    most: int = 1_000_000,
) -> Estimate:
    """Estimate how many sequences a search would find and what it would cost.

    The frequent items and the sequences of two are counted; the rest is extrapolated from a
    sample of the branches of the search.

    Parameters
    ----------
    sequences, min_support, min_count, max_length, max_elements, min_gap, max_gap, max_span, window
        As for `frequent_sequences`.
    most : int, default 1,000,000
        The most sequences that the sample may find. One that finds more is cut short, and the
        estimate is then a lower bound (`at_least`).

    Returns
    -------
    Estimate
        `itemsets` counts sequences and `pairs` those of two items.

    Raises
    ------
    ValueError
        When an argument is out of range.

    Examples
    --------
    >>> bought = [[["tea"], ["cup"]], [["tea"], ["cup"]], [["tea"]]]
    >>> estimate = estimate_sequences(bought, min_count=2)
    >>> estimate.items, estimate.pairs, estimate.itemsets, estimate.at_least
    (2, 1, 3, False)
    """
    given = sequences if isinstance(sequences, Sequences) else Sequences.from_lists(sequences)
    count = wanted_count(min_support, min_count, len(given), "customers")
    check_positive(max_length=max_length, max_elements=max_elements)
    limits = TimeLimits(min_gap, max_gap, max_span, window)
    return estimate_plan(Plan(given, count, max_length, max_elements, limits), most)


def _targeted(found: SequencePatterns, target: str) -> SequencePatterns:
    if target == "frequent":
        return found
    keep = closed_sequences if target == "closed" else maximal_sequences
    gaps = found.limits.max_gap is not None
    return found.take(np.flatnonzero(keep(found.indptr, found.symbols, found.counts, gaps=gaps)))
