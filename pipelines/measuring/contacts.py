"""Who was contacted in fact, against who was meant to be."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from lodeworks.errors import DataError, did_you_mean
from lodeworks.files import did_you_mean_file
from pipelines.lists.fatigue import was_made
from pipelines.measuring.given_list import GivenList
from pipelines.measuring.problems import Problems
from pipelines.measuring.reading import read_frame

__all__ = ["Contacts", "read_contacts"]

TIMES = ("contacted_at", "contacted_on")


@dataclass(frozen=True)
class Contacts:
    """The contacts of a list's customers in its time.

    Attributes
    ----------
    contacted : pandas.Series of bool
        By customer of the list, sorted.
    counts : dict of str to int
        ``rows``, ``contacted_targets``, ``missed_targets``, ``contacted_controls``,
        ``strangers`` (customers who are not on the list), ``before`` and ``late`` (rows outside
        the time), ``unreadable`` (rows without a customer or a time), ``left_alone`` (rows whose
        ``group`` is ``control``: no contacts), ``responses`` that the contacts themselves report.
    """

    contacted: pd.Series
    counts: dict[str, int]


def read_contacts(path: Path, given: GivenList, until: date, problems: Problems) -> Contacts:
    """Read the contacts that were made.

    Parameters
    ----------
    path : Path
        CSV or Parquet: ``customer_id``, ``contacted_at`` (or ``contacted_on``), optional
        ``response`` and ``group``; see `pipelines.lists.fatigue.was_made`.
    given : GivenList
        The list; contacts count from its day.
    until : date
        The last day that is measured.
    problems : Problems
        Gets notes on what does not fit, and the problem of no usable row.

    Raises
    ------
    DataError
        When the file is missing or lacks a column.
    """
    rows = _read(path)
    frame = rows[was_made(rows)]
    when = pd.to_datetime(frame["when"], errors="coerce", format="mixed", utc=True)
    when = when.dt.tz_localize(None)
    usable = when.notna() & frame["customer_id"].notna() & (frame["customer_id"] != "")
    day = when.dt.normalize()
    before = usable & (day < pd.Timestamp(given.as_of))
    late = usable & (day > pd.Timestamp(until))
    inside = frame[usable & ~before & ~late]
    if len(frame) and not usable.any():
        problems.data.append(f"no row of the contacts {path} has a customer and a time")
    known = given.customers.index
    contacted = pd.Series(known.isin(set(inside["customer_id"])), index=known)
    treated = given.customers["treated"]
    counts = {
        "rows": len(rows),
        "contacted_targets": int((contacted & treated).sum()),
        "missed_targets": int((~contacted & treated).sum()),
        "contacted_controls": int((contacted & ~treated).sum()),
        "strangers": len(set(inside["customer_id"]) - set(known)),
        "before": int(before.sum()),
        "late": int(late.sum()),
        "unreadable": int((~usable).sum()),
        "left_alone": len(rows) - len(frame),
        "responses": _responses(inside),
    }
    problems.notes += _notes(counts)
    return Contacts(contacted, counts)


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DataError(f"the contacts {path} are missing{did_you_mean_file(path)}")
    try:
        frame = read_frame(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DataError(f"the contacts {path} cannot be read: {error}") from error
    when = next((name for name in TIMES if name in frame), None)
    missing = [name for name in ("customer_id",) if name not in frame]
    missing += [] if when else [TIMES[0]]
    if missing:
        hints = [f"{name!r}: {did_you_mean(name, map(str, frame))}" for name in missing]
        raise DataError(f"the contacts {path} lack {len(missing)} columns", hints)
    who = frame["customer_id"].astype("string").str.strip()
    return frame.assign(customer_id=who.astype(object), when=frame[when])


def _responses(inside: pd.DataFrame) -> int:
    if "response" not in inside:
        return 0
    said = inside["response"].astype(str).str.strip().str.casefold()
    return int(inside.loc[said.isin(["1", "1.0", "true", "yes", "y"]), "customer_id"].nunique())


def _notes(counts: dict[str, int]) -> list[str]:
    told = []
    if counts["contacted_controls"]:
        told.append(
            f"contamination: {counts['contacted_controls']:,} controls were contacted anyway; they"
            " stay controls, so the effect as drawn is likely smaller than that of the contact"
        )
    if counts["missed_targets"]:
        told.append(
            f"{counts['missed_targets']:,} targets were never contacted; they stay targets, and"
            " cost nothing"
        )
    words = {
        "strangers": "customers were contacted who are not on the list",
        "before": "contacts were made before the list and do not count",
        "late": "contacts were made after the days measured and do not count",
        "unreadable": "rows of the contacts have no customer or no readable time",
        "left_alone": "rows of the contacts are of the group control: they are no contacts",
    }
    return told + [f"{counts[name]:,} {text}" for name, text in words.items() if counts[name]]
