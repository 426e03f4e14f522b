"""Effects in parts of the customers, corrected for looking at many."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from experiments.effect.estimate import Effect, effect
from experiments.effect.multiplicity import benjamini_hochberg, holm
from experiments.effect.verdict import verdict

__all__ = ["breakdown", "effect_frame"]


def effect_frame(effects: Mapping[str, Effect], name: str) -> pd.DataFrame:
    """Set effects as a frame, one a row, with p values that allow for all of them.

    Parameters
    ----------
    effects : mapping of str to Effect
        All looks of one kind.
    name : str
        Name of the first column, which holds the keys.

    Returns
    -------
    pandas.DataFrame
        `name`, ``treated``, ``control`` (customers), the two means, ``difference`` with ``low``
        and ``high``, ``p``, ``p_holm``, ``p_bh``, ``lift`` with its interval, ``total`` with its
        interval, ``variance_reduction``, ``method``, and in ``verdict`` the conclusion after Holm,
        with ``detectable`` and ``needed_customers``.
    """
    found = list(effects.values())
    by_holm = holm([one.p for one in found])
    judged = [verdict(one, float(p)) for one, p in zip(found, by_holm, strict=True)]
    return pd.DataFrame(
        {
            name: list(effects),
            "treated": [one.treated for one in found],
            "control": [one.control for one in found],
            **{
                column: [getattr(one, column) for one in found]
                for column in (
                    *("treated_mean", "control_mean", "difference", "low", "high", "se", "p"),
                    *("lift", "lift_low", "lift_high", "total", "total_low", "total_high"),
                    *("variance_reduction", "method"),
                )
            },
            "p_holm": by_holm,
            "p_bh": benjamini_hochberg([one.p for one in found]),
            "verdict": [one.kind for one in judged],
            "detectable": [one.detectable for one in judged],
            "needed_customers": pd.array([one.needed for one in judged], dtype="Int64"),
        }
    )


def breakdown(
    outcome: pd.Series,
    treated: pd.Series,
    by: pd.Series,
    covariates: np.ndarray | None = None,
    *,
    name: str,
    level: float = 0.95,
) -> pd.DataFrame:
    """Measure the effect in each part of the customers.

    Parameters
    ----------
    outcome, treated, by : pandas.Series
        One value a customer, in one order: the outcome, whether drawn for the treatment, and the
        part (known before the draw) that the customer belongs to.
    covariates : array of float, (customers, columns), optional
        As in `experiments.effect.effect`.
    name : str
        Name of the column of parts.
    level : float
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        As `effect_frame`, sorted by part.
    """
    y, t = outcome.to_numpy(dtype=np.float64), treated.to_numpy(dtype=bool)
    effects = {}
    for part in sorted(by.unique()):
        here = (by == part).to_numpy()
        known = None if covariates is None else covariates[here]
        effects[part] = effect(y[here], t[here], known, level=level)
    return effect_frame(effects, name)
