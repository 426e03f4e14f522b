"""The report of the segments: the answer, the cards, how they were chosen, who moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from experiments.report.numbers import count, day, money, percent
from experiments.report.plots import Plot
from experiments.report.sheet import Part, Sheet
from experiments.report.svg import Bar, interval_chart
from experiments.report.tables import of_counts
from models.segments import Matched, SegmentRules
from pipelines.segmenting.choosing import Choice
from pipelines.segmenting.learning import Ground
from pipelines.segmenting.publishing import HIDDEN

__all__ = ["Found", "sheet_of"]

MOST_TOLD = 8
MOST_DRAWN = 12
SCHEMES = {
    "pyramid": "Value pyramid",
    "abc": "ABC: who brings most",
    "portfolio": "Profitability and loyalty",
    "rfm_name": "Recency, frequency and monetary value",
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """Everything that the page tells; tables may be shown as they are.

    Attributes
    ----------
    name, currency : str
    as_of : str
        The last day that was seen; empty for a table of customers.
    customers, min_group : int
    cards, board, rules, needs : pandas.DataFrame or None
        Cards, candidates, rules, value by need.
    returns : mapping of str to pandas.DataFrame
        What the classes of each scheme return.
    moves : mapping of str to pandas.DataFrame
        Tables of movement by caption.
    choice : Choice
    ground : Ground
    tree : SegmentRules
    matched : Matched or None
        With the former segments.
    notes : sequence of str
    """

    name: str
    currency: str
    as_of: str
    customers: int
    min_group: int
    cards: pd.DataFrame
    board: pd.DataFrame
    rules: pd.DataFrame
    choice: Choice
    ground: Ground
    tree: SegmentRules
    returns: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    needs: pd.DataFrame | None = None
    moves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    matched: Matched | None = None
    notes: Sequence[str] = ()


def sheet_of(found: Found, about: Mapping[str, str]) -> Sheet:
    """Write the page."""
    won = found.board[found.board["winner"]].iloc[0]
    stable = found.choice.is_stable
    return Sheet(
        title=f"Segments: {found.name}",
        headline=_headline(found),
        mood="good" if stable else "open",
        verdict="comes again in resampled customers"
        if stable
        else "a convenient cut, not natural groups",
        lead=_lead(found),
        tiles={
            "Customers": (count(found.customers), day(found.as_of)),
            "Segments": (count(len(found.cards)), str(won["method"])),
            "Stability": (f"{won['stability']:.2f}", "1 = always the same"),
            "Told by rules": (percent(found.tree.accuracy_), "customers in their own segment"),
        },
        parts=[part for part in _parts(found) if part is not None],
        doubts=_doubts(found),
        currency=found.currency,
        about=about,
    )


def _headline(found: Found) -> str:
    told = f"{len(found.cards)} segments of {count(found.customers)} customers"
    if "value_share" not in found.cards or found.cards["value_share"].isna().all():
        return f"{told}."
    best = found.cards.sort_values("value_share", ascending=False).iloc[0]
    return (
        f"{told}; segment {int(best['segment'])} ({best['name']}) is {percent(best['share'])} of"
        f" them and brings {percent(best['value_share'])} of the value."
    )


def _lead(found: Found) -> list[str]:
    shown = found.cards.dropna(subset=["customers"])
    told = [_sentence(row, found.currency) for row in shown.head(MOST_TOLD).to_dict("records")]
    costly = shown[shown["roi"] < 0] if "roi" in shown else shown.head(0)
    if len(costly):
        named = ", ".join(str(int(one)) for one in costly["segment"])
        told.append(f"Costs more than it brings: segment {named}.")
    return told


def _sentence(row: Mapping[Any, Any], currency: str) -> str:
    told = f"Segment {row['segment']} ({row['name']}): {count(row['customers'])} customers"
    if "value" in row and not pd.isna(row["value"]):
        told += f", {money(row['value'], currency)}"
    told += f"; {row['traits']}"
    return f"{told}; buys {row['buys']}." if "buys" in row else f"{told}."


def _doubts(found: Found) -> list[str]:
    doubts = [found.choice.reason] if not found.choice.is_stable else []
    hidden = int(found.cards["customers"].isna().sum())
    if hidden:
        doubts.append(
            f"{hidden} segments are not shown: groups under {found.min_group} customers, and what"
            " would give them away."
        )
    return [*doubts, *_borders(found), *found.notes]


def _borders(found: Found) -> list[str]:
    """Say how sharp the segments are, and what they do not tell."""
    won = found.board[found.board["winner"]].iloc[0]
    return [
        f"The least stable segment is found again to {won['weakest_segment']:.2f} (1 = always the"
        f" same); the mean of all is {won['stability']:.2f}.",
        f"The silhouette is {won['silhouette']:.2f} (1 = far apart, 0 = they touch): a customer"
        " near a border could as well be in the next segment.",
        "Segments describe what customers did. What an offer would change in them is not known"
        " from this.",
    ]


def _parts(found: Found) -> list[Part | None]:
    return [
        _cards(found.cards),
        Part(
            heading="Rules that tell them",
            text=(
                "A small tree over the attributes, one rule a leaf. Precision: share of those who"
                " fulfil the rule that are in the segment; coverage: share of the segment.",
            ),
            tables={"": found.rules},
        ),
        _choice(found),
        _attributes(found),
        _returns(found),
        None
        if found.needs is None
        else Part(
            heading="Value by need", tables={"Customers, level by segment": of_counts(found.needs)}
        ),
        _moves(found),
        _refresh(found),
    ]


def _cards(cards: pd.DataFrame) -> Part:
    """Show figures and words apart: side by side they are wider than a page."""
    words = [name for name in ("segment", "name", "traits", "buys") if name in cards]
    figures = cards.drop(columns=["rule", "traits", "buys"], errors="ignore")
    return Part(
        heading="The segments",
        tables={
            "Figures": figures.rename(columns={"value": "total_value"}),
            "What sets them apart, and what they buy more than others": cards[words],
        },
    )


def _returns(found: Found) -> Part | None:
    if not found.returns:
        return None
    return Part(
        heading="Classes and what they return",
        text=(
            "What each class brings and costs; a return (roi) below 0 costs more than it brings."
            " Customers with their classes are in the table classes beside this report.",
        ),
        tables={SCHEMES[name]: table for name, table in found.returns.items()},
    )


def _choice(found: Found) -> Part:
    bars = [
        Bar(
            f"{row['candidate']}: {row['stability']:.2f}",
            row["stability"],
            row["stability_low"],
            row["stability_high"],
            strong=bool(row["winner"]),
        )
        for row in found.board.head(MOST_DRAWN).to_dict("records")
    ]
    picture = interval_chart(
        "stability",
        "Stability of every candidate with its interval",
        "A dot is the mean likeness of segments to themselves in resampled customers.",
        bars,
        lambda value: f"{value:.2f}",
        "likeness (1 is always the same)",
    )
    caption = (
        "Likeness (Jaccard) of segments to those found in resampled customers; at most"
        f" {MOST_DRAWN} candidates are drawn, all are in the table."
    )
    return Part(
        heading="How method and number were chosen",
        text=(
            found.choice.reason,
            "Stable segmentations are compared by silhouette, customer by customer; the simplest"
            " that is not measurably worse wins.",
        ),
        tables={"": found.board},
        figures=(Plot(picture, caption, found.board),),
    )


def _attributes(found: Found) -> Part:
    ground = found.ground
    used = pd.DataFrame({"attribute": list(ground.people.attributes)})
    about = [ground.space.columns_[name] for name in used["attribute"]]
    used["kind"] = [one["kind"] for one in about]
    used["logarithm"] = [bool(one.get("log", False)) for one in about]
    tables = {"Used": used}
    if ground.left_out:
        rows = list(ground.left_out.items())
        tables["Left out"] = pd.DataFrame(rows, columns=["attribute", "reason"])
    if ground.groups is not None:
        tables["Groups of attributes that say the same"] = ground.groups.round(6)
    return Part(heading="Attributes", tables=tables)


def _moves(found: Found) -> Part | None:
    if not found.moves:
        return None
    return Part(
        heading="Migration",
        text=(
            "Rows: the earlier date, columns: the later one; both by today's rules. Opening +"
            f" joined - left = closing. A dash: {HIDDEN}, fewer than {found.min_group} customers or"
            " what would give them away.",
        ),
        tables={caption: of_counts(table) for caption, table in found.moves.items()},
    )


def _refresh(found: Found) -> Part | None:
    if found.matched is None:
        return None
    likeness = found.matched.likeness
    table = pd.DataFrame(
        {
            "segment": found.matched.ids,
            "forerunner": ["yes" if np.isfinite(one) else "new" for one in likeness],
            "likeness": likeness,
        }
    ).sort_values("segment", ignore_index=True)
    gone = ", ".join(map(str, found.matched.gone)) or "none"
    return Part(
        heading="Since the former segments",
        text=(f"Likeness: customers of both over customers of either. Gone: {gone}.",),
        tables={"": table},
    )
