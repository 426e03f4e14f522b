"""What the search for deviations reads from the warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.cut import Cut
from features.indicators import indicators
from features.purchases import outcomes, purchases
from features.warehouse import Warehouse
from features.windows import Window
from lodeworks.errors import DataError, did_you_mean
from models.segments import ValuePyramid

__all__ = ["Seen", "classes_of", "level_cuts", "periods_of", "read", "spending_after"]


@dataclass(frozen=True)
class Seen:
    """Customers and their purchases up to a day.

    Attributes
    ----------
    as_of : date
    features : pandas.DataFrame of float64
        Indicators by ``customer_id``.
    purchases : pandas.DataFrame
        Lines of the observed span.
    people : pandas.DataFrame
        What a source states of the customers, by ``customer_id``.
    items : pandas.DataFrame
        ``item_id``, ``item_name``, ``category``.
    """

    as_of: date
    features: pd.DataFrame
    purchases: pd.DataFrame
    people: pd.DataFrame
    items: pd.DataFrame


def read(
    warehouse: Warehouse,
    as_of: date | str,
    observe: int,
    families: Sequence[str],
    *,
    columns: Sequence[str] | None = None,
) -> Seen:
    """Read what was known at the end of a day.

    Parameters
    ----------
    warehouse : Warehouse
        Loaded.
    as_of : date or 'latest'
        The last day that may be seen.
    observe : int
        Days that are read.
    families : sequence of str
        Families of indicators.
    columns : sequence of str, optional
        The indicators to give, as an earlier call named them.

    Raises
    ------
    DataError
        When nobody bought in the span.
    """
    day = warehouse.last_day if as_of == "latest" else date.fromisoformat(str(as_of))
    cut = Cut.at(warehouse, day, observe)
    bought = purchases(cut)
    if bought.empty:
        raise DataError(
            f"nobody bought anything in the {observe} days to {day}; the data spans"
            f" {warehouse.first_day} to {warehouse.last_day}"
        )
    people = cut.customers.drop("opt_out").to_pandas().set_index("customer_id").sort_index()
    items = cut.items.select("item_id", "item_name", "category").to_pandas()
    items = items.sort_values("item_id", ignore_index=True)
    return Seen(day, indicators(cut, families, columns=columns), bought, people, items)


def classes_of(seen: Seen, by: str, cuts: Sequence[float] | None = None) -> pd.Series:
    """Give the class of every customer who bought.

    Parameters
    ----------
    seen : Seen
        Customers and their purchases.
    by : str
        ``pyramid``, ``all``, or a column of the customers.
    cuts : sequence of float, optional
        Least spend of the levels of the pyramid, as `level_cuts` gave it before; default: of these
        customers.

    Raises
    ------
    DataError
        When there is no such column.
    """
    index = seen.features.index
    if by == "all":
        return pd.Series("all customers", index)
    if by == "pyramid":
        pyramid = ValuePyramid()
        pyramid.cuts_ = list(level_cuts(seen) if cuts is None else cuts)
        return pd.Series(pyramid.predict(_spent(seen)), index, dtype="str")
    if by not in seen.people:
        known = ["pyramid", "all", *map(str, seen.people.columns)]
        raise DataError(f"members.by: there is no column {by!r}; {did_you_mean(by, known)}")
    values = seen.people[by].reindex(index)
    return values.astype(object).where(values.notna(), "unknown").map(str)


def level_cuts(seen: Seen) -> list[float]:
    """Give the least spend of a top, a large and a medium customer."""
    return [float(min(cut, 1e300)) for cut in ValuePyramid().fit(_spent(seen)).cuts_]


def _spent(seen: Seen) -> pd.Series:
    return seen.purchases.groupby("customer_id")["amount"].sum().reindex(seen.features.index)


def spending_after(
    warehouse: Warehouse, as_of: date, observe: int, outcome: int, families: Sequence[str]
) -> tuple[pd.DataFrame, pd.Series]:
    """Read indicators before the last days, and what was spent in them.

    Returns
    -------
    features : pandas.DataFrame of float64
        Indicators by ``customer_id`` at the day before the outcome begins.
    spent : pandas.Series of float64
        Money in the outcome, 0 for who bought nothing.
    """
    window = Window(as_of - timedelta(days=outcome), observe, 0, outcome)
    features = indicators(Cut.of(warehouse, window), families)
    after = outcomes(warehouse, window).groupby("customer_id")["amount"].sum()
    return features, after.reindex(features.index).fillna(0.0)


def periods_of(seen: Seen, period: int, observe: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum purchases by period, counted back from the last day.

    Returns
    -------
    customers : pandas.DataFrame of float64
        Money by customer (rows) and period (columns, named by their first day).
    figures : pandas.DataFrame of float64
        ``revenue``, ``orders`` and ``customers`` (rows) of the whole shop by period.
    """
    count = observe // period
    lines = seen.purchases
    end = pd.Timestamp(seen.as_of) + pd.Timedelta(days=1)
    back = ((end - lines["ordered_at"]).dt.total_seconds() / 86400 / period).to_numpy()
    number = count - 1 - np.ceil(back).astype(np.int64) + 1
    # A moment that begins a period belongs to it: the end of the day is no part of the day.
    lines = lines.assign(period=number)[(number >= 0) & (number < count)]
    first = end - pd.Timedelta(days=period * count)
    begins = lines["period"].min() if len(lines) else 0
    known = range(int(begins), count)  # periods before the data begin would look like silence
    names = [str((first + pd.Timedelta(days=period * n)).date()) for n in known]
    money = lines.pivot_table("amount", "customer_id", "period", "sum", fill_value=0.0)
    money = money.reindex(columns=list(known), fill_value=0.0).set_axis(names, axis=1)
    by_period = lines.groupby("period")
    figures = pd.DataFrame(
        {
            "revenue": by_period["amount"].sum(),
            "orders": by_period["order_id"].nunique(),
            "customers": by_period["customer_id"].nunique(),
        }
    )
    figures = figures.reindex(list(known), fill_value=0).set_axis(names, axis=0).T
    return money.astype(np.float64), figures.astype(np.float64)
