"""Frequent, closed and maximal sequences of customers' baskets."""

from typing import Any, Literal

import numpy as np

from lodeworks.progress import Progress
from models.association._threads import threads
from models.association.budget import Budget
from models.association.itemsets import least_count
from models.sequences._plan import Plan, run_within
from models.sequences.closed import closed_sequences, maximal_sequences
from models.sequences.limits import TimeLimits
from models.sequences.patterns import SequencePatterns
from models.sequences.sequences import Sequences

__all__ = ["Target", "frequent_sequences"]

Target = Literal["frequent", "closed", "maximal"]


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
    count = _wanted_count(min_support, min_count, len(given))
    _check(max_length, max_elements, target)
    plan = Plan(given, count, max_length, max_elements, limits, threads(n_jobs))
    indptr, symbols, counts = run_within(plan, budget or Budget(), progress)
    whole = SequencePatterns(indptr, symbols, counts, len(given), given.labels, limits)
    return _targeted(whole, target)


def _wanted_count(min_support: float | None, min_count: int | None, n_customers: int) -> int:
    if (min_support is None) == (min_count is None):
        raise ValueError("give either min_support (a share) or min_count (a number of customers)")
    if min_support is not None:
        if not 0 < min_support <= 1:
            raise ValueError(
                f"min_support is a share above 0 and up to 1, not {min_support}; "
                "give min_count for a number of customers"
            )
        return least_count(min_support, n_customers) if n_customers else 1
    assert min_count is not None
    if min_count != int(min_count) or min_count < 1:
        raise ValueError(f"min_count is a whole number of at least 1, not {min_count}")
    if min_count > max(n_customers, 1):
        raise ValueError(f"min_count is {min_count} but there are only {n_customers} customers")
    return int(min_count)


def _check(max_length: int | None, max_elements: int | None, target: str) -> None:
    for name, value in (("max_length", max_length), ("max_elements", max_elements)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    if target not in ("frequent", "closed", "maximal"):
        raise ValueError(f"target must be 'frequent', 'closed' or 'maximal', not {target!r}")


def _targeted(found: SequencePatterns, target: str) -> SequencePatterns:
    if target == "frequent":
        return found
    keep = closed_sequences if target == "closed" else maximal_sequences
    gaps = found.limits.max_gap is not None
    return found.take(np.flatnonzero(keep(found.indptr, found.symbols, found.counts, gaps=gaps)))
