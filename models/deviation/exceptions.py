"""Exceptions to strong rules: who meets IF and not THEN."""

from typing import Any

import numpy as np
import pandas as pd

from models.association.apply import offers
from models.association.baskets import Baskets
from models.association.rules import Rules, rules_of_baskets

__all__ = ["rule_exceptions"]

_COLUMNS = (
    "basket",
    "rank",
    "missing",
    "confidence",
    "keep",
    "exceptions",
    "surprise",
    "antecedent",
    "rule",
    "text",
)


def rule_exceptions(
    baskets: Any,
    *,
    rules: Rules | None = None,
    min_count: int = 30,
    min_confidence: float = 0.8,
    max_length: int = 3,
    per_basket: int = 1,
) -> pd.DataFrame:
    """Find the baskets (or customers) that break rules which nearly all others keep.

    Parameters
    ----------
    baskets : Baskets or anything that `Baskets.of` takes
        What each customer bought, or any set of properties.
    rules : Rules, optional
        Rules with one item behind THEN; default: those of these baskets with `min_confidence`,
        `min_count` cases and at most `max_length` items.
    min_count : int, default 30
        Cases that keep a rule, at least.
    min_confidence : float, default 0.8
        Share of those who meet IF that meet THEN, at least.
    max_length : int, default 3
        Items of a rule.
    per_basket : int, default 1
        Exceptions of one basket, at most: those of its surest rules.

    Returns
    -------
    pandas.DataFrame
        ``basket`` (its number), ``rank`` (from 1, the surest rule first), ``missing`` (the item
        behind THEN), ``confidence``, ``keep`` (cases that keep the rule), ``exceptions`` (cases
        that do not), ``surprise`` (bits: ``-log2(1 - confidence)``), ``antecedent`` (items of
        IF), ``rule`` and ``text``. Rules without an exception have no row; equal confidences go to
        the rule with more cases.

    Raises
    ------
    ValueError
        When `min_confidence` is not above 0 and at most 1, or `per_basket` is below 1.

    Examples
    --------
    >>> shop = [["tea", "milk"]] * 9 + [["tea"]]
    >>> rule_exceptions(shop, min_count=5)["text"].tolist()
    ['has tea but not milk; 9 of 10 with tea have it']
    """
    if not 0 < min_confidence <= 1 or per_basket < 1:
        raise ValueError(
            "min_confidence must be above 0 and at most 1 and per_basket at least 1 but got"
            f" {min_confidence} and {per_basket}"
        )
    held = Baskets.of(baskets)
    if rules is None and len(held) < min_count:
        return pd.DataFrame(columns=list(_COLUMNS))
    if rules is None:
        rules = rules_of_baskets(
            held,
            min_count=min_count,
            min_confidence=min_confidence,
            max_length=max_length,
            max_consequent=1,
        )
    rules = _single(rules, min_confidence)
    if not len(rules):
        return pd.DataFrame(columns=list(_COLUMNS))
    order = np.lexsort((np.asarray(rules.counts.n_x), rules.measure("confidence")))
    weight = np.empty(len(rules))
    weight[order] = np.arange(1, len(rules) + 1)
    broken = offers(held, rules, weight=weight, limit=per_basket)
    return _described(broken, rules, weight)


def _single(rules: Rules, min_confidence: float) -> Rules:
    lengths = np.diff(rules.itemsets.indptr)
    alone = lengths[rules.consequents] == 1
    return rules.take(np.flatnonzero(alone & (rules.measure("confidence") >= min_confidence)))


def _described(broken: pd.DataFrame, rules: Rules, weight: np.ndarray) -> pd.DataFrame:
    rule = broken["rule"].to_numpy(dtype=np.int64)
    used, place = np.unique(rule, return_inverse=True)
    sides = [tuple(sorted(map(str, side))) for side in rules.take(used).to_frame([])["antecedents"]]
    confidence = rules.measure("confidence")
    keep, meet = np.asarray(rules.counts.n_xy)[rule], np.asarray(rules.counts.n_x)[rule]
    missing = broken["item"].astype(str).to_numpy()
    given = [sides[at] for at in place]
    named = [" and ".join(side) for side in given]
    table = pd.DataFrame(
        {
            "basket": broken["basket"],
            "missing": missing,
            "confidence": confidence[rule],
            "keep": keep,
            "exceptions": meet - keep,
            "surprise": -np.log2(np.maximum(1 - confidence[rule], 1e-12)),
            "antecedent": given,
            "rule": [f"{' + '.join(a)} > {b}" for a, b in zip(given, missing, strict=True)],
            "text": [
                f"has {a} but not {b}; {k:,} of {m:,} with {a} have it"
                for a, b, k, m in zip(named, missing, keep, meet, strict=True)
            ],
            "weight": weight[rule],
        }
    )
    table = table.sort_values(["weight", "basket"], ascending=[False, True], ignore_index=True)
    table.insert(1, "rank", np.arange(1, len(table) + 1))
    return table[list(_COLUMNS)]
