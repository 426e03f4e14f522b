"""A frame as a table for people: headings in words, numbers by what they count."""

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from experiments.report.csv_address import csv_address
from experiments.report.numbers import UNKNOWN, chance, count, money, percent, plain

__all__ = ["Cell", "Table", "heading", "of_counts", "table", "written"]

MONEY = (
    "profit",
    "cost",
    "amount",
    "spend",
    "margin",
    "price",
    "revenue",
    "value_lost",
    "monetary",
)
# By their whole names: "value" alone may be anything.
AMOUNTS = ("mean_value", "total_value", "lifetime_value", "value_each")
PARTS = (
    *("right", "right_or_next", "behind_network", "off_total", "discount", "mean_alive"),
    *("response", "precision"),
)
MOST_ROWS = 1000
COUNTED = "numbers of things"
CHANCES = ("p", "p_value", "p_adjusted", "p_corrected", "p after correction")
SHARES = (
    "depth",
    "gain",
    "rate",
    "share",
    "coverage",
    "support",
    "confidence",
    "probability",
    "predicted",
    "observed",
    "recall@",
    "precision@",
    "ndcg@",
    "hit@",
    "error",
)
HEADINGS = {
    "ndcg": "NDCG",
    "expected_profit": "Expected profit",
    "predicted_profit": "Predicted by itself",
    "realised_profit": "Measured profit",
    "error": "Measured less predicted",
    "within": "Prediction inside the interval",
    "item_id": "Item",
    "item_name": "Item name",
    "rows_in": "Rows in",
    "auc": "AUC",
    "held_out_auc": "Held-out AUC",
    "mae": "MAE",
    "rmse": "RMSE",
    "roi": "ROI",
    "abc": "ABC",
    "rfm": "RFM",
    "rfm_name": "RFM name",
    "se": "Standard error",
    "p": "p",
    "p_value": "p",
    "auuc": "AUUC",
    "auuc_over_random": "AUUC over random",
    "r2_own": "R² own group",
    "r2_next": "R² next group",
    "p_adjusted": "p, corrected",
    "p_corrected": "p, corrected",
    "off_total": "Total off by",
    "mean_alive": "Mean chance of still buying",
}


@dataclass(frozen=True)
class Cell:
    """One value as text, with its interval as a note below."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A frame ready to be shown.

    Attributes
    ----------
    headings, kinds : list of str
        Words over the columns, and the style class of each.
    rows : list of list of Cell
    marked : list of bool
        Which rows stand out.
    csv : str
        An address that holds the rows as CSV.
    total : int
        Rows of the frame, of which the first are shown.
    """

    headings: list[str]
    kinds: list[str]
    rows: list[list[Cell]]
    marked: list[bool]
    csv: str = ""
    total: int = 0

    @property
    def file_name(self) -> str:
        """Give the name under which the rows are saved."""
        words = re.findall(r"[a-z0-9]+", " ".join(self.headings[:3]).lower())
        return f"{'-'.join(words) or 'table'}.csv"


def table(
    frame: pd.DataFrame,
    currency: str,
    *,
    columns: Iterable[str] | None = None,
    mark: pd.Series | None = None,
) -> Table:
    """Prepare a frame for the page.

    A column with companions of the same name ending in ``_low`` and ``_high`` is shown together
    with them, as a value and its interval.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any frame; the index is not shown.
    currency : str
        For columns of money, which are known by their names.
    columns : iterable of str, optional
        Those to show; default all. Names that the frame lacks are skipped.
    mark : pandas.Series of bool, optional
        Rows to stand out.

    Notes
    -----
    At most 1,000 rows are taken: a page that holds more cannot be mailed or read. Where columns
    are named after things of the data, such as segments, say by `of_counts` that they are counts:
    a segment that is called "spend more" would look like money.
    """
    total, frame = len(frame), frame.head(MOST_ROWS)
    counted = bool(frame.attrs.get(COUNTED))
    wanted = [name for name in (columns or frame.columns) if name in frame]
    shown = [name for name in wanted if not _is_companion(name, frame)]
    cells = [_column(frame, name, currency, counted) for name in shown]
    return Table(
        headings=[heading(name) for name in shown],
        kinds=[_kind(frame[name]) for name in shown],
        rows=[list(row) for row in zip(*cells, strict=True)],
        marked=[False] * len(frame) if mark is None else [bool(value) for value in mark],
        csv=csv_address(frame[wanted]),
        total=total,
    )


