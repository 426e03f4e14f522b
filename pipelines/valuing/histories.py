"""Purchases from the warehouse as histories, up to a day and after it."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.warehouse import Warehouse
from features.windows import end_of
from lodeworks.errors import DataError
from models.value import purchase_histories

__all__ = ["Calibrated", "calibrated", "read_lines", "repeat_buyers"]

FEWEST = 20


@dataclass(frozen=True)
class Calibrated:
    """Histories up to a day, and what came after it.

    Attributes
    ----------
    as_of, until : datetime.date
        Last day of the calibration, and of the outcome.
    histories : pandas.DataFrame
        By customer at `as_of`: ``frequency``, ``recency``, ``T``, ``spend``, ``first_spend``.
    later : pandas.DataFrame
        The histories of the same customers at `until`.
    bought, spent : numpy.ndarray of float64
        Days with a purchase, and money spent, between the two; in the order of `histories`.
    purchases : pandas.DataFrame
        ``customer_id``, ``ordered_at``, ``amount`` of all up to `until`, returns left out.
    """

    as_of: date
    until: date
    histories: pd.DataFrame
    later: pd.DataFrame
    bought: np.ndarray
    spent: np.ndarray
    purchases: pd.DataFrame


def read_lines(warehouse: Warehouse, until: date, observe: int) -> pd.DataFrame:
    """Give the lines of `observe` days up to the end of `until`, returns among them.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``ordered_at``, ``amount`` (negative for returns), ``is_return``.
    """
    lines = warehouse.lines
    begin = end_of(until - timedelta(days=observe))
    seen = lines.filter(lines.ordered_at >= begin, lines.ordered_at < end_of(until))
    columns = ["customer_id", "ordered_at", "amount", "is_return"]
    signed = seen.is_return.ifelse(-seen.amount, seen.amount)
    frame: pd.DataFrame = seen.mutate(amount=signed).select(*columns).to_pandas()
    return frame.sort_values(columns).reset_index(drop=True)


def calibrated(lines: pd.DataFrame, as_of: date, until: date, unit: int) -> Calibrated:
    """Part the lines at `as_of`.

    Raises
    ------
    DataError
        When too few customers came back for a model of coming back.
    """
    bought = lines[~lines["is_return"].astype(bool)].drop(columns="is_return")
    before = pd.Timestamp(end_of(as_of))
    histories = purchase_histories(bought[bought["ordered_at"] < before], str(as_of), unit)
    repeat_buyers(histories, as_of)
    later = purchase_histories(bought, str(until), unit).loc[histories.index]
    after = bought[bought["ordered_at"] >= before].groupby("customer_id")["amount"].sum()
    return Calibrated(
        as_of=as_of,
        until=until,
        histories=histories,
        later=later,
        bought=(later["frequency"] - histories["frequency"]).to_numpy(),
        spent=after.reindex(histories.index).fillna(0.0).to_numpy(dtype=np.float64),
        purchases=bought,
    )


def repeat_buyers(histories: pd.DataFrame, day: date) -> None:
    """Raise where too few customers bought on more than one day.

    Raises
    ------
    DataError
        With the count.
    """
    again = int((histories["frequency"] > 0).sum()) if len(histories) else 0
    if again < FEWEST:
        raise DataError(
            f"of {len(histories):,} customers up to {day}, {again} bought on more than one day; a"
            f" model of coming back needs {FEWEST}: take a later window.as_of or a longer"
            " window.observe"
        )
