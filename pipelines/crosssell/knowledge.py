"""What the explainable candidates learned, as tables and text that a person can read."""

from typing import Any

import pandas as pd

from models.recommend.base import Recommender
from models.recommend.clusters import Clusters
from models.recommend.history import History
from models.recommend.rules import Rules
from models.recommend.tree import Tree

__all__ = ["knowledge_of", "rule_table", "segment_table"]

TOP_RULES = 30
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
    """Give the rules of the highest leverage, in words.

    Leverage is the share of customers that hold both sides beyond what chance would give:
    support - support / lift (Piatetsky-Shapiro 1991).

    Returns
    -------
    pandas.DataFrame
        ``if bought``, ``then also``, ``confidence``, ``lift``, ``support``, ``leverage``.
    """
    known = rules.rules_
    leverage = known["support"] * (1 - 1 / known["lift"])
    best = known.assign(leverage=leverage).nlargest(TOP_RULES, "leverage", keep="first")
    sides = [rules.antecedents_[int(code)].indices for code in best["antecedent"]]
    return pd.DataFrame(
        {
            "if bought": [" and ".join(names.iloc[side]) for side in sides],
            "then also": names.iloc[best["item"]].to_numpy(),
            "confidence": best["confidence"].to_numpy(),
            "lift": best["lift"].to_numpy(),
            "support": best["support"].to_numpy(),
            "leverage": best["leverage"].to_numpy(),
        }
    )
