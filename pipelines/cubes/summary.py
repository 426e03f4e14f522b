"""What `lode cube` prints: a table for people, or one JSON object."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.cube import CellSet
from features.cube.cells import Shown
from features.cube.trend import Trend

__all__ = ["CubeSummary", "FrameSummary"]

_MOST_ROWS = 80
_WIDE = 10
_WIDEST = 10_000


@dataclass(frozen=True)
class CubeSummary:
    """Cells of a view.

    Attributes
    ----------
    name : str
        The cube.
    cells : CellSet
    written : tuple of Path
    """

    name: str
    cells: CellSet
    written: tuple[Path, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give sides, cells and notes."""
        files = [str(path) for path in self.written]
        return {"cube": self.name, **self.cells.to_json(), "written": files}

    def text(self) -> str:
        """Give a table, what a reader must know, and the files."""
        pivot = self.cells.pivot()
        values = pivot.to_numpy()
        labels = [_words(label) for label in pivot.columns]
        names = [str(name or "") for name in pivot.index.names]
        if len(labels) > _WIDE and len(self.cells.measures) > 1 and self.cells.columns:
            table = self._stacked(names, [_words(label) for label in pivot.index], labels, values)
        else:
            header = ["\n".join(label) for label in labels]
            body = [
                [self._text(label[-1], value) for label, value in zip(labels, row, strict=True)]
                for row in values
            ]
            table = _table(names, header, [_words(label) for label in pivot.index], body)
        notes = [f"! {note}" for note in self.cells.notes]
        return _whole(table, notes, self.written)

    def _stacked(
        self, names: list[str], heads: list[list[str]], labels: list[list[str]], values: np.ndarray
    ) -> str:
        """Put measures below one another, where there are too many columns to read."""
        across = list(dict.fromkeys(tuple(label[:-1]) for label in labels))
        place = {tuple(label): number for number, label in enumerate(labels)}
        measures = self.cells.measures
        body = [
            [self._text(name, row[place[*column, name]]) for column in across]
            for row in values
            for name in measures
        ]
        stacked = [[*head, name] for head in heads for name in measures]
        header = ["\n".join(column) for column in across]
        return _table([*names, "measure"], header, stacked, body)

    def _text(self, measure: str, value: float) -> str:
        if value != value:
            return "*" if self.cells.frame["hidden"].any() else ""
        return self.cells.shown.get(measure, Shown()).text(value)


@dataclass(frozen=True)
class FrameSummary:
    """A frame with one row an entry: a trend, a share of wallet, members.

    Attributes
    ----------
    name : str
        The cube.
    kind : str
        The key of the rows in JSON.
    frame : pandas.DataFrame
    notes : tuple of str
    written : tuple of Path
    styles : dict
        How numbers are written.
    """

    name: str
    kind: str
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    written: tuple[Path, ...] = ()
    styles: dict[str, Shown] = field(default_factory=dict)

    @classmethod
    def of_trend(cls, name: str, trend: Trend, style: Shown, written: tuple[Path, ...]) -> Any:
        """Give the trend with the models that were chosen."""
        models = [
            f"{', '.join(map(str, member)) or trend.measure}: {model}, interval {trend.level:.0%}"
            for member, model in trend.models.items()
        ]
        styles = dict.fromkeys(("observed", "fitted", "forecast", "low", "high"), style)
        return cls(name, "trend", trend.frame, (*models, *trend.notes), written, styles)

    def to_dict(self) -> dict[str, Any]:
        """Give the rows as objects; a missing value is null."""
        rows = [
            {str(name): _plain(value) for name, value in row.items()}
            for row in self.frame.to_dict("records")
        ]
        files = [str(path) for path in self.written]
        return {"cube": self.name, self.kind: rows, "notes": list(self.notes), "written": files}

    def text(self) -> str:
        """Give a table, the notes and the files."""
        body = [
            [self._cell(str(name), value) for name, value in row.items()]
            for row in self.frame.to_dict("records")
        ]
        header = [str(name) for name in self.frame.columns]
        table = _table([], header, [[] for _ in body], body)
        return _whole(table, [f"! {note}" for note in self.notes], self.written)

    def _cell(self, name: str, value: Any) -> str:
        if isinstance(value, float):
            return self.styles.get(name, Shown()).text(value)
        return "" if value is None or value != value else str(value)


def _words(label: object) -> list[str]:
    return [str(word) for word in label] if isinstance(label, tuple) else [str(label)]


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    return value.item() if hasattr(value, "item") else value


def _table(
    names: list[str], header: list[str], heads: list[list[str]], body: list[list[str]]
) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        table.add_column(Text(name), overflow="fold")
    for name in header:
        table.add_column(Text(name, justify="right"), justify="right", no_wrap=True)
    for head, row in list(zip(heads, body, strict=True))[:_MOST_ROWS]:
        table.add_row(*(Text(str(word)) for word in (*head, *row)))
    into = io.StringIO()
    Console(file=into, width=_WIDEST, color_system=None).print(table)
    lines = [line.rstrip() for line in into.getvalue().rstrip().splitlines()]
    more = len(body) - _MOST_ROWS
    return "\n".join([*lines, *([f"... and {more:,} more rows; --out writes all"] * (more > 0))])


def _whole(table: str, notes: list[str], written: tuple[Path, ...]) -> str:
    return "\n".join([table.strip("\n"), *notes, *(f"written: {path}" for path in written)])
