"""The card of each segment: size, worth, the rule that tells it, what it is like, what it buys."""

import numpy as np
import pandas as pd
from scipy import stats

from experiments.effect.multiplicity import benjamini_hochberg
from models.segments import SegmentRules, describe_segments, segment_sizes
from pipelines.segmenting.labels import in_words, out_of_words
from pipelines.segmenting.people import People
from pipelines.segmenting.schemes import Money, returns_by

__all__ = ["cards_of", "top_items"]

TRAITS = 3
ITEMS = 5
FEWEST_BUYERS = 5
ALPHA = 0.05


def cards_of(
    people: People,
    segment: pd.Series,
    names: dict[int, str],
    money: Money | None,
    items: pd.Series | None,
) -> tuple[pd.DataFrame, SegmentRules, pd.DataFrame]:
    """Describe every segment.

    Parameters
    ----------
    people : People
        With the attributes that customers were compared by.
    segment : pandas.Series of int
        By customer.
    names : dict of int to str
        What the segments are called.
    money : Money or None
        Of the customers.
    items : pandas.Series of str or None
        Names of the items, by identifier.

    Returns
    -------
    cards : pandas.DataFrame
        One row a segment: ``segment``, ``name``, ``customers``, ``share``, ``value``,
        ``value_share``, ``value_each``, ``profit``, ``roi``, ``rule``, ``precision``,
        ``coverage``, ``traits``, ``buys``.
    rules : SegmentRules
        Fitted.
    described : pandas.DataFrame
        See `models.segments.describe_segments`.
    """
    cards = segment_sizes(segment, None if money is None else money.value)
    cards.insert(1, "name", [names[int(number)] for number in cards["segment"]])
    if money is not None:
        earned = returns_by(segment, money, list(map(str, cards["segment"])))
        cards["profit"], cards["roi"] = earned["profit"].to_numpy(), earned["roi"].to_numpy()
    worded = in_words(people.attributes)
    rules = SegmentRules().fit(worded, segment)
    first = rules.table_.drop_duplicates("segment").set_index("segment")
    told = first.reindex(cards["segment"])
    cards["rule"] = told["rule"].fillna("no short rule tells these customers").to_numpy()
    cards["precision"], cards["coverage"] = (
        told[name].to_numpy(dtype=np.float64) for name in ("precision", "coverage")
    )
    described = describe_segments(worded, segment)
    cards["traits"] = [_traits(described, number) for number in cards["segment"]]
    if people.purchases is not None and items is not None:
        bought = top_items(people.purchases, segment, items)
        cards["buys"] = [
            ", ".join(bought.get(int(n), [])) or "nothing special" for n in cards["segment"]
        ]
    return cards, rules, out_of_words(described)


def top_items(
    purchases: pd.DataFrame, segment: pd.Series, names: pd.Series, most: int = ITEMS
) -> dict[int, list[str]]:
    """Give the items that a segment buys more often than chance allows, the strongest first.

    An item counts when it has five buyers in the segment, and more of them than a draw of as many
    customers from all would give (hypergeometric, one-sided, corrected after Benjamini and Hochberg
    over all items and segments). Items are ordered by the lift of the lower end of what the count
    allows, so that a rare item does not win by chance.
    """
    pairs = purchases[["customer_id", "item_id"]].drop_duplicates()
    pairs = pairs.assign(segment=pairs["customer_id"].map(segment)).dropna()
    buyers = pd.crosstab(pairs["item_id"], pairs["segment"])
    size = segment.value_counts().reindex(buyers.columns)
    everybody, bought = len(segment), buyers.sum(axis=1).to_numpy()[:, None]
    p = np.asarray(stats.hypergeom.sf(buyers - 1, everybody, bought, size.to_numpy()[None, :]))
    by_chance = benjamini_hochberg(p.ravel()).reshape(p.shape) >= ALPHA
    least = np.maximum(buyers - 2 * np.sqrt(buyers), 0.0)
    sure = pd.DataFrame(least / size / (bought / everybody))
    strong = sure.where(~by_chance & (buyers >= FEWEST_BUYERS) & (sure > 1))
    return {
        int(number): [str(names.get(item, item)) for item in _first(strong[number].dropna(), most)]
        for number in buyers.columns
    }


def _first(strength: pd.Series, most: int) -> list[str]:
    return sorted(strength.index, key=lambda item: (-strength[item], item))[:most]


def _traits(described: pd.DataFrame, number: int) -> str:
    rows = described[described["segment"] == number].head(TRAITS)
    return "; ".join(rows["text"])
