"""The effect of a random treatment on one outcome: difference, interval, p, and lift."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special

from experiments.effect.cuped import adjusted
from experiments.effect.proportions import newcombe, score_test

__all__ = ["Effect", "arms", "effect", "fewest_for"]

NAN = float("nan")
FEWEST_FOR_ADJUSTMENT = 20


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A difference between two groups that chance alone made.

    Attributes
    ----------
    difference : float
        Mean of the treated less mean of the controls, per customer.
    low, high : float
        Ends of its interval; NaN where nothing can be said.
    se : float
        Standard error of the difference.
    p : float
        Two-sided, of the hypothesis that the treatment does nothing.
    treated_mean, control_mean : float
        After the adjustment, where there is one.
    treated_sd, control_sd : float
        Standard deviations between customers, after the adjustment.
    treated, control : int
        Customers.
    lift, lift_low, lift_high : float
        The difference as a share of the controls' mean; NaN unless that is above 0.
    method : str
        ``welch``, ``newcombe`` (shares) or ``delta`` (ratios).
    variance_reduction : float
        Share of the variance of the difference that the covariates took away.
    level : float
        Coverage of the intervals.
    """

    difference: float
    low: float
    high: float
    se: float
    p: float
    treated_mean: float
    control_mean: float
    treated_sd: float
    control_sd: float
    treated: int
    control: int
    lift: float = NAN
    lift_low: float = NAN
    lift_high: float = NAN
    method: str = "welch"
    variance_reduction: float = 0.0
    level: float = 0.95

    @property
    def total(self) -> float:
        """What the treatment brought in all: the difference times the customers treated."""
        return self.difference * self.treated

    @property
    def total_low(self) -> float:
        """Lower end of the total."""
        return self.low * self.treated

    @property
    def total_high(self) -> float:
        """Upper end of the total."""
        return self.high * self.treated

    def __contains__(self, value: float) -> bool:
        return bool(self.low <= value <= self.high)


def effect(
    outcome: np.ndarray,
    treated: np.ndarray,
    covariates: np.ndarray | None = None,
    *,
    level: float = 0.95,
) -> Effect:
    """Compare the treated with the controls, all of them, by intention to treat.

    Parameters
    ----------
    outcome : array of float, (customers,)
        One value a customer, none missing.
    treated : array of bool, (customers,)
        Whether the customer was drawn for the treatment, contacted or not.
    covariates : array of float, (customers, columns), optional
        Known before the treatment; they take out what would have differed anyway.
    level : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    Effect

    Raises
    ------
    ValueError
        When lengths differ, a value is missing, or the level is out of range.

    Notes
    -----
    Means: Welch's interval and test, variances of the groups unequal. Shares (an outcome of 0 and
    1 without covariates): Newcombe's hybrid score interval (Newcombe 1998, *Statistics in
    Medicine* 17, method 10), which also holds where hardly anybody responds, and the score test.
    Covariates: see `experiments.effect.cuped.adjusted`. The interval of the lift is by the delta
    method on the logarithm of the ratio.

    Examples
    --------
    >>> found = effect([1, 1, 0, 1, 0, 0, 1, 0], [1, 1, 1, 1, 0, 0, 0, 0])
    >>> found.difference, found.treated_mean, found.control_mean
    (0.5, 0.75, 0.25)
    >>> 0 in found
    True
    """
    y, is_treated = _checked(outcome, treated, level)
    groups = arms(y, is_treated)
    if min(map(len, groups)) < 2:
        return _unknown(groups, level)
    if covariates is None:
        return _shares(groups, level) if _is_share(y) else _means(groups, level)
    x = np.asarray(covariates, dtype=np.float64).reshape(len(y), -1)
    if not np.isfinite(x).all():
        raise ValueError(f"{int((~np.isfinite(x)).any(axis=1).sum())} covariates are missing")
    if min(map(len, groups)) < fewest_for(x.shape[1]) or _is_rare(y, is_treated):
        return effect(y, is_treated, level=level)
    clean, columns = adjusted(y, is_treated, x)
    return _means(arms(clean, is_treated), level, raw=groups, lost=columns)


def fewest_for(covariates: int) -> int:
    """Give the customers that each group needs before covariates are used at all."""
    return FEWEST_FOR_ADJUSTMENT + 5 * covariates


