"""What a cross-sell run learned, as drafts: rules, leaves, segments and drift, with their money."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.money import Spread
from experiments.findings import Draft, Words
from experiments.findings.names import PREFIX
from experiments.item_names import item_names
from models.recommend.base import Recommender
from models.recommend.clusters import Clusters
from models.recommend.rules import Rules
from models.recommend.tree import Tree
from pipelines.crosssell.mine import LIST, Measured
from pipelines.crosssell.snapshots import Snapshot
from pipelines.findings.constraint import Bound, model_behind
from pipelines.findings.drifts import drift_drafts
from pipelines.findings.evidence_ids import Steps, parsed
from pipelines.findings.held_out import Counted, rule_evidence
from pipelines.findings.leaves import leaf_drafts, offers_by_leaf
from pipelines.findings.purchase_rule import PurchaseRule, told
from pipelines.findings.segments import segment_drafts

if TYPE_CHECKING:
    from pipelines.crosssell.outputs import Outcome

__all__ = ["ListEvidence", "RunDrafts", "drafts_of_run"]

TOP_RULES = 100
Listed = dict[tuple[str, PurchaseRule | Steps], PurchaseRule | Steps]
AFTER = "9999"  # later than any day


@dataclass(frozen=True)
class ListEvidence:
    """What the rows of a list name as evidence, and what those rows should earn.

    Attributes
    ----------
    rows : pandas.DataFrame
        ``customer_id``, ``item_id``, ``evidence_id``, ``group``, ``expected_profit``.
    spread : Spread
        How far profits lay around their mean.
    """

    rows: pd.DataFrame
    spread: Spread

    def ids(self) -> pd.DataFrame:
        """Give the different pairs of ``evidence_id`` and ``item_id``."""
        pairs = self.rows[["evidence_id", "item_id"]].drop_duplicates()
        return pairs.sort_values(["evidence_id", "item_id"], ignore_index=True)

    def money(self) -> dict[str, dict[str, float]]:
        """Give the expected profit of the targets by evidence id, with its interval."""
        target = self.rows[self.rows["group"] == "target"]
        groups = target.groupby("evidence_id")
        table = groups.agg(total=("expected_profit", "sum"), who=("customer_id", "nunique"))
        columns = (table.index.tolist(), table["total"].tolist(), table["who"].tolist())
        return {
            str(name): _ends(self.spread.around(total, who))
            for name, total, who in zip(*columns, strict=True)
        }


@dataclass
class RunDrafts:
    """Drafts of a run.

    Attributes
    ----------
    found : list of Draft
        What it found.
    measured_again : list of Draft
        What earlier runs found and this one only measured.
    """

    found: list[Draft] = field(default_factory=list)
    measured_again: list[Draft] = field(default_factory=list)


def drafts_of_run(
    outcome: "Outcome",
    evidence: ListEvidence,
    earlier: Mapping[PurchaseRule, str],
    *,
    min_customers: int,
    currency: str,
    seed: int,
) -> RunDrafts:
    """Gather what a run learned.

    Rules are measured on the outcome of the test window. Those of candidates fitted at the test
    date were found without it; those that a list made later names may owe something to it, and
    say so.

    Parameters
    ----------
    outcome : Outcome
        All that the run found.
    evidence : ListEvidence
        Of its list.
    earlier : mapping of PurchaseRule to str
        Rules known before, to be measured again, with the last day that their finder knew of.
    min_customers : int
        As in the configuration: customers an item needs to take part.
    currency : str
        Of money.
    seed : int
        For draws.
    """
    test = outcome.labelled[0]
    same_day = outcome.listed.history.as_of.date() == test.window.as_of
    drafts = RunDrafts()
    maker = _RuleDrafts(outcome, evidence, currency, same_day)
    maker.add_into(drafts, earlier)
    for each in outcome.mined:
        drafts.found += _of_candidate(each, test, min_customers, seed)
    drafts.found += _of_list(outcome, evidence, currency, same_day)
    drafts.found += drift_drafts(outcome.listed.history.customer_features, outcome.labelled)
    return drafts


class _RuleDrafts:
    """Rules of the candidates, of the list and of earlier runs, measured together."""

    def __init__(
        self, outcome: "Outcome", evidence: ListEvidence, currency: str, same_day: bool
    ) -> None:
        self.outcome = outcome
        self.money = evidence.money()
        self.currency = currency
        self.days = outcome.labelled[0].window.outcome
        known = set(outcome.items["item_id"]) | set(evidence.rows["item_id"])
        self.names = item_names(outcome.items, pd.Index(sorted(known), dtype=object))
        self.mined = dict(_mined_rules(outcome.mined))
        self.listed: Listed = {
            (str(row.evidence_id), pattern): pattern
            for row in evidence.ids().itertuples()
            if (pattern := parsed(str(row.evidence_id), str(row.item_id), known)) is not None
        }
        self.listed |= _accepted(outcome, evidence)
        self.same_day = same_day
        self.test_day = str(outcome.labelled[0].window.as_of)

    def add_into(self, drafts: RunDrafts, earlier: Mapping[PurchaseRule, str]) -> None:
        """Measure all of them and sort them into what was found and what was known."""
        ids: dict[PurchaseRule | Steps, list[str]] = {}
        for (evidence_id, _), pattern in self.listed.items():
            ids.setdefault(pattern, []).append(evidence_id)
        plain = {_rule(pattern) for pattern in ids} | set(self.mined)
        rules = sorted(plain | set(earlier))
        held_out = [
            rule in self.mined or self.same_day or earlier.get(rule, AFTER) <= self.test_day
            for rule in rules
        ]
        counted = {one.rule: one for one in rule_evidence(rules, self.outcome.labelled, held_out)}
        listed = {pattern for pattern in ids if isinstance(pattern, PurchaseRule)}
        # What nobody did in the test window is told only where the list rests on it.
        shown = {rule for rule in self.mined if counted[rule].evidence.support} | listed
        for rule in sorted(shown):
            drafts.found.append(self._draft(counted[rule], ids.get(rule, ())))
        for steps in (pattern for pattern in ids if isinstance(pattern, Steps)):
            drafts.found.append(self._sequence(steps, counted[steps.rule], ids[steps]))
        for rule in sorted(set(earlier) - shown):
            drafts.measured_again.append(self._draft(counted[rule], ()))

    def _draft(self, one: Counted, ids: Sequence[str]) -> Draft:
        return one.rule.draft(
            one.evidence,
            one.covered,
            self.days,
            self.names,
            evidence_ids=tuple(ids),
            source=self.mined.get(one.rule, "list"),
            currency=self.currency,
            **self._money(ids),
        )

    def _sequence(self, steps: Steps, one: Counted, ids: Sequence[str]) -> Draft:
        values = {
            "steps": [" + ".join(told(step, self.names)) for step in steps.steps],
            "then": told([steps.item], self.names),
            "covered": one.covered,
            "confidence": one.evidence.confidence,
            "times": one.evidence.lift,
            "days": self.days,
        }
        return Draft(
            kind="sequence",
            pattern={"steps": [list(step) for step in steps.steps], "then": [steps.item]},
            words=Words("sequence" if one.evidence.confidence != 0 else "sequence.none", values),
            evidence=one.evidence,
            touches=one.rule.touches,
            evidence_ids=tuple(ids),
            source="list",
            currency=self.currency,
            **self._money(ids),
        )

    def _money(self, ids: Sequence[str]) -> dict[str, Any]:
        return _sum_of(self.money[one] for one in ids if one in self.money)


def _accepted(outcome: "Outcome", evidence: ListEvidence) -> Listed:
    """Give the accepted rules that rows of the list name."""
    used = outcome.listed.scorer.recommender
    named = set(evidence.ids()["evidence_id"])
    found = used.rules if isinstance(used, Bound) else ()
    return {
        (f"{PREFIX}{one.finding_id}", one.rule): one.rule
        for one in found
        if one.kind == "rule" and f"{PREFIX}{one.finding_id}" in named
    }


def _rule(pattern: PurchaseRule | Steps) -> PurchaseRule:
    return pattern.rule if isinstance(pattern, Steps) else pattern


def _mined_rules(mined: Sequence[Measured]) -> Iterator[tuple[PurchaseRule, str]]:
    """Give the rules of the highest leverage that candidates found, with the candidate's name."""
    for each in mined:
        recommender = each.recommender() if each.candidate.kind == "rules" else None
        if isinstance(recommender, Rules):
            for rule in _top_rules(recommender):
                yield rule, each.candidate.name


