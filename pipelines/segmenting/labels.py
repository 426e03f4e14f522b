"""Indicators as a person would call them."""

from collections.abc import Mapping

import pandas as pd

__all__ = ["LABELS", "LEVELS", "in_words", "out_of_words"]

LABELS: Mapping[str, str] = {
    "recency_days": "days since the last order",
    "frequency": "orders",
    "monetary": "spend",
    "spend_trend": "trend of spend",
    "gap_mean": "mean days between orders",
    "gap_std": "spread of days between orders",
    "gap_last": "days between the last orders",
    "basket_items": "items an order",
    "basket_pieces": "pieces an order",
    "basket_amount": "spend an order",
    "return_share_lines": "share of lines returned",
    "return_share_amount": "share of spend returned",
    "tenure_days": "days since the first order",
    "active_months": "months with an order",
    "category_entropy": "variety of categories",
    "spend_share_weekend": "share of spend on weekends",
}
"""What an indicator is called in rules and traits; others keep their own name."""

LEVELS: Mapping[str, tuple[str, str]] = {
    "recency_days": ("lately here", "long not here"),
    "frequency": ("few orders", "many orders"),
    "monetary": ("small spenders", "big spenders"),
    "spend_trend": ("spend less and less", "spend more and more"),
    "gap_mean": ("short gaps", "long gaps"),
    "gap_std": ("even rhythm", "uneven rhythm"),
    "overdue": ("in time", "overdue"),
    "basket_items": ("few items an order", "many items an order"),
    "basket_pieces": ("few pieces an order", "many pieces an order"),
    "basket_amount": ("small orders", "large orders"),
    "return_share_lines": ("few returns", "many returns"),
    "return_share_amount": ("little returned", "much returned"),
    "tenure_days": ("new here", "long known"),
    "active_months": ("few months", "many months"),
    "category_entropy": ("few categories", "many categories"),
}
"""What a segment is called that has little or much of an indicator."""


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Rename indicators by `LABELS`, those whose label no other column has."""
    taken = set(frame.columns)
    return frame.rename(columns={n: w for n, w in LABELS.items() if w not in taken})


def out_of_words(described: pd.DataFrame) -> pd.DataFrame:
    """Give the column ``attribute`` its former names."""
    names = {word: name for name, word in LABELS.items()}
    return described.assign(attribute=described["attribute"].replace(names))
