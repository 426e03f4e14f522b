"""The parts of a declared cube under their names: levels, measures, tables and the ways to them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from features.cube.declaration import (
    Balance,
    CubeDeclaration,
    DerivedMeasure,
    Dimension,
    Formula,
    Measure,
    Ratio,
)
from features.cube.expressions import names_in
from features.sources.sql import identifier
from lodeworks.errors import ConfigError, did_you_mean

__all__ = ["HIERARCHY", "Layout", "LevelPart", "column_sql", "offered", "split", "time_sql"]

HIERARCHY = " hierarchy"
"""Ends the alias of the table that holds the levels of a parent-child dimension."""

_TIME_SQL = {
    "year": "CAST(EXTRACT(year FROM {0}) AS INTEGER)",
    "quarter": "CAST(EXTRACT(quarter FROM {0}) AS INTEGER)",
    "month": "CAST(EXTRACT(month FROM {0}) AS INTEGER)",
    "week": "strftime({0}, '%G-W%V')",
    "day": "CAST({0} AS DATE)",
}
_TIME_ABOVE = {
    "year": (),
    "quarter": ("year",),
    "month": ("year", "quarter"),
    "week": (),
    "day": ("year", "quarter", "month"),
}
_TIME_WITHIN = {"quarter": "year", "month": "year"}
_TIME_ORDER = tuple(_TIME_SQL)


def split(column: str) -> tuple[str, str]:
    """Take ``table.column`` apart.

    Examples
    --------
    >>> split("lines.net.amount")
    ('lines', 'net.amount')
    """
    table, _, name = column.partition(".")
    return table, name


def column_sql(column: str) -> str:
    """Quote ``table.column``.

    Examples
    --------
    >>> column_sql('lines.a"b')
    '"lines"."a""b"'
    """
    table, name = split(column)
    return f"{identifier(table)}.{identifier(name)}"


def time_sql(level: str, moment: str) -> str:
    """Give the member of a level of time that a moment, in SQL, falls in.

    Examples
    --------
    >>> time_sql("day", "at")
    'CAST(at AS DATE)'
    """
    return _TIME_SQL[level].format(moment)


def offered(what: str, given: str, allowed: Iterable[str]) -> str:
    """Say that a name is unknown and which one is near.

    Examples
    --------
    >>> offered("measure", "sale", ["sales"])
    "unknown measure 'sale'; did you mean 'sales'?"
    """
    return f"unknown {what} {given!r}; {did_you_mean(given, allowed)}"


@dataclass(frozen=True)
class LevelPart:
    """One level, resolved.

    Attributes
    ----------
    dimension, name : str
        Its names.
    table : str
        The declared table it is read from.
    sql : str
        Its member in SQL.
    above : tuple of str
        Coarser levels of the way up, from the top, as names.
    within : str or None
        The coarser level that is needed to tell members apart.
    is_time : bool
        Whether it is derived from a date.
    """

    dimension: str
    name: str
    table: str
    sql: str
    above: tuple[str, ...] = ()
    within: str | None = None
    is_time: bool = False

    @property
    def key(self) -> str:
        """Give ``dimension.level``."""
        return f"{self.dimension}.{self.name}"

    @property
    def parent(self) -> str | None:
        """Give ``dimension.level`` of the next coarser level; None at the top."""
        return f"{self.dimension}.{self.above[-1]}" if self.above else None


class Layout:
    """Names of a cube and what stands behind them.

    Parameters
    ----------
    declaration : CubeDeclaration
    depths : dict of str to int
        How many levels each parent-child dimension has; known when the data are read.
    """

    def __init__(self, declaration: CubeDeclaration, depths: dict[str, int] | None = None) -> None:
        self.declaration = declaration
        self._depths = depths or {}

    @cached_property
    def levels(self) -> dict[str, LevelPart]:
        """Levels by ``dimension.level``, coarse to fine."""
        parts = [
            part
            for name, dimension in self.declaration.dimensions.items()
            for part in self._levels_of(name, dimension)
        ]
        return {part.key: part for part in parts}

    def level(self, key: str) -> LevelPart:
        """Give a level.

        Raises
        ------
        ConfigError
            When there is none of that name; the nearest is offered.
        """
        if key in self.levels:
            return self.levels[key]
        dimension, _, name = key.partition(".")
        if dimension not in self.declaration.dimensions:
            raise ConfigError(offered("dimension", dimension, self.declaration.dimensions))
        names = [part.name for part in self.of_dimension(dimension)]
        if not name:
            keys = ", ".join(f"{dimension}.{each}" for each in names)
            raise ConfigError(f"{key!r} is a dimension; name one of its levels: {keys}")
        raise ConfigError(f"{offered('level', name, names)} (dimension {dimension!r})")

    def of_dimension(self, name: str) -> list[LevelPart]:
        """Give the levels of a dimension, coarse to fine.

        Raises
        ------
        ConfigError
            When there is no such dimension.
        """
        if name not in self.declaration.dimensions:
            raise ConfigError(offered("dimension", name, self.declaration.dimensions))
        return [part for part in self.levels.values() if part.dimension == name]

    def measure(self, name: str) -> Measure:
        """Give a declared measure.

        Raises
        ------
        ConfigError
            When there is none of that name; the nearest is offered.
        """
        if name not in self.declaration.measures:
            raise ConfigError(offered("measure", name, self.declaration.measures))
        return self.declaration.measures[name]

    def identity(self, key: str) -> tuple[str, ...]:
        """Give the levels that together tell the members of a level apart, itself last."""
        part = self.level(key)
        if part.within is None:
            return (key,)
        return (*self.identity(f"{part.dimension}.{part.within}"), key)

    def below(self, key: str) -> str | None:
        """Give the next finer level; None at the bottom."""
        part = self.level(key)
        finer = [other for other in self.of_dimension(part.dimension) if part.name in other.above]
        if part.is_time and part.name == "week":
            finer = [o for o in self.of_dimension(part.dimension) if o.name == "day"]
        return min(finer, key=lambda other: len(other.above)).key if finer else None

    def is_carried(self, key: str) -> bool:
        """Tell whether a balance is carried forward over the periods of a level."""
        time = self.declaration.dimensions[self.level(key).dimension].time
        carried = {
            measure.over
            for measure in self.declaration.measures.values()
            if isinstance(measure, Balance) and measure.carry
        }
        return time is not None and time.column in carried

    def inputs(self, name: str) -> list[str]:
        """Give the measures taken from facts that a measure is made of, itself included."""
        measure = self.measure(name)
        if isinstance(measure, Ratio | Formula):
            below = [part for text in expressions(measure) for part in names_in(text)]
            return list(dict.fromkeys(found for part in below for found in self.inputs(part)))
        if isinstance(measure, DerivedMeasure):
            return self.inputs(measure.of)
        return [name]

    def way(self, root: str, tables: Iterable[str]) -> list[tuple[str, str, str]] | None:
        """Give the joins that lead from one table to some others: from, table, column; in order.

        None when there is no way, as from a dimension to the facts.
        """
        needed = set(tables) - {root}
        chosen = []
        for source, table, column in reversed(self.joins):
            if table in needed:
                chosen.append((source, table, column))
                needed = (needed - {table}) | ({split(source)[0]} - {root})
        return None if needed else chosen[::-1]

    @cached_property
    def joins(self) -> list[tuple[str, str, str]]:
        """All joins in an order in which each begins at a table already reached."""
        waiting = [(join.source, *split(join.to)) for join in self.declaration.joins]
        waiting += [
            (f"{each.table}.{each.key}", f"{name}{HIERARCHY}", "key")
            for name, dimension in self.declaration.dimensions.items()
            if (each := dimension.parent_child) is not None
        ]
        reached, ordered = {self.declaration.fact}, []
        while ready := [join for join in waiting if split(join[0])[0] in reached]:
            ordered += ready
            reached |= {table for _, table, _ in ready}
            waiting = [join for join in waiting if join not in ready]
        return ordered

    def _levels_of(self, name: str, dimension: Dimension) -> Iterator[LevelPart]:
        if dimension.time is not None:
            yield from _time_levels(name, dimension)
        elif dimension.levels is not None:
            above: tuple[str, ...] = ()
            for level, spec in dimension.levels.items():
                table = split(spec.column)[0]
                yield LevelPart(name, level, table, column_sql(spec.column), above, spec.within)
                above = (*above, level)
        else:
            table = f"{name}{HIERARCHY}"
            numbered = [f"level_{number + 1}" for number in range(self._depths.get(name, 1))]
            for depth, level in enumerate(numbered):
                sql = f"{identifier(table)}.{identifier(level)}"
                yield LevelPart(name, level, table, sql, tuple(numbered[:depth]))


def expressions(measure: Ratio | Formula) -> tuple[str, ...]:
    """Give the expressions of a measure."""
    return (measure.of, measure.to) if isinstance(measure, Ratio) else (measure.expression,)


def _time_levels(name: str, dimension: Dimension) -> Iterator[LevelPart]:
    assert dimension.time is not None
    column, declared = dimension.time.column, dimension.time.levels
    for level in sorted(set(declared), key=_TIME_ORDER.index):
        above = tuple(each for each in _TIME_ABOVE[level] if each in declared)
        sql = time_sql(level, column_sql(column))
        within = _TIME_WITHIN.get(level)
        yield LevelPart(name, level, split(column)[0], sql, above, within, is_time=True)
