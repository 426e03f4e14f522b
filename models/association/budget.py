"""What a search may spend, what it would spend, and what would fit instead."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import BudgetExceeded
from lodeworks.progress import Progress
from models.association._plan import Found, Plan
from models.association._threads import Overrun

__all__ = ["Budget", "Estimate", "estimate_plan", "run_within"]

_BYTES_A_LINE = 24  # five arrays of the encoded baskets and scratch space
_BYTES_AN_ITEMSET = 72  # two nodes while their array is doubled, and the row of the result
_SECONDS_AN_ITEMSET = 4e-7  # of one thread of a plain server
_SURE_ROOTS = 16
_SAMPLED_ROOTS = 48
_SECONDS_A_TRIAL = 1.0
_BISECTIONS = 5


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

    Raises
    ------
    ValueError
        When a limit is not above 0.
    """

    itemsets: int | None = None
    seconds: float | None = None
    bytes: int | None = None

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
        raise _refusal(plan, budget, "the baskets alone need more memory")
    try:
        return plan.run(limit, deadline, progress)
    except Overrun as overrun:
        found = f"more than {limit:,} itemsets" if str(overrun) == "itemsets" else "still searching"
        raise _refusal(plan, budget, found) from None


def _refusal(plan: Plan, budget: Budget, found: str) -> BudgetExceeded:
    share = plan.min_count / max(plan.n_baskets, 1)
    message = (
        f"over the budget of {budget}: {found} at min_count {plan.min_count:,} "
        f"(min_support {share:.3g}); nothing was returned"
    )
    return BudgetExceeded(message, tuple(_what_would_fit(plan, budget)))


def _what_would_fit(plan: Plan, budget: Budget) -> Iterable[str]:
    fits = _fitter(budget)
    if fit := _least_count(plan, fits):
        count, n = fit
        share = count / plan.n_baskets
        yield f"min_count {count:,} (min_support {share:.3g}) would fit: {n:,} itemsets"
    if fit := _longest(plan, fits):
        yield f"max_length {fit[0]} would fit: {fit[1]:,} itemsets"
    if plan.weights is None and (fit := _largest_basket(plan, fits)):
        yield f"max_basket_size {fit[0]} would fit: {fit[1]:,} itemsets"


def _fitter(budget: Budget) -> Callable[[Plan], int | None]:
    """Make a function that counts the itemsets of a plan, or gives None beyond the budget."""
    seconds = min(budget.seconds or _SECONDS_A_TRIAL, _SECONDS_A_TRIAL)

    def fits(plan: Plan) -> int | None:
        limit = budget.limit(len(plan.baskets.indices))
        try:
            return plan.size(limit, time.monotonic() + seconds) if limit != 0 else None
        except Overrun:
            return None

    return fits


def _least_count(plan: Plan, fits: Callable[[Plan], int | None]) -> tuple[int, int] | None:
    """Double the count until it fits, then look between the last two."""
    low, high, n = plan.min_count, plan.min_count, None
    while n is None and high < plan.n_baskets:
        low, high = high, min(2 * high, plan.n_baskets)
        n = fits(plan.changed(min_count=high))
    if n is None:
        return None
    for _ in range(_BISECTIONS):
        middle = (low + high) // 2
        if middle == low:
            break
        if (fewer := fits(plan.changed(min_count=middle))) is None:
            low = middle
        else:
            high, n = middle, fewer
    return high, n


def _longest(plan: Plan, fits: Callable[[Plan], int | None]) -> tuple[int, int] | None:
    best = None
    for length in range(1, min(plan.max_length or 11, 11)):
        if (n := fits(plan.changed(max_length=length))) is None:
            break
        best = length, n
    return best


def _largest_basket(plan: Plan, fits: Callable[[Plan], int | None]) -> tuple[int, int] | None:
    size = int(plan.baskets.lengths.max(initial=0)) // 2
    while size >= 2:
        if (n := fits(plan.changed(baskets=plan.baskets.capped(size)))) is not None:
            return size, n
        size //= 2
    return None


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
