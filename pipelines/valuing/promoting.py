"""The new model of buying against the champion, on days that neither was fitted on."""

from pathlib import Path

import numpy as np

from experiments.evaluation.bootstrap import Interval, mean_interval, paired_difference
from models.value import PURCHASE_MODELS, PurchaseModel
from pipelines.config.value import ValueQuestion
from pipelines.questions.gate import Figure, Rivals, Verdict, verdict
from pipelines.valuing.bundled import read_value_bundle
from pipelines.valuing.compete import Contest
from pipelines.valuing.histories import Calibrated

__all__ = ["ValueJudge"]

MEASURE = "a log likelihood"


class ValueJudge:
    """Holds the winner against a champion; call it with the champion's bundle and version.

    Parameters
    ----------
    config : ValueQuestion
        What was asked.
    seen : Calibrated
        What the models are fitted on and held against.
    contest : Contest
        What became of them.
    """

    def __init__(self, config: ValueQuestion, seen: Calibrated, contest: Contest) -> None:
        self.config, self.seen, self.contest = config, seen, contest

    @property
    def figure(self) -> Figure:
        """What the winner reached on the days held out."""
        asked = self.config.evaluation
        part = mean_interval(self._new, asked.level, asked.bootstrap, self.config.seed)
        return Figure(MEASURE, part.mean, part.se)

    @property
    def terms(self) -> dict[str, int]:
        """On what a figure depends: two of other terms are not compared."""
        return {"unit": self.config.window.unit, "outcome": self.config.window.outcome}

    def __call__(self, folder: Path, version: str) -> Verdict:
        """Say whether the winner may take the champion's place."""
        champion = read_value_bundle(folder)
        meta, name = champion.meta, champion.meta["model"]
        alike = {term: meta.get(term) for term in self.terms} == self.terms
        told = meta.get("held_out")
        again = None if name == self.contest.winner else PURCHASE_MODELS[name]()
        return verdict(
            version,
            self.figure,
            again=None if again is None else self._rivals(again.fit(self.seen.histories)),
            standing=self._rivals(champion.buying) if alike else None,
            own=Figure(**told) if alike and told is not None else None,
            level=self.config.evaluation.level,
        )

    @property
    def _new(self) -> np.ndarray:
        return self.contest.best.log_likelihood

    def _rivals(self, model: PurchaseModel) -> Rivals:
        new, old = self._new, _likelihood(model, self.seen)
        if not np.isfinite(old).all():  # what happened was impossible by the other model
            return Rivals(float(new.mean()), -np.inf, Interval(np.inf, np.inf, np.inf))
        asked = self.config.evaluation
        gap = paired_difference(new, old, asked.level, asked.bootstrap, self.config.seed)
        return Rivals(float(new.mean()), float(old.mean()), gap)


def _likelihood(model: PurchaseModel, seen: Calibrated) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.asarray(model.log_likelihood(seen.later) - model.log_likelihood(seen.histories))