def arms(values: np.ndarray, treated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Part the values in those of the treated and those of the controls."""
    return values[treated], values[~treated]


def _checked(outcome: np.ndarray, treated: np.ndarray, level: float) -> tuple[np.ndarray, ...]:
    y, is_treated = np.asarray(outcome, dtype=np.float64), np.asarray(treated).astype(bool)
    if y.shape != is_treated.shape or y.ndim != 1:
        raise ValueError(f"outcome and treated differ in shape: {y.shape} and {is_treated.shape}")
    if not np.isfinite(y).all():
        raise ValueError(f"{int((~np.isfinite(y)).sum())} of {len(y)} outcomes are missing")
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1 but got {level!r}")
    return y, is_treated


def _is_share(y: np.ndarray) -> bool:
    return bool(np.isin(y, (0.0, 1.0)).all())


def _is_rare(y: np.ndarray, treated: np.ndarray) -> bool:
    """Tell a share that so few have, or lack, that its interval must be the one for rare events."""
    if not _is_share(y):
        return False
    return any(min(part.sum(), len(part) - part.sum()) < 10 for part in arms(y, treated))


def _shares(groups: tuple[np.ndarray, np.ndarray], level: float) -> Effect:
    (k1, n1), (k0, n0) = ((int(part.sum()), len(part)) for part in groups)
    low, high = newcombe(k1, n1, k0, n0, level)
    found = _means(groups, level)
    return replace(found, low=low, high=high, p=score_test(k1, n1, k0, n0), method="newcombe")


def _means(
    groups: tuple[np.ndarray, np.ndarray],
    level: float,
    raw: tuple[np.ndarray, np.ndarray] | None = None,
    lost: int = 0,
) -> Effect:
    """Compare by Welch; `lost` degrees of freedom went into the adjustment."""
    n1, n0 = len(groups[0]), len(groups[1])
    scale = (n1 + n0 - 2) / max(n1 + n0 - 2 - lost, 1)
    first, second = (part.var(ddof=1) * scale / len(part) for part in groups)
    se = math.sqrt(first + second)
    m1, m0 = (float(part.mean()) for part in groups)
    base = Effect(
        difference=m1 - m0,
        low=NAN,
        high=NAN,
        se=se,
        p=NAN,
        treated_mean=m1,
        control_mean=m0,
        treated_sd=math.sqrt(first * n1),
        control_sd=math.sqrt(second * n0),
        treated=n1,
        control=n0,
        level=level,
    )
    if not se > 0:
        return base
    part = first / (first + second)
    df = 1 / (part**2 / (n1 - 1) + (1 - part) ** 2 / (n0 - 1))
    far = float(special.stdtrit(df, (1 + level) / 2)) * se
    p = float(2 * special.stdtr(df, -abs(m1 - m0) / se))
    changes: dict[str, Any] = _lift(m1, m0, first, second, level)
    return replace(
        base,
        low=m1 - m0 - far,
        high=m1 - m0 + far,
        p=p,
        variance_reduction=0.0 if raw is None else 1 - (se / _se(raw)) ** 2,
        **changes,
    )


def _se(groups: tuple[np.ndarray, np.ndarray]) -> float:
    return math.sqrt(sum(part.var(ddof=1) / len(part) for part in groups))


def _lift(m1: float, m0: float, var1: float, var0: float, level: float) -> dict[str, float]:
    """Give the ratio of the means less 1, with an interval made on the logarithm."""
    if m0 <= 0 or m1 <= 0:
        return {"lift": m1 / m0 - 1} if m0 > 0 else {}
    far = special.ndtri((1 + level) / 2) * math.hypot(math.sqrt(var1) / m1, math.sqrt(var0) / m0)
    ratio = m1 / m0
    low, high = (ratio * math.exp(sign * min(far, 700.0)) - 1 for sign in (-1, 1))
    return {"lift": ratio - 1, "lift_low": low, "lift_high": high}


def _unknown(groups: tuple[np.ndarray, np.ndarray], level: float) -> Effect:
    m1, m0 = (float(part.mean()) if len(part) else NAN for part in groups)
    return Effect(
        difference=m1 - m0,
        low=NAN,
        high=NAN,
        se=NAN,
        p=NAN,
        treated_mean=m1,
        control_mean=m0,
        treated_sd=NAN,
        control_sd=NAN,
        treated=len(groups[0]),
        control=len(groups[1]),
        level=level,
    )
