"""The candidates side by side, and the choice of the winner."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from experiments.evaluation.bootstrap import Interval, paired_difference
from experiments.evaluation.money import Profit

__all__ = ["CandidateResult", "Choice", "choose_winner", "leaderboard"]


UNKNOWN = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class CandidateResult:
    """All that was measured about one candidate.

    Attributes
    ----------
    name, family : str
        What it is called and which family of methods it belongs to.
    complexity : int
        How hard it is to explain and keep; 1 is the simplest.
    profit : Profit
        Money at its best depth.
    metrics : mapping of str to pandas.DataFrame
        What `experiments.evaluation.ranking.summary` gave, by scope (``new``, ``all``).
    coverage : Interval
        Share of the items that are offered to somebody.
    seconds : float
        Wall time of tuning, fitting and scoring.
    """

    name: str
    family: str
    complexity: int
    profit: Profit
    metrics: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    coverage: Interval = UNKNOWN
    seconds: float = float("nan")


@dataclass(frozen=True)
class Choice:
    """Which candidate won, and why.

    Attributes
    ----------
    winner : str
        The simplest candidate that is not worse than the best.
    best : str
        The candidate of the highest profit.
    reason : str
        The choice in words.
    differences : pandas.DataFrame
        ``candidate``, ``complexity``, ``profit`` (total), ``behind`` (total profit of the best
        minus its own) with ``low`` and ``high``, ``not_worse``; highest profit first.
    """

    winner: str
    best: str
    reason: str
    differences: pd.DataFrame


def leaderboard(results: Sequence[CandidateResult], winner: str | None = None) -> pd.DataFrame:
    """Put the candidates in a table, the most profitable first.

    Parameters
    ----------
    results : sequence of CandidateResult
        In any order.
    winner : str, optional
        Name of the candidate to mark.

    Returns
    -------
    pandas.DataFrame
        ``candidate``, ``family``, ``complexity``, ``winner``, ``expected_profit`` (held-out, with
        ``_low`` and ``_high``), ``predicted_profit`` (by its own probabilities), ``customers`` and
        ``depth`` to contact; for each metric and scope ``recall@10_new`` and so on with ``_low``
        and ``_high``; ``coverage`` likewise, ``seconds``. Equal profits go to the simpler one,
        then by name.
    """
    rows = [_row(result) | {"winner": result.name == winner} for result in results]
    frame = pd.DataFrame(rows)
    if frame.empty:
        return frame
    front = ["candidate", "family", "complexity", "winner"]
    frame = frame[front + [name for name in frame if name not in front]]
    return frame.sort_values(
        ["expected_profit", "complexity", "candidate"], ascending=[False, True, True]
    ).reset_index(drop=True)


def _row(result: CandidateResult) -> dict[str, object]:
    profit = result.profit
    row: dict[str, object] = {
        "candidate": result.name,
        "family": result.family,
        "complexity": result.complexity,
        "expected_profit": profit.realised.mean,
        "expected_profit_low": profit.realised.low,
        "expected_profit_high": profit.realised.high,
        "predicted_profit": profit.expected.mean,
        "customers": profit.customers,
        "depth": profit.depth,
    }
    for scope, metrics in result.metrics.items():
        for metric in metrics.itertuples():
            name = f"{metric.metric}_{scope}"
            row |= {name: metric.mean, f"{name}_low": metric.low, f"{name}_high": metric.high}
    part = result.coverage
    row |= {"coverage": part.mean, "coverage_low": part.low, "coverage_high": part.high}
    return row | {"seconds": result.seconds}


def choose_winner(
    profit_by_customer: Mapping[str, pd.Series],
    complexity: Mapping[str, int],
    seed: int = 0,
    *,
    level: float = 0.95,
    n: int = 2000,
    currency: str = "",
) -> Choice:
    """Choose the simplest candidate whose profit is not below the best one's.

    A candidate is *not below* when the paired bootstrap interval of (best - candidate) reaches 0
    or less. Among those the lowest complexity wins, then the profit, then the name. This is the
    idea of the one-standard-error rule (Breiman et al. 1984, *Classification and Regression
    Trees*, 3.4.3) with a paired interval in the place of the standard error.

    Parameters
    ----------
    profit_by_customer : mapping of str to pandas.Series
        Realised profit of every customer, 0 for those not contacted; the same customers each.
    complexity : mapping of str to int
        For every candidate.
    seed, level, n
        As in `experiments.evaluation.bootstrap.mean_intervals`.
    currency : str
        Said after the amounts in the reason.

    Raises
    ------
    ValueError
        When there is no candidate, or one has no complexity.
    """
    _check_candidates(profit_by_customer, complexity)
    totals = {name: float(each.sum()) for name, each in profit_by_customer.items()}
    ranked = sorted(totals, key=lambda name: (-totals[name], complexity[name], name))
    best = profit_by_customer[ranked[0]]
    behind = {
        name: paired_difference(best, profit_by_customer[name], level, n, seed).times(len(best))
        for name in ranked
    }
    # Written so that an interval that is not known (NaN) does not exclude anybody.
    level_with_best = [name for name in ranked if not behind[name].low > 0]
    winner = min(level_with_best, key=lambda name: (complexity[name], -totals[name], name))
    return Choice(
        winner=winner,
        best=ranked[0],
        reason=_reason(winner, totals, behind, currency),
        differences=_differences(totals, behind, complexity, level_with_best),
    )


def _check_candidates(
    profit_by_customer: Mapping[str, pd.Series], complexity: Mapping[str, int]
) -> None:
    if not profit_by_customer:
        raise ValueError("there is no candidate to choose from.")
    without = sorted(set(profit_by_customer) - set(complexity))
    if without:
        raise ValueError(f"no complexity is given for {', '.join(without)}.")


def _differences(
    totals: Mapping[str, float],
    behind: Mapping[str, Interval],
    complexity: Mapping[str, int],
    level_with_best: Sequence[str],
) -> pd.DataFrame:
    rows = [
        {
            "candidate": name,
            "complexity": complexity[name],
            "profit": totals[name],
            "behind": part.mean,
            "low": part.low,
            "high": part.high,
            "not_worse": name in level_with_best,
        }
        for name, part in behind.items()
    ]
    return pd.DataFrame(rows)


def _reason(
    winner: str, totals: Mapping[str, float], behind: Mapping[str, Interval], currency: str
) -> str:
    def money(amount: float) -> str:
        return f"{amount:,.2f} {currency}".strip()

    best = next(iter(behind))
    words = [f"{winner} wins: it is the only candidate."]
    if winner != best:
        part = behind[winner]
        words = [
            f"{winner} wins: it is the simplest candidate that is not measurably worse than {best},"
            f" which has the highest profit on held-out data ({money(totals[best])}).",
            f"It is {money(part.mean)} behind; {_how_sure(part, money)}.",
        ]
    elif len(behind) > 1:
        words = [
            f"{winner} wins: it has the highest profit on held-out data ({money(totals[best])}),"
            f" and no simpler candidate comes close enough."
        ]
    if totals[best] <= 0:
        words.append("No candidate earns money on held-out data: contacting nobody is as good.")
    return " ".join(words)


def _how_sure(behind: Interval, money: Callable[[float], str]) -> str:
    if math.isnan(behind.low):
        return "there are too few customers to say how sure that is"
    ends = f"{money(behind.low)} to {money(behind.high)}"
    return f"the {behind.level:.0%} interval of that difference ({ends}) reaches zero"
