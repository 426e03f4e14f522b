"""A look ahead: refuse at once what is hopeless, before the search has cost anything."""

from dataclasses import dataclass, replace
from math import comb, log10
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.errors import BudgetExceeded
from lodeworks.progress import Progress
from pipelines.mining.limits import in_options

if TYPE_CHECKING:
    from models.association import Baskets, Budget, Itemsets

__all__ = ["Search", "fewest", "find_itemsets", "most_pairs"]

_MOST_PAIRS = 5_000_000  # more are not counted only to make an estimate
_SAMPLE = 500_000  # itemsets
_CLEAR = 2  # the estimate is a sample's; what is less clear is left to the exact limit
_PROBE = 0.5  # seconds


@dataclass(frozen=True)
class Search:
    """A search for itemsets as the model takes it.

    Parameters
    ----------
    min_count : int
        The smallest number of baskets.
    max_length, max_basket_size : int, optional
        The largest numbers of items.
    target : str
        ``frequent``, ``closed`` or ``maximal``.
    n_jobs : int
        Number of threads.
    """

    min_count: int
    max_length: int | None = None
    max_basket_size: int | None = None
    target: str = "frequent"
    n_jobs: int = 1


def find_itemsets(
    baskets: "Baskets", search: Search, budget: "Budget", progress: Progress
) -> "Itemsets":
    """Estimate, then search; what is over the budget is refused with what would fit.

    Parameters
    ----------
    baskets : Baskets
        The baskets.
    search : Search
        What to find.
    budget : Budget
        What may be spent.
    progress : Progress
        Told the estimate and the steps.

    Returns
    -------
    Itemsets

    Raises
    ------
    BudgetExceeded
        Its problems name the support, length or cap of baskets that would fit.
    """
    capped = _capped(baskets, search.max_basket_size, progress)
    reason = _hopeless(capped, search, budget, progress)
    spend = replace(budget, seconds=_PROBE) if reason else budget
    try:
        return _searched(capped, search, spend, progress)
    except BudgetExceeded as error:
        said = f"over the budget of {budget}: {reason}" if reason else error.message
        message = in_options(said).replace("nothing was returned", "nothing was written")
        raise BudgetExceeded(message, [in_options(text) for text in error.problems]) from None


def fewest(baskets: "Baskets", search: Search) -> int:
    """Give a number of itemsets that there are at least: subsets of what long baskets share.

    The items common to as many of the longest baskets as the support asks for are frequent in
    every combination.
    """
    longest = np.argsort(-baskets.lengths, kind="stable")[: search.min_count]
    shared = int((baskets.take(longest).counts == search.min_count).sum())
    most = min(shared, search.max_length or shared)
    return 2**shared - 1 if most == shared else sum(comb(shared, k) for k in range(1, most + 1))


def most_pairs(baskets: "Baskets", search: Search) -> int:
    """Give a number of frequent pairs that there are at most, from the lengths of the baskets."""
    frequent = baskets.counts >= search.min_count
    owners = np.repeat(np.arange(len(baskets)), baskets.lengths)
    lengths = np.bincount(owners[frequent[baskets.indices]], minlength=len(baskets))
    together = int((lengths * (lengths - 1) // 2).sum()) // search.min_count
    return min(together, comb(int(frequent.sum()), 2))


def _hopeless(
    baskets: "Baskets", search: Search, budget: "Budget", progress: Progress
) -> str | None:
    """Say why the search cannot fit; None when it may, or when nobody can tell cheaply."""
    from models.association import estimate_itemsets

    limit = budget.limit(len(baskets.indices))
    if limit is not None and (least := fewest(baskets, search)) > limit:
        return f"{_many(least)} itemsets at least at min_count {search.min_count:,}"
    if most_pairs(baskets, search) > _MOST_PAIRS:
        return None
    estimate = estimate_itemsets(
        baskets, min_count=search.min_count, max_length=search.max_length, most=_SAMPLE
    )
    told = _told(estimate, search)
    progress.note(f"estimate: {told}")
    too_many = limit is not None and estimate.itemsets > _CLEAR * limit
    too_slow = budget.seconds is not None and estimate.seconds > _CLEAR * budget.seconds
    return in_options(told) if too_many or too_slow else None


def _told(estimate: Any, search: Search) -> str:
    how = "at least" if estimate.at_least else "about"
    return (
        f"{how} {estimate.itemsets:,} itemsets at min_count {search.min_count:,}, "
        f"{estimate.bytes / 1e6:,.0f} MB, {estimate.seconds:,.1f} s"
    )


def _many(number: int) -> str:
    """Show a number; a very large one, which Python would not print, by its power of ten."""
    return f"{number:,}" if number < 10**15 else f"10^{int(log10(number))}"


def _capped(baskets: "Baskets", size: int | None, progress: Progress) -> "Baskets":
    longer = 0 if size is None else int((baskets.lengths > size).sum())
    if size is None or not longer:
        return baskets
    progress.note(
        f"{longer:,} baskets are cut down to their {size} most frequent items: counts are the "
        "least that there are"
    )
    return baskets.capped(size)


def _searched(
    baskets: "Baskets", search: Search, budget: "Budget", progress: Progress
) -> "Itemsets":
    from models.association import frequent_itemsets

    return frequent_itemsets(
        baskets,
        min_count=search.min_count,
        max_length=search.max_length,
        target=search.target,  # type: ignore[arg-type]
        budget=budget,
        n_jobs=search.n_jobs,
        progress=progress,
    )
