"""Attributes of items at one date."""

from datetime import timedelta

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from features.cut import Cut
from features.exact import days_between
from features.windows import end_of

__all__ = ["POPULAR_DAYS", "item_features"]

POPULAR_DAYS = 30
"""Length of the recent part in which popularity is counted."""


def item_features(cut: Cut) -> pd.DataFrame:
    """Describe every item that was bought in a cut.

    Returns
    -------
    pandas.DataFrame of float64
        Indexed by ``item_id``, sorted:

        - ``price``: median unit price; NaN when no line has one.
        - ``margin``: money earned a piece, as declared or else the median of price minus cost;
          NaN when neither is known.
        - ``popularity_30``, ``popularity_all``: customers who bought it, in the last 30 days and
          in the whole cut.
        - ``pieces``: median quantity of a line.
        - ``first_sold_days``: days from the first sale to `as_of`.
        - ``category_code``, ``department_code``: place in the sorted names; NaN when unknown.
    """
    items = cut.items.select("item_id", "category", "department", declared_margin="margin")
    frame = _sales(cut).left_join(items, "item_id").drop("item_id_right").to_pandas()
    frame = frame.set_index("item_id").sort_index()
    frame["margin"] = frame["declared_margin"].fillna(frame["margin"])
    for label in ("category", "department"):
        frame[f"{label}_code"] = _codes(frame[label])
    return frame.drop(columns=["declared_margin", "category", "department"]).astype(np.float64)


def _sales(cut: Cut) -> ir.Table:
    lines = cut.lines
    recent = lines.ordered_at >= end_of(cut.as_of - timedelta(days=POPULAR_DAYS))
    return lines.group_by("item_id").aggregate(
        price=lines.price.quantile(0.5),
        margin=(lines.price - lines.cost).quantile(0.5),
        popularity_30=lines.customer_id.nunique(where=recent),
        popularity_all=lines.customer_id.nunique(),
        pieces=lines.quantity.quantile(0.5),
        first_sold_days=days_between(lines.ordered_at.min(), cut.as_of),
    )


def _codes(labels: pd.Series) -> np.ndarray:
    codes, _ = pd.factorize(labels, sort=True)
    return np.where(codes < 0, np.nan, codes)
