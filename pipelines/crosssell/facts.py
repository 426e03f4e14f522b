"""What a list needs to know of all customers together, counted once before they are parted."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import ibis
import numpy as np
import pandas as pd
from scipy import sparse

from features.cut import Cut
from features.windows import end_of
from models.recommend.crowd import Crowd
from pipelines.crosssell.snapshots import Snapshot

__all__ = ["CROWD", "Facts", "in_crowd"]

CROWD = 1_000_000
"""Customers who are counted in reasons, about; of more, an even sample."""


@dataclass(frozen=True)
class Facts:
    """Figures of all customers.

    Attributes
    ----------
    customers : int
        Everybody who bought something in the observed span.
    lines : pandas.Series of int64
        Purchased lines by ``item_id``, of items that the model does not know too.
    shares : pandas.Series of float64
        Share of customers who bought each item in the days that an outcome lasts, by ``item_id``.
    oldest : int
        Days since the first purchase.
    crowd : Crowd
        Who bought what, to be counted in reasons.
    labels : pandas.DataFrame
        ``item_id``, ``item_name``, ``category``, ``department``, as the data say.
    """

    customers: int
    lines: pd.Series
    shares: pd.Series
    oldest: int
    crowd: Crowd
    labels: pd.DataFrame

    @classmethod
    def of(cls, cut: Cut, items: pd.Index, days: int, most: int = CROWD) -> Self:
        """Count in DuckDB, in the memory that it may use.

        Parameters
        ----------
        cut : Cut
            Of a warehouse in DuckDB, of all customers.
        items : pandas.Index of str
            What the model knows.
        days : int
            Length of the outcome window.
        most : int
            Customers counted in reasons, about.
        """
        lines = cut.lines
        sums = lines.group_by("item_id").aggregate(
            lines=lines.count(), first=lines.ordered_at.min()
        )
        found = sums.to_pandas().set_index("item_id").sort_index()
        first = found["first"].loc[found.index.isin(items)].min()
        customers = int(lines.customer_id.nunique().to_pandas())
        labels = cut.items.select("item_id", "item_name", "category", "department").to_pandas()
        return cls(
            customers=customers,
            lines=found["lines"].astype(np.int64),
            shares=_recent_buyers(cut, days) / max(customers, 1),
            oldest=0 if pd.isna(first) else (pd.Timestamp(cut.as_of) - first.normalize()).days,
            crowd=_crowd(cut, found.index, items, -(-customers // most)),
            labels=labels.sort_values("item_id", ignore_index=True),
        )

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot, items: pd.Index, days: int, most: int = CROWD) -> Self:
        """Count in tables of all customers that are in memory; the same as `of`."""
        bought = snapshot.purchases
        history = snapshot.history(items)
        age = history.lines["age"]
        recent = history.lines[age < days][["customer", "item"]].drop_duplicates()
        buyers = recent["item"].value_counts().reindex(range(len(items))).fillna(0)
        customers = len(history.customers)
        every = -(-customers // most)
        rows = np.flatnonzero([in_crowd(one, every) for one in history.customers])
        return cls(
            customers=customers,
            lines=bought["item_id"].value_counts().sort_index(),
            shares=pd.Series(buyers.to_numpy() / max(customers, 1), index=items),
            oldest=int(age.max()) if len(age) else 0,
            crowd=Crowd.of(history.of_customers(rows)),
            labels=snapshot.labels,
        )

    def notes(self, items: pd.Index) -> list[str]:
        """Say what a person must know of them: what is unknown to the model, who was counted."""
        unseen = self.lines[~self.lines.index.isin(items)]
        said = []
        if len(unseen):
            told = "1 item" if len(unseen) == 1 else f"{len(unseen):,} items"
            said.append(
                f"{told} in the data ({unseen.sum():,} lines) not known to the model: left out"
            )
        if self.crowd.size < self.customers:
            said.append(
                f"figures in reasons are counted in {self.crowd.size:,} of {self.customers:,}"
                " customers, drawn evenly"
            )
        return said


def in_crowd(customer_id: str, every: int) -> bool:
    """Draw one customer in `every`, by the identifier alone.

    Examples
    --------
    >>> in_crowd("ann", 1), sum(in_crowd(str(one), 10) for one in range(1000))
    (True, 108)
    """
    if every <= 1:
        return True
    hashed = hashlib.md5(str(customer_id).encode(), usedforsecurity=False).hexdigest()
    return int(hashed[:8], 16) % every == 0


def _recent_buyers(cut: Cut, days: int) -> pd.Series:
    lines = cut.lines
    recent = lines.filter(lines.ordered_at >= end_of(cut.as_of - timedelta(days=days)))
    counts = recent.group_by("item_id").aggregate(buyers=recent.customer_id.nunique())
    found: pd.Series = counts.to_pandas().set_index("item_id")["buyers"].astype(np.float64)
    return found


def _crowd(cut: Cut, bought: pd.Index, items: pd.Index, every: int) -> Crowd:
    """Count in how many baskets each customer of the crowd bought each item."""
    connection = cut.lines.get_backend().con
    lines = ibis.to_sql(cut.lines.select("customer_id", "item_id", "order_id", "ordered_at"))
    # The same draw as `in_crowd`.
    drawn = f"('0x' || substr(md5(customer_id), 1, 8))::BIGINT % {every} = 0"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE crowd AS
        SELECT customer_id, row_number() OVER (ORDER BY customer_id) - 1 AS customer
        FROM (SELECT DISTINCT customer_id FROM ({lines})) WHERE {drawn if every > 1 else "TRUE"}
    """)
    ((size,),) = connection.execute("SELECT count(*) FROM temp.crowd").fetchall()
    found = connection.execute(f"""
        WITH items AS (
            SELECT item_id, row_number() OVER (ORDER BY item_id) - 1 AS item
            FROM (SELECT DISTINCT item_id FROM ({lines}))
        ), baskets AS (
            SELECT DISTINCT customer, item_id, order_id, ordered_at::DATE AS day
            FROM ({lines}) JOIN temp.crowd USING (customer_id)
        )
        SELECT customer::INTEGER AS customer, item::INTEGER AS item, count(*)::FLOAT AS times
        FROM baskets JOIN items USING (item_id) GROUP BY ALL
    """).fetchnumpy()
    connection.execute("DROP TABLE temp.crowd")
    code = items.get_indexer(bought)[found["item"]]
    known = code >= 0
    shape = (size, len(items))
    places = (found["customer"][known], code[known])
    return Crowd.of_times(sparse.csr_matrix((found["times"][known], places), shape=shape), items)
