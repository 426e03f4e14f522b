"""Who was contacted often enough lately, by a file of contacts."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from lodeworks.errors import DataError
from pipelines.lists.tables import read_table

__all__ = ["Fatigue", "read_contacts", "tired", "was_made"]


OTHER = "contacted_on"


@dataclass(frozen=True)
class Fatigue:
    """How many contacts are enough.

    Attributes
    ----------
    contacts : int
        Contacts after which a customer is left alone.
    within : int
        Days in which they are counted, the day of the list included.
    column : str
        Column of the day of the contact.
    """

    contacts: int = 1
    within: int = 30
    column: str = "contacted_at"


def read_contacts(path: Path, column: str) -> pd.DataFrame:
    """Read who was contacted when.

    Parameters
    ----------
    path : Path
        CSV or Parquet with ``customer_id`` and the day of the contact; where there is a column
        ``group``, rows that say ``control`` are no contacts.
    column : str
        Column of the day; where the file has no ``contacted_at``, ``contacted_on`` does as well.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``day`` (midnight), contacts only.

    Raises
    ------
    DataError
        When the file is missing, cannot be read or a day is none: nobody must be contacted too
        often because of it.
    """
    columns = (column, OTHER) if column == Fatigue.column else (column,)
    rows = read_table(path, "contacts", needed=["customer_id"], one_of=columns)
    column = next(name for name in columns if name in rows)
    day = pd.to_datetime(rows[column], errors="coerce")
    wrong = day.isna()
    if wrong.any():
        raise DataError(
            f"{path}: {wrong.sum()} of {len(rows)} rows have no day in {column}: given"
            f" {str(rows.loc[wrong, column].iloc[0])!r}; a date such as 2024-12-31 is needed"
        )
    found = pd.DataFrame({"customer_id": rows["customer_id"], "day": day.dt.normalize()})
    return found[was_made(rows)].dropna(subset=["customer_id"])


def was_made(rows: pd.DataFrame) -> pd.Series:
    """Tell which rows of a file of contacts are contacts.

    Parameters
    ----------
    rows : pandas.DataFrame
        As they were read. Where there is a column ``group``, rows that say ``control`` are of
        customers who were left alone; all others are contacts.

    Returns
    -------
    pandas.Series of bool
        With the index of `rows`.

    Examples
    --------
    >>> was_made(pd.DataFrame({"group": ["target", " Control", None]})).tolist()
    [True, False, True]
    """
    if "group" not in rows:
        return pd.Series(True, index=rows.index)
    group = rows["group"].astype("string").str.strip().str.lower()
    return group.ne("control").fillna(True).astype(bool)


def tired(contacts: pd.DataFrame, fatigue: Fatigue, as_of: date) -> frozenset[str]:
    """Give the customers who are to be left alone.

    Parameters
    ----------
    contacts : pandas.DataFrame
        What `read_contacts` gave.
    fatigue : Fatigue
        How many are enough.
    as_of : datetime.date
        The day of the list; later contacts are not counted.

    Examples
    --------
    >>> days = pd.to_datetime(["2024-12-01", "2024-12-20", "2024-12-20"])
    >>> contacts = pd.DataFrame({"customer_id": ["ann", "ann", "bob"], "day": days})
    >>> sorted(tired(contacts, Fatigue(contacts=2, within=30), date(2024, 12, 24)))
    ['ann']
    """
    last, first = pd.Timestamp(as_of), pd.Timestamp(as_of - timedelta(days=fatigue.within))
    counted = contacts[(contacts["day"] > first) & (contacts["day"] <= last)]
    times = counted["customer_id"].value_counts()
    return frozenset(times.index[times >= fatigue.contacts])
