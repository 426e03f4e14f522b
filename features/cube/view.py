"""A view of a cube: what stands on rows and columns; it never changes, each turn gives another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from features.cube.conditions import Condition, Members, as_condition, read_condition
from features.cube.declaration import (
    DerivedMeasure,
    Difference,
    Growth,
    Rank,
    RunningTotal,
    Scenario,
    ShareOfParent,
)
from features.cube.derived import dimension_of
from features.cube.layout import offered
from features.cube.scenarios import read_scenario
from lodeworks.errors import ConfigError

if TYPE_CHECKING:
    from features.cube.cells import CellSet
    from features.cube.cube import Cube

__all__ = ["View"]

_NAMES = {
    "share_of_parent": "share",
    "running_total": "running total",
}


@dataclass(frozen=True)
class View:
    """What is seen of a cube; made by `Cube.view` and turned by its methods.

    Attributes
    ----------
    cube : Cube
    row_levels, column_levels : tuple of str
        Levels as ``dimension.level``.
    measure_names : tuple of str
        Empty for all measures of the cube.
    conditions : tuple
        Levels with the members that count; all must hold.
    total_mode : {None, 'nested', 'all'}
        Which totals are shown.
    scenarios : tuple of Scenario
        Shown beside the facts, with differences.
    compared : tuple
        Names and derived measures that were added to the view.
    """

    cube: "Cube"
    row_levels: tuple[str, ...] = ()
    column_levels: tuple[str, ...] = ()
    measure_names: tuple[str, ...] = ()
    conditions: tuple[tuple[str, Condition], ...] = ()
    total_mode: Literal["nested", "all"] | None = None
    scenarios: tuple[Scenario, ...] = ()
    compared: tuple[tuple[str, DerivedMeasure], ...] = ()

    # -- what is shown ------------------------------------------------------------------------

    @property
    def shown(self) -> tuple[str, ...]:
        """Give the levels on rows and columns."""
        return (*self.row_levels, *self.column_levels)

    @property
    def names(self) -> tuple[str, ...]:
        """Give the measures shown; by default those that compare no cells."""
        if self.measure_names:
            return self.measure_names
        declared = self.cube.declaration.measures
        return tuple(name for name, m in declared.items() if not isinstance(m, DerivedMeasure))

    def rows(self, *levels: str) -> "View":
        """Put levels on the rows, such as ``"store.city"``."""
        return self._with_axes(levels, self.column_levels)

    def columns(self, *levels: str) -> "View":
        """Put levels on the columns."""
        return self._with_axes(self.row_levels, levels)

    def measures(self, *names: str) -> "View":
        """Show these measures."""
        for name in names:
            self.cube.layout.measure(name)
        return replace(self, measure_names=tuple(dict.fromkeys(names)))

    def totals(self, mode: Literal["nested", "all"] | None = "nested") -> "View":
        """Show totals.

        Parameters
        ----------
        mode : {'nested', 'all', None}
            ``nested`` totals over the last levels of each side, as a pivot does; ``all`` totals
            over every combination of dimensions.
        """
        if mode not in (None, "nested", "all"):
            raise ConfigError(offered("kind of totals", str(mode), ["nested", "all"]))
        return replace(self, total_mode=mode)

    # -- which members count ------------------------------------------------------------------

    def where(self, *conditions: str | Mapping[str, Any]) -> "View":
        """Let only some members count.

        Parameters
        ----------
        *conditions : str or mapping
            Text such as ``"time.month=3..6"``, or levels with a member, a set of members or an
            `Interval`.

        Raises
        ------
        ConfigError
            When a level or a member is unknown.
        """
        read: list[tuple[str, Condition]] = []
        for given in conditions:
            if isinstance(given, str):
                read.append(read_condition(given))
            else:
                read += [(key, as_condition(asked)) for key, asked in given.items()]
        checked = tuple(self.cube.checked(key, condition) for key, condition in read)
        new = tuple(each for each in checked if each not in self.conditions)
        return replace(self, conditions=(*self.conditions, *new))

    def slice(self, members: Mapping[str, Any] | None = None, /, **more: Any) -> "View":
        """Fix one member of a dimension; levels that are then the same everywhere leave the axes.

        Parameters
        ----------
        members : mapping
            Dimensions or levels with one member each; ``{"product.family": "Drink"}``.
        **more
            The same for dimensions; the coarsest level that has the member is taken.
        """
        view = self
        for name, member in {**(members or {}), **more}.items():
            key = name if "." in name else self.cube.level_of(name, member)
            view = view.where({key: Members((member,))})._without_constant(key)
        return view

    def dice(self, members: Mapping[str, Any]) -> "View":
        """Let a set of members or an interval of each level count; the axes stay."""
        return self.where(members)

    # -- turning ------------------------------------------------------------------------------

    def drill_down(self, dimension: str, into: Any = None) -> "View":
        """Add the next finer level of a dimension; its coarsest when it is not shown.

        Parameters
        ----------
        dimension : str
        into : member, optional
            Only this member of the finest level shown.

        Raises
        ------
        ConfigError
            When there is no finer level.
        """
        parts = self.cube.layout.of_dimension(dimension)
        here = self._shown_of(dimension)
        if not here:
            return self.rows(*self.row_levels, parts[0].key)
        below = self.cube.layout.below(here[-1])
        if below is None:
            raise ConfigError(f"{here[-1]!r} is the finest level of {dimension!r}")
        view = self if into is None else self.where({here[-1]: Members((into,))})
        rows, columns = (
            _after(side, here[-1], below) for side in (self.row_levels, self.column_levels)
        )
        return view._with_axes(rows, columns)

    def roll_up(self, dimension: str) -> "View":
        """Take the finest level of a dimension away; a single level gives way to its parent.

        Raises
        ------
        ConfigError
            When the dimension is not shown.
        """
        self.cube.layout.of_dimension(dimension)
        here = self._shown_of(dimension)
        if not here:
            raise ConfigError(f"{dimension!r} is not on rows or columns; nothing can be rolled up")
        parent = self.cube.layout.level(here[-1]).parent if len(here) == 1 else None
        new = [] if parent is None else [parent]
        rows, columns = (
            tuple(key for each in side for key in (new if each == here[-1] else [each]))
            for side in (self.row_levels, self.column_levels)
        )
        return self._with_axes(rows, columns)

    def rotate(self, shown: str | None = None, hidden: str | None = None) -> "View":
        """Swap rows and columns, or a dimension that is shown with one that is not.

        Parameters
        ----------
        shown, hidden : str, optional
            Dimensions; the hidden one comes with its coarsest level, in the place of the other.
        """
        if shown is None and hidden is None:
            return self._with_axes(self.column_levels, self.row_levels)
        if shown is None or hidden is None:
            raise ConfigError("rotate needs both dimensions, the shown and the hidden, or none")
        top = self.cube.layout.of_dimension(hidden)[0].key
        here = self._shown_of(shown)
        if not here or self._shown_of(hidden):
            raise ConfigError(f"rotate: {shown!r} must be shown and {hidden!r} must not")
        rows, columns = (
            tuple(dict.fromkeys(top if key in here else key for key in side))
            for side in (self.row_levels, self.column_levels)
        )
        if top in rows:
            columns = tuple(key for key in columns if key != top)
        return self._with_axes(rows, columns)

    # -- comparing ----------------------------------------------------------------------------

    def compare(self, *measures: DerivedMeasure) -> "View":
        """Add measures that compare cells."""
        view = self
        for measure in measures:
            if isinstance(self.cube.layout.measure(measure.of), DerivedMeasure):
                raise ConfigError(f"{measure.of!r} compares cells already; name what it compares")
            _refuse_not_additive(measure, self.cube.layout.measure(measure.of).kind)
            name = f"{measure.of} {_NAMES.get(measure.kind, measure.kind)}"
            others = tuple(each for each in view.compared if each[0] != name)
            view = replace(view, compared=(*others, (name, measure)))
        return view

    def share_of_parent(self, measure: str, along: str | None = None) -> "View":
        """Add the share of each cell in its parent along a dimension."""
        return self.compare(ShareOfParent(of=measure, along=along))

    def rank(self, measure: str, along: str | None = None, *, ascending: bool = False) -> "View":
        """Add the rank among the members that agree in every other level."""
        return self.compare(Rank(of=measure, along=along, ascending=ascending))

    def difference(self, measure: str, lag: int = 1) -> "View":
        """Add the difference to the period `lag` periods before."""
        return self.compare(Difference(of=measure, lag=lag))

    def growth(self, measure: str, lag: int = 1) -> "View":
        """Add the relative change to the period `lag` periods before."""
        return self.compare(Growth(of=measure, lag=lag))

    def running_total(self, measure: str, within: str | None = None) -> "View":
        """Add the total of the periods shown so far; `within` names a level that begins anew."""
        return self.compare(RunningTotal(of=measure, within=within))

    def what_if(self, *scenarios: str | Scenario) -> "View":
        """Show scenarios beside the facts.

        Parameters
        ----------
        *scenarios : str or Scenario
            A scenario, the name of a declared one, or text such as
            ``"dearer: sales * 1.1 where product.family=Drink"``.

        Raises
        ------
        ConfigError
            When it cannot be read, or a measure cannot be changed.
        """
        found = [self._scenario(each) for each in scenarios]
        names = [scenario.name for scenario in (*self.scenarios, *found)]
        if len(set(names)) < len(names):
            raise ConfigError("scenarios need names of their own")
        return replace(self, scenarios=(*self.scenarios, *found))

    def _scenario(self, given: str | Scenario) -> Scenario:
        declared = self.cube.declaration.scenarios
        if isinstance(given, str) and given in declared:
            return Scenario(name=given, changes=declared[given])
        if isinstance(given, str) and ":" not in given:
            raise ConfigError(offered("scenario", given, declared or ["(none declared)"]))
        scenario = read_scenario(given) if isinstance(given, str) else given
        for change in scenario.changes:
            for name in change.measures:
                measure = self.cube.layout.measure(name)
                if measure.kind not in ("sum", "balance"):
                    inputs = ", ".join(self.cube.layout.inputs(name))
                    raise ConfigError(
                        f"what if: {name!r} cannot be changed, only a sum or a balance can; "
                        f"it is made of {inputs}"
                    )
        return scenario

    # -- the answer ---------------------------------------------------------------------------

    def result(self) -> "CellSet":
        """Ask the cube.

        Raises
        ------
        DataError
            When values cannot be read or added up.
        """
        return self.cube.answer(self)

    def _shown_of(self, dimension: str) -> list[str]:
        return [key for key in self.shown if dimension_of(key) == dimension]

    def _without_constant(self, key: str) -> "View":
        part = self.cube.layout.level(key)
        constant = {key, *(f"{part.dimension}.{name}" for name in part.above)}
        rows, columns = (
            tuple(each for each in side if each not in constant)
            for side in (self.row_levels, self.column_levels)
        )
        return self._with_axes(rows, columns)

    def _with_axes(self, rows: Iterable[str], columns: Iterable[str]) -> "View":
        view = replace(self, row_levels=tuple(rows), column_levels=tuple(columns))
        for key in view.shown:
            self.cube.layout.level(key)
        twice = sorted({key for key in view.shown if view.shown.count(key) > 1})
        if twice:
            raise ConfigError(f"a level can be shown once: {', '.join(twice)}")
        for side in (view.row_levels, view.column_levels):
            _refuse_upside_down(side, list(self.cube.layout.levels))
        return view


def _after(side: tuple[str, ...], key: str, new: str) -> tuple[str, ...]:
    return tuple(each for level in side for each in ((level, new) if level == key else (level,)))


def _refuse_upside_down(side: tuple[str, ...], order: list[str]) -> None:
    for dimension in dict.fromkeys(map(dimension_of, side)):
        own = [key for key in side if dimension_of(key) == dimension]
        if own != sorted(own, key=order.index):
            right = ", ".join(sorted(own, key=order.index))
            raise ConfigError(f"levels of a dimension go from coarse to fine: {right}")


def _refuse_not_additive(measure: DerivedMeasure, kind: str) -> None:
    if isinstance(measure, RunningTotal) and kind not in ("sum", "count"):
        raise ConfigError(f"{measure.of!r} does not add up over time; a sum or a count does")
