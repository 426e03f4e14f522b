"""Segments as findings that a person can accept, act upon and follow."""

import pandas as pd

from experiments.findings.draft import Draft, Evidence, Words

__all__ = ["segment_drafts"]

LEAST, MUCH = 0.3, 0.8  # Cohen's words: small to middle, and large
TRAITS = 5


def segment_drafts(
    cards: pd.DataFrame, described: pd.DataFrame, method: str, currency: str
) -> list[Draft]:
    """Make a draft of every segment that may be shown.

    Parameters
    ----------
    cards : pandas.DataFrame
        Published cards; hidden segments have no customers.
    described : pandas.DataFrame
        See `models.segments.describe_segments`.
    method : str
        Which method found them.
    currency : str
        Of the money.
    """
    total = int(cards["customers"].sum())
    drafts = []
    for row in cards.dropna(subset=["customers"]).to_dict("records"):
        traits = _traits(described[described["segment"] == row["segment"]])
        values = {"customers": int(row["customers"]), "share": float(row["share"])}
        profit = row.get("profit")
        drafts.append(
            Draft(
                kind="segment",
                pattern={"segment": int(row["segment"]), "traits": traits},
                words=Words("segment", {**values, "traits": _told(traits)}),
                evidence=Evidence(n=total, value=float(row["share"]), unit="share"),
                money=None if profit is None or pd.isna(profit) else float(profit),
                currency=currency,
                touches={"segment": str(int(row["segment"]))},
                source=method,
            )
        )
    return drafts


def _traits(described: pd.DataFrame) -> dict[str, str]:
    levels = {}
    for row in described.head(TRAITS).to_dict("records"):
        size = abs(row["effect"])
        if size >= LEAST and not isinstance(row["typical"], str):
            word = "higher" if row["effect"] > 0 else "lower"
            levels[str(row["attribute"])] = f"much-{word}" if size >= MUCH else word
    return levels


def _told(traits: dict[str, str]) -> list[dict[str, str]]:
    told = [{"trait": name, "level": f"level.{level}"} for name, level in traits.items()]
    return told or [{"trait": "frequency", "level": "level.usual"}]
