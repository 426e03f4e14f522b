"""Brands that customers bought, period by period, and how they moved between them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features.cut import Cut
from features.warehouse import Warehouse
from features.windows import end_of
from lodeworks.errors import DataError, did_you_mean
from models.value import SwitchingEstimate, estimate_switching, main_brands
from pipelines.config.relations import ValueSwitching, ValueSwitchingEstimate

__all__ = ["OTHERS", "Moved", "moved_between"]

OTHERS = "all others"


@dataclass(frozen=True)
class Moved:
    """What purchases say of switching.

    Attributes
    ----------
    estimate : SwitchingEstimate
        The matrix, its intervals, and what it rests on.
    own : str
        The brand that is asked about.
    start : numpy.ndarray of float64
        Shares of the brands among the buyers of the latest period.
    purchases : float
        Days with a purchase of a customer who bought, in a period.
    days : int
        Length of a period.
    least : int
        Customers that a row should rest on.
    """

    estimate: SwitchingEstimate
    own: str
    start: np.ndarray
    purchases: float
    days: int
    least: int

    @property
    def thin(self) -> tuple[str, ...]:
        """Brands whose row rests on too few customers."""
        pairs = zip(self.estimate.brands, self.estimate.customers, strict=True)
        return tuple(brand for brand, many in pairs if many < self.least)


def moved_between(
    warehouse: Warehouse, until: date, observe: int, asked: ValueSwitching, level: float
) -> Moved | None:
    """Estimate the switching matrix from the purchases up to the end of `until`.

    Parameters
    ----------
    warehouse : Warehouse
    until : datetime.date
        The last day.
    observe : int
        Days that are read.
    asked : ValueSwitching
        What was asked; None is given back where the matrix is stated.
    level : float
        Coverage of the intervals.

    Raises
    ------
    DataError
        When there is no brand, only one, not the one that was asked about, or nobody bought in two
        consecutive periods.
    """
    wanted = asked.estimate
    if wanted is None:
        return None
    bought = _purchases(Cut.at(warehouse, until, observe), wanted)
    states = main_brands(bought)
    brands = _told_apart(states, wanted, asked.own)
    states["brand"] = states["brand"].where(states["brand"].isin(brands), OTHERS)
    names = brands if OTHERS not in set(states["brand"]) else [*brands, OTHERS]
    found = estimate_switching(states, names, level=level)
    if not found.counts.sum():
        raise DataError(f"switching: nobody bought in two periods of {wanted.period} days running")
    now = states.loc[states["period"] == states["period"].max(), "brand"].value_counts()
    days = bought.drop_duplicates(["customer_id", "day"])
    return Moved(
        estimate=found,
        own=asked.own or names[0],
        start=(now.reindex(names, fill_value=0) / now.sum()).to_numpy(dtype=np.float64),
        purchases=len(days) / len(states),
        days=wanted.period,
        least=wanted.least,
    )


def _purchases(cut: Cut, wanted: ValueSwitchingEstimate) -> pd.DataFrame:
    """Give ``customer_id``, ``period``, ``day``, ``brand``, ``amount`` of all whole periods."""
    columns = ["customer_id", "item_id", "ordered_at", "amount"]
    lines: pd.DataFrame = cut.lines.select(*columns).to_pandas()
    lines["brand"] = lines["item_id"]
    if wanted.by != "item":
        labels = cut.items.select("item_id", wanted.by).to_pandas().set_index("item_id")
        lines["brand"] = lines["item_id"].map(labels[wanted.by])
    lines = lines[lines["brand"].notna()]
    if lines.empty:
        raise DataError(f"switching: no purchase up to {cut.as_of} says its {wanted.by}")
    back = (pd.Timestamp(end_of(cut.as_of)) - lines["ordered_at"]).dt.total_seconds() / 86_400
    # The moment at which a day begins belongs to it, so a period ends just before.
    period = np.ceil(back / wanted.period).astype(int)
    whole = int(np.ceil(back.max()) // wanted.period)
    lines = lines.assign(period=-period, day=lines["ordered_at"].dt.normalize())
    if whole < 2:
        raise DataError(f"switching: the purchases do not fill two periods of {wanted.period} days")
    kept: pd.DataFrame = lines[period <= whole]
    return kept


def _told_apart(states: pd.DataFrame, wanted: ValueSwitchingEstimate, own: str | None) -> list[str]:
    """Choose the brands that are told apart, those of most customers first."""
    sizes = states.groupby("brand")["customer_id"].nunique()
    order = sorted(sizes.index, key=lambda brand: (-sizes[brand], brand))
    if len(order) < 2:
        raise DataError(f"switching: all purchases are of one {wanted.by}, {order[0]!r}")
    if own is not None and own not in order:
        raise DataError(f"switching: nobody bought {own!r}; {did_you_mean(own, order)}")
    kept = order[: wanted.most]
    return kept if own is None or own in kept else [*kept[:-1], own]
