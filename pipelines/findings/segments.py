"""The segments of customers as findings: what they are like, and who of them bought afterwards."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats

from experiments.effect.multiplicity import holm
from experiments.findings import Draft, Evidence, Words
from models.recommend.clusters import Clusters
from models.recommend.history import LabelledWindow
from pipelines.findings.held_out import lift_interval

__all__ = ["segment_drafts", "traits_of"]

TRAITS = ("recency_days", "frequency", "monetary", "basket_items", "tenure_days")
# Ratios to the mean of all; between the middle ones a segment is as usual.
LEVELS = {"much-lower": 0.5, "lower": 0.8, "usual": 1.25, "higher": 2.0, "much-higher": np.inf}
USUAL = "usual"


def segment_drafts(
    clusters: Clusters,
    window: LabelledWindow,
    *,
    days: int,
    held_out: bool,
    source: str,
    evidence_ids: Mapping[int, tuple[str, ...]] | None = None,
    money: Mapping[int, Mapping[str, Any]] | None = None,
    currency: str = "",
) -> list[Draft]:
    """Make a draft of every segment with customers in it.

    Parameters
    ----------
    clusters : Clusters
        Fitted.
    window : LabelledWindow
        The test window.
    days : int
        Length of its outcome.
    held_out : bool
        Whether the segments were found without it.
    source : str
        Name of the candidate.
    evidence_ids, money : mapping, optional
        By segment: what the rows of a list call it, and its money.
    currency : str
        Of the money.
    """
    described = clusters.describe(window.history, top=1)
    label = clusters.assign(window.history)
    buyer = np.diff(window.bought.indptr) > 0
    evidence = _evidence(label, buyer, len(described), held_out)
    drafts = []
    for place, (row, one) in enumerate(zip(described.to_dict("records"), evidence, strict=True)):
        if row["customers"]:
            traits = traits_of(row)
            drafts.append(
                Draft(
                    kind="segment",
                    pattern={"traits": traits, "buys": list(row["top_items"])},
                    words=_words(row, traits, one, days),
                    evidence=one,
                    touches={"segment": str(place)},
                    evidence_ids=(evidence_ids or {}).get(place, ()),
                    source=source,
                    currency=currency,
                    **(money or {}).get(place, {}),
                )
            )
    return list(_told_apart(drafts))


def traits_of(row: Mapping[Any, Any]) -> dict[str, str]:
    """Give the level of every main indicator that is not as usual.

    Examples
    --------
    >>> traits_of({"recency_days_vs_all": 0.4, "frequency_vs_all": 1.1, "monetary_vs_all": 3.0})
    {'recency_days': 'much-lower', 'monetary': 'much-higher'}
    """
    levels = {}
    for name in TRAITS:
        ratio = row.get(f"{name}_vs_all", np.nan)
        if np.isfinite(ratio):
            levels[name] = next(level for level, end in LEVELS.items() if ratio <= end)
    return {name: level for name, level in levels.items() if level != USUAL}


def _evidence(label: np.ndarray, buyer: np.ndarray, count: int, held_out: bool) -> list[Evidence]:
    size = np.bincount(label, minlength=count)
    hits = np.bincount(label, weights=buyer, minlength=count).astype(np.int64)
    n, then = len(label), int(buyer.sum())
    p = np.asarray(stats.hypergeom.sf(hits - 1, n, then, size))
    adjusted = holm(np.where(size > 0, p, np.nan))
    found = []
    for place in range(count):
        lift, low, high = lift_interval(n, then, int(size[place]), int(hits[place]))
        found.append(
            Evidence(
                n=n,
                support=float(hits[place] / n) if n else None,
                confidence=float(hits[place] / size[place]) if size[place] else None,
                lift=lift,
                lift_low=low,
                lift_high=high,
                p=float(p[place]),
                p_adjusted=None if np.isnan(adjusted[place]) else float(adjusted[place]),
                held_out=held_out,
            )
        )
    return found


def _words(
    row: Mapping[Any, Any], traits: Mapping[str, str], evidence: Evidence, days: int
) -> Words:
    told = [{"trait": name, "level": f"level.{level}"} for name, level in traits.items()]
    values = {
        "customers": int(row["customers"]),
        "share": float(row["share"]),
        "traits": told or [{"trait": "frequency", "level": f"level.{USUAL}"}],
        "confidence": evidence.confidence,
        "times": evidence.lift,
        "days": days,
    }
    return Words("segment.outcome", values)


def _told_apart(drafts: list[Draft]) -> Iterator[Draft]:
    """Give a number to segments that are alike in what they are known by, the largest first."""
    seen: dict[str, int] = {}
    for draft in drafts:
        key = repr(draft.pattern)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            draft = replace(draft, pattern={**draft.pattern, "number": seen[key]})
        yield draft
