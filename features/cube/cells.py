"""The answer to a view: cells that can be taken as a frame, a table, JSON or a pivot."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.cube.conditions import NONE

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TOTAL", "CellSet", "Shown"]

TOTAL = "Total"


@dataclass(frozen=True)
class Shown:
    """How a measure is written: a format of Python such as ``,.2f``, and a unit."""

    format: str | None = None
    unit: str | None = None

    def text(self, value: Any) -> str:
        """Write one value; nothing for a missing one.

        Examples
        --------
        >>> Shown(",.2f", "USD").text(1234.5), Shown().text(None)
        ('1,234.50', '')
        """
        if value is None or value != value:
            return ""
        if self.format is not None:
            return format(value, self.format)
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


@dataclass(frozen=True)
class CellSet:
    """Cells of a view; a level that a cell is a total over is None.

    Attributes
    ----------
    frame : pandas.DataFrame
        Levels, ``grouping`` (a bit for each level, set where the cell is a total over it, the
        first level first), ``hidden`` where the cell is too small to show, then the measures.
    rows, columns : tuple of str
        Levels on each side.
    measures : tuple of str
        Columns with values.
    shown : dict
        How measures are written.
    notes : tuple of str
        What a reader must know, such as hidden cells.
    """

    frame: pd.DataFrame
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    measures: tuple[str, ...]
    shown: dict[str, Shown] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def levels(self) -> tuple[str, ...]:
        """Give all levels, those on the rows first."""
        return (*self.rows, *self.columns)

    def __len__(self) -> int:
        return len(self.frame)

    def with_frame(self, frame: pd.DataFrame, measures: Sequence[str], *notes: str) -> "CellSet":
        """Give the same cells with other values."""
        more = (*self.notes, *notes)
        return replace(self, frame=frame, measures=tuple(measures), notes=more)

    def is_total(self, level: str) -> np.ndarray:
        """Say for each cell whether it is a total over a level."""
        bit = len(self.levels) - 1 - self.levels.index(level)
        return ((self.frame["grouping"].to_numpy() >> bit) & 1).astype(bool)

    def to_pandas(self) -> pd.DataFrame:
        """Give levels and measures, one row a cell; `grain` names the levels that a cell has."""
        frame = self.frame[[*self.levels, *self.measures]].copy()
        frame.insert(len(self.levels), "grain", self._grain())
        return frame

    def to_arrow(self) -> "pa.Table":
        """Give the same as an Arrow table."""
        import pyarrow as pa

        return pa.Table.from_pandas(self.to_pandas(), preserve_index=False)

    def to_json(self) -> dict[str, Any]:
        """Give plain values: the sides, and for each cell its members and values."""
        frame = self.to_pandas()
        cells = [
            {name: _plain(value) for name, value in zip(frame.columns, row, strict=True)}
            for row in frame.itertuples(index=False, name=None)
        ]
        return {
            "rows": list(self.rows),
            "columns": list(self.columns),
            "measures": {
                name: {"format": self.shown[name].format, "unit": self.shown[name].unit}
                if name in self.shown
                else {}
                for name in self.measures
            },
            "cells": cells,
            "notes": list(self.notes),
        }

    def pivot(self) -> pd.DataFrame:
        """Give rows against columns and measures, totals last.

        Returns
        -------
        pandas.DataFrame
            Labels are text: ``Total`` for totals, ``(none)`` for the missing member.
        """
        labels = {level: self._labels(level) for level in self.levels}
        row_of, row_labels = self._side(self.rows, labels)
        column_of, column_labels = self._side(self.columns, labels)
        blocks = {}
        for number, name in enumerate(self.measures):
            values = np.full((len(row_labels), len(column_labels)), np.nan)
            values[row_of, column_of] = self.frame[name].to_numpy(dtype=float, na_value=np.nan)
            for place, label in enumerate(column_labels):
                blocks[place, number] = ((*label, name), values[:, place])
        ordered = [blocks[key] for key in sorted(blocks)]
        index = _index(row_labels, self.rows)
        header = _index([label for label, _ in ordered], (*self.columns, "measure"))
        data = np.column_stack([values for _, values in ordered]) if ordered else np.empty((0, 0))
        return pd.DataFrame(data, index=index, columns=header)

    def _labels(self, level: str) -> np.ndarray:
        text = self.frame[level].map(_label).fillna(NONE).to_numpy(dtype=object)
        return np.where(self.is_total(level), TOTAL, text)

    def _side(
        self, levels: Sequence[str], labels: dict[str, np.ndarray]
    ) -> tuple[np.ndarray, list[tuple[str, ...]]]:
        """Give each cell its place along a side, members in their order and totals last."""
        if not levels:
            return np.zeros(len(self.frame), dtype=int), [()] if len(self.frame) else []
        keys = pd.DataFrame({level: labels[level] for level in levels})
        order = {f"{level}#": self._order(level) for level in levels}
        places = keys.assign(**order).drop_duplicates(list(levels))
        places = places.sort_values(list(order), kind="stable").reset_index(drop=True)
        found = {tuple(row): place for place, row in enumerate(places[list(levels)].to_numpy())}
        number = [found[tuple(row)] for row in keys.to_numpy()]
        return np.array(number, dtype=int), list(found)

    def _order(self, level: str) -> np.ndarray:
        """Rank members by value: text by letters, numbers and days by size, totals last."""
        values = self.frame[level]
        known = sorted({value for value in values if not _missing(value)})
        rank = {value: number for number, value in enumerate(known)}
        number = [len(rank) if _missing(value) else rank[value] for value in values]
        return np.where(self.is_total(level), len(rank) + 1, number)

    def _grain(self) -> pd.Series:
        last = len(self.levels) - 1
        kinds, places = np.unique(self.frame["grouping"].to_numpy(), return_inverse=True)
        names = [
            ", ".join(name for i, name in enumerate(self.levels) if not (bits >> (last - i)) & 1)
            for bits in kinds
        ]
        categories = pd.Index([name or TOTAL for name in names])
        grain = pd.Categorical.from_codes(places.astype("int64"), categories)
        return pd.Series(grain, index=self.frame.index)


def _index(labels: list[tuple[str, ...]], names: Sequence[str]) -> pd.Index:
    if not names:
        return pd.Index([TOTAL] * len(labels))
    if len(names) == 1:
        return pd.Index([label[0] for label in labels], name=names[0], dtype=object)
    return pd.MultiIndex.from_tuples(labels, names=list(names))


def _missing(value: Any) -> bool:
    return value is None or value is pd.NaT or value != value


def _label(value: Any) -> str | None:
    return None if _missing(value) else str(value)


def _plain(value: Any) -> Any:
    if _missing(value):
        return None
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | int | float | bool) else str(value)
