"""From a view to its cells: what to ask, what to hide, what to compare."""

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.cube.cells import CellSet, Shown
from features.cube.declaration import DerivedMeasure, ShareOfParent
from features.cube.derived import Comparing, dimension_of, parent_set
from features.cube.query import GROUPING, Asked, Factor, supposed
from features.cube.scenarios import factors_of
from features.cube.suppression import hidden_cells

if TYPE_CHECKING:
    from features.cube.conditions import Condition
    from features.cube.cube import Cube
    from features.cube.view import View

__all__ = ["Answering"]

Kept = tuple[str, ...]


class Answering:
    """Answer one view.

    Parameters
    ----------
    cube : Cube
    view : View
    hide : bool
        Whether cells that are too small are hidden.
    """

    def __init__(self, cube: "Cube", view: "View", *, hide: bool = True) -> None:
        self.cube, self.view, self.layout = cube, view, cube.layout
        self.privacy = cube.declaration.privacy if hide else None
        self.rows = self._told_apart(view.row_levels)
        self.columns = self._told_apart(view.column_levels)
        self.order = (*self.rows, *self.columns)
        last = (self.rows or self.columns or ("",))[-1]
        self.last = dimension_of(last)
        self.derived = self._derived()
        self.measures = self._measures()
        self.shown_sets = self._shown_sets()
        self.actual, self.sets = self._helped()
        self.levels = (*self.order, *dict.fromkeys(
            key for kept in self.sets for key in kept if key not in self.order
        ))  # fmt: skip

    def asked(self) -> Asked:
        """Say what the statement shall answer."""
        sets = tuple(tuple(key for key in self.levels if key in kept) for kept in self.sets)
        return Asked(self.levels, sets, self.measures, self.view.conditions, self._scenarios())

    def cells(self) -> CellSet:
        """Ask, hide and compare."""
        asked = self.asked()
        frame = _frame(self.cube, asked)
        frame["kept"] = self._kinds(frame[GROUPING].to_numpy(), asked)
        frame["hidden"] = self._hidden(frame)
        values = [name for name in frame.columns if name not in (*self.levels, GROUPING, "kept")]
        frame.loc[frame["hidden"], [name for name in values if name != "hidden"]] = np.nan
        frame = self._compared(frame)
        return self._shown(frame)

    def _told_apart(self, levels: Kept) -> Kept:
        """Put before a level what tells its members apart, unless it is on an axis already."""
        named = (*self.view.row_levels, *self.view.column_levels)
        return tuple(
            dict.fromkeys(
                key
                for level in levels
                for key in self.layout.identity(level)
                if key == level or key not in named
            )
        )

    def _derived(self) -> dict[str, DerivedMeasure]:
        declared = {name: self.layout.measure(name) for name in self.view.names}
        found = {name: m for name, m in declared.items() if isinstance(m, DerivedMeasure)}
        return {**found, **dict(self.view.compared)}

    def _measures(self) -> Kept:
        """Give the measures to compute: asked for, compared, or needed to hide small cells."""
        needed = [name for name in self.view.names if name not in self.derived]
        needed += [measure.of for measure in self.derived.values()]
        if self.privacy is not None:
            needed.append(self.privacy.count)
        return tuple(dict.fromkeys(needed))

    def _shown_sets(self) -> list[Kept]:
        """Give the levels of each kind of cell: all, and the totals that are asked for."""
        if self.view.total_mode is None:
            return [self.order]
        if self.view.total_mode == "nested":
            sides = [self._prefixes(self.view.row_levels), self._prefixes(self.view.column_levels)]
        else:
            dimensions = dict.fromkeys(dimension_of(key) for key in self.view.shown)
            sides = [
                self._prefixes(tuple(key for key in self.view.shown if dimension_of(key) == name))
                for name in dimensions
            ]
        chosen = [{key for part in parts for key in part} for parts in product(*sides)]
        return list(
            dict.fromkeys(tuple(key for key in self.order if key in kept) for kept in chosen)
        )

    def _prefixes(self, levels: Kept) -> list[Kept]:
        told = [self._told_apart(levels[:number]) for number in range(len(levels), -1, -1)]
        return list(dict.fromkeys(told))

    def _helped(self) -> tuple[dict[int, Kept], list[Kept]]:
        """Add the cells that comparisons need; give shown levels by kind, and all kinds."""
        shares = [m for m in self.derived.values() if isinstance(m, ShareOfParent)]
        actual: dict[Kept, None] = {}
        shown: dict[int, Kept] = {}
        helpers: dict[Kept, None] = {}
        for kept in self.shown_sets:
            whole = kept
            for measure in shares:
                along = measure.along or self.last
                above, needed = parent_set(self.layout, kept, along)
                whole = tuple(dict.fromkeys((*whole, *needed)))
                helpers[tuple(sorted(above))] = None
            shown[len(actual)] = kept
            actual[tuple(sorted(whole))] = None
        return shown, [*dict.fromkeys((*actual, *helpers))]

    def _scenarios(self) -> dict[str, tuple[Factor, ...]]:
        def total(name: str, where: "tuple[tuple[str, Condition], ...]") -> float:
            asked = Asked((), ((),), (name,), where)
            value = self.cube.table(asked).column(name).to_pylist()[0]
            return float(value or 0)

        return {
            scenario.name: factors_of(scenario, total, self.cube.checked)
            for scenario in self.view.scenarios
        }

    def _kinds(self, grouping: np.ndarray, asked: Asked) -> np.ndarray:
        """Give the number of the kind of each cell by the levels that it is a total over."""
        last = len(asked.levels) - 1
        bits = [
            sum(1 << (last - place) for place, key in enumerate(asked.levels) if key not in kept)
            for kept in asked.sets
        ]
        order = np.argsort(bits)
        return order[np.searchsorted(bits, grouping, sorter=order)]

    def _hidden(self, frame: pd.DataFrame) -> np.ndarray:
        if self.privacy is None:
            return np.zeros(len(frame), dtype=bool)
        count, least = self.privacy.count, self.privacy.min_group
        return hidden_cells(frame, self.levels, self.sets, count, least)

    def _compared(self, frame: pd.DataFrame) -> pd.DataFrame:
        comparing = Comparing(
            self.layout, frame, self.levels, tuple(self.sets), self.actual, self.order, self.last
        )
        return frame.assign(
            **{name: comparing.values(measure) for name, measure in self.derived.items()}
        )

    def _shown(self, frame: pd.DataFrame) -> CellSet:
        kept = frame[frame["kept"].isin(self.actual)].reset_index(drop=True)
        last = len(self.order) - 1
        bits = {
            kind: sum(1 << (last - i) for i, key in enumerate(self.order) if key not in levels)
            for kind, levels in self.actual.items()
        }
        kept["grouping"] = kept["kept"].map(bits).astype("int64")
        hidden = int(kept["hidden"].sum())
        kept = self._without_single_persons(kept)
        notes = []
        if hidden and self.privacy is not None:
            least = f"{self.privacy.min_group} {self.privacy.count}"
            notes.append(
                f"{hidden:,} cells are hidden: fewer than {least}, or they would reveal such a cell"
            )
        names = self._columns_shown()
        columns = [*self.order, "grouping", "hidden", *names]
        styles = {name: self._style(name) for name in names}
        return CellSet(kept[columns], self.rows, self.columns, names, styles, tuple(notes))

    def _without_single_persons(self, kept: pd.DataFrame) -> pd.DataFrame:
        """Leave out kinds of which every cell is hidden: their members may be people's names."""
        if self.privacy is None or kept.empty:
            return kept
        nothing_shown = kept.groupby("kept")["hidden"].transform("all")
        has_members = kept["kept"].map(lambda kind: bool(self.actual[kind]))
        return kept[~(nothing_shown & has_members)].reset_index(drop=True)

    def _columns_shown(self) -> Kept:
        """Order what is shown: each measure, then it under each scenario, then comparisons."""
        found = []
        for name in self.view.names:
            found.append(name)
            for scenario in self.view.scenarios:
                changed = {each for change in scenario.changes for each in change.measures}
                if name not in self.derived and changed & set(self.layout.inputs(name)):
                    label = supposed(name, scenario.name)
                    found += [label, f"{label} difference"]
        return tuple(dict.fromkeys([*found, *dict(self.view.compared)]))

    def _style(self, name: str) -> Shown:
        base = name.partition(" [")[0]
        measure = self.derived.get(name) or self.layout.declaration.measures[base]
        if not isinstance(measure, DerivedMeasure):
            return Shown(measure.format, measure.unit)
        if measure.format is not None or measure.unit is not None:
            return Shown(measure.format, measure.unit)
        if measure.kind in ("share_of_parent", "growth"):
            return Shown(".2%", None)
        if measure.kind == "rank":
            return Shown(".0f", None)
        of = self.layout.measure(measure.of)
        return Shown(of.format, of.unit)


def _frame(cube: "Cube", asked: Asked) -> pd.DataFrame:
    """Give the rows: levels as plain values with None, measures as numbers."""
    import pyarrow as pa

    table = cube.table(asked)
    columns = {}
    for name in table.column_names:
        column = table.column(name)
        if name in asked.levels and pa.types.is_string(column.type):
            columns[name] = column.to_pandas()
        elif name in asked.levels:
            columns[name] = pd.Series(column.to_pylist(), dtype=object)
        elif name == GROUPING:
            columns[name] = column.to_pandas()
        elif pa.types.is_decimal(column.type):
            # by way of text, which gives the nearest double; a cast may miss it by a digit
            columns[name] = column.cast(pa.string()).cast(pa.float64()).to_pandas()
        elif pa.types.is_integer(column.type):
            columns[name] = column.cast(pa.float64()).to_pandas()
        else:
            columns[name] = column.to_pandas()
    return pd.DataFrame(columns)
