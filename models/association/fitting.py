"""What would fit into a budget, and how much a search would find, judged from parts of it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.association._threads import Overrun

__all__ = ["extrapolated", "least_that_fits", "longest_that_fits", "tried"]

_SURE_BRANCHES = 16
_SAMPLED_BRANCHES = 48
_BISECTIONS = 5
_LONGEST = 10

Fits = Callable[[int], int | None]


def tried(deadline: float, count: Callable[[float], int]) -> int | None:
    """Give what a search finds, or None when it goes beyond its limits.

    Parameters
    ----------
    deadline : float
        On the clock of `time.monotonic`; see `models.association.budget.trial_deadlines`.
    count : callable
        Runs the search up to the deadline, and gives the number of patterns; raises `Overrun`
        beyond the limits.
    """
    try:
        return count(deadline)
    except Overrun:
        return None


def least_that_fits(fits: Fits, least: int, most: int, enough: int = 0) -> tuple[int, int] | None:
    """Double a threshold until it fits, then look between the last two.

    Parameters
    ----------
    fits : callable
        Gives the number of patterns at a threshold, or None beyond the budget.
    least, most : int
        The threshold that did not fit, and the largest that makes sense.
    enough : int, default 0
        With fewer patterns the search between the last two goes on to their neighbour.

    Returns
    -------
    tuple of int or None
        The threshold and the number of patterns; None when not even the largest fits.

    Examples
    --------
    >>> least_that_fits(lambda count: 100 // count if count >= 12 else None, 2, 60)
    (12, 8)
    """
    low, high, n = least, least, None
    while n is None and high < most:
        low, high = high, min(2 * high, most)
        n = fits(high)
    if n is None:
        return None
    for step in range((high - low).bit_length()):
        middle = (low + high) // 2
        if middle == low or (step >= _BISECTIONS and n >= enough):
            break
        if (more := fits(middle)) is None:
            low = middle
        else:
            high, n = middle, more
    return high, n


def longest_that_fits(fits: Fits, longest: int | None) -> tuple[int, int] | None:
    """Lengthen patterns while they fit; the length is below `longest` and at most ten.

    Examples
    --------
    >>> longest_that_fits(lambda length: 3**length if length < 4 else None, None)
    (3, 27)
    """
    best = None
    for length in range(1, min(longest or _LONGEST + 1, _LONGEST + 1)):
        if (n := fits(length)) is None:
            break
        best = length, n
    return best


def extrapolated(
    sizes: NDArray[np.int64], branch: Callable[[int, int], int], most: int
) -> tuple[int, bool]:
    """Estimate the size of all branches of a search from a sample of them.

    Those that begin largest are searched surely, the others are sampled evenly.

    Parameters
    ----------
    sizes : ndarray of int64
        How many patterns each branch has at its beginning.
    branch : callable
        Gives the number of patterns in a branch, looking for no more than a limit.
    most : int
        The most patterns that the sample may find.

    Returns
    -------
    n : int
        The estimate.
    at_least : bool
        Whether the sample was cut short, so that the true number is larger.

    Examples
    --------
    >>> extrapolated(np.ones(200, int), lambda number, limit: 3, 1_000)
    (600, False)
    """
    by_size = np.argsort(-sizes, kind="stable")
    step = max(1, -(-(len(by_size) - _SURE_BRANCHES) // _SAMPLED_BRANCHES))
    rest = by_size[_SURE_BRANCHES:][step // 2 :: step]
    left, totals = most, [0, 0]
    for which, branches in enumerate((by_size[:_SURE_BRANCHES], rest)):
        for number in branches.tolist():
            found = branch(number, max(left, 0))
            totals[which] += found
            left -= found
    scale = (len(by_size) - _SURE_BRANCHES) / len(rest) if len(rest) else 0.0
    return totals[0] + round(totals[1] * scale), left < 0
