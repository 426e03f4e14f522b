"""A search for sequences that is set up and can be run within a budget."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import BudgetExceeded
from lodeworks.progress import Progress
from models.association._join import join_nodes
from models.association._threads import UNLIMITED, Overrun, run_parts
from models.association.budget import Budget, Estimate, trial_deadlines
from models.association.fitting import (
    extrapolated,
    least_that_fits,
    longest_that_fits,
    tried,
)
from models.sequences._encode import Encoded, encode
from models.sequences._search import OVERFULL, TOO_MANY_ROWS, search
from models.sequences._shapes import expand_nodes
from models.sequences.limits import TimeLimits
from models.sequences.sequences import Sequences

__all__ = ["Plan", "estimate_plan", "run_within"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_ANY = 2**31 - 1
_ANY_ROWS = 2**62
_PARTS_A_THREAD = 16
_SMALL_WORK = 20_000
_BYTES_A_ROW = 8
_BYTES_A_WINDOW_ROW = 20
_BYTES_A_LINE = 24  # as of itemsets
_BYTES_A_PATTERN = 72


@dataclass(frozen=True, eq=False)
class Plan:
    """What to search; `run` searches it.

    Parameters
    ----------
    sequences : Sequences
        The customers' baskets.
    min_count : int
        The smallest number of customers that makes a sequence frequent.
    max_length, max_elements : int or None
        The largest number of items and of elements.
    limits : TimeLimits
        How far apart elements may lie.
    n_jobs : int
        Number of threads.
    """

    sequences: Sequences
    min_count: int
    max_length: int | None = None
    max_elements: int | None = None
    limits: TimeLimits = field(default_factory=TimeLimits)
    n_jobs: int = 1

    def run(
        self, budget: Budget, deadline: float | None, progress: Progress | None = None
    ) -> tuple[Int64, Int32, Int32]:
        """Give the sequences as a CSR pair of symbols, and their counts; see `nodes`."""
        data, item_of = encode(self.sequences, self.min_count)
        nodes = self._nodes(data, budget, deadline, progress)
        indptr, symbols = expand_nodes(nodes, item_of)
        return indptr, symbols, nodes[:, 2].copy()

    def n_found(self, budget: Budget, deadline: float | None) -> int:
        """Count the sequences.

        Raises
        ------
        Overrun
            When the budget does not do or the deadline has passed.
        """
        return len(self._nodes(encode(self.sequences, self.min_count)[0], budget, deadline))

    def _nodes(
        self,
        data: Encoded,
        budget: Budget,
        deadline: float | None,
        progress: Progress | None = None,
    ) -> Int32:
        limits = self.limits.for_kernels()
        longest = self.max_length or _ANY, self.max_elements or _ANY
        control = self._control(budget)

        def part(first: int, last: int) -> Int32:
            return np.asarray(search(data, limits, first, last, self.min_count, *longest, control))

        parts = _parts(data, self.n_jobs)
        found = run_parts(part, parts, control, self.n_jobs, deadline, progress, count=len)
        if control[0] in (OVERFULL, TOO_MANY_ROWS):
            raise Overrun("sequences" if control[0] == OVERFULL else "bytes")
        return join_nodes(found)

    def _branch(self, data: Encoded, item: int, limit: int) -> int:
        """Count the sequences that begin with an item, looking for no more than a limit."""
        control = np.array([0, min(limit, UNLIMITED), _ANY_ROWS], np.int64)
        longest = self.max_length or _ANY, self.max_elements or _ANY
        return len(
            search(
                data, self.limits.for_kernels(), item, item + 1, self.min_count, *longest, control
            )
        )

    def _control(self, budget: Budget) -> Int64:
        """Give half of the memory to the result and half to the occurrences at work."""
        halved = replace(budget, bytes=None if budget.bytes is None else max(budget.bytes // 2, 1))
        limit = halved.limit(len(self.sequences.items))
        row = _BYTES_A_WINDOW_ROW if self.limits.window else _BYTES_A_ROW
        rows = None if halved.bytes is None else halved.bytes // (row * self.n_jobs)
        return np.array(
            [0, UNLIMITED if limit is None else limit, _ANY_ROWS if rows is None else rows],
            np.int64,
        )


def run_within(
    plan: Plan, budget: Budget, progress: Progress | None = None
) -> tuple[Int64, Int32, Int32]:
    """Run the search; when it would go beyond the budget, say what would fit.

    Raises
    ------
    lodeworks.errors.BudgetExceeded
        When the budget does not do.
    """
    began = time.monotonic()
    deadline = None if budget.seconds is None else began + budget.seconds
    try:
        return plan.run(budget, deadline, progress)
    except Overrun as overrun:
        found = "still searching" if str(overrun) == "seconds" else "more sequences than fit"
        raise _refusal(plan, budget, found, began) from None


def _refusal(plan: Plan, budget: Budget, found: str, began: float) -> BudgetExceeded:
    share = plan.min_count / max(len(plan.sequences), 1)
    stated = str(budget).replace("itemsets", "sequences")
    message = (
        f"over the budget of {stated}: {found} at min_count {plan.min_count:,} "
        f"(min_support {share:.3g}); nothing was returned"
    )
    return BudgetExceeded(message, tuple(_what_would_fit(plan, budget, began)))


def _what_would_fit(plan: Plan, budget: Budget, began: float) -> Iterable[str]:
    deadlines, most = trial_deadlines(budget, began), budget.trial_limit(len(plan.sequences.items))
    trial = replace(budget, itemsets=max(most, 1))

    def fits(other: Plan) -> int | None:
        return tried(next(deadlines), lambda deadline: other.n_found(trial, deadline))

    n_customers = len(plan.sequences)
    by_count = least_that_fits(
        lambda count: fits(replace(plan, min_count=count)), plan.min_count, n_customers, most // 2
    )
    if by_count:
        count, n = by_count
        share = count / n_customers
        yield f"min_count {count:,} (min_support {share:.3g}) would fit: {n:,} sequences"
    by_length = longest_that_fits(
        lambda length: fits(replace(plan, max_length=length)), plan.max_length
    )
    if by_length:
        yield f"max_length {by_length[0]} would fit: {by_length[1]:,} sequences"


def estimate_plan(plan: Plan, most: int) -> Estimate:
    """Estimate a search from the sequences of two items and from a sample of its branches."""
    began = time.monotonic()
    short = replace(plan, max_length=min(plan.max_length or 2, 2), n_jobs=1)
    data = encode(plan.sequences, plan.min_count)[0]
    pairs = short._nodes(data, Budget(), None)
    roots = pairs[:, 0] < 0
    partners = np.bincount(pairs[~roots, 0], minlength=len(pairs))[roots]
    pairs_took, began = time.monotonic() - began, time.monotonic()
    searched = 0

    def branch(item: int, limit: int) -> int:
        nonlocal searched
        found = plan._branch(data, item, limit)
        searched += found
        return found

    n, cut = extrapolated(partners, branch, most)
    pace = (time.monotonic() - began) / max(searched, 1)
    n_items, n = int(roots.sum()), max(n, len(pairs))
    size = len(plan.sequences.items) * _BYTES_A_LINE + n * _BYTES_A_PATTERN
    return Estimate(n_items, len(pairs) - n_items, n, cut, pairs_took + n * pace, size)


def _parts(data: Encoded, n_jobs: int) -> list[tuple[int, int]]:
    """Cut the first items into runs of about as many places."""
    n_items = len(data.supports)
    if n_items == 0:
        return []
    work = data.place_ptr[1:]
    n_parts = 1 if n_jobs == 1 or work[-1] < _SMALL_WORK else n_jobs * _PARTS_A_THREAD
    cuts = np.searchsorted(work, work[-1] * np.arange(1, n_parts) / n_parts) + 1
    bounds = np.unique(np.concatenate([[0], np.minimum(cuts, n_items), [n_items]]))
    return list(pairwise(bounds.tolist()))