def of_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Say that every number of a frame is a number of things, whatever its columns are called.

    Examples
    --------
    >>> frame = pd.DataFrame({"they spend more": [230]})
    >>> [table(one, "EUR").rows[0][0].text for one in (frame, of_counts(frame))]
    ['€230', '230']
    """
    counted = frame.copy()
    counted.attrs = {**frame.attrs, COUNTED: True}
    return counted


def heading(name: Hashable) -> str:
    """Say the name of a column in words.

    Examples
    --------
    >>> heading("recall@10_new"), heading("days_since_last"), heading("seconds")
    ('Recall@10, new items', 'Days since last', 'Seconds')
    """
    text = str(name)
    if text in HEADINGS:
        return HEADINGS[text]
    for scope in ("new", "all"):
        if "@" in text and text.endswith(f"_{scope}"):
            return f"{heading(text.removesuffix(f'_{scope}'))}, {scope} items"
    text = text.replace("_", " ")
    return f"NDCG{text[4:]}" if text.startswith("ndcg") else text[:1].upper() + text[1:]


def written(value: Any, name: str, currency: str) -> str:
    """Write one value of the column `name`.

    Examples
    --------
    >>> written(0.123, "gain", "EUR"), written(1200.5, "expected_profit", "EUR")
    ('12%', '€1,200')
    >>> written(0.0312, "p_adjusted", "EUR"), written(6.5e-259, "p_adjusted", "EUR")
    ('0.0312', '<0.001')
    >>> written(0.393, "share_profitable", "EUR"), written(26.2, "profitable", "EUR")
    ('39%', '26.2')
    """
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else ""
    if isinstance(value, (list, tuple, set, frozenset)):
        parts = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return ", ".join(map(str, parts))
    if pd.isna(value):
        return UNKNOWN
    if isinstance(value, pd.Timestamp):
        return str(value.date()) if value == value.normalize() else str(value.floor("s"))
    if isinstance(value, (int, float, np.number)):
        return _number_format(name, currency)(value)
    return str(value)


def _number_format(name: str, currency: str) -> Callable[[Any], str]:
    low = name.lower().removesuffix("_low").removesuffix("_high")
    if low in CHANCES:
        return chance
    if low == "seconds":
        return lambda value: f"{value:,.1f} s"
    low = low.replace("profitable", "")  # says who, not how much
    if low.startswith("share"):
        return percent
    if low in PARTS:
        return percent
    if low in AMOUNTS or any(word in low for word in MONEY):
        return lambda value: money(value, currency)
    if any(word in low for word in SHARES):
        return percent
    return lambda value: count(value) if float(value).is_integer() else plain(value)


def _column(frame: pd.DataFrame, name: str, currency: str, counted: bool) -> list[Cell]:
    said = "" if counted else name
    texts = [written(value, said, currency) for value in frame[name]]
    ends = [f"{name}_low", f"{name}_high"]
    if not all(end in frame for end in ends):
        return [Cell(text) for text in texts]
    notes = [
        "" if pd.isna([low, high]).any() else _between(low, high, name, currency)
        for low, high in zip(frame[ends[0]], frame[ends[1]], strict=True)
    ]
    return [Cell(text, note) for text, note in zip(texts, notes, strict=True)]


def _between(low: float, high: float, name: str, currency: str) -> str:
    return f"{written(low, name, currency)} to {written(high, name, currency)}"


def _is_companion(name: str, frame: pd.DataFrame) -> bool:
    stem = str(name).removesuffix("_low").removesuffix("_high")
    return stem != name and stem in frame


def _kind(column: pd.Series) -> str:
    """Name the style class of a column: ``n`` numbers, ``d`` dates, else none."""
    types = pd.api.types
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        return "n"
    return "d" if len(column) and column.map(_is_day).all() else ""


def _is_day(value: object) -> bool:
    """Tell a day, or a text that is one.

    Examples
    --------
    >>> _is_day("2024-12-31"), _is_day("2024-12-31-demo")
    (True, False)
    """
    if isinstance(value, str):
        return len(value) == 10 and value[4] == value[7] == "-" and value.replace("-", "").isdigit()
    return isinstance(value, (date, pd.Timestamp))
