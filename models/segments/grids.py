"""Customers in a grid of two questions: what they are worth, and what they need."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["PORTFOLIO", "cross_table", "portfolio"]

PORTFOLIO = {
    (True, True): "true friends",
    (True, False): "butterflies",
    (False, True): "barnacles",
    (False, False): "strangers",
}
"""Names by (profitable, loyal), after Reinartz and Kumar, *The Mismanagement of Customer Loyalty*,
Harvard Business Review 2002."""

_FIGURES = ("customers", "share", "value", "value_share")


def cross_table(
    rows: pd.Series,
    columns: pd.Series,
    value: pd.Series | None = None,
    *,
    row_order: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Count customers, and what they are worth, by two classes.

    Parameters
    ----------
    rows, columns : pandas.Series of str
        Two classes of each customer, such as value and need; equal index.
    value : pandas.Series of float, optional
        Money of each customer.
    row_order : sequence of str, optional
        Order of the rows; default: that of the texts.

    Returns
    -------
    pandas.DataFrame
        One row a cell with at least one customer: the two classes under the names of the series,
        ``customers``, ``share`` and, with `value`, ``value`` and ``value_share`` (NaN where all
        together are worth nothing).

    Raises
    ------
    ValueError
        When the two do not name the same customers, or a class is missing.

    Examples
    --------
    >>> value = pd.Series(["high", "low", "low"], name="value class")
    >>> need = pd.Series(["gifts", "gifts", "home"], name="need")
    >>> cross_table(value, need)[["value class", "need", "customers"]].values.tolist()
    [['high', 'gifts', 1], ['low', 'gifts', 1], ['low', 'home', 1]]
    """
    if not rows.index.equals(columns.index):
        raise ValueError("the two classes must name the same customers in the same order")
    if rows.isna().any() or columns.isna().any():
        raise ValueError("every customer needs a class on both sides")
    names = [str(rows.name or "row"), str(columns.name or "column")]
    _refuse_names(names)
    frame = pd.DataFrame(dict(zip(names, (rows.astype(str), columns.astype(str)), strict=True)))
    frame["value"] = 0.0 if value is None else value.reindex(rows.index).fillna(0.0)
    table = frame.groupby(names, sort=True)["value"].agg(["size", "sum"]).reset_index()
    table = table.rename(columns={"size": "customers", "sum": "value"})
    table.insert(3, "share", table["customers"] / max(len(rows), 1))
    total = table["value"].sum()
    table["value_share"] = table["value"] / (total if total else np.nan)
    if row_order is not None:
        place = {name: number for number, name in enumerate(row_order)}
        table = table.sort_values(
            names, key=lambda c: c.map(place) if c.name == names[0] else c, ignore_index=True
        )
    return table.drop(columns=["value", "value_share"]) if value is None else table


def _refuse_names(names: Sequence[str]) -> None:
    wrong = [name for name in names if name in _FIGURES]
    if wrong or names[0] == names[1]:
        told = ", ".join(wrong or names)
        raise ValueError(f"classes cannot be called {told}: these are figures or stand twice")


def portfolio(
    profit: pd.Series,
    loyalty: pd.Series,
    *,
    least_profit: float = 0.0,
    least_loyalty: float | None = None,
) -> pd.Series:
    """Name each customer by profitability and loyalty.

    Parameters
    ----------
    profit : pandas.Series of float
        Money earned with each customer; may be negative.
    loyalty : pandas.Series of float
        Such as months with a purchase; larger is more loyal.
    least_profit : float, default 0
        Profitable is who earns more than this.
    least_loyalty : float, optional
        Loyal is who has at least this; default: the mean.

    Returns
    -------
    pandas.Series of str
        A value of `PORTFOLIO`; a missing number counts as not profitable, not loyal.

    Examples
    --------
    >>> portfolio(pd.Series([9.0, 9.0, -1.0, -1.0]), pd.Series([12.0, 1.0, 12.0, 1.0])).tolist()
    ['true friends', 'butterflies', 'barnacles', 'strangers']
    """
    if not profit.index.equals(loyalty.index):
        raise ValueError("profit and loyalty must name the same customers in the same order")
    least = float(loyalty.mean()) if least_loyalty is None else least_loyalty
    pairs = zip((profit > least_profit).tolist(), (loyalty >= least).tolist(), strict=True)
    return pd.Series(
        [PORTFOLIO[pair] for pair in pairs], profit.index, dtype="str", name="portfolio"
    )
