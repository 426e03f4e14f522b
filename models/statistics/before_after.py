"""Before and after with a control group: what a measure changed, and what it earned."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from models.statistics.checks import check_level

__all__ = ["BeforeAfter", "before_after"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class BeforeAfter:
    """What became of treated customers, against what became of the control group.

    Parameters
    ----------
    effect, low, high : float
        Difference in differences by customer, with its interval.
    p_value : float
        Of no effect, two-sided.
    treated_change, control_change : float
        Mean after minus mean before.
    n_treated, n_control : int
    """

    effect: float
    low: float
    high: float
    p_value: float
    treated_change: float
    control_change: float
    n_treated: int
    n_control: int

    def roi(self, cost: float) -> pd.Series:
        """Give the return on a cost by treated customer, with its interval.

        Raises
        ------
        ValueError
            When the cost is not positive.
        """
        if cost <= 0:
            raise ValueError(f"a return needs a positive cost, not {cost}")
        ends = {"roi": self.effect, "low": self.low, "high": self.high}
        return pd.Series({name: (value - cost) / cost for name, value in ends.items()})


def before_after(
    treated_before: ArrayLike, treated_after: ArrayLike, control_before: ArrayLike,
    control_after: ArrayLike, *, level: float = 0.95,
) -> BeforeAfter:  # fmt: skip
    """Estimate the effect of a measure as the difference of two differences.

    Each customer's own change is taken, and both groups are compared by Welch's interval. It holds
    when both groups would have changed alike without the measure: draw the control group at random.

    Parameters
    ----------
    treated_before, treated_after : array, shape (n_treated,)
        Value of each treated customer, in the same order; pairs with a missing value are left out.
    control_before, control_after : array, shape (n_control,)
        Of the control group.
    level : float, default 0.95
        Of the interval.

    Raises
    ------
    ValueError
        When lengths differ or a group has fewer than two customers.

    Examples
    --------
    >>> found = before_after([10, 12, 11], [15, 16, 17], [10, 11, 12], [11, 12, 14])
    >>> round(found.effect, 2), found.low < found.effect < found.high
    (3.67, True)
    """
    check_level(level)
    a = _changes(treated_before, treated_after, "treated")
    b = _changes(control_before, control_after, "control")
    effect = float(a.mean() - b.mean())
    first, second = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    error = float(np.sqrt(first + second))
    if error == 0:
        alone = 1.0 if effect == 0 else 0.0
        return BeforeAfter(effect, effect, effect, alone, a.mean(), b.mean(), len(a), len(b))
    df = (first + second) ** 2 / (first**2 / (len(a) - 1) + second**2 / (len(b) - 1))
    half = float(student.ppf((1 + level) / 2, df)) * error
    p = float(2 * student.sf(abs(effect) / error, df))
    return BeforeAfter(
        effect, effect - half, effect + half, p, float(a.mean()), float(b.mean()), len(a), len(b)
    )


def _changes(before: ArrayLike, after: ArrayLike, name: str) -> Values:
    first, second = np.asarray(before, float), np.asarray(after, float)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"{name}: {first.shape} values before and {second.shape} after")
    change = second - first
    change = change[~np.isnan(change)]
    if len(change) < 2:
        raise ValueError(f"{name}: two customers or more are needed, not {len(change)}")
    return change
