"""What a search may spend, what it would spend, and what would fit instead."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import BudgetExceeded
from lodeworks.progress import Progress
from models.association._plan import Found, Plan
from models.association._threads import Overrun
from models.association.fitting import least_that_fits, longest_that_fits, tried

__all__ = ["Budget", "Estimate", "estimate_plan", "run_within", "trial_deadlines"]

_BYTES_A_LINE = 24  # five arrays of the encoded baskets and scratch space
_BYTES_AN_ITEMSET = 72  # two nodes while their array is doubled, and the row of the result
_SECONDS_AN_ITEMSET = 4e-7  # of one thread of a plain server
_SURE_ROOTS = 16
_SAMPLED_ROOTS = 48
_PATIENCE = 60.0
_LONG_TRIAL, _SHORT_TRIAL = 20.0, 1.0  # seconds
_LEAST_PATIENCE = 8.0  # with a search whose own seconds are over
_MOST_TRIED = 3_000_000  # itemsets


@dataclass(frozen=True)
class Budget:
    """The most that a search may spend; None means no limit.

    Parameters
    ----------
    itemsets : int, optional
        The number of itemsets.
    seconds : float, optional
        Wall-clock time.
    bytes : int, optional
        Memory of the search and its result, beside the baskets themselves.
    explaining : float, optional
        Seconds to find out what would fit instead. Default: what is left of `seconds`, a minute at
        most. No part of what the search may spend.

    Raises
    ------
    ValueError
        When a limit is not above 0.
    """

    itemsets: int | None = None
    seconds: float | None = None
    bytes: int | None = None
    explaining: float | None = None

    def __post_init__(self) -> None:
        for name in ("itemsets", "seconds", "bytes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"a budget of {name} must be above 0, not {value}")

    def limit(self, n_lines: int) -> int | None:
        """Give the number of itemsets that may be found in baskets of `n_lines` lines."""
        if self.bytes is None:
            return self.itemsets
        affordable = max(0, int(self.bytes) - n_lines * _BYTES_A_LINE) // _BYTES_AN_ITEMSET
        return affordable if self.itemsets is None else min(self.itemsets, affordable)

    def trial_limit(self, n_lines: int) -> int:
        """Give the number of itemsets that a trial of what would fit may find."""
        limit = self.limit(n_lines)
        return _MOST_TRIED if limit is None else min(limit, _MOST_TRIED)

    @property
    def patience(self) -> float:
        """The most seconds for all trials of what would fit, before each has to be short."""
        return min(self.seconds or _PATIENCE, _PATIENCE)

    def __str__(self) -> str:
        parts = [
            f"{self.itemsets:,} itemsets" if self.itemsets is not None else "",
            f"{self.seconds:g} seconds" if self.seconds is not None else "",
            f"{self.bytes:,} bytes" if self.bytes is not None else "",
        ]
        return ", ".join(part for part in parts if part) or "no limit"


@dataclass(frozen=True)
class Estimate:
    """What a search would find and cost.

    Parameters
    ----------
    items, pairs : int
        The number of frequent items and pairs, exact.
    itemsets : int
        The number of frequent itemsets: `items` + `pairs` + an extrapolation.
    at_least : bool
        Whether the sample itself had to be cut short, so that the true number is larger.
    seconds : float
        Time of the search.
    bytes : int
        Memory of the search and its result, beside the baskets.
    """

    items: int
    pairs: int
    itemsets: int
    at_least: bool
    seconds: float
    bytes: int


def run_within(plan: Plan, budget: Budget, progress: Progress | None = None) -> Found:
    """Run the search; when it would go beyond the budget, say what would fit.

    Raises
    ------
    lodeworks.errors.BudgetExceeded
        When the budget does not do.
    """
    began = time.monotonic()
    limit = budget.limit(len(plan.baskets.indices))
    deadline = None if budget.seconds is None else began + budget.seconds
    if limit == 0:
        raise _refusal(plan, budget, "the baskets alone need more memory", began)
    try:
        return plan.run(limit, deadline, progress)
    except Overrun as overrun:
        found = f"more than {limit:,} itemsets" if str(overrun) == "itemsets" else "still searching"
        raise _refusal(plan, budget, found, began) from None


def _refusal(plan: Plan, budget: Budget, found: str, began: float) -> BudgetExceeded:
    share = plan.min_count / max(plan.n_baskets, 1)
    message = (
        f"over the budget of {budget}: {found} at min_count {plan.min_count:,} "
        f"(min_support {share:.3g}); nothing was returned"
    )
    return BudgetExceeded(message, tuple(_what_would_fit(plan, budget, began)))


def _what_would_fit(plan: Plan, budget: Budget, began: float) -> Iterable[str]:
    deadlines, limit = trial_deadlines(budget, began), budget.trial_limit
    enough = limit(len(plan.baskets.indices)) // 2

    def fits(other: Plan) -> int | None:
        most = limit(len(other.baskets.indices))
        return None if most == 0 else tried(next(deadlines), lambda end: other.size(most, end))

    def fits_count(count: int) -> int | None:
        return fits(plan.changed(min_count=count))

    if fit := least_that_fits(fits_count, plan.min_count, plan.n_baskets, enough):
        count, n = fit
        share = count / plan.n_baskets
        yield f"min_count {count:,} (min_support {share:.3g}) would fit: {n:,} itemsets"
    if fit := longest_that_fits(lambda k: fits(plan.changed(max_length=k)), plan.max_length):
        yield f"max_length {fit[0]} would fit: {fit[1]:,} itemsets"
    if plan.weights is None and (fit := _largest_basket(plan, fits, enough)):
        yield f"max_basket_size {fit[0]} would fit: {fit[1]:,} itemsets"


def trial_deadlines(budget: Budget, began: float) -> Iterator[float]:
    """Give the deadline of each trial of what would fit.

    A trial ends by the number of patterns that it may find, so that what is said of a file does
    not depend on the pace of the machine. The deadlines are a guard: a minute for all, and then a
    second each. A search whose own seconds are over has the second only, and eight seconds for all.

    Parameters
    ----------
    budget : Budget
        What the search was given.
    began : float
        When the search began, on the clock of `time.monotonic`.

    Yields
    ------
    float
        On the same clock.
    """
    now, shortest = time.monotonic(), min(budget.seconds or _SHORT_TRIAL, _SHORT_TRIAL)
    patience = budget.explaining
    if patience is None:
        patience = min(budget.patience, began + (budget.seconds or _PATIENCE + now) - now)
    end = now + patience
    last = math.inf if budget.seconds is None else now + max(patience, _LEAST_PATIENCE)
    while True:
        now = time.monotonic()
        yield max(min(end, now + _LONG_TRIAL), min(now + shortest, last))


def _largest_basket(
    plan: Plan, fits: Callable[[Plan], int | None], enough: int
) -> tuple[int, int] | None:
    """Halve the longest basket until it fits; with few itemsets, look between the last two."""

    def capped(size: int) -> int | None:
        return fits(plan.changed(baskets=plan.baskets.capped(size)))

    too_large = int(plan.baskets.lengths.max(initial=0))
    size, n = too_large // 2, None
    while size >= 2 and (n := capped(size)) is None:
        size, too_large = size // 2, size
    if n is None:
        return None
    while n < enough and (middle := (size + too_large) // 2) > size:
        if (more := capped(middle)) is None:
            too_large = middle
        else:
            size, n = middle, more
    return size, n


def estimate_plan(plan: Plan, most: int = 1_000_000) -> Estimate:
    """Estimate a search from the counts of pairs and from a sample of its branches.

    The branches with most pairs are searched surely, the others are sampled evenly. A sample that
    finds more than `most` itemsets is cut short and the estimate becomes a lower bound.
    """
    began = time.monotonic()
    pairs = plan.changed(max_length=min(plan.max_length or 2, 2), n_jobs=1).nodes()
    roots = pairs[:, 0] < 0
    partners = np.bincount(pairs[~roots, 0], minlength=len(pairs))[roots]
    pairs_took = time.monotonic() - began
    counts, weights, cut = _sample(plan, partners, most)
    itemsets = max(len(pairs), round(float(counts @ weights)))
    seconds = pairs_took + (itemsets - len(pairs)) * _SECONDS_AN_ITEMSET
    n_items = int(roots.sum())
    return Estimate(n_items, len(pairs) - n_items, itemsets, cut, seconds, _bytes(plan, itemsets))


def _sample(
    plan: Plan, partners: NDArray[np.int64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    """Search sampled branches; give their sizes, how many each stands for, and whether cut."""
    by_size = np.argsort(-partners, kind="stable")
    step = max(1, -(-(len(by_size) - _SURE_ROOTS) // _SAMPLED_ROOTS))
    rest = by_size[_SURE_ROOTS:][step // 2 :: step]
    roots = np.concatenate([by_size[:_SURE_ROOTS], rest])
    weights = np.ones(len(roots))
    if len(rest):
        weights[_SURE_ROOTS:] = (len(by_size) - _SURE_ROOTS) / len(rest)
    counts, left = np.zeros(len(roots)), most
    for i, root in enumerate(roots + plan.first):
        counts[i] = plan.branch(int(root), max(left, 0))
        left -= int(counts[i])
    return counts, weights, left < 0


def _bytes(plan: Plan, itemsets: int) -> int:
    return len(plan.baskets.indices) * _BYTES_A_LINE + itemsets * _BYTES_AN_ITEMSET
