"""A search for sequences that is set up and can be run within a budget."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import BudgetExceeded
from lodeworks.progress import Progress
from models.association._threads import UNLIMITED, Overrun, run_parts
from models.association.budget import Budget
from models.sequences._encode import Encoded, encode
from models.sequences._search import OVERFULL, TOO_MANY_ROWS, search
from models.sequences._shapes import expand_nodes
from models.sequences.limits import TimeLimits
from models.sequences.sequences import Sequences

__all__ = ["Plan", "run_within"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_ANY = 2**31 - 1
_ANY_ROWS = 2**62
_PARTS_A_THREAD = 16
_SMALL_WORK = 20_000
_BYTES_A_ROW = 8
_BYTES_A_WINDOW_ROW = 20
_SECONDS_A_TRIAL = 1.0
_BISECTIONS = 5


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
        return _joined(found)

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
    deadline = None if budget.seconds is None else time.monotonic() + budget.seconds
    try:
        return plan.run(budget, deadline, progress)
    except Overrun as overrun:
        found = "still searching" if str(overrun) == "seconds" else "more sequences than fit"
        raise _refusal(plan, budget, found) from None


def _refusal(plan: Plan, budget: Budget, found: str) -> BudgetExceeded:
    share = plan.min_count / max(len(plan.sequences), 1)
    stated = str(budget).replace("itemsets", "sequences")
    message = (
        f"over the budget of {stated}: {found} at min_count {plan.min_count:,} "
        f"(min_support {share:.3g}); nothing was returned"
    )
    return BudgetExceeded(message, tuple(_what_would_fit(plan, budget)))


def _what_would_fit(plan: Plan, budget: Budget) -> Iterable[str]:
    fits = _fitter(budget)
    if fit := _least_count(plan, fits):
        count, n = fit
        share = count / len(plan.sequences)
        yield f"min_count {count:,} (min_support {share:.3g}) would fit: {n:,} sequences"
    if fit := _longest(plan, fits):
        yield f"max_length {fit[0]} would fit: {fit[1]:,} sequences"


def _fitter(budget: Budget) -> Callable[[Plan], int | None]:
    """Make a function that counts the sequences of a plan, or gives None beyond the budget."""
    seconds = min(budget.seconds or _SECONDS_A_TRIAL, _SECONDS_A_TRIAL)

    def fits(plan: Plan) -> int | None:
        try:
            return plan.n_found(budget, time.monotonic() + seconds)
        except Overrun:
            return None

    return fits


def _least_count(plan: Plan, fits: Callable[[Plan], int | None]) -> tuple[int, int] | None:
    """Double the count until it fits, then look between the last two."""
    low, high, n = plan.min_count, plan.min_count, None
    while n is None and high < len(plan.sequences):
        low, high = high, min(2 * high, len(plan.sequences))
        n = fits(replace(plan, min_count=high))
    if n is None:
        return None
    for _ in range(_BISECTIONS):
        middle = (low + high) // 2
        if middle == low:
            break
        if (fewer := fits(replace(plan, min_count=middle))) is None:
            low = middle
        else:
            high, n = middle, fewer
    return high, n


def _longest(plan: Plan, fits: Callable[[Plan], int | None]) -> tuple[int, int] | None:
    best = None
    for length in range(1, min(plan.max_length or 11, 11)):
        if (n := fits(replace(plan, max_length=length))) is None:
            break
        best = length, n
    return best


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


def _joined(parts: list[Int32]) -> Int32:
    if len(parts) == 1:
        return parts[0]
    joined = np.concatenate([np.empty((0, 3), np.int32), *parts])
    begin = 0
    for part in parts:
        mine = joined[begin : begin + len(part), 0]
        mine[mine >= 0] += begin
        begin += len(part)
    return joined
