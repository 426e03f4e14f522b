"""Accepted rules make offers: to every customer who meets IF and lacks THEN, known or new."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from experiments.evaluation.money import Spread
from experiments.findings import Filter, Finding
from experiments.findings.language import Language, language_of
from experiments.findings.names import PREFIX
from lodeworks.errors import DataError
from models.calibration import PurchaseCalibrator
from models.recommend.base import NEVER, Reason, Recommender
from models.recommend.history import History, LabelledWindow
from pipelines.findings.held_out import holders
from pipelines.findings.list_evidence import list_evidence
from pipelines.findings.place import store_of
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.findings.vetoes import rules_of
from pipelines.findings.wording import configured_language
from pipelines.lists.make import Scorer

__all__ = [
    "AcceptedRule",
    "AcceptedRules",
    "accepted_rules",
    "accepted_scorer",
    "applicable",
    "mark_acted",
    "rules_in_force",
]

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
    kind : str, default "rule"
        Of the finding: of a ``sequence`` the order is left out.
    """

    finding_id: str
    rule: PurchaseRule
    confidence: float
    sentence: str
    kind: str = "rule"


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
        score = np.full((len(rows), len(self.items_)), NEVER, dtype=np.float32)
        for place, code, met in self._met(history, rows):
            score[met, code] = np.maximum(score[met, code], self.rules[place].confidence)
        return score

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Tell the surest rule, and its finding."""
        who, at = np.unique(customer, return_inverse=True)
        best = np.zeros(len(at), dtype=np.int64)
        sure = np.full(len(at), -np.inf)
        for place, code, met in self._met(history, who):
            holds = np.zeros(len(who), dtype=bool)
            holds[met] = True
            surer = (item == code) & holds[at] & (sure < self.rules[place].confidence)
            best[surer], sure[surer] = place, self.rules[place].confidence
        told = [self.rules[rule] for rule in best.tolist()]
        return [Reason(one.sentence, f"{PREFIX}{one.finding_id}") for one in told]

    def _met(self, history: History, rows: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
        """Give each rule's place, its item's code, and who of `rows` meets its IF."""
        rules = [one.rule for one in self.rules]
        met = holders(rules, history.owned(rows).tocsc(), self.items_)
        codes = self.items_.get_indexer(pd.Index([rule.item for rule in rules], dtype=object))
        for place, (rule, code) in enumerate(zip(rules, codes.tolist(), strict=True)):
            start, end = met.indptr[place : place + 2]
            yield place, code, met.indices[start:end] if rule.needs else np.arange(len(rows))


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
    usable, notes = applicable(
        rules_in_force(workspace, question, configured_language(workspace)), items
    )
    if not usable:
        raise DataError(
            f"no accepted rule of {question!r} in {workspace} can be applied; accept some with"
            " `lode findings accept`"
        )
    return usable, notes


def rules_in_force(
    workspace: str | Path, question: str, language: str | None = None
) -> list[AcceptedRule]:
    """Read all rules about purchases that a person accepted and nobody retired.

    Parameters
    ----------
    workspace, question
        As in `accepted_rules`.
    language : str, optional
        Of their sentences, unless the environment says otherwise.
    """
    store = store_of(workspace)
    if not store.path.exists():
        return []
    wanted = Filter(kinds=("rule", "sequence"), statuses=IN_FORCE, question=question)
    words = language_of(configured=language)
    return [each for one in store.find(wanted) for each in _applied(one, words)]


def applicable(
    rules: Sequence[AcceptedRule], items: pd.Index
) -> tuple[list[AcceptedRule], list[str]]:
    """Keep the rules whose item is among `items`, the surest first; say how many are left out."""
    usable = [one for one in rules if one.rule.item in items and one.confidence > 0]
    left = len(rules) - len(usable)
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


def _applied(finding: Finding, words: Language) -> list[AcceptedRule]:
    sentence = words.tell(finding.latest.words)
    confidence = finding.latest.evidence.confidence or 0.0
    return [
        AcceptedRule(finding.id, rule, confidence, sentence, finding.kind)
        for rule in rules_of(finding.pattern)
    ]
