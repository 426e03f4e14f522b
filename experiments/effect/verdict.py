"""What an effect says in words, and what it cannot say."""

import math
from dataclasses import dataclass

from scipy import special

from experiments.effect.estimate import Effect

__all__ = ["FEWEST", "Verdict", "detectable_now", "needed_customers", "verdict"]

FEWEST = 10
POWER = 0.8


@dataclass(frozen=True)
class Verdict:
    """The conclusion from one effect.

    Attributes
    ----------
    kind : str
        ``more``, ``less`` or ``too small to tell``.
    detectable : float
        Smallest difference that such groups show in four of five times; NaN when not known.
    needed : int or None
        Customers in both groups that would show a difference as large as the one seen, in four of
        five times, the groups being in the same proportion; None when it cannot be said.
    """

    kind: str
    detectable: float
    needed: int | None


def verdict(found: Effect, p: float | None = None) -> Verdict:
    """Judge an effect.

    Parameters
    ----------
    found : Effect
        What was measured.
    p : float, optional
        The p value after correction for many looks; default: that of the effect.

    Examples
    --------
    >>> from experiments.effect import effect
    >>> verdict(effect([1, 0, 1, 0], [1, 1, 0, 0])).kind
    'too small to tell'
    """
    p = found.p if p is None else p
    detectable = detectable_now(found)
    unclear = not (found.low > 0 or found.high < 0) or not p <= 1 - found.level + 1e-12
    if unclear or min(found.treated, found.control) < FEWEST:
        return Verdict("too small to tell", detectable, needed_customers(found))
    return Verdict("more" if found.difference > 0 else "less", detectable, None)


def detectable_now(found: Effect) -> float:
    """Give the smallest difference that groups of this size and scatter show with 80 % power."""
    return _reach(found.level) * found.se


def needed_customers(found: Effect, difference: float | None = None) -> int | None:
    """Give the customers, both groups together, that show a difference with 80 % power.

    Parameters
    ----------
    found : Effect
        Gives the scatter and the proportion of the groups.
    difference : float, optional
        Default: the one that was seen.
    """
    wanted = found.difference if difference is None else difference
    if not wanted or not found.se > 0 or not math.isfinite(wanted):
        return None
    factor = (_reach(found.level) * found.se / wanted) ** 2
    return math.ceil(factor * (found.treated + found.control))


def _reach(level: float) -> float:
    return float(special.ndtri((1 + level) / 2) + special.ndtri(POWER))
