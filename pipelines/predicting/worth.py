"""Whom it pays to act upon: expected money of each record, and where to stop."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.classification import cut_table, profit_interval
from pipelines.config.predict import Money
from pipelines.predicting.records import Records

__all__ = ["Worth", "chosen", "expected_money", "held_out_worth"]


@dataclass(frozen=True)
class Worth:
    """What acting upon the held-out records by the rule would have earned.

    Attributes
    ----------
    cuts : pandas.DataFrame
        Every curve, by expected money; see `cut_table`.
    records : int
        Records acted upon.
    depth : float
        As a share of all.
    threshold : float
        Lowest expected money acted upon.
    hits : float
        Of them with outcome 1.
    expected, everybody : float
        Money expected of them; money had everybody been acted upon.
    profit : Interval
        Money measured.
    mistakes : Interval or None
        With a cost matrix: cost of both mistakes a record.
    """

    cuts: pd.DataFrame
    records: int
    depth: float
    threshold: float
    hits: float
    expected: float
    everybody: float
    profit: Interval
    mistakes: Interval | None = None


def expected_money(probability: np.ndarray, records: Records) -> np.ndarray:
    """Give what acting upon each record should earn."""
    return np.asarray(probability * records.revenue - records.cost)


def chosen(expected: np.ndarray, money: Money) -> np.ndarray:
    """Choose the records to act upon: those that pay, the best first, within the limits.

    Returns
    -------
    numpy.ndarray of bool
        Of equal records at the limit the earlier ones.
    """
    limit = len(expected)
    if money.depth is not None:
        limit = min(limit, round(money.depth * len(expected)))
    if money.capacity is not None:
        limit = min(limit, money.capacity)
    order = np.argsort(-expected, kind="stable")
    best = np.zeros(len(expected), dtype=bool)
    best[order[:limit]] = True
    return best if money.whole else best & (expected > 0)


def held_out_worth(
    probability: np.ndarray, held: Records, money: Money, *, level: float, bootstrap: int, seed: int
) -> Worth:
    """Measure the rule on records that had no part in it.

    Parameters
    ----------
    probability : numpy.ndarray of float64
        Calibrated on other records.
    held : Records
        With outcomes.
    money : section of the configuration
        A capacity counts as the share that it is of these records.
    level, bootstrap, seed
        Of the interval.
    """
    expected = expected_money(probability, held)
    acted = chosen(expected, money)
    threshold = float(expected[acted].min()) if acted.any() else np.inf
    interval = profit_interval(
        np.where(acted, 1.0, 0.0),
        held.outcome,
        1.0,
        cost=held.cost,
        revenue=held.revenue,
        level=level,
        n=bootstrap,
        seed=seed,
    )
    cuts = cut_table(expected, held.outcome, cost=held.cost, revenue=held.revenue)
    return Worth(
        cuts=cuts,
        records=int(acted.sum()),
        depth=float(acted.mean()),
        threshold=threshold,
        hits=float(held.outcome[acted].sum()),
        expected=float(expected[acted].sum()),
        everybody=float(cuts["profit"].iloc[-1]),
        profit=interval,
        mistakes=_mistakes(acted, held, money, level, bootstrap, seed),
    )


def _mistakes(
    acted: np.ndarray, held: Records, money: Money, level: float, bootstrap: int, seed: int
) -> Interval | None:
    if money.matrix is None:
        return None
    from experiments.evaluation.bootstrap import mean_interval

    missed = (held.outcome == 1) & ~acted
    alarm = (held.outcome == 0) & acted
    each = missed * money.matrix.missed + alarm * money.matrix.false_alarm
    return mean_interval(each.astype(np.float64), level, bootstrap, seed)
