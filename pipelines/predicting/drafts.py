"""What a question about one outcome learned, as drafts of findings: the leaves of a plain tree."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from experiments.effect.multiplicity import holm
from experiments.evaluation.bootstrap import mean_interval
from experiments.findings import Draft, Evidence, Words
from models.trees import Condition, Included, Interval, ReadableTree, TreeRule, tree_rules
from pipelines.config.predict import Predict
from pipelines.findings.held_out import lift_interval
from pipelines.predicting.records import Records, Sample
from pipelines.predicting.words import WORDS

__all__ = ["leaf_drafts", "query_of"]

DEPTH = 3
SMALLEST = 0.02
SOURCE = "readable tree"


def leaf_drafts(sample: Sample, config: Predict) -> list[Draft]:
    """Grow a tree of few questions and measure its leaves on records that had no part in it.

    Parameters
    ----------
    sample : Sample
        The tree learns from `train`; rates, lifts and money are those of `held`.
    config : Predict
        What was asked; of a leaf with fewer than ``privacy.min_group`` records held out nothing is
        told.

    Returns
    -------
    list of Draft
        One a leaf, the highest lift first. Money is the mean of acting upon a record held out,
        times the records of the leaf on whom one may act now, without the limits of the list. The
        p is that of Fisher's exact test, one-sided, corrected after Holm over the leaves.
    """
    rules = _rules(sample.train, config)
    masks = [rule.holds(sample.held.table) for rule in rules]
    told = [place for place, mask in enumerate(masks) if mask.sum() >= config.privacy.min_group]
    evidence = _evidence([masks[place] for place in told], sample.held, config.evaluation.level)
    drafts = [
        _draft(rules[place], masks[place], one, sample, config)
        for place, one in zip(told, evidence, strict=True)
    ]
    return sorted(drafts, key=lambda draft: -(draft.evidence.lift or 0.0))


def query_of(conditions: Sequence[Condition]) -> dict[str, Any]:
    """Put the conditions of a leaf as a query of `experiments.findings.touches`.

    Examples
    --------
    >>> query_of([Interval("age", low=30)])
    {'all': [{'column': 'age', 'op': '>', 'value': 30.0}]}
    """
    return {"all": [part for condition in conditions for part in _parts(condition)]}


def _parts(condition: Condition) -> list[dict[str, Any]]:
    column = condition.column
    if not isinstance(condition, Interval):
        among = {"column": column, "op": "in", "value": sorted(condition.values)}
        return [among if isinstance(condition, Included) else {"not": among}]
    lost = {"column": column, "op": "missing"}
    if condition.low >= condition.high:
        return [lost]
    ends = [(">", condition.low), ("<=", condition.high)]
    met = [
        {"column": column, "op": sign, "value": float(end)}
        for sign, end in ends
        if np.isfinite(end)
    ]
    if not condition.missing:
        return met or [{"not": lost}]
    return [{"any": [{"all": met}, lost]}]


def _rules(train: Records, config: Predict) -> list[TreeRule]:
    """Read off the leaves; a tree that did not split has none to tell of."""
    least = max(config.privacy.min_group, round(SMALLEST * len(train)))
    tree = ReadableTree(max_depth=DEPTH, min_samples_leaf=least, random_state=config.seed)
    outcome = train.outcome.astype(np.int64)
    tree.fit(train.table, outcome, train.weight)
    rules = tree_rules(tree, train.table, outcome, simplify=False)
    return [rule for rule in rules if rule.conditions]


def _evidence(masks: Sequence[np.ndarray], held: Records, level: float) -> list[Evidence]:
    n, then = len(held), int(held.outcome.sum())
    rows = [(int(mask.sum()), int(held.outcome[mask].sum())) for mask in masks]
    p = [float(stats.hypergeom.sf(hits - 1, n, then, covered)) for covered, hits in rows]
    found = []
    for (covered, hits), one, adjusted in zip(rows, p, holm(p), strict=True):
        lift, low, high = lift_interval(n, then, covered, hits, level)
        found.append(
            Evidence(
                n=n,
                support=hits / n,
                confidence=hits / covered,
                lift=lift,
                lift_low=low,
                lift_high=high,
                p=one,
                p_adjusted=float(adjusted),
                level=level,
                held_out=True,
            )
        )
    return found


def _draft(
    rule: TreeRule, mask: np.ndarray, evidence: Evidence, sample: Sample, config: Predict
) -> Draft:
    conditions = sorted(rule.conditions, key=lambda condition: condition.column)
    path = [condition.text for condition in conditions]
    values = {
        "conditions": path,
        "covered": int(mask.sum()),
        "confidence": evidence.confidence,
        "times": evidence.lift,
        "outcome": WORDS[config.question].what,
    }
    return Draft(
        kind="leaf",
        pattern={"path": path, "outcome": config.question},
        words=Words("leaf", values),
        evidence=evidence,
        currency=config.economics.currency,
        touches=query_of(conditions),
        source=SOURCE,
        **_money(rule, mask, sample, config),
    )


def _money(rule: TreeRule, mask: np.ndarray, sample: Sample, config: Predict) -> dict[str, Any]:
    held, splits = sample.held.take(mask), config.evaluation
    each = held.outcome * held.revenue - held.cost
    mean = mean_interval(each, splits.level, splits.bootstrap, config.seed)
    now = int(rule.holds(sample.act.table).sum())
    ends = {"money": mean.mean, "money_low": mean.low, "money_high": mean.high}
    return {name: now * end if np.isfinite(end) else None for name, end in ends.items()}
