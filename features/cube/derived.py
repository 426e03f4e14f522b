"""Measures that compare cells: share of parent, rank, period on period, running total."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features.cube.declaration import (
    DerivedMeasure,
    Difference,
    Growth,
    Rank,
    RunningTotal,
    ShareOfParent,
)
from features.cube.layout import Layout
from lodeworks.errors import ConfigError

__all__ = ["Comparing", "dimension_of", "parent_set", "period_number", "time_dimension"]

Kept = tuple[str, ...]


def dimension_of(key: str) -> str:
    """Give the dimension of ``dimension.level``."""
    return key.partition(".")[0]


def parent_set(layout: Layout, kept: Kept, dimension: str) -> tuple[Kept, Kept]:
    """Give the levels of a cell's parent along a dimension, and those a cell needs to find it.

    Parameters
    ----------
    layout : Layout
    kept : tuple of str
        Levels of the cell.
    dimension : str

    Returns
    -------
    (tuple of str, tuple of str)
        Levels of the parent; levels of the cell. Without the dimension the cell is its own parent.
    """
    own = [key for key in kept if dimension_of(key) == dimension]
    if not own:
        return kept, kept
    finest = _finest(layout, own)
    parent = layout.level(finest).parent
    if parent is None:
        return tuple(key for key in kept if key not in own), kept
    found = layout.identity(parent)
    others = tuple(key for key in kept if key != finest and key not in found)
    return (*others, *found), (*kept, *(key for key in found if key not in kept))


def time_dimension(layout: Layout, levels: Sequence[str], what: str) -> str:
    """Give the dimension of time that is shown.

    Raises
    ------
    ConfigError
        When none or several are.
    """
    shown = {key.partition(".")[0] for key in levels if layout.level(key).is_time}
    if len(shown) != 1:
        raise ConfigError(f"{what} needs levels of one dimension of time on rows or columns")
    return shown.pop()


def period_number(level: str, values: Mapping[str, object]) -> int | None:
    """Give periods of a level of time consecutive numbers; None when a part is missing.

    Examples
    --------
    >>> period_number("month", {"year": 1998, "month": 1})
    23976
    >>> period_number("week", {"week": "1998-W01"}) - period_number("week", {"week": "1997-W52"})
    1
    """
    needed = {"quarter": ("year", "quarter"), "month": ("year", "month")}.get(level, (level,))
    parts = [values.get(name) for name in needed]
    if any(part is None or part != part for part in parts):
        return None
    if level == "week":
        return date.fromisoformat(f"{parts[0]}-1").toordinal() // 7
    if level == "day":
        return pd.Timestamp(str(parts[0])).toordinal()
    if level == "year":
        return int(str(parts[0]))
    periods = 4 if level == "quarter" else 12
    return int(str(parts[0])) * periods + int(str(parts[1])) - 1


@dataclass(frozen=True)
class Comparing:
    """Cells with everything that comparing them needs.

    Attributes
    ----------
    layout : Layout
    frame : pandas.DataFrame
        Cells of all kinds, helping ones included, with the column ``kept``: the number of the
        kind in `sets`.
    levels : tuple of str
        All levels of the frame.
    sets : tuple of tuple of str
        The levels that each kind of cell has.
    shown : dict of int to tuple
        For the kinds that are shown, the levels that are.
    order : tuple of str
        Levels on rows, then on columns.
    last : str
        The dimension along which shares and ranks are taken by default.
    """

    layout: Layout
    frame: pd.DataFrame
    levels: Kept
    sets: tuple[Kept, ...]
    shown: Mapping[int, Kept]
    order: Kept
    last: str

    def values(self, measure: DerivedMeasure) -> pd.Series:
        """Give a compared measure for every cell of the frame; only shown cells are filled."""
        ways: dict[str, Callable] = {
            "share_of_parent": self._share,
            "rank": self._rank,
            "difference": self._change,
            "growth": self._change,
            "running_total": self._running,
        }
        found: pd.Series = ways[measure.kind](measure)
        return found

    def _along(self, measure: ShareOfParent | Rank) -> str:
        if measure.along is not None:
            self.layout.of_dimension(measure.along)
            return measure.along
        return self.last

    def _codes(self, levels: Sequence[str], where: np.ndarray) -> pd.DataFrame:
        """Give members numbers, so that a missing one equals itself."""
        codes = {
            key: pd.factorize(self.frame[key], use_na_sentinel=False)[0][where] for key in levels
        }
        return pd.DataFrame(codes, index=np.flatnonzero(where))

    def _share(self, measure: ShareOfParent) -> pd.Series:
        result = self._empty()
        along = self._along(measure)
        for number, kept in self.shown.items():
            above, _ = parent_set(self.layout, kept, along)
            parents = self._kind(self._number_of(above))
            cells = self._kind(number)
            here, there = self._codes(above, cells), self._codes(above, parents)
            there["parent"] = self._number(measure.of)[parents]
            found = _look_up(here, there, list(above), "parent")
            own = self._number(measure.of)[cells]
            result[cells] = np.divide(
                own, found, out=np.full(len(own), np.nan), where=(found != 0) & ~np.isnan(found)
            )
        return result

    def _rank(self, measure: Rank) -> pd.Series:
        result = self._empty()
        along = self._along(measure)
        for number, kept in self.shown.items():
            cells = self._kind(number)
            own = [key for key in kept if dimension_of(key) == along]
            if not own:
                continue
            finest = _finest(self.layout, own)
            # a level that only tells equal names apart is no group of its own
            named = set(self.layout.identity(finest)) - set(self.order)
            groups = [key for key in kept if key != finest and key not in named]
            values = pd.Series(self._number(measure.of)[cells], index=np.flatnonzero(cells))
            codes = self._codes(groups, cells)
            by = [codes[key] for key in groups]
            ranked = values.groupby(by) if by else values
            result[cells] = ranked.rank(method="min", ascending=measure.ascending)
        return result

    def _change(self, measure: Difference | Growth) -> pd.Series:
        result = self._empty()
        dimension = time_dimension(self.layout, self.order, measure.kind)
        for number, kept in self.shown.items():
            cells = self._kind(number)
            others, period = self._periods(kept, dimension, cells)
            own = self._number(measure.of)[cells]
            now = self._codes(others, cells).assign(period=period)
            before = now.assign(period=period + measure.lag, before=own)
            earlier = _look_up(now, before.dropna(subset="period"), [*others, "period"], "before")
            change = own - earlier
            if isinstance(measure, Growth):
                change = np.divide(
                    change, earlier, out=np.full(len(own), np.nan), where=earlier != 0
                )
            result[cells] = change
        return result

    def _running(self, measure: RunningTotal) -> pd.Series:
        result = self._empty()
        dimension = time_dimension(self.layout, self.order, measure.kind)
        within = f"{dimension}.{measure.within}" if measure.within else None
        if within is not None and within not in self.order:
            self.layout.level(within)
            raise ConfigError(f"a running total within {within!r} needs that level on an axis")
        for number, kept in self.shown.items():
            cells = self._kind(number)
            others, period = self._periods(kept, dimension, cells)
            groups = [*others, *([within] if within in kept else [])]
            codes = self._codes(groups, cells).assign(
                period=period, value=self._number(measure.of)[cells]
            )
            ordered = codes.dropna(subset="period").sort_values("period", kind="stable")
            # a hidden value hides all totals that contain it
            add_up = ordered.groupby(groups)["value"] if groups else ordered["value"]
            totals = add_up.cumsum(skipna=False)
            result.loc[totals.index] = totals
        return result

    def _periods(
        self, kept: Kept, dimension: str, cells: np.ndarray
    ) -> tuple[list[str], np.ndarray]:
        """Give the levels beside time, and the number of each cell's period."""
        others = [key for key in kept if dimension_of(key) != dimension]
        own = [key for key in kept if dimension_of(key) == dimension]
        if not own:
            return others, np.full(int(cells.sum()), np.nan)
        level = self.layout.level(_finest(self.layout, own)).name
        names = [key.partition(".")[2] for key in own]
        rows = self.frame.loc[cells, own].itertuples(index=False, name=None)
        numbers = [period_number(level, dict(zip(names, row, strict=True))) for row in rows]
        return others, np.array([np.nan if each is None else each for each in numbers], dtype=float)

    def _number_of(self, levels: Kept) -> int:
        return next(i for i, kept in enumerate(self.sets) if set(kept) == set(levels))

    def _kind(self, number: int) -> np.ndarray:
        return self.frame["kept"].to_numpy() == number

    def _number(self, name: str) -> np.ndarray:
        return self.frame[name].to_numpy(dtype=float, na_value=np.nan)

    def _empty(self) -> pd.Series:
        return pd.Series(np.nan, index=self.frame.index, dtype=float)


def _finest(layout: Layout, keys: Sequence[str]) -> str:
    return max(keys, key=lambda key: (len(layout.level(key).above), list(layout.levels).index(key)))


def _look_up(here: pd.DataFrame, there: pd.DataFrame, keys: list[str], name: str) -> np.ndarray:
    if not keys:
        value = there[name].iloc[0] if len(there) else np.nan
        return np.full(len(here), value, dtype=float)
    return here.merge(there, how="left", on=keys)[name].to_numpy(dtype=float)
