"""The winner against the champion, on records from which neither learned."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.bundle.plain import to_plain
from experiments.evaluation.bootstrap import mean_interval, paired_difference
from experiments.evaluation.classification import auc, auc_difference
from models.tabular import TableClassifier
from models.tabular.encoding import is_number
from pipelines.cache import Cache
from pipelines.config.predict import Predict
from pipelines.predicting.bundled import PredictBundle, read_predictor
from pipelines.predicting.competing import Competed, classifier
from pipelines.predicting.records import Sample
from pipelines.questions.gate import Figure, Rivals, Verdict, other, verdict

__all__ = ["HeldOut", "PredictorJudge"]

MEASURES = {"auc": "an AUC", "log_loss": "a log likelihood"}


@dataclass(frozen=True)
class HeldOut:
    """Outcomes of the records held out, and how log odds are held against them.

    Attributes
    ----------
    outcome : numpy.ndarray of {0, 1}
    metric : {'auc', 'log_loss'}
    level : float
        Of the intervals.
    bootstrap, seed : int
        Resamples behind intervals of the log likelihood.
    """

    outcome: np.ndarray
    metric: str
    level: float
    bootstrap: int
    seed: int

    @classmethod
    def of(cls, config: Predict, sample: Sample) -> "HeldOut":
        """Take what the configuration compares by."""
        splits = config.evaluation
        return cls(
            sample.held.outcome, config.tuning.metric, splits.level, splits.bootstrap, config.seed
        )

    def figure(self, log_odds: np.ndarray) -> Figure:
        """Measure one classifier; more is better."""
        if self.metric == "auc":
            part = auc(log_odds, self.outcome, level=self.level)
        else:
            part = mean_interval(self._likelihood(log_odds), self.level, self.bootstrap, self.seed)
        return Figure(MEASURES[self.metric], part.mean, part.se)

    def rivals(self, new: np.ndarray, old: np.ndarray) -> Rivals:
        """Measure two classifiers record by record."""
        if self.metric == "auc":
            gap = auc_difference(new, old, self.outcome, level=self.level)
        else:
            pair = self._likelihood(new), self._likelihood(old)
            gap = paired_difference(*pair, self.level, self.bootstrap, self.seed)
        return Rivals(self.figure(new).mean, self.figure(old).mean, gap)

    def _likelihood(self, log_odds: np.ndarray) -> np.ndarray:
        return np.asarray(-np.logaddexp(0.0, np.where(self.outcome == 1, -log_odds, log_odds)))


class PredictorJudge:
    """Holds the winner against a champion; call it with the champion's bundle and version.

    Parameters
    ----------
    config : Predict
        What was asked.
    sample : Sample
        The records.
    competed : sequence of Competed
        All candidates: the champion's recipe may be among them.
    winner : Competed
        One of them.
    cache : Cache
        Keeps the champion's recipe, fitted again.
    depends : mapping
        What the records are a function of.
    """

    def __init__(
        self,
        config: Predict,
        sample: Sample,
        competed: Sequence[Competed],
        winner: Competed,
        cache: Cache,
        depends: Mapping[str, Any],
    ) -> None:
        self.config, self.sample = config, sample
        self.competed, self.winner = competed, winner
        self.cache, self.depends = cache, depends
        self.held = HeldOut.of(config, sample)

    def __call__(self, folder: Path, version: str) -> Verdict:
        """Say whether the winner may take the champion's place."""
        champion = read_predictor(folder)
        asked = _asked(champion.meta)
        if asked != self.asked:
            return other(version, f"about {asked}")
        told = champion.meta.get("held_out")
        return verdict(
            version,
            self.held.figure(self.winner.held),
            again=self._again(champion.model, version),
            standing=self._standing(champion),
            own=None if told is None else Figure(**told),
            level=self.held.level,
        )

    @property
    def asked(self) -> str:
        """What the outcome is, in words."""
        shown = self.config.model_dump(mode="json", include={"data", "purchases"})
        return _asked(shown)

    def _again(self, model: TableClassifier, version: str) -> Rivals | None:
        """Fit the champion's recipe on this run's training records; None where it is the winner."""
        if _is_recipe(self.winner, model, self.config.seed):
            return None
        for one in self.competed:
            if _is_recipe(one, model, self.config.seed):
                return self.held.rivals(self.winner.held, one.held)
        return self.held.rivals(self.winner.held, self._fitted(model, version))

    def _fitted(self, model: TableClassifier, version: str) -> np.ndarray:
        kind, params = type(model), model.get_params(deep=False)
        train, held = self.sample.train, self.sample.held

        def make(folder: Path) -> None:
            made = kind(**params).fit(train.table, train.outcome, train.weight)
            found = pd.DataFrame({"log_odds": made.decision_function(held.table)})
            found.to_parquet(folder / "held.parquet")

        depends = {**self.depends, "champion": kind.__name__, "params": params}
        step = self.cache.step("mine", f"champion-{version}", depends, make)
        return pd.read_parquet(step.folder / "held.parquet")["log_odds"].to_numpy()

    def _standing(self, champion: PredictBundle) -> Rivals | None:
        table, columns = self.sample.held.table, champion.meta["columns"]
        types = {name: "number" if is_number(table[name]) else "text" for name in table}
        if any(types.get(name) != kind for name, kind in columns.items()):
            return None
        old = champion.model.decision_function(table[list(columns)])
        return self.held.rivals(self.winner.held, old)


def _is_recipe(one: Competed, model: TableClassifier, seed: int) -> bool:
    stated = classifier(one.learner.kind, one.params, seed).get_params(deep=False)
    known = model.get_params(deep=False)
    return one.kind is type(model) and _written(stated) == _written(known)


def _written(params: Mapping[str, Any]) -> str:
    """Write parameters as a bundle does, less the seed, which is no part of the recipe."""
    told = {name: value for name, value in params.items() if name != "random_state"}
    return json.dumps(to_plain(told), sort_keys=True)


def _asked(meta: Mapping[str, Any]) -> str:
    data, purchases = meta["data"], meta["purchases"]
    if data is not None:
        return f"{data['target']!r} = {data['positive']!r}"
    window = purchases["window"]
    return f"who {purchases['outcome']} within {window['outcome']} days after {window['gap']}"
