"""The job of the question whom a treatment changes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.evaluation.uplift import Policy, uplift_table
from features.warehouse import Warehouse
from lodeworks.progress import Progress
from models.tabular.encoding import is_number
from models.uplift import UpliftTree
from pipelines.config.uplift import UpliftLearner, UpliftQuestion
from pipelines.questions import Answer, QuestionJob
from pipelines.uplifting.bundled import (
    UpliftBundle,
    listed,
    read_uplift_bundle,
    write_uplift_bundle,
)
from pipelines.uplifting.compete import (
    Contest,
    compete,
    cross_fitted,
    least_score,
    made,
    paying_depth,
    rule,
)
from pipelines.uplifting.page import Found, page, persuadable
from pipelines.uplifting.promoting import UpliftJudge, held_out
from pipelines.uplifting.records import segment_drafts
from pipelines.uplifting.trial import Customers, read_trial

__all__ = ["Job"]


@dataclass(frozen=True)
class _Final:
    """The winner fitted on everybody; how deep to treat, and the least score of those compared."""

    bundle: UpliftBundle
    folder: Path
    depth: float
    least: float


class Job(QuestionJob):
    """Checks the experiment, lets rankings compete, and says who is persuadable."""

    def __init__(self, config: UpliftQuestion, progress: Progress, fresh: bool) -> None:
        super().__init__(config, progress, fresh)
        self.config = config

    def answer(self, warehouse: Warehouse) -> Answer:
        """Answer the question."""
        config = self.config
        self.progress.start("select: experiment")
        customers = read_trial(warehouse, config.data, config.seed)
        self.progress.done("select: experiment", f"{len(customers.ids):,} customers")
        scores = {one.name: self._scores(one, customers) for one in config.learners}
        self.progress.start("evaluate: rankings")
        contest = compete(config.learners, scores, customers, config.evaluation, config.seed)
        score = scores[contest.winner.name]
        level = config.evaluation.level
        policy = rule(score, customers, config.economics, level, config.seed)
        self.progress.done("evaluate: rankings", contest.winner.name)
        return self._answer(customers, contest, policy, self._final(contest, customers))

    def _scores(self, learner: UpliftLearner, customers: Customers) -> np.ndarray:
        config = self.config
        depends = {
            "warehouse": self.digest,
            "data": config.data.model_dump(mode="json"),
            "learner": learner.model_dump(mode="json"),
            "folds": config.evaluation.folds,
            "repeats": config.evaluation.repeats,
            "seed": config.seed,
        }

        def make(folder: Path) -> None:
            found = cross_fitted(learner, customers, config.evaluation, config.seed)
            np.save(folder / "scores.npy", found, allow_pickle=False)

        folder = self.cache.step("mine", learner.name, depends, make).folder
        return np.asarray(np.load(folder / "scores.npy", allow_pickle=False))

    def _final(self, contest: Contest, customers: Customers) -> _Final:
        """Fit winner and segments on everybody and export them; kept like every other stage."""
        config = self.config
        score = contest.scores[contest.winner.name]
        table = uplift_table(score, customers.outcome, customers.treated, customers.propensity)
        depth, least = paying_depth(table, config.economics)
        meta = self._meta(contest, customers)
        depends = {"warehouse": self.digest, "meta": meta, "depth": depth}
        depends["segments"] = config.segments.model_dump(mode="json")

        def make(folder: Path) -> None:
            seen = customers.outcome, customers.treated, customers.propensity
            model = made(contest.winner, config.seed).fit(customers.table, *seen)
            tree = UpliftTree(
                depth=config.segments.depth,
                min_leaf=config.segments.min_leaf,
                random_state=config.seed,
            ).fit(customers.table, *seen)
            # The final model has a scale of its own: the depth is kept, not the score.
            own = uplift_table(model.predict(customers.table), *seen)
            new = least_score(own, table, config.economics, depth)
            bundle = UpliftBundle(model, tree, {**meta, "threshold": new})
            write_uplift_bundle(folder / "bundle", bundle)

        folder = self.cache.step("act", "bundle", depends, make).folder / "bundle"
        return _Final(read_uplift_bundle(folder), folder, depth, least)

    def _meta(self, contest: Contest, customers: Customers) -> dict[str, Any]:
        config, table = self.config, customers.table
        types = {
            str(name): "number" if is_number(table[name]) else "text" for name in table.columns
        }
        return {
            "kind": "uplift",
            "name": config.model_name,
            "model": contest.winner.kind,
            "params": {**contest.winner.params, "random_state": config.seed},
            "columns": types,
            "id": config.data.id or "row",
            "data": config.data.model_dump(mode="json"),
            "economics": config.economics.model_dump(mode="json"),
            "seed": config.seed,
            "held_out": held_out(contest, config.evaluation.level).to_dict(),
            "timezone": config.timezone,
            "currency": config.currency,
            "sources": self._sources(types),
        }

    def _sources(self, types: dict[str, str]) -> list[dict[str, Any]]:
        """Give the sources as a bundle keeps them: only the columns that scoring needs."""
        data = self.config.data
        wanted = {**({} if data.id is None else {data.id: "text"}), **types}
        kept = []
        for source in self.config.sources:
            if source.table != data.table:
                continue
            told = source.model_dump(mode="json", by_alias=True, exclude={"url"})
            stated = told["columns"]
            columns = {
                name: _typed(stated.get(name, {"from": name}), kind)
                for name, kind in wanted.items()
            }
            rules = [one for one in told["rules"] if one["column"] in columns]
            kept.append({**told, "columns": columns, "rules": rules, "all_columns": False})
        return kept

    def _answer(
        self, customers: Customers, contest: Contest, policy: Policy, final: _Final
    ) -> Answer:
        config, score = self.config, contest.scores[contest.winner.name]
        segments = persuadable(final.bundle.segments, customers, config.evaluation.level)
        curves = pd.concat(
            [
                uplift_table(
                    one, customers.outcome, customers.treated, customers.propensity
                ).assign(candidate=name)
                for name, one in contest.scores.items()
            ],
            ignore_index=True,
        )
        found = Found(
            config=config,
            customers=customers,
            contest=contest,
            policy=policy,
            depth=final.depth,
            segments=segments,
            curves=curves,
        )
        people = listed(
            UpliftBundle(
                final.bundle.ranking,
                final.bundle.segments,
                {**final.bundle.meta, "threshold": final.least},
            ),
            customers.ids,
            customers.table,
            score,
        )
        return Answer(
            sheet=page(found),
            metrics=_metrics(found),
            tables={"customers": people, "segments": segments, "curves": curves},
            bundle=final.folder,
            judge=UpliftJudge(
                config, customers, contest, lambda learner: self._scores(learner, customers)
            ),
            candidates=contest.board,
            records=segment_drafts(segments, config),
            facts={
                "winner": contest.winner.name,
                "reason": contest.reason,
                "verdict": contest.verdict,
                "balance": customers.balance.sentence(),
                "params": json.loads(json.dumps(contest.winner.params)),
            },
            notes=[contest.verdict, contest.reason, *customers.notes],
        )


def _typed(spec: dict[str, Any], kind: str) -> dict[str, Any]:
    return {**spec, "type": spec.get("type") or kind}


def _metrics(found: Found) -> dict[str, float]:
    board = found.contest.board
    row, policy = board[board["winner"]].iloc[0], found.policy
    names = ("auuc", "auuc_over_random", "qini", "difference")
    figures = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    numbers = {name: float(row[name]) for name in figures}
    effect = found.effect
    return numbers | {
        "average_effect": effect.mean,
        "average_effect_low": effect.low,
        "average_effect_high": effect.high,
        "policy_share": policy.share,
        "policy_value": policy.value.mean,
        "policy_over_nobody": policy.over_nobody.mean,
        "policy_over_nobody_low": policy.over_nobody.low,
        "policy_over_nobody_high": policy.over_nobody.high,
        "policy_over_everybody": policy.over_everybody.mean,
        "policy_over_everybody_low": policy.over_everybody.low,
        "policy_over_everybody_high": policy.over_everybody.high,
        "balance_auc": found.customers.balance.auc.mean,
    }
