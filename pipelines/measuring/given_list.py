"""The list that is measured, as it was written, and what its manifest says."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lodeworks.errors import DataError, did_you_mean
from lodeworks.files import did_you_mean_file, file_digest
from lodeworks.spreadsheet import FORMULA_STARTS
from pipelines.measuring.problems import Problems
from pipelines.measuring.reading import read_csv, read_frame

__all__ = ["GivenList", "read_list"]

DECILES = 10
TEXTS = ("customer_id", "item_id", "evidence_id", "segment", "group", "model", "as_of")
COLUMNS = (*TEXTS, "rank", "probability", "expected_profit")


@dataclass(frozen=True)
class GivenList:
    """A list and its manifest.

    Attributes
    ----------
    path : Path
        The list's file.
    rows : pandas.DataFrame
        The columns of the contract that a measurement needs.
    sha256 : str
        Hash of the file's bytes.
    manifest : dict
        What the command wrote beside it; empty when there is none.
    """

    path: Path
    rows: pd.DataFrame
    sha256: str
    manifest: dict[str, Any]

    @property
    def as_of(self) -> date:
        """The last day that the list saw."""
        return date.fromisoformat(str(self.rows["as_of"].iloc[0]))

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row a customer, sorted.

        ``treated``, ``segment``, ``model``, and what the list promised: ``expected_profit``
        (money after the contact), ``expected_response`` (chance of at least one listed item) and
        ``decile`` of the expected profit, 1 the best.
        """
        rows = self.rows.assign(miss=1 - self.rows["probability"])
        groups = rows.groupby("customer_id", sort=True)
        frame = pd.DataFrame(
            {
                "treated": groups["group"].first() == "target",
                "segment": groups["segment"].first(),
                "model": groups["model"].first(),
                "expected_profit": groups["expected_profit"].sum(),
                "expected_response": 1 - groups["miss"].prod(),
            }
        )
        place = frame["expected_profit"].rank(method="first", ascending=False) - 1
        return frame.assign(decile=(place * DECILES // len(frame)).astype(int) + 1)


def read_list(path: Path, problems: Problems) -> GivenList:
    """Read a list, its hash and its manifest.

    Parameters
    ----------
    path : Path
        ``.parquet`` or ``.csv``, as `lode run` and `lode score` write it.
    problems : Problems
        Gets what is wrong inside the list.

    Raises
    ------
    DataError
        When the file cannot be read as a list.
    """
    rows = _read(path)
    given = GivenList(path, rows, file_digest(path), _manifest(path))
    problems.data += _faults(rows)
    if not problems.data:
        problems.data += _group_faults(given)
    return given


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DataError(f"the list {path} is missing{did_you_mean_file(path)}")
    try:
        frame = read_frame(path) if path.suffix == ".parquet" else _read_csv(path)
    except (OSError, ValueError) as error:
        raise DataError(f"the list {path} cannot be read: {error}") from error
    missing = [name for name in COLUMNS if name not in frame]
    if missing:
        hints = [f"{name!r}: {did_you_mean(name, map(str, frame))}" for name in missing]
        raise DataError(f"{path} is no list: {len(missing)} columns are missing", hints)
    if frame.empty:
        raise DataError(f"the list {path} names nobody")
    return frame.loc[:, list(COLUMNS)]


def _read_csv(path: Path) -> pd.DataFrame:
    frame = read_csv(path, dtype=dict.fromkeys(TEXTS, str), keep_default_na=False)
    for name in set(TEXTS) & set(frame):
        guarded = frame[name].str.startswith(tuple(f"'{sign}" for sign in FORMULA_STARTS))
        frame[name] = frame[name].mask(guarded, frame[name].str[1:])
    return frame


def _manifest(path: Path) -> dict[str, Any]:
    """Read what `lode score` wrote beside the list, or `lode run` in the same folder."""
    for place in (path.with_name(f"{path.name}.manifest.json"), path.with_name("manifest.json")):
        try:
            found = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(found, dict) and found.get("command") in ("run", "score"):
            return found
    return {}


def _faults(rows: pd.DataFrame) -> list[str]:
    problems = []
    strange = sorted(set(map(str, rows["group"])) - {"target", "control"})
    if strange:
        problems.append(f"group is 'target' or 'control', but the list says {', '.join(strange)}")
    days = sorted(set(map(str, rows["as_of"])))
    if len(days) > 1:
        problems.append(f"the list holds rows of {len(days)} days: {', '.join(days[:3])}")
    elif not _is_day(days[0]):
        problems.append(f"as_of is no day such as 2024-12-31: {days[0]!r}")
    for name in ("probability", "expected_profit"):
        values = pd.to_numeric(rows[name], errors="coerce")
        bad = int((~np.isfinite(values)).sum())
        if bad:
            problems.append(f"{bad:,} rows have no number in {name}")
    again = int(rows.duplicated(["customer_id", "item_id"]).sum())
    if again:
        problems.append(f"{again:,} pairs of customer and item are listed twice")
    return problems


def _group_faults(given: GivenList) -> list[str]:
    groups = given.rows.groupby("customer_id")["group"].nunique()
    both = groups.index[groups > 1]
    if len(both):
        some = ", ".join(map(str, both[:3])) + ", ..." * (len(both) > 3)
        who = f"{len(both):,} customers are" if len(both) > 1 else "1 customer is"
        return [f"{who} in both groups ({some}), so no group is what it was"]
    sizes = given.customers["treated"].value_counts()
    return [
        f"the list has no {name} group, so nothing can be compared; "
        "a list with policy.control above 0 keeps one"
        for name, treated in (("target", True), ("control", False))
        if not sizes.get(treated, 0)
    ]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