def _top_rules(rules: Rules) -> Iterator[PurchaseRule]:
    known = rules.rules_
    leverage = known["support"] * (1 - 1 / known["lift"])
    best = known.assign(leverage=leverage).nlargest(TOP_RULES, "leverage", keep="first")
    for side, item in best[["antecedent", "item"]].to_numpy(dtype=np.int64).tolist():
        needs = rules.items_[rules.antecedents_[side].indices]
        yield PurchaseRule(tuple(sorted(map(str, needs))), str(rules.items_[item]))


def _of_candidate(each: Measured, test: Snapshot, min_customers: int, seed: int) -> list[Draft]:
    """Give the leaves or segments of a candidate, measured on the test window."""
    if each.candidate.kind not in ("tree", "clusters"):
        return []
    recommender, name = each.recommender(), each.candidate.name
    if isinstance(recommender, Tree):
        history = test.history(test.vocabulary(min_customers))
        counts = offers_by_leaf(recommender, history, each.offers[LIST], seed)
        return leaf_drafts(recommender, counts, source=name)
    if isinstance(recommender, Clusters):
        window = test.labelled(recommender.items_)
        days = test.window.outcome
        return segment_drafts(recommender, window, days=days, held_out=True, source=name)
    return []


def _of_list(
    outcome: "Outcome", evidence: ListEvidence, currency: str, same_day: bool
) -> list[Draft]:
    """Give the leaves or segments that the list's rows name."""
    used: Recommender = model_behind(outcome.listed.scorer.recommender)
    name, test = outcome.listed.scorer.model, outcome.labelled[0]
    if isinstance(used, Tree):
        return leaf_drafts(used, None, source=name, money=evidence.money(), currency=currency)
    if not isinstance(used, Clusters):
        return []
    ids: dict[int, tuple[str, ...]] = {}
    for one in evidence.ids()["evidence_id"].unique():
        if one.startswith("segment:"):
            label = int(one.removeprefix("segment:").partition(">")[0])
            ids[label] = (*ids.get(label, ()), one)
    money = evidence.money()
    return segment_drafts(
        used,
        test.labelled(used.items_),
        days=test.window.outcome,
        held_out=same_day,
        source=name,
        evidence_ids=ids,
        money={
            label: _sum_of(money[one] for one in some if one in money)
            for label, some in ids.items()
        },
        currency=currency,
    )


def _sum_of(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Add up money; the ends add up too, which is wider than need be."""
    given = list(parts)
    if not given:
        return {}
    return {name: sum(part[name] for part in given) for name in given[0]}


def _ends(around: Interval) -> dict[str, float]:
    return {"money": around.mean, "money_low": around.low, "money_high": around.high}
