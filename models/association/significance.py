"""Whether rules are more than chance: intervals, corrected p-values and held-out baskets."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from models.association.apply import count_rules
from models.association.measures import measure
from models.association.rules import Rules

__all__ = [
    "adjusted",
    "benjamini_hochberg",
    "confidence_interval",
    "holm",
    "lift_interval",
    "rule_p_values",
]

Values = NDArray[np.float64]


def confidence_interval(
    n_xy: ArrayLike, n_x: ArrayLike, level: float = 0.95
) -> tuple[Values, Values]:
    """Give an interval of the confidence n_xy / n_x (Wilson 1927, the score interval).

    Parameters
    ----------
    n_xy, n_x : array
        Baskets with both sides, and with the antecedent.
    level : float, default 0.95
        Its coverage.

    Returns
    -------
    low, high : ndarray

    Raises
    ------
    ValueError
        When the level is not between 0 and 1.

    Examples
    --------
    >>> low, high = confidence_interval([8], [10])
    >>> float(low[0].round(4)), float(high[0].round(4))
    (0.4902, 0.9433)
    """
    z = _z(level)
    n = np.asarray(n_x, float)
    p = np.asarray(n_xy, float) / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def lift_interval(
    n: ArrayLike, n_x: ArrayLike, n_y: ArrayLike, n_xy: ArrayLike, level: float = 0.95
) -> tuple[Values, Values]:
    """Give an interval of the lift: exp(log lift -+ z se), by the delta method on multinomials.

    With shares p, the variance of log(p_xy / (p_x p_y)) is
    (1/p_xy - 1/p_x - 1/p_y + 2 p_xy / (p_x p_y) - 1) / n (Agresti, *Categorical Data Analysis*,
    2002, section 14.1, applied to this function).
    """
    z = _z(level)
    total, x, y, xy = (np.asarray(v, float) for v in (n, n_x, n_y, n_xy))
    lift = xy * total / (x * y)
    variance = 1 / xy - 1 / x - 1 / y + (2 * lift - 1) / total
    spread = np.exp(z * np.sqrt(np.maximum(variance, 0.0)))
    return lift / spread, lift * spread


def holm(p: ArrayLike, n_tests: int | None = None) -> Values:
    """Adjust p-values for the chance of any false finding (Holm 1979).

    Parameters
    ----------
    p : array
        The p-values that are at hand.
    n_tests : int, optional
        How many tests were made in all, when only the smallest p-values are at hand: the rules
        that were *searched*, not those that were kept. Default: as many as given.

    Returns
    -------
    ndarray
        In the order of `p`.

    Raises
    ------
    ValueError
        When there are more p-values than tests, or one is not in 0 .. 1.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    values, m = _checked(p, n_tests)
    order = np.argsort(values, kind="stable")
    steps = values[order] * (m - np.arange(len(values)))
    out = np.empty(len(values))
    out[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return out


def benjamini_hochberg(p: ArrayLike, n_tests: int | None = None) -> Values:
    """Adjust p-values for the share of false findings (Benjamini and Hochberg 1995).

    With `n_tests` above the number of p-values the missing ones are taken to be 1; the rest as
    for `holm`.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.04, 0.04]
    """
    values, m = _checked(p, n_tests)
    order = np.argsort(values, kind="stable")
    steps = values[order] * m / np.arange(1, len(values) + 1)
    out = np.empty(len(values))
    out[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return out


def adjusted(
    p: ArrayLike, method: Literal["holm", "bh", "none"], n_tests: int | None = None
) -> Values:
    """Adjust p-values by the name of a method: 'holm', 'bh' or 'none'.

    Raises
    ------
    ValueError
        When the name is another.
    """
    if method == "holm":
        return holm(p, n_tests)
    if method == "bh":
        return benjamini_hochberg(p, n_tests)
    if method == "none":
        return _checked(p, n_tests)[0]
    raise ValueError(f"a correction is 'holm', 'bh' or 'none', not {method!r}")


def rule_p_values(
    rules: Rules, correction: Literal["holm", "bh", "none"] = "holm", held_out: Any = None
) -> Values:
    """Give Fisher's p-value of every rule, corrected for many tests.

    Parameters
    ----------
    rules : Rules
        The rules.
    correction : {'holm', 'bh', 'none'}
        On the baskets that were mined the correction counts all splits that were open to the
        search, also those that a threshold dropped.
    held_out : Baskets or anything that `Baskets.of` takes, optional
        Baskets that the mining did not see: the rules are tested on them instead, and only the
        rules themselves count as tests.

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> from models.association.rules import rules_of_baskets
    >>> baskets = [["a", "b"]] * 10 + [[]] * 10
    >>> rule_p_values(rules_of_baskets(baskets, min_count=5), "none").round(7).tolist()
    [5.4e-06, 5.4e-06]
    """
    if held_out is None:
        return adjusted(rules.measure("fisher_p"), correction, rules.n_searched)
    return adjusted(measure("fisher_p", count_rules(held_out, rules)), correction)


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not {level}")
    return float(norm.ppf((1 + level) / 2))


def _checked(p: ArrayLike, n_tests: int | None) -> tuple[Values, int]:
    values = np.asarray(p, float)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("p-values lie between 0 and 1")
    m = len(values) if n_tests is None else n_tests
    if m < len(values):
        raise ValueError(f"{len(values)} p-values cannot come from {m} tests")
    return values, m
