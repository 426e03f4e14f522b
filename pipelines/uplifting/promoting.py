"""The new ranking against the champion, on customers that neither learned from."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.uplift import compare_rankings
from models.tabular.encoding import is_number
from pipelines.config.uplift import UpliftLearner, UpliftQuestion
from pipelines.questions.gate import Figure, Rivals, Verdict, other, verdict
from pipelines.uplifting.bundled import UpliftBundle, read_uplift_bundle
from pipelines.uplifting.compete import Contest
from pipelines.uplifting.trial import Customers

__all__ = ["UpliftJudge", "held_out"]

MEASURE = "a Qini"


def held_out(contest: Contest, level: float) -> Figure:
    """Give what the winner reached on customers that it had not seen."""
    row = contest.board[contest.board["winner"]].iloc[0]
    width = float(row["qini_high"] - row["qini_low"])
    error = width / (2 * float(stats.norm.ppf((1 + level) / 2)))
    return Figure(MEASURE, float(row["qini"]), error)


class UpliftJudge:
    """Holds the winner against a champion; call it with the champion's bundle and version.

    Parameters
    ----------
    config : UpliftQuestion
        What was asked.
    customers : Customers
        Of the experiment.
    contest : Contest
        What became of the rankings.
    scored : callable
        Scores customers by models of a learner that had not seen them.
    """

    def __init__(
        self,
        config: UpliftQuestion,
        customers: Customers,
        contest: Contest,
        scored: Callable[[UpliftLearner], np.ndarray],
    ) -> None:
        self.config, self.customers = config, customers
        self.contest, self.scored = contest, scored

    def __call__(self, folder: Path, version: str) -> Verdict:
        """Say whether the winner may take the champion's place."""
        champion = read_uplift_bundle(folder)
        asked = _asked(champion.meta["data"])
        if asked != _asked(self.config.data.model_dump(mode="json")):
            return other(version, f"about {asked}")
        told, level = champion.meta.get("held_out"), self.config.evaluation.level
        return verdict(
            version,
            held_out(self.contest, level),
            again=self._again(champion.meta),
            standing=self._standing(champion),
            own=None if told is None else Figure(**told),
            level=level,
        )

    def _again(self, meta: Mapping[str, Any]) -> Rivals | None:
        """Score by the champion's recipe, fitted again; None where it is the winner."""
        params = {name: value for name, value in meta["params"].items() if name != "random_state"}
        winner = self.contest.winner
        if (meta["model"], params) == (winner.kind, dict(winner.params)):
            return None
        learner = UpliftLearner(kind=meta["model"], name="champion", params=params)
        return self._rivals(self.scored(learner))

    def _standing(self, champion: UpliftBundle) -> Rivals | None:
        table, columns = self.customers.table, champion.meta["columns"]
        types = {name: "number" if is_number(table[name]) else "text" for name in table}
        if any(types.get(name) != kind for name, kind in columns.items()):
            return None
        return self._rivals(champion.ranking.predict(table[list(columns)]))

    def _rivals(self, old: np.ndarray) -> Rivals:
        asked, customers = self.config.evaluation, self.customers
        board = compare_rankings(
            {"new": self.contest.scores[self.contest.winner.name], "old": old},
            customers.outcome,
            customers.treated,
            customers.propensity,
            against="old",
            level=asked.level,
            n=asked.bootstrap,
            seed=self.config.seed,
        )
        found = {row["ranking"]: row for row in board.to_dict("records")}
        names = ("difference", "difference_low", "difference_high")
        mean, low, high = (float(found["new"][name]) for name in names)
        gap = Interval(mean, low, high, level=asked.level)
        return Rivals(float(found["new"]["qini"]), float(found["old"]["qini"]), gap)


def _asked(data: Mapping[str, Any]) -> str:
    return (
        f"{data['treatment']!r} = {data['treated']!r} against {data['control']!r} and"
        f" {data['outcome']!r}"
    )
