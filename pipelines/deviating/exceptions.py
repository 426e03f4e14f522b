"""Customers who break rules that nearly all others keep."""

import pandas as pd

from models.deviation import rule_exceptions
from pipelines.config.deviation import Exceptions
from pipelines.deviating.found import Found, table_of
from pipelines.deviating.reading import Seen

__all__ = ["find_exceptions"]


def find_exceptions(seen: Seen, wanted: Exceptions) -> Found:
    """Mine rules over what customers bought, and find who breaks the surest."""
    named = _named(seen, wanted.level)
    if named.empty:
        note = "no item has a category: there are no rules between categories"
        return Found("exception", table_of("exception", pd.DataFrame()), notes=(note,))
    pairs = named.drop_duplicates().sort_values(["customer_id", "name"])
    held = pairs.groupby("customer_id")["name"].agg(list).sort_index()
    found = rule_exceptions(
        held.tolist(),
        min_count=wanted.min_customers,
        min_confidence=wanted.min_confidence,
        max_length=wanted.max_length,
    )
    given = found.head(wanted.most)
    subject = held.index.to_numpy()[given["basket"].to_numpy(dtype=int)]
    table = table_of(
        "exception",
        given.assign(subject=subject, score=given["surprise"], measure=given["rule"]),
    )
    return Found("exception", table, {"Rules that are broken": _rules(found)})


def _named(seen: Seen, level: str) -> pd.DataFrame:
    items = seen.items.set_index("item_id")
    known = items["category"] if level == "category" else items["item_name"].fillna("")
    name = seen.purchases["item_id"].map(known)
    if level == "item":  # two items may have one name: the code keeps them apart
        code = seen.purchases["item_id"]
        name = (name.fillna("") + " (" + code + ")").str.strip()
    return pd.DataFrame({"customer_id": seen.purchases["customer_id"], "name": name}).dropna()


def _rules(found: pd.DataFrame) -> pd.DataFrame:
    columns = ["rule", "confidence", "keep", "exceptions"]
    return found.drop_duplicates("rule")[columns].reset_index(drop=True)
