"""The rankings compared on customers that none of their models had seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evaluation.uplift import (
    Policy,
    compare_rankings,
    policy_value,
    uplift_table,
)
from models.uplift import UPLIFT_MODELS, UpliftModel
from pipelines.config.uplift import BASELINE, UpliftEconomics, UpliftLearner, UpliftSplits
from pipelines.uplifting.trial import Customers

__all__ = [
    "Contest",
    "compete",
    "cross_fitted",
    "decide",
    "least_score",
    "made",
    "paying_depth",
    "rule",
]

DEPTHS = np.arange(0, 11) / 10
EQUAL = 1e-12  # depths that differ by less are one


@dataclass(frozen=True)
class Contest:
    """What became of it.

    Attributes
    ----------
    scores : dict of str to numpy.ndarray
        Of customers by models that had not seen them, by name.
    board : pandas.DataFrame
        One row a ranking, best Qini first.
    winner : UpliftLearner
    reason, verdict : str
        Why it was taken, and whether uplift models beat the ranking by response.
    beaten : bool
        Whether some uplift model measurably beats the ranking by response.
    """

    scores: dict[str, np.ndarray]
    board: pd.DataFrame
    winner: UpliftLearner
    reason: str
    verdict: str
    beaten: bool


def made(learner: UpliftLearner, seed: int) -> UpliftModel:
    """Set up a model."""
    return UPLIFT_MODELS[learner.kind](**{**learner.params, "random_state": seed})


def cross_fitted(
    learner: UpliftLearner, customers: Customers, splits: UpliftSplits, seed: int
) -> np.ndarray:
    """Score every customer by models of the other parts, averaged over the repeats."""
    from sklearn.model_selection import StratifiedKFold

    arms = customers.treated.astype(int)
    finer = 2 * arms + (customers.outcome > 0)
    strata = finer if np.unique(finer, return_counts=True)[1].min() >= splits.folds else arms
    scores = np.zeros(len(customers.ids))
    for repeat in range(splits.repeats):
        parts = StratifiedKFold(splits.folds, shuffle=True, random_state=seed + repeat)
        for learn, held in parts.split(scores, strata):
            model = made(learner, seed + repeat).fit(
                customers.table.iloc[learn],
                customers.outcome[learn],
                customers.treated[learn],
                customers.propensity[learn],
            )
            scores[held] += model.predict(customers.table.iloc[held]) / splits.repeats
    return scores


def compete(
    learners: Sequence[UpliftLearner],
    scores: dict[str, np.ndarray],
    customers: Customers,
    splits: UpliftSplits,
    seed: int,
) -> Contest:
    """Measure the rankings and take the simplest that is not measurably worse than the best."""
    response = next(one.name for one in learners if one.kind == BASELINE)
    experiment = customers.outcome, customers.treated, customers.propensity
    told: dict[str, Any] = {"level": splits.level, "n": splits.bootstrap, "seed": seed}
    board = compare_rankings(scores, *experiment, against=response, **told)
    board = board.rename(columns={"ranking": "candidate"})
    best = str(board["candidate"].iloc[int(board["qini"].argmax())])
    below = compare_rankings(scores, *experiment, against=best, **told)
    return decide(learners, scores, board, below, response, best)


def decide(
    learners: Sequence[UpliftLearner],
    scores: dict[str, np.ndarray],
    board: pd.DataFrame,
    below: pd.DataFrame,
    response: str,
    best: str,
) -> Contest:
    """Choose, and say whether uplift models are worth their trouble here."""
    level = below.set_index("ranking")["difference_high"].to_dict()
    as_good = [one for one in learners if one.name == best or level[one.name] >= 0]
    winner = min(as_good, key=lambda one: (UPLIFT_MODELS[one.kind].complexity, one.name != best))
    board = board.assign(winner=board["candidate"] == winner.name)
    order = board.sort_values(["qini", "candidate"], ascending=[False, True])
    others = board[board["candidate"] != response]
    beaten = bool((others["difference_low"] > 0).any())
    return Contest(
        scores=scores,
        board=order.reset_index(drop=True),
        winner=winner,
        reason=_reason(winner.name, best),
        verdict=_verdict(board, others, response, beaten),
        beaten=beaten,
    )


def _reason(winner: str, best: str) -> str:
    if winner == best:
        return f"{winner} has the largest Qini."
    return f"{winner} is simpler than {best} and not measurably worse."


def _verdict(board: pd.DataFrame, others: pd.DataFrame, response: str, beaten: bool) -> str:
    own = float(board.loc[board["candidate"] == response, "qini"].iloc[0])
    if others.empty:
        return "Only the ranking by response was asked for."
    if beaten:
        names = ", ".join(others.loc[others["difference_low"] > 0, "candidate"].astype(str))
        return f"Measurably better than ranking by response: {names}."
    if own >= others["qini"].max():
        worse = int((others["difference_high"] < 0).sum())
        return (
            "Ranking by response beats every uplift model here"
            f" ({worse} of {len(others)} measurably): whoever responds more also changes more."
        )
    return "No uplift model measurably beats ranking by response here."


def paying_depth(table: pd.DataFrame, money: UpliftEconomics) -> tuple[float, float]:
    """Give the depth of the list at which profit is highest, and the least score there.

    Customers with equal scores are treated together or not at all. So only the places to stop next
    to each tenth of the list compete, with the profit measured there; and the last group taken
    always pays.

    Parameters
    ----------
    table : pandas.DataFrame
        What `uplift_table` gave.
    money : UpliftEconomics

    Returns
    -------
    tuple of float
        Depth, and threshold; infinity when nobody pays.

    Examples
    --------
    >>> table = uplift_table([3, 3, 2, 2, 2, 2], [1, 0, 0, 0, 0, 0], [1, 0, 1, 0, 1, 0])
    >>> depth, least = paying_depth(table, UpliftEconomics(revenue=10.0, cost=1.0))
    >>> round(depth, 3), least
    (0.333, 3.0)
    """
    depth = table["depth"].to_numpy()
    profit = money.revenue * table["gain"].to_numpy() - money.cost * depth
    places = np.unique(_beside(depth, DEPTHS))
    place = int(places[np.argmax(profit[places])])
    least = EQUAL * float(np.abs(profit).max())  # what rounding makes of nothing is no profit
    while place and profit[place] - profit[place - 1] <= least:
        place -= 1
    return float(depth[place]), float(table["threshold"].iloc[place])


def least_score(
    own: pd.DataFrame, table: pd.DataFrame, money: UpliftEconomics, depth: float
) -> float:
    """Give the least score to treat for another ranking of the same customers.

    Parameters
    ----------
    own : pandas.DataFrame
        What `uplift_table` gave for that ranking: a model of everybody has a scale, and groups of
        equal scores, of its own.
    table : pandas.DataFrame
        That of scores by models that had not seen the customers.
    money : UpliftEconomics
    depth : float
        What `paying_depth` gave for `table`.

    Returns
    -------
    float
        Threshold. A group that reaches beyond `depth` is taken only where the profit measured in
        `table` is higher with all of it.
    """
    profit = (money.revenue * table["gain"] - money.cost * table["depth"]).to_numpy()
    places = np.concatenate(_beside(own["depth"].to_numpy(), np.array([depth])))
    reached = np.interp(own["depth"].to_numpy()[places], table["depth"].to_numpy(), profit)
    return float(own["threshold"].iloc[int(places[np.argmax(reached)])])


def _beside(depth: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the last place to stop up to each depth that is wanted, and the first from it on."""
    before = np.searchsorted(depth, wanted + EQUAL, side="right") - 1
    after = np.searchsorted(depth, wanted - EQUAL)
    return before, np.minimum(after, len(depth) - 1)


def rule(
    score: np.ndarray, customers: Customers, money: UpliftEconomics, level: float, seed: int
) -> Policy:
    """Say what the rule earns: either half is treated to the depth that paid in the other."""
    half = np.random.RandomState(seed).random_sample(len(score)) < 0.5
    treat = np.zeros(len(score), dtype=bool)
    for learn, held in ((half, ~half), (~half, half)):
        table = uplift_table(
            score[learn],
            customers.outcome[learn],
            customers.treated[learn],
            customers.propensity[learn],
        )
        _, threshold = paying_depth(table, money)
        treat[held] = score[held] >= threshold
    return policy_value(
        treat,
        customers.outcome,
        customers.treated,
        customers.propensity,
        revenue=money.revenue,
        cost=money.cost,
        level=level,
    )
