"""Accepted rules make offers: to every customer who meets IF and lacks THEN, known or new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from experiments.evaluation.money import Spread
from experiments.findings import Filter, Finding
from experiments.findings.language import language_of
from experiments.findings.names import PREFIX
from lodeworks.errors import DataError
from models.calibration import PurchaseCalibrator
from models.recommend.base import NEVER, Reason, Recommender
from models.recommend.history import History, LabelledWindow
from pipelines.findings.held_out import holders
from pipelines.findings.place import store_of
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.findings.run_record import list_evidence
from pipelines.findings.vetoes import rules_of
from pipelines.lists.make import Scorer

__all__ = ["AcceptedRule", "AcceptedRules", "accepted_rules", "accepted_scorer", "mark_acted"]

MODEL = "findings"
IN_FORCE = ("accepted", "acted", "measured")


@dataclass(frozen=True)
class AcceptedRule:
    """A rule that a person accepted.

    Attributes
    ----------
    finding_id : str
        Its finding.
    rule : PurchaseRule
        What is offered to whom.
    confidence : float
        Share of those who met IF that bought THEN, as last measured.
    sentence : str
        The finding in words.
    """

    finding_id: str
    rule: PurchaseRule
    confidence: float
    sentence: str


class AcceptedRules(Recommender):
    """Offer what accepted rules say, and nothing else.

    Parameters
    ----------
    rules : sequence of AcceptedRule
        In order of preference among equals.
    items : pandas.Index of str
        The items that may be offered.
    """

    family: ClassVar[str] = "association"
    complexity: ClassVar[int] = 1

    def __init__(self, rules: Sequence[AcceptedRule], items: pd.Index) -> None:
        self.rules = rules
        self.items = items
        self.items_ = items

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Learn nothing: people have decided."""
        return self

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Give the confidence of the surest rule that a customer meets."""
        return self._best(history, rows)[0]

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Tell the surest rule, and its finding."""
        who, at = np.unique(customer, return_inverse=True)
        best = self._best(history, who)[1][at, item]
        told = [self.rules[rule] for rule in best.tolist()]
        return [Reason(one.sentence, f"{PREFIX}{one.finding_id}") for one in told]

    def _best(self, history: History, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rules = [one.rule for one in self.rules]
        met = holders(rules, history.owned(rows).tocsc(), self.items_)
        score = np.full((len(rows), len(self.items_)), NEVER, dtype=np.float32)
        best = np.zeros(score.shape, dtype=np.int64)
        for place, one in enumerate(self.rules):
            item = self.items_.get_loc(one.rule.item)
            start, end = met.indptr[place : place + 2]
            who = met.indices[start:end] if one.rule.needs else np.arange(len(rows))
            surer = who[score[who, item] < one.confidence]
            score[surer, item], best[surer, item] = one.confidence, place
        return score, best


class Stated(PurchaseCalibrator):
    """Take the score, a measured share, for the probability."""

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        """Give the scores."""
        # Scores went through single precision.
        return np.round(rows["score"].to_numpy(dtype=np.float64), 6)


def accepted_rules(
    workspace: str | Path, question: str, items: pd.Index
) -> tuple[list[AcceptedRule], list[str]]:
    """Read the rules about purchases that are in force.

    Parameters
    ----------
    workspace : str or Path
        Where the findings lie.
    question : str
        The question that they answer.
    items : pandas.Index of str
        The items that can be offered.

    Returns
    -------
    rules : list of AcceptedRule
        The surest first.
    notes : list of str
        On rules that cannot be applied.

    Raises
    ------
    DataError
        When there is none to apply.
    """
    wanted = Filter(kinds=("rule", "sequence"), statuses=IN_FORCE, question=question)
    found = [each for one in store_of(workspace).find(wanted) for each in _applied(one)]
    usable = [one for one in found if one.rule.item in items and one.confidence > 0]
    if not usable:
        raise DataError(
            f"no accepted rule of {question!r} in {workspace} can be applied; accept some with"
            " `lode findings accept`"
        )
    left = len(found) - len(usable)
    note = f"{left:,} accepted rules left out: their item is not known to the model, or none bought"
    usable.sort(key=lambda one: (-one.confidence, one.finding_id, one.rule))
    return usable, [note] if left else []


def accepted_scorer(
    scorer: Scorer, workspace: str | Path, question: str
) -> tuple[Scorer, list[str]]:
    """Put accepted rules in the place of a model; prices and terms stay those of its bundle.

    How far such a list's profit lies from its expectation was not measured: it has no interval.
    """
    items = scorer.recommender.items_
    rules, notes = accepted_rules(workspace, question, items)
    changed = replace(
        scorer,
        recommender=AcceptedRules(rules, items),
        calibrator=Stated(),
        spread=Spread(below=0.0, above=0.0, customers=0),
        model=MODEL,
    )
    return changed, notes


def mark_acted(workspace: str | Path, out: Path) -> dict[str, Any]:
    """Move the findings that a written list rests on from accepted to acted.

    Returns
    -------
    dict
        ``findings``, their ids, for the manifest.
    """
    rows = list_evidence(out)
    sent = sorted(rows.loc[rows["group"] == "target", "evidence_id"].unique())
    why = f"in the list {out.name}"
    store_of(workspace).follow("", status="acted", who="lode score", names=sent, why=why)
    return {"findings": [one.removeprefix(PREFIX) for one in sent]}


def _applied(finding: Finding) -> list[AcceptedRule]:
    sentence = language_of().tell(finding.latest.words)
    confidence = finding.latest.evidence.confidence or 0.0
    return [
        AcceptedRule(finding.id, rule, confidence, sentence) for rule in rules_of(finding.pattern)
    ]
