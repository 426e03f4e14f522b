"""One classifier of the competition: tuned on inner folds, judged on repeated outer ones."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.tuning import tune
from lodeworks.files import write_text
from models.tabular import TableClassifier
from models.tabular.registry import REGISTRY
from pipelines.cache import Cache
from pipelines.config.predict import Learner, Search, Splits
from pipelines.predicting.records import Records, Sample

__all__ = ["Competed", "classifier", "compete"]

KEPT = "found.json"


@dataclass(frozen=True)
class Competed:
    """What was measured of one classifier.

    Attributes
    ----------
    learner : Learner
        As configured.
    key : str
        Hash of everything that the result depends on.
    params : dict
        Kept, tuned and default parameters that were stated or found.
    auc, log_loss : numpy.ndarray of float64, (folds x repeats,)
        On each outer fold; the same folds for every classifier.
    out_of_fold : numpy.ndarray of float64, (records, repeats)
        Log odds of each training record by classifiers that had not seen it.
    held : numpy.ndarray of float64
        Log odds of the records held out, by one that learned from all training records.
    trials : pandas.DataFrame
        The search; empty without one.
    seconds : float
        Of all this.
    """

    learner: Learner
    key: str
    params: dict[str, Any]
    auc: np.ndarray
    log_loss: np.ndarray
    out_of_fold: np.ndarray
    held: np.ndarray
    trials: pd.DataFrame
    seconds: float

    @property
    def name(self) -> str:
        """What it is called."""
        return self.learner.name

    @property
    def kind(self) -> type[TableClassifier]:
        """Its class."""
        return REGISTRY[self.learner.kind]


def classifier(kind: str, params: Mapping[str, Any], seed: int) -> TableClassifier:
    """Make a classifier that has not learned yet."""
    made = REGISTRY[kind](**params)
    if "random_state" in made.get_params(deep=False):
        made.set_params(random_state=seed)
    return made


def compete(
    learner: Learner,
    sample: Sample,
    *,
    search: Search,
    splits: Splits,
    seed: int,
    depends: Mapping[str, Any],
    cache: Cache,
) -> Competed:
    """Tune, judge and fit one classifier; kept like every stage.

    Parameters
    ----------
    learner : Learner
        Which.
    sample : Sample
        Checked records.
    search, splits : sections of the configuration
        How.
    seed : int
        Of folds, search and classifier.
    depends : mapping
        What the records are a function of.
    cache : Cache
        Keeps the result.
    """
    depends = {
        **depends,
        "learner": learner.model_dump(mode="json"),
        "search": search.model_dump(mode="json"),
        "splits": splits.model_dump(mode="json"),
        "seed": seed,
    }

    def make(folder: Path) -> None:
        job = _Job(learner, sample, search, splits, seed)
        params, trials = job.tuned(cache.journal(f"tune-{learner.name}", depends))
        job.judge(params, trials, folder)

    step = cache.step("mine", learner.name, depends, make)
    return _read(learner, step.key, step.folder, step.seconds)


def _read(learner: Learner, key: str, folder: Path, seconds: float) -> Competed:
    found = json.loads((folder / KEPT).read_text())
    return Competed(
        learner=learner,
        key=key,
        params=found["params"],
        auc=np.array(found["auc"]),
        log_loss=np.array(found["log_loss"]),
        out_of_fold=pd.read_parquet(folder / "out_of_fold.parquet").to_numpy(),
        held=pd.read_parquet(folder / "held.parquet")["log_odds"].to_numpy(),
        trials=pd.read_parquet(folder / "trials.parquet"),
        seconds=seconds,
    )


class _Job:
    def __init__(
        self, learner: Learner, sample: Sample, search: Search, splits: Splits, seed: int
    ) -> None:
        self.learner, self.sample, self.search = learner, sample, search
        self.splits, self.seed = splits, seed

    def tuned(self, journal: Path) -> tuple[dict[str, Any], pd.DataFrame]:
        """Search the parameters on inner folds."""
        space, defaults = self.learner.space(), dict(self.learner.params)
        usual = REGISTRY[self.learner.kind]().get_params(deep=False)
        defaults = {**{name: usual[name] for name in space}, **defaults}
        if not space or not self.search.trials:
            return dict(self.learner.params), pd.DataFrame()
        found = tune(
            self._inner_score,
            space,
            trials=self.search.trials,
            seed=self.seed,
            journal=journal,
            defaults=defaults,
            timeout_s=self.search.timeout,
        )
        return found.params, found.trials

    def _inner_score(self, params: Mapping[str, Any]) -> float:
        train = self.sample.train
        scores = []
        for learn, check in _folds(train, self.search.folds, self.seed + 1):
            log_odds = self._fitted(train.take(learn), params).decision_function(
                train.table.iloc[check]
            )
            auc, loss = _figures(log_odds, train.take(check))
            scores.append(auc if self.search.metric == "auc" else -loss)
        return float(np.mean(scores))

    def judge(self, params: Mapping[str, Any], trials: pd.DataFrame, folder: Path) -> None:
        """Predict every training record in every repeat, and the hold-out; write it down."""
        train, splits = self.sample.train, self.splits
        out = np.zeros((len(train), splits.repeats))
        aucs, losses = [], []
        for repeat in range(splits.repeats):
            for learn, check in _folds(train, splits.folds, self.seed + 1000 * (repeat + 1)):
                model = self._fitted(train.take(learn), params)
                out[check, repeat] = model.decision_function(train.table.iloc[check])
                auc, loss = _figures(out[check, repeat], train.take(check))
                aucs.append(auc)
                losses.append(loss)
        held = self._fitted(train, params).decision_function(self.sample.held.table)
        names = [f"repeat {number}" for number in range(splits.repeats)]
        pd.DataFrame(out, columns=names).to_parquet(folder / "out_of_fold.parquet")
        pd.DataFrame({"log_odds": held}).to_parquet(folder / "held.parquet")
        _plain(trials).to_parquet(folder / "trials.parquet")
        found = {"params": dict(params), "auc": aucs, "log_loss": losses}
        write_text(folder / KEPT, json.dumps(found))

    def _fitted(self, records: Records, params: Mapping[str, Any]) -> TableClassifier:
        made = classifier(self.learner.kind, params, self.seed)
        return made.fit(records.table, records.outcome, records.weight)


def _plain(trials: pd.DataFrame) -> pd.DataFrame:
    """Write choices between words and numbers as words: Parquet has one type a column."""
    mixed = [str(name) for name in trials if trials[name].dtype == object]
    return trials.assign(**{name: trials[name].astype(str) for name in mixed})


def _folds(records: Records, folds: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Part the records with both outcomes in proportion; a customer's stay together."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    rows = np.zeros(len(records))
    codes, names = pd.factorize(records.ids)
    outcome = records.outcome.astype(int)
    if len(names) == len(records):
        yield from StratifiedKFold(folds, shuffle=True, random_state=seed).split(rows, outcome)
    else:
        grouped = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        yield from grouped.split(rows, outcome, codes)


def _figures(log_odds: np.ndarray, records: Records) -> tuple[float, float]:
    from sklearn.metrics import roc_auc_score

    auc = roc_auc_score(records.outcome, log_odds, sample_weight=records.weight)
    signed = np.where(records.outcome == 1, log_odds, -log_odds)
    return float(auc), float(np.average(np.logaddexp(0.0, -signed), weights=records.weight))
