"""Measure the mined candidates on the last window, side by side, and choose the winner."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from experiments.evaluation.gains import gains_table
from experiments.evaluation.leaderboard import (
    CandidateResult,
    Choice,
    choose_winner,
    leaderboard,
)
from experiments.evaluation.money import (
    Profit,
    profit_at_depth,
    profit_by_customer,
    profit_curve,
)
from experiments.evaluation.ranking import coverage, ranking_metrics, summary
from models.recommend.history import History
from pipelines.crosssell.mine import LIST, SCOPES, Measured, Settings
from pipelines.crosssell.snapshots import Snapshot
from pipelines.lists.policy import listed

__all__ = ["Evaluation", "Intervals", "chosen_profit", "evaluate", "profit_of"]


@dataclass(frozen=True)
class Intervals:
    """How the intervals are made.

    Attributes
    ----------
    level : float
        Their coverage.
    resamples : int
        Bootstrap samples.
    """

    level: float = 0.95
    resamples: int = 2000


@dataclass(frozen=True)
class Evaluation:
    """What the last window says.

    Attributes
    ----------
    results : dict of str to CandidateResult
        By candidate.
    leaderboard : pandas.DataFrame
        All of them, the most profitable first.
    choice : Choice
        The winner and why.
    curves, gains : dict of str to pandas.DataFrame
        Profit by customers contacted, and gains by depth.
    per_customer : dict of str to pandas.DataFrame
        Ranking measures of every customer, by scope and candidate (``new/rules``).
    """

    results: dict[str, CandidateResult]
    leaderboard: pd.DataFrame
    choice: Choice
    curves: dict[str, pd.DataFrame]
    gains: dict[str, pd.DataFrame]
    per_customer: dict[str, pd.DataFrame]


def evaluate(
    mined: Sequence[Measured],
    snapshot: Snapshot,
    settings: Settings,
    intervals: Intervals,
    currency: str,
) -> Evaluation:
    """Measure all candidates on the outcomes of `snapshot`.

    Parameters
    ----------
    mined : sequence of Measured
        The candidates with their offers at the test date.
    snapshot : Snapshot
        The test window.
    settings : Settings
        What all candidates have in common.
    intervals : Intervals
        Level and number of resamples.
    currency : str
        Said in the reason.
    """
    history = snapshot.history(snapshot.vocabulary(settings.min_customers))
    truth = snapshot.truth(history)
    per_customer = {
        f"{scope}/{each.candidate.name}": ranking_metrics(
            each.offers[scope], getattr(truth, scope), settings.ks
        )
        for each in mined
        for scope in SCOPES
    }
    results = {
        each.candidate.name: _result(each, per_customer, history, settings, intervals)
        for each in mined
    }
    choice = choose_winner(
        {each.candidate.name: profit_of(each.offers, history, settings) for each in mined},
        {name: result.complexity for name, result in results.items()},
        settings.seed,
        level=intervals.level,
        n=intervals.resamples,
        currency=currency,
    )
    return Evaluation(
        results=results,
        leaderboard=leaderboard(list(results.values()), choice.winner),
        choice=choice,
        curves={
            m.candidate.name: profit_curve(_all_paying(m, history, settings), settings.economics)
            for m in mined
        },
        gains={m.candidate.name: _gains(m, history, settings) for m in mined},
        per_customer=per_customer,
    )


def profit_of(offers: dict[str, pd.DataFrame], history: History, settings: Settings) -> pd.Series:
    """Give the realised profit of every known customer, 0 for those not contacted."""
    rows = _list(offers[LIST], history, settings)
    return profit_by_customer(
        rows,
        settings.economics,
        customers=_everybody(history),
        depth=rows["customer"].nunique(),
    )


def chosen_profit(
    offers: pd.DataFrame, history: History, settings: Settings, intervals: Intervals
) -> Profit:
    """Give what the list made of `offers` should earn and what it earned.

    Parameters
    ----------
    offers : pandas.DataFrame
        Priced, with ``bought``.
    history : History
        What their codes mean.
    settings, intervals
        As in `evaluate`.
    """
    rows = _list(offers, history, settings)
    return profit_at_depth(
        rows,
        settings.economics,
        customers=_everybody(history),
        depth=rows["customer"].nunique(),
        level=intervals.level,
        n=intervals.resamples,
        seed=settings.seed,
    )


def _result(
    each: Measured,
    per_customer: dict[str, pd.DataFrame],
    history: History,
    settings: Settings,
    intervals: Intervals,
) -> CandidateResult:
    name, level, n = each.candidate.name, intervals.level, intervals.resamples
    return CandidateResult(
        name=name,
        family=each.family,
        complexity=each.complexity,
        profit=chosen_profit(each.offers[LIST], history, settings, intervals),
        metrics={
            scope: summary(per_customer[f"{scope}/{name}"], settings.seed, level=level, n=n)
            for scope in SCOPES
        },
        coverage=coverage(
            each.offers[settings.scope], len(history.items), settings.policy.rows, level=level
        ),
        seconds=each.seconds,
    )


def _list(offers: pd.DataFrame, history: History, settings: Settings) -> pd.DataFrame:
    """Choose rows as a list would: by money, within all limits."""
    return listed(offers, settings.policy, history.customers, history.items)


def _all_paying(each: Measured, history: History, settings: Settings) -> pd.DataFrame:
    """Choose rows as a list would that had no end, to see where its end should be."""
    endless = replace(settings.policy, max_contacts=None, min_expected_profit=-math.inf)
    return listed(each.offers[LIST], endless, history.customers, history.items)


def _everybody(history: History) -> pd.Index:
    return pd.RangeIndex(len(history.customers))


def _gains(each: Measured, history: History, settings: Settings) -> pd.DataFrame:
    """Rank all customers by the chance of at least one hit, and count those who had one."""
    rows = _all_paying(each, history, settings)
    miss = (1 - rows["probability"]).groupby(rows["customer"]).prod()
    hit = rows.groupby("customer")["bought"].max()
    everybody = _everybody(history)
    return gains_table(
        (1 - miss).reindex(everybody, fill_value=0.0), hit.reindex(everybody, fill_value=0.0)
    )
