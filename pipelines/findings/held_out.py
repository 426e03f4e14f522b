"""Count what rules about purchases say on windows: who met IF, and who bought THEN afterwards."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse, special, stats

from experiments.effect.multiplicity import holm
from experiments.findings import Evidence
from models.recommend.history import LabelledWindow
from pipelines.crosssell.snapshots import Snapshot
from pipelines.findings.purchase_rule import PurchaseRule

__all__ = ["Counted", "count_rules", "holders", "lift_interval", "rule_evidence"]

LEVEL = 0.95
CHUNK = 512


@dataclass(frozen=True)
class Counted:
    """A rule with its figures.

    Attributes
    ----------
    rule : PurchaseRule
        The rule.
    evidence : Evidence
        Its figures on the first window.
    covered : int
        Customers who met IF there.
    """

    rule: PurchaseRule
    evidence: Evidence
    covered: int


def rule_evidence(
    rules: Sequence[PurchaseRule], snapshots: Sequence[Snapshot], held_out: Sequence[bool]
) -> list[Counted]:
    """Measure rules on the first window, and their lift on every one.

    Parameters
    ----------
    rules : sequence of PurchaseRule
        What to measure.
    snapshots : sequence of Snapshot
        Windows with outcomes, the test window first.
    held_out : sequence of bool
        Whether each rule was found without the test window.

    Notes
    -----
    The p is that of Fisher's exact test, one-sided: as many or more of those who meet IF buy THEN,
    were they drawn from all; it is corrected after Holm over `rules`.
    """
    if not rules:
        return []
    items = pd.Index(sorted({name for rule in rules for name in (*rule.needs, rule.item)}))
    by_day = {
        str(one.window.as_of): count_rules(rules, one.labelled(items.astype(object)))
        for one in snapshots
    }
    test = next(iter(by_day.values()))
    known = (test["covered"] > 0) & np.array([bool(rule.needs) for rule in rules])
    p = np.asarray(stats.hypergeom.sf(test["hits"] - 1, test["n"], test["then"], test["covered"]))
    adjusted = holm(np.where(known, p, np.nan))
    figures = [_main_figure(counts, rules).tolist() for counts in by_day.values()]
    lifts = [dict(zip(by_day, row, strict=True)) for row in zip(*figures, strict=True)]
    parts = (rules, test.to_dict("records"), lifts, p.tolist(), adjusted.tolist(), held_out)
    return [_counted(*part) for part in zip(*parts, strict=True)]


def count_rules(rules: Sequence[PurchaseRule], window: LabelledWindow) -> pd.DataFrame:
    """Count for every rule, among those who may buy the item as the rule says.

    Customers who own the item do not count for a rule that is not about buying again.

    Returns
    -------
    pandas.DataFrame of int64
        ``n`` customers, of whom ``then`` bought the item in the outcome, ``covered`` meet IF and
        ``hits`` do both.
    """
    owned, bought = window.history.owned().tocsc(), window.bought.tocsc()
    fresh = (bought - bought.multiply(owned)).tocsc()
    item = window.history.items.get_indexer(pd.Index([rule.item for rule in rules], dtype=object))
    again = np.array([rule.again for rule in rules])
    owners = np.where(again, 0, np.diff(owned.indptr)[item])
    parts = []
    for start in range(0, len(rules), CHUNK):
        some = slice(start, start + CHUNK)
        held = holders(rules[some], owned, window.history.items)
        own = _both(held, owned[:, item[some]])
        sold, new = _both(held, bought[:, item[some]]), _both(held, fresh[:, item[some]])
        covered = np.asarray(held.sum(axis=0)).ravel() - np.where(again[some], 0, own)
        parts.append(np.column_stack([covered, np.where(again[some], sold, new)]))
    counts = np.rint(np.vstack(parts)).astype(np.int64)
    sold, new = (np.asarray(one.sum(axis=0)).ravel()[item] for one in (bought, fresh))
    n = owned.shape[0] - owners.astype(np.int64)
    then = np.rint(np.where(again, sold, new)).astype(np.int64)
    everybody = np.array([not rule.needs for rule in rules])
    return pd.DataFrame(
        {
            "n": n,
            "then": then,
            "covered": np.where(everybody, n, counts[:, 0]),
            "hits": np.where(everybody, then, counts[:, 1]),
        }
    )


def holders(
    rules: Sequence[PurchaseRule], owned: sparse.csc_matrix, items: pd.Index
) -> sparse.csc_matrix:
    """Mark who owns all that each rule needs: a binary customers x rules matrix (float32).

    Nobody owns an item that is not in `items`. A rule that needs nothing marks nobody here.
    """
    parts = [items.get_indexer(pd.Index(rule.needs, dtype=object)) for rule in rules]
    column = np.repeat(np.arange(len(rules)), [len(part) for part in parts])
    row = np.concatenate(parts) if parts else np.empty(0, np.int64)
    needed = np.array([len(part) for part in parts])
    ones = np.ones((row >= 0).sum(), np.float32)
    wanted = sparse.csc_matrix((ones, (row[row >= 0], column[row >= 0])), (len(items), len(rules)))
    met = sparse.csc_matrix(owned @ wanted)
    met.data = (met.data == np.repeat(needed, np.diff(met.indptr))).astype(np.float32)
    met.eliminate_zeros()
    return met


def _main_figure(counts: pd.DataFrame, rules: Sequence[PurchaseRule]) -> pd.Series:
    """Give the lift, of rules about everybody the confidence; NaN where it is not known."""
    confidence = counts["hits"] / counts["covered"].where(counts["covered"] > 0)
    usual = counts["then"] / counts["n"].where(counts["n"] > 0)
    some = np.array([bool(rule.needs) for rule in rules])
    return (confidence / usual.where(usual > 0)).where(some, confidence)


def lift_interval(
    n: int, then: int, covered: int, hits: int, level: float = LEVEL
) -> tuple[float | None, float | None, float | None]:
    """Give a lift with its interval, on the logarithm; None where it is not known.

    Notes
    -----
    By the delta method on a multinomial sample the logarithm has the variance
    ``1 / hits - 1 / covered - 1 / then + (2 lift - 1) / n``.

    Examples
    --------
    >>> lift, low, high = lift_interval(n=1000, then=100, covered=200, hits=40)
    >>> round(lift, 2), round(low, 2), round(high, 2)
    (2.0, 1.6, 2.5)
    """
    if not (n and then and covered):
        return None, None, None
    lift = (hits / covered) / (then / n)
    if not hits:
        return 0.0, 0.0, None
    variance = 1 / hits - 1 / covered - 1 / then + (2 * lift - 1) / n
    far = float(special.ndtri((1 + level) / 2)) * np.sqrt(max(variance, 0.0))
    return float(lift), float(lift * np.exp(-far)), float(lift * np.exp(far))


def _both(one: sparse.csc_matrix, other: sparse.csc_matrix) -> np.ndarray:
    return np.asarray(one.multiply(other).sum(axis=0)).ravel()


def _counted(
    rule: PurchaseRule,
    row: Mapping[Any, int],
    lifts: Mapping[str, float],
    p: float,
    p_adjusted: float,
    held_out: bool,
) -> Counted:
    met = row["covered"] > 0
    # A rule about everybody has nothing to be held against.
    tested = met and bool(rule.needs)
    lift, low, high = (
        lift_interval(row["n"], row["then"], row["covered"], row["hits"])
        if tested
        else (None, None, None)
    )
    evidence = Evidence(
        n=row["n"],
        support=row["hits"] / row["n"] if row["n"] else None,
        confidence=row["hits"] / row["covered"] if met else None,
        lift=lift,
        lift_low=low,
        lift_high=high,
        p=p if tested else None,
        p_adjusted=p_adjusted if tested else None,
        level=LEVEL,
        held_out=held_out,
        stability={day: round(lift, 4) for day, lift in lifts.items() if not math.isnan(lift)},
    )
    return Counted(rule, evidence, row["covered"])
