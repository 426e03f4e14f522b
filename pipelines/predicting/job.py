"""The job of a question about one outcome."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.drift import profile_of
from experiments.evaluation.classification import auc, brier, hits_at, log_loss
from features.warehouse import Warehouse
from lodeworks.errors import DataError
from lodeworks.progress import Progress
from models.neural.training import has_torch
from models.tabular import TableClassifier
from models.tabular.encoding import is_number
from models.tabular.scaling import Platt
from pipelines.config.predict import Money, Predict
from pipelines.predicting.bundled import PredictBundle, read_predictor, write_predictor
from pipelines.predicting.checks import usable_columns
from pipelines.predicting.competing import Competed, classifier, compete
from pipelines.predicting.deciding import Decision, board, decide, neural_verdict
from pipelines.predicting.drafts import leaf_drafts
from pipelines.predicting.listing import list_of
from pipelines.predicting.page import Findings, page
from pipelines.predicting.promoting import HeldOut, PredictorJudge
from pipelines.predicting.reasons import strongest_columns
from pipelines.predicting.records import Sample, stacked
from pipelines.predicting.scoring import name_of_id, sources_for_scoring
from pipelines.predicting.table import table_sample
from pipelines.predicting.tree import FILES, FOLDER, leaves_of, read_tree, write_tree
from pipelines.predicting.windows import purchase_sample
from pipelines.predicting.worth import Worth, held_out_worth
from pipelines.questions import Answer, QuestionJob

__all__ = ["Job"]


@dataclass(frozen=True)
class _Final:
    """The winner, made ready."""

    bundle: Path
    model: TableClassifier
    scaling: Platt


class Job(QuestionJob):
    """Reads the records, lets the classifiers compete, and says whom it pays to act upon."""

    def __init__(self, config: Predict, progress: Progress, fresh: bool) -> None:
        super().__init__(config, progress, fresh)
        self.config = config
        self.test_share = 1.0 / config.evaluation.folds

    @cached_property
    def _depends(self) -> dict[str, Any]:
        """What the records are a function of."""
        told = self.config.model_dump(
            mode="json", include={"data", "purchases", "holdout", "seed", "question"}
        )
        return {**told, "warehouse": self.digest, "torch": has_torch()}

    def answer(self, warehouse: Warehouse) -> Answer:
        """Answer the question."""
        sample = self._sample(warehouse)
        config = self.config
        competed = [
            compete(
                learner,
                sample,
                search=config.tuning,
                splits=config.evaluation,
                seed=config.seed,
                depends=self._depends,
                cache=self.cache,
            )
            for learner in config.candidates
        ]
        decision = decide(
            competed,
            metric=config.tuning.metric,
            test_share=self.test_share,
            level=config.evaluation.level,
            choose=config.evaluation.choose,
        )
        return self._answer(sample, competed, decision)

    def _sample(self, warehouse: Warehouse) -> Sample:
        self.progress.start("select: records")
        config = self.config
        read = table_sample if config.data is not None else purchase_sample
        allowed = () if config.data is None else config.data.allow_leaks
        sample = usable_columns(read(config, warehouse), allowed)
        if not len(sample.act):
            raise DataError("there is nobody to act upon")
        kinds = {candidate.kind for candidate in config.candidates}
        if "discriminant" in kinds and np.ptp(sample.train.weight) > 0:
            raise DataError("data.weight: discriminant analysis takes no weights; leave it out")
        notes = list(sample.notes)
        if "neural" in kinds and not has_torch():
            notes.append(
                "PyTorch is not installed: the neural network is scikit-learn's perceptron. For the"
                " better one: pip install 'lodeworks[neural]'"
            )
        self.progress.done("select: records", sample.about)
        return replace(sample, notes=notes)

    def _answer(self, sample: Sample, competed: list[Competed], decision: Decision) -> Answer:
        config, winner = self.config, decision.winner
        scaling = _scaling(winner, sample)
        held = {one.name: self._held_figures(one, sample) for one in competed}
        splits = config.evaluation
        leaders = board(competed, decision, held, test_share=self.test_share, level=splits.level)
        worth = self._worth(winner, sample, scaling)
        final = self._final(winner, sample, scaling)
        listed = self._list(final, winner, sample)
        files, leaves = self._tree(sample)
        verdict, _ = neural_verdict(competed, test_share=self.test_share, level=splits.level)
        findings = Findings(
            config=config,
            sample=sample,
            competed=competed,
            decision=decision,
            board=leaders,
            worth=worth,
            probability=scaling.probabilities(winner.held),
            columns=strongest_columns(final.model, sample.held.table.iloc[:2000]),
            listed=listed,
            verdict=verdict,
        )
        return Answer(
            sheet=page(findings),
            metrics=self._metrics(winner, sample, scaling, worth, listed),
            tables={"list": listed, "curves": worth.cuts, **leaves},
            files=files,
            bundle=final.bundle,
            judge=PredictorJudge(config, sample, competed, winner, self.cache, self._depends),
            candidates=leaders,
            records=leaf_drafts(sample, config),
            facts={
                "winner": winner.name,
                "reason": decision.reason,
                "neural": verdict,
                "params": {one.name: one.params for one in competed},
                "records": sample.about,
            },
            notes=[decision.reason, *([verdict] if verdict else []), *sample.notes],
        )

    def _held_figures(self, one: Competed, sample: Sample) -> dict[str, float]:
        """Measure a classifier on the hold-out; the choice is made by then."""
        config, held = self.config, sample.held
        area = auc(one.held, held.outcome, level=config.evaluation.level)
        worth = self._worth(one, sample, _scaling(one, sample))
        found = {
            "held_out_auc": area.mean,
            "held_out_auc_low": area.low,
            "held_out_auc_high": area.high,
            "held_out_profit": worth.profit.mean,
            "held_out_profit_low": worth.profit.low,
            "held_out_profit_high": worth.profit.high,
        }
        if config.economics.depth is not None:
            number = round(config.economics.depth * len(held))
            found["held_out_hits"] = hits_at(one.held, held.outcome, number)
        return found

    def _money(self, sample: Sample) -> Money:
        """Give what acting costs and brings; a capacity counts as the share that it is."""
        money = self.config.economics
        if money.capacity is None:
            return money
        depth = min(money.capacity / len(sample.act), money.depth or 1.0)
        return money.model_copy(update={"capacity": None, "depth": min(depth, 1.0)})

    def _tree(self, sample: Sample) -> tuple[dict[str, Path], dict[str, pd.DataFrame]]:
        """Learn a tree that a person can read, and say at which leaf each record ends."""
        money = self._money(sample)
        depends = {**self._depends, "money": money.model_dump(mode="json")}
        seed = self.config.seed

        def make(folder: Path) -> None:
            write_tree(folder, sample, money, seed)

        folder = self.cache.step("interpret", "tree", depends, make).folder
        kept = read_tree(folder)
        if kept is None:
            return {}, {}
        files = {f"{FOLDER}/{name}": folder / name for name in FILES}
        named = self.config.data is None or self.config.data.id is not None
        return files, {"leaves": leaves_of(kept, sample.act)} if named else {}

    def _worth(self, one: Competed, sample: Sample, scaling: Platt) -> Worth:
        config = self.config
        return held_out_worth(
            scaling.probabilities(one.held),
            sample.held,
            self._money(sample),
            level=config.evaluation.level,
            bootstrap=config.evaluation.bootstrap,
            seed=config.seed,
        )

    def _final(self, winner: Competed, sample: Sample, scaling: Platt) -> _Final:
        """Fit the winner on all labelled records and export it; kept like every other stage."""
        meta = self._meta(winner, sample)
        depends = {"winner": winner.key, "meta": meta}

        def make(folder: Path) -> None:
            everybody = stacked(sample.train, sample.held)
            model = classifier(winner.learner.kind, winner.params, self.config.seed)
            model.fit(everybody.table, everybody.outcome, everybody.weight)
            numbers = [name for name in everybody.table if is_number(everybody.table[name])]
            profile = {"features": profile_of(everybody.table[numbers].astype(np.float64))}
            write_predictor(folder / "bundle", PredictBundle(model, scaling, meta, profile))

        folder = self.cache.step("act", "bundle", depends, make).folder / "bundle"
        kept = read_predictor(folder)
        return _Final(folder, kept.model, kept.scaling)

    def _meta(self, winner: Competed, sample: Sample) -> dict[str, Any]:
        config, table = self.config, sample.train.table
        loyal = sample.train.loyalty
        return {
            "kind": "predict",
            "name": config.model_name,
            "question": config.question,
            "seed": config.seed,
            "winner": winner.name,
            "columns": {name: "number" if is_number(table[name]) else "text" for name in table},
            "data": None if config.data is None else config.data.model_dump(mode="json"),
            "purchases": (
                None if config.purchases is None else config.purchases.model_dump(mode="json")
            ),
            "economics": config.economics.model_dump(mode="json"),
            "loyal_from": None if loyal is None else float(np.median(loyal)),
            "sources": sources_for_scoring(config, list(table.columns)),
            "timezone": config.timezone,
            "currency": config.currency,
            "trained_on": sample.about,
            "held_out": HeldOut.of(config, sample).figure(winner.held).to_dict(),
        }

    def _list(self, final: _Final, winner: Competed, sample: Sample) -> pd.DataFrame:
        """List those in question by probabilities of classifiers that had not seen them."""
        unseen = np.concatenate([winner.out_of_fold.mean(axis=1), winner.held])
        place = sample.act_place
        log_odds = np.where(place >= 0, unseen[np.maximum(place, 0)], 0.0)
        new = np.flatnonzero(place < 0)
        log_odds[new] = final.model.decision_function(sample.act.table.iloc[new])
        loyal = sample.train.loyalty
        return list_of(
            sample.act,
            final.scaling.probabilities(log_odds),
            final.model,
            self.config.economics,
            name=name_of_id(self.config.data),
            loyal_from=None if loyal is None else float(np.median(loyal)),
        )

    def _metrics(
        self,
        winner: Competed,
        sample: Sample,
        scaling: Platt,
        worth: Worth,
        listed: pd.DataFrame,
    ) -> dict[str, float]:
        level, outcome = self.config.evaluation.level, sample.held.outcome
        probability = scaling.probabilities(winner.held)
        found = {
            "held_out_auc": auc(winner.held, outcome, level=level),
            "held_out_brier": brier(probability, outcome, level=level),
            "held_out_log_loss": log_loss(probability, outcome, level=level),
            "held_out_profit": worth.profit,
        }
        if worth.mistakes is not None:
            found["held_out_cost_of_mistakes"] = worth.mistakes
        numbers: dict[str, float] = {}
        for name, part in found.items():
            numbers |= {name: part.mean, f"{name}_low": part.low, f"{name}_high": part.high}
        acted = listed[listed["act"]]
        return numbers | {
            "held_out_depth": worth.depth,
            "held_out_hits": worth.hits,
            "listed": float(len(acted)),
            "listed_expected_profit": float(acted["expected_profit"].sum()),
        }


def _scaling(one: Competed, sample: Sample) -> Platt:
    """Calibrate on log odds of training records by classifiers that had not seen them."""
    train = sample.train
    return Platt.fit(one.out_of_fold[:, 0], train.outcome, train.weight)
