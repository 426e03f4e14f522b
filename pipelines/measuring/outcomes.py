"""What each customer of a list bought: of the list and at all, in pieces, money and profit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.measuring.days import Days
from pipelines.measuring.given_list import GivenList
from pipelines.measuring.problems import Problems

__all__ = [
    "OUTCOMES",
    "RATIOS",
    "What",
    "Worth",
    "covariates",
    "outcomes",
    "row_outcomes",
    "within",
]

RECENT_DAYS, PAST_DAYS = 31, 365


@dataclass(frozen=True)
class What:
    """An outcome in words, and the kind of its values: ``share``, ``units`` or ``money``."""

    words: str
    kind: str


OUTCOMES = {
    "response": What("bought an item of their list", "share"),
    "units": What("pieces of listed items", "units"),
    "revenue": What("revenue from listed items", "money"),
    "profit": What("profit from listed items, after contacts", "money"),
    "any_response": What("bought anything", "share"),
    "any_units": What("pieces of any item", "units"),
    "any_revenue": What("revenue from any item", "money"),
    "any_profit": What("profit from any item, after contacts", "money"),
}
"""What is measured of each customer; the first four look at the customer's own list."""

RATIOS = {
    "revenue_an_order": (What("revenue an order", "money"), "any_revenue", "orders"),
    "units_an_order": (What("pieces an order", "units"), "any_units", "orders"),
}
"""What is measured of sums, with the names of what is divided."""


@dataclass(frozen=True)
class Worth:
    """What a sale earns.

    Attributes
    ----------
    items : pandas.DataFrame or None
        ``item_id``, ``margin``: money a piece.
    share : float or None
        Share of the amount, for items that state no margin.
    """

    items: pd.DataFrame | None
    share: float | None

    def margins(self, lines: pd.DataFrame) -> pd.Series:
        """Give the margin of each line; NaN where neither is known."""
        stated = pd.Series(np.nan, index=lines.index)
        if self.items is not None and len(self.items):
            piece = self.items.drop_duplicates("item_id").set_index("item_id")["margin"]
            known = lines["item_id"].map(piece.astype(np.float64))
            stated = known.astype(np.float64) * lines["quantity"]
        return stated if self.share is None else stated.fillna(lines["amount"] * self.share)

    def priced(self, lines: pd.DataFrame, problems: Problems) -> pd.DataFrame:
        """Add ``margin``; items without one are a problem."""
        margin = self.margins(lines)
        lacking = sorted(lines.loc[margin.isna(), "item_id"].unique())
        if lacking:
            some = ", ".join(lacking[:3]) + (", ..." if len(lacking) > 3 else "")
            problems.data.append(
                f"{len(lacking):,} items that were bought have no margin ({some}): give --config"
                " with economics.margin, or with a source of items that states it"
            )
        return lines.assign(margin=margin)


def row_outcomes(given: GivenList, lines: pd.DataFrame) -> pd.DataFrame:
    """Say of each row of the list what was bought of its item.

    Parameters
    ----------
    given : GivenList
        The list.
    lines : pandas.DataFrame
        The lines of the outcome window, with ``margin``.

    Returns
    -------
    pandas.DataFrame
        The rows with ``bought`` (0 or 1), ``units``, ``revenue`` and ``margin``.
    """
    sums = lines.groupby(["customer_id", "item_id"], as_index=False).agg(
        units=("quantity", "sum"), revenue=("amount", "sum"), margin=("margin", "sum")
    )
    rows = given.rows.merge(sums, how="left", on=["customer_id", "item_id"])
    rows["bought"] = rows["units"].notna().astype(np.float64)
    return rows.fillna({"units": 0.0, "revenue": 0.0, "margin": 0.0})


def outcomes(
    given: GivenList, rows: pd.DataFrame, lines: pd.DataFrame, cost: pd.Series
) -> pd.DataFrame:
    """Sum up each customer.

    Parameters
    ----------
    given : GivenList
        The list.
    rows : pandas.DataFrame
        What `row_outcomes` gave.
    lines : pandas.DataFrame
        The lines of the outcome window, with ``margin``.
    cost : pandas.Series
        Money spent on contacting each customer.

    Returns
    -------
    pandas.DataFrame
        By customer of the list, sorted: the columns of ``OUTCOMES`` and ``orders``.
    """
    own = rows.groupby("customer_id").agg(
        response=("bought", "max"),
        units=("units", "sum"),
        revenue=("revenue", "sum"),
        profit=("margin", "sum"),
    )
    everything = lines.groupby("customer_id").agg(
        any_units=("quantity", "sum"),
        any_revenue=("amount", "sum"),
        any_profit=("margin", "sum"),
        orders=("order_id", "nunique"),
    )
    frame = own.join(everything).reindex(given.customers.index).fillna(0.0)
    frame["any_response"] = (frame["orders"] > 0).astype(np.float64)
    spent = cost.reindex(frame.index)
    frame["profit"] -= spent
    frame["any_profit"] -= spent
    return frame[[*OUTCOMES, "orders"]]


def covariates(given: GivenList, past: pd.DataFrame) -> np.ndarray:
    """Give what was known of each customer before the list.

    Parameters
    ----------
    given : GivenList
        The list.
    past : pandas.DataFrame
        Lines up to the day of the list.

    Returns
    -------
    numpy.ndarray of float, (customers, columns)
        What the list promised; orders, pieces and revenue of the year before, and revenue of the
        month before, as logarithms of one more, because few customers buy very much; and revenue
        of the year as it is.
    """
    known = given.customers
    age = (pd.Timestamp(given.as_of) - past["ordered_at"].dt.normalize()).dt.days
    promised = known[["expected_profit", "expected_response"]].to_numpy(dtype=np.float64)
    month, year = (
        _bought(past[(age >= 0) & (age < days)], known.index) for days in (RECENT_DAYS, PAST_DAYS)
    )
    return np.hstack([promised, np.log1p(month[:, :1]), year[:, :1], np.log1p(year)])


def _bought(lines: pd.DataFrame, customers: pd.Index) -> np.ndarray:
    """Give amount, pieces and orders of each customer."""
    sums = lines.groupby("customer_id").agg(
        amount=("amount", "sum"), units=("quantity", "sum"), orders=("order_id", "nunique")
    )
    return sums.reindex(customers).fillna(0.0).to_numpy(dtype=np.float64)


def within(lines: pd.DataFrame, days: Days) -> pd.DataFrame:
    """Keep the lines of the days that are measured."""
    when = lines["ordered_at"]
    return lines[(when >= days.since) & (when < days.until)]
