"""What the explainable candidates learned, as tables and text that a person can read."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from models.association.significance import benjamini_hochberg, lift_interval
from models.recommend.base import Recommender
from models.recommend.clusters import Clusters
from models.recommend.history import History
from models.recommend.rules import Rules
from models.recommend.tree import Tree

__all__ = ["MOST_RULES", "knowledge_of", "rule_table", "segment_table"]

MOST_RULES = 10_000
SIGNIFICANT = 0.05
FIGURES = ("confidence", "lift", "lift_low", "lift_high", "support", "leverage", "p_adjusted")
INDICATORS = {
    "recency_days": "days since last order",
    "frequency": "orders",
    "monetary": "spend",
    "basket_items": "items an order",
    "tenure_days": "days since first order",
}


def knowledge_of(recommender: Recommender, history: History, names: pd.Series) -> dict[str, Any]:
    """Give the part of the report that a recommender can fill: segments, rules or the tree.

    Parameters
    ----------
    recommender : Recommender
        Fitted.
    history : History
        What it was fitted on, in its vocabulary.
    names : pandas.Series of str
        What to call each item, indexed by identifier.
    """
    if isinstance(recommender, Clusters):
        return {"segments": segment_table(recommender.describe(history), names)}
    if isinstance(recommender, Rules):
        return {"rules": rule_table(recommender, names)}
    if isinstance(recommender, Tree):
        return {"tree": recommender.rules_text()}
    return {}


def segment_table(described: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Choose what tells the segments apart, in the customers' own terms.

    Parameters
    ----------
    described : pandas.DataFrame
        What `Clusters.describe` gave.
    names : pandas.Series of str
        What to call each item, indexed by identifier.

    Returns
    -------
    pandas.DataFrame
        ``segment``, ``customers``, ``share``, the means of the main indicators that are there, and
        ``buys more than others``: the items of the highest lift.
    """
    shown = described[["segment", "customers", "share"]].copy()
    for column, title in INDICATORS.items():
        if column in described:
            shown[title] = described[column].round(1)
    shown["buys more than others"] = [
        ", ".join(
            f"{names[item]} ({lift:.1f} times)" for item, lift in zip(items, lifts, strict=True)
        )
        for items, lifts in zip(described["top_items"], described["top_lifts"], strict=True)
    ]
    return shown


def rule_table(rules: Rules, names: pd.Series) -> pd.DataFrame:
    """Give the rules that are more than chance in words, those of the highest leverage first.

    Leverage is the share of baskets that hold both sides beyond what chance would give:
    support - support / lift (Piatetsky-Shapiro 1991). The p is Fisher's, one-sided, corrected for
    the share of false ones among all rules that were kept (Benjamini and Hochberg 1995); it comes
    from the baskets that the rules were found in.

    Returns
    -------
    pandas.DataFrame
        ``if bought``, ``then also``, ``confidence``, ``lift`` with ``lift_low`` and ``lift_high``
        (95 %), ``support``, ``leverage``, ``p_adjusted``; at most `MOST_RULES` rows.
    """
    known = rules.rules_
    known = known.assign(leverage=known["support"] * (1 - 1 / known["lift"]))
    best = known[known["leverage"] > 0].nlargest(2 * MOST_RULES, "leverage", keep="first")
    best = best.assign(**_chance(best, len(known)))
    best = best[best["p_adjusted"] <= SIGNIFICANT].head(MOST_RULES)
    sides = [rules.antecedents_[int(code)].indices for code in best["antecedent"]]
    return pd.DataFrame(
        {
            "if bought": [" and ".join(names.iloc[side]) for side in sides],
            "then also": names.iloc[best["item"]].to_numpy(),
            **{name: best[name].to_numpy() for name in FIGURES},
        }
    )


def _chance(rules: pd.DataFrame, n_tests: int) -> dict[str, np.ndarray]:
    """Give the interval of each lift, and the p of no connection, corrected for `n_tests`."""
    both = np.rint(rules["count"].to_numpy(np.float64))
    n = np.rint(both / rules["support"].to_numpy())
    needs = np.rint(both / rules["confidence"].to_numpy())
    then = np.rint(rules["confidence"].to_numpy() / rules["lift"].to_numpy() * n)
    low, high = lift_interval(n, needs, then, both)
    p = np.clip(stats.hypergeom.sf(both - 1, n, then, needs), 0.0, 1.0)
    return {"lift_low": low, "lift_high": high, "p_adjusted": benjamini_hochberg(p, n_tests)}
