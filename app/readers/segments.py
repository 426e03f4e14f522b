"""Segments that runs described: cards, a map, who moved."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.readers.frames import personal_columns
from app.readers.runs import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Card", "SegmentView", "segments_of"]

KNOWN = ("segment", "name", "customers", "share")
MAP, MOVES = "map", "migration"
TABLES = ("cards", "segments")
MOST_POINTS = 3000


@dataclass(frozen=True)
class Card:
    """One segment: its name, what it is called, its size, and what is said of it."""

    name: str
    called: str
    customers: int | None
    share: float | None
    told: list[tuple[str, Any]]

    @property
    def title(self) -> str:
        """Give the name, or a word before it where it is a bare number."""
        if self.called:
            return self.called
        return f"Segment {self.name}" if self.name.lstrip("-").isdigit() else self.name


@dataclass(frozen=True)
class SegmentView:
    """What one run says of segments.

    Attributes
    ----------
    run : Run
    cards : list of Card
    map : pandas.DataFrame or None
        ``x``, ``y``, ``segment``.
    moves : pandas.DataFrame or None
        Counts from classes (rows) to classes (columns).
    """

    run: Run
    cards: list[Card]
    map: "pd.DataFrame | None"
    moves: "pd.DataFrame | None"


def segments_of(run: Run) -> SegmentView | None:
    """Read the segments of a run; None when it has none."""
    there = run.tables()
    for name in TABLES:
        frame = run.table(name) if name in there else None
        if frame is not None and "segment" in frame and not personal_columns(frame):
            return SegmentView(run, _cards(frame), _map(run, there), _moves(run, there))
    return None


def _cards(frame: "pd.DataFrame") -> list[Card]:
    said = [name for name in frame.columns if name not in KNOWN]
    return [
        Card(
            name=str(row["segment"]),
            called=str(row.get("name") or ""),
            customers=_whole(row.get("customers")),
            share=_number(row.get("share")),
            told=[(name, row[name]) for name in said if row[name] == row[name]],
        )
        for row in frame.to_dict("records")
        if row.get("customers", 1) == row.get("customers", 1)
    ]


def _map(run: Run, there: list[str]) -> "pd.DataFrame | None":
    frame = run.table(MAP) if MAP in there else None
    if frame is None or not {"x", "y", "segment"} <= set(frame.columns):
        return None
    step = max(1, -(-len(frame) // MOST_POINTS))
    return frame[["x", "y", "segment"]].iloc[::step]


def _moves(run: Run, there: list[str]) -> "pd.DataFrame | None":
    between = [name for name in there if name.startswith(MOVES)]
    # Those of the segments themselves come before those of other classes.
    named = min(between, key=lambda name: (name != f"{MOVES}_segments", name), default=None)
    frame = None if named is None else run.table(named)
    return None if frame is None or len(frame.columns) < 2 else _wide(frame)


def _wide(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Give a table of classes by classes, whether it is stored so or as from, to, customers."""
    first, second = frame.columns[:2]
    if len(frame.columns) >= 3 and frame[second].dtype.kind not in "iuf":
        wide = frame.pivot_table(
            index=first, columns=second, values=frame.columns[2], aggfunc="sum", fill_value=0
        )
        return wide.astype("int64")
    return frame.set_index(first).select_dtypes("number")


def _whole(value: Any) -> int | None:
    return None if value is None or value != value else int(value)


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
