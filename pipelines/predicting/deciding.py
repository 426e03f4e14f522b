"""Which classifier wins: the simplest that is not measurably worse than the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.resampled import Comparison, corrected_t_test
from pipelines.predicting.competing import Competed

__all__ = ["Decision", "decide", "neural_verdict"]

NAMES = {"auc": "area under the ROC curve", "log_loss": "log loss"}


@dataclass(frozen=True)
class Decision:
    """The choice and what it rests on.

    Attributes
    ----------
    winner : Competed
        The simplest that is not measurably worse than the best.
    best : str
        The classifier with the best mean.
    behind : dict of str to Comparison
        The best one's figure less each one's, over the same folds; more is worse.
    reason : str
        In words.
    """

    winner: Competed
    best: str
    behind: dict[str, Comparison]
    reason: str


def decide(
    competed: Sequence[Competed],
    *,
    metric: str,
    test_share: float,
    level: float,
    choose: str = "simplest",
) -> Decision:
    """Choose by the corrected resampled t-test on the outer folds.

    Parameters
    ----------
    competed : sequence of Competed
        At least one.
    metric : {'auc', 'log_loss'}
        What is compared.
    test_share : float
        Share of the training records in each outer fold.
    level : float
        Of the intervals.
    choose : {'simplest', 'best'}
        The simplest that is not measurably worse than the best, or the best itself.
    """
    good = {one.name: one.auc if metric == "auc" else -one.log_loss for one in competed}
    best = max(competed, key=lambda one: (good[one.name].mean(), -one.kind.complexity))
    behind = {
        one.name: corrected_t_test(good[best.name] - good[one.name], test_share, level=level)
        for one in competed
    }
    level_with = [one for one in competed if not behind[one.name].low > 0]
    if choose == "best":
        level_with = [best]
    winner = min(
        level_with, key=lambda one: (one.kind.complexity, -good[one.name].mean(), one.name)
    )
    return Decision(winner, best.name, behind, _reason(winner, best, behind, metric, choose))


def _reason(
    winner: Competed,
    best: Competed,
    behind: Mapping[str, Comparison],
    metric: str,
    choose: str,
) -> str:
    if len(behind) == 1:
        return f"{winner.name} is the only classifier."
    if winner.name == best.name and choose == "best":
        return f"{winner.name} has the best {NAMES[metric]}."
    if winner.name == best.name:
        return f"{winner.name} has the best {NAMES[metric]}, and no simpler one comes close enough."
    part = behind[winner.name]
    return (
        f"{winner.name} is the simplest that is not measurably worse than {best.name}, the best by"
        f" {NAMES[metric]}: it is {part.difference:.4f} behind, interval {part.low:.4f} to"
        f" {part.high:.4f} (corrected resampled t-test, p {part.p:.2f})."
    )


def neural_verdict(
    competed: Sequence[Competed], *, test_share: float, level: float
) -> tuple[str, Comparison | None]:
    """Say whether the neural network is worth its time, compared with the best of the others.

    Returns
    -------
    words : str
        Empty when no network took part, or nothing else.
    comparison : Comparison or None
        Its AUC less that of the best other one.
    """
    nets = [one for one in competed if one.kind.family == "neural"]
    others = [one for one in competed if one.kind.family != "neural"]
    if not nets or not others:
        return "", None
    net = max(nets, key=lambda one: one.auc.mean())
    other = max(others, key=lambda one: one.auc.mean())
    found = corrected_t_test(net.auc - other.auc, test_share, level=level)
    times = net.seconds / max(other.seconds, 1e-9)
    cost = f"{net.seconds:,.0f} s against {other.seconds:,.0f} s ({times:,.1f} times)"
    if found.low > 0:
        worth = "is worth its time: it is measurably better than"
    elif found.high < 0:
        worth = "is not worth its time: it is measurably worse than"
    else:
        worth = "is not worth its time: it cannot be told from"
    return (
        f"The neural network {worth} {other.name}; AUC {found.difference:+.4f}, interval"
        f" {found.low:+.4f} to {found.high:+.4f}, in {cost}.",
        found,
    )


def mean_auc(one: Competed, test_share: float, level: float) -> Interval:
    """Give the mean AUC over the outer folds with the corrected interval."""
    found = corrected_t_test(one.auc, test_share, level=level)
    return Interval(found.difference, found.low, found.high, n=found.splits, level=level)


def board(
    competed: Sequence[Competed],
    decision: Decision,
    held: Mapping[str, Mapping[str, float]],
    *,
    test_share: float,
    level: float,
) -> pd.DataFrame:
    """Put the classifiers side by side, best first.

    Returns
    -------
    pandas.DataFrame
        ``candidate``, ``family``, ``complexity``, ``winner``, ``auc`` with ``_low`` and ``_high``
        over the outer folds, ``log_loss``, ``behind`` (the best one's figure less its own) with
        ends and ``p``, what `held` says of each, ``seconds``.
    """
    rows = []
    for one in competed:
        area, behind = mean_auc(one, test_share, level), decision.behind[one.name]
        rows.append(
            {
                "candidate": one.name,
                "family": one.kind.family,
                "complexity": one.kind.complexity,
                "winner": one.name == decision.winner.name,
                "auc": area.mean,
                "auc_low": area.low,
                "auc_high": area.high,
                "log_loss": float(np.mean(one.log_loss)),
                "behind": behind.difference,
                "behind_low": behind.low,
                "behind_high": behind.high,
                "p": behind.p,
                **held[one.name],
                "seconds": one.seconds,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.sort_values(["auc", "complexity"], ascending=[False, True]).reset_index(drop=True)
