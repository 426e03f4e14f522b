"""The effect on those who were contacted because they were drawn for it."""

import math
from dataclasses import replace

import numpy as np
from scipy import special

from experiments.effect.estimate import NAN, Effect, arms, effect

__all__ = ["complier_effect"]

WEAK = 3.2  # a first stage with z below this (F below about 10) says too little to divide by


def complier_effect(
    outcome: np.ndarray, treated: np.ndarray, contacted: np.ndarray, *, level: float = 0.95
) -> Effect | None:
    """Give the complier average causal effect: the comparison as drawn over the gap in contacts.

    It complements the comparison by intention to treat where some of the treated were never
    contacted or some controls were. It holds when being drawn works through the contact alone and
    nobody was contacted only because they were not drawn.

    Parameters
    ----------
    outcome : array of float, (customers,)
        One value a customer.
    treated, contacted : array of bool, (customers,)
        Drawn for the contact; contacted in fact.
    level : float
        Coverage of the interval.

    Returns
    -------
    Effect or None
        Per customer contacted; None when being drawn hardly changed who was contacted.

    Notes
    -----
    Wald's instrumental variable estimate (Imbens and Angrist 1994, *Identification and estimation
    of local average treatment effects*); the standard error by the delta method.

    Examples
    --------
    Half of the treated were reached, so their effect is twice the one as drawn:

    >>> drawn = np.repeat([True, False], 100)
    >>> reached = np.arange(200) < 50
    >>> bought = np.where(reached, np.arange(200) % 5 == 0, np.arange(200) % 10 == 0)
    >>> round(complier_effect(bought, drawn, reached).difference, 3)
    0.1
    """
    y, is_treated = np.asarray(outcome, dtype=np.float64), np.asarray(treated).astype(bool)
    d = np.asarray(contacted, dtype=np.float64)
    if min(is_treated.sum(), (~is_treated).sum()) < 2:
        return None
    reach, drawn = effect(d, is_treated), effect(y, is_treated, level=level)
    if reach.difference <= 0 or (reach.se > 0 and reach.difference / reach.se < WEAK):
        return None
    value = drawn.difference / reach.difference
    rest = arms(y - value * d, is_treated)
    sds = [float(part.std(ddof=1)) / reach.difference for part in rest]
    se = math.hypot(*(sd / math.sqrt(len(part)) for sd, part in zip(sds, rest, strict=True)))
    far = float(special.ndtri((1 + level) / 2)) * se
    return replace(
        drawn,
        difference=value,
        low=value - far,
        high=value + far,
        se=se,
        p=float(2 * special.ndtr(-abs(value) / se)) if se > 0 else NAN,
        treated_sd=sds[0],
        control_sd=sds[1],
        lift=NAN,
        lift_low=NAN,
        lift_high=NAN,
        method="instrument",
    )
