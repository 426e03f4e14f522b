"""A look ahead: refuse at once what is hopeless, before the search has cost anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from math import comb, log10
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.errors import BudgetExceeded
from lodeworks.progress import Progress
from pipelines.mining.engines import ItemsetEngine, NumbaEngine, SequenceEngine
from pipelines.mining.limits import in_options
from pipelines.mining.search import Search, SequenceSearch
from pipelines.mining.wording import many

if TYPE_CHECKING:
    from models.association import Baskets, Budget, Estimate, Itemsets
    from models.sequences import SequencePatterns, Sequences

__all__ = [
    "SAMPLE",
    "capped",
    "fewest",
    "find_itemsets",
    "find_sequences",
    "most_pairs",
    "probing",
    "too_much",
    "translated",
]

_MOST_PAIRS = 5_000_000  # more are not counted only to make an estimate
SAMPLE = 500_000  # itemsets
_CLEAR = 2  # the estimate is a sample's; what is less clear is left to the exact limit
_PROBE = 0.5  # seconds


def find_itemsets(
    baskets: "Baskets",
    search: Search,
    budget: "Budget",
    progress: Progress,
    engine: ItemsetEngine | None = None,
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
    engine : ItemsetEngine, optional
        What searches. Default: numba.

    Returns
    -------
    Itemsets

    Raises
    ------
    BudgetExceeded
        Its problems name the support, length or cap of baskets that would fit.
    """
    cut = capped(baskets, search.max_basket_size, progress)
    if reason := _hopeless(cut, search, budget, progress):
        with translated(f"over the budget of {budget}: {reason}"):
            NumbaEngine().itemsets(cut, search, probing(budget), progress)
    with translated():
        return (engine or NumbaEngine()).itemsets(cut, search, budget, progress)


def find_sequences(
    sequences: "Sequences",
    search: SequenceSearch,
    budget: "Budget",
    progress: Progress,
    engine: SequenceEngine,
) -> "SequencePatterns":
    """Estimate, then search; see `find_itemsets`."""
    if reason := _hopeless_sequences(sequences, search, budget, progress):
        with translated(f"over the budget of {budget}: {reason}"):
            NumbaEngine().sequences(sequences, search, probing(budget), progress)
    with translated():
        return engine.sequences(sequences, search, budget, progress)


@contextmanager
def translated(message: str | None = None) -> Iterator[None]:
    """Put what a library says about a budget into the words of the command.

    Parameters
    ----------
    message : str, optional
        What to say in the place of the library's first sentence.
    """
    try:
        yield
    except BudgetExceeded as error:
        said = (message or error.message).replace("nothing was returned", "nothing was written")
        problems = [in_options(text) for text in error.problems]
        raise BudgetExceeded(in_options(said), problems) from None


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
    _compile_itemsets()
    estimate = estimate_itemsets(
        baskets, min_count=search.min_count, max_length=search.max_length, most=SAMPLE
    )
    what = f"itemsets at min_count {search.min_count:,}"
    return too_much(estimate, what, budget, limit, progress)


def _hopeless_sequences(
    sequences: "Sequences", search: SequenceSearch, budget: "Budget", progress: Progress
) -> str | None:
    from models.sequences import estimate_sequences

    _compile_sequences()
    estimate = estimate_sequences(
        sequences,
        min_count=search.min_count,
        max_length=search.max_length,
        max_elements=search.max_elements,
        most=SAMPLE,
        **asdict(search.apart),
    )
    limit = budget.limit(len(sequences.items))
    what = f"sequences at min_count {search.min_count:,}"
    return too_much(estimate, what, budget, limit, progress)


@cache
def _compile_itemsets() -> None:
    """Search a toy, so that an estimate of time is not that of the compiler."""
    from models.association import Baskets, estimate_itemsets

    estimate_itemsets(Baskets.from_lists([["a", "b", "c"]] * 2), min_count=1)


@cache
def _compile_sequences() -> None:
    """Search a toy, so that an estimate of time is not that of the compiler."""
    from models.sequences import estimate_sequences

    estimate_sequences([[["a"], ["b"], ["c"]]] * 2, min_count=1)


def probing(budget: "Budget") -> "Budget":
    """Give a budget that a hopeless search is soon over, with the old patience to explain it."""
    return replace(budget, seconds=_PROBE, explaining=budget.patience)


def too_much(
    estimate: "Estimate", what: str, budget: "Budget", limit: int | None, progress: Progress
) -> str | None:
    """Tell an estimate; give it again where it is clearly over the budget."""
    told = in_options(_told(estimate, what))
    progress.note(f"estimate: {told}")
    too_many = limit is not None and estimate.itemsets > _CLEAR * limit
    too_slow = budget.seconds is not None and estimate.seconds > _CLEAR * budget.seconds
    return told if too_many or too_slow else None


def _told(estimate: "Estimate", what: str) -> str:
    how = "at least" if estimate.at_least else "about"
    return (
        f"{how} {estimate.itemsets:,} {what}, "
        f"{estimate.bytes / 1e6:,.0f} MB, {estimate.seconds:,.1f} s"
    )


def _many(number: int) -> str:
    """Show a number; a very large one, which Python would not print, by its power of ten."""
    return f"{number:,}" if number < 10**15 else f"10^{int(log10(number))}"


def capped(baskets: "Baskets", size: int | None, progress: Progress) -> "Baskets":
    """Cut longer baskets down to `size` items, and say how many those are."""
    longer = 0 if size is None else int((baskets.lengths > size).sum())
    if size is None or not longer:
        return baskets
    progress.note(
        f"{many(longer, 'basket is', 'baskets are')} cut down to the {size} most frequent items: "
        "counts are the least that there are"
    )
    return baskets.capped(size)
