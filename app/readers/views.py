"""A view of a cube in an address, and the same view as a table that can be clicked."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.asked import whole
from app.paging import Part, place
from app.templating import with_query
from experiments.report.tables import heading
from lodeworks.errors import ConfigError

if TYPE_CHECKING:
    from fastapi import Request

    from features.cube import CellSet, Cube, View

__all__ = ["Asked", "Grid", "Head", "Row", "grid_of", "turned", "turns_of"]

ADDRESS = "/explore"
MOST_COLUMNS = 60
TOTAL = "Total"
SUPPOSED = "supposed"


@dataclass(frozen=True)
class Asked:
    """What an address asks of a cube.

    Attributes
    ----------
    cube : str
    rows, columns, measures : tuple of str
    where : tuple of str
        Conditions as text.
    totals, share, rank : bool
    if_measure : str
        The measure that is supposed to change; empty for none.
    if_percent : int
        By how much.
    if_where : str
        For which members.
    """

    cube: str
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    totals: bool = False
    share: bool = False
    rank: bool = False
    if_measure: str = ""
    if_percent: int = 0
    if_where: str = ""

    @classmethod
    def of(cls, request: "Request", cube: str) -> "Asked":
        """Read an address."""
        query = request.query_params

        def all_of(name: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(text for text in query.getlist(name) if text.strip()))

        return cls(
            cube=cube,
            rows=_split(all_of("rows")),
            columns=_split(all_of("columns")),
            measures=all_of("measures"),
            where=all_of("where"),
            totals="totals" in query,
            share="share" in query,
            rank="rank" in query,
            if_measure=query.get("if_measure", ""),
            if_percent=_percent(query.get("if_percent", "")),
            if_where=query.get("if_where", "").strip(),
        )

    def address(self, path: str = ADDRESS) -> str:
        """Give the address that asks this."""
        flags = {name: "yes" for name in ("totals", "share", "rank") if getattr(self, name)}
        supposed = {"if_measure": self.if_measure, "if_percent": self.if_percent}
        return with_query(
            path,
            cube=self.cube,
            rows=",".join(self.rows) or None,
            columns=",".join(self.columns) or None,
            measures=list(self.measures),
            where=list(self.where),
            **flags,
            **(supposed if self.if_measure else {}),
            if_where=self.if_where or None,
        )

    def without(self, condition: str) -> str:
        """Give the address with one condition less."""
        return replace(self, where=tuple(w for w in self.where if w != condition)).address()

    @property
    def levels(self) -> set[str]:
        """Name the levels that are shown or asked for."""
        texts = [*self.where, *_conditions_in(self.if_where)]
        asked = {text.replace("!=", "=").partition("=")[0].strip() for text in texts}
        return {*self.rows, *self.columns, *asked}

    @property
    def scenario(self) -> tuple[str, ...]:
        """Give what is supposed, as the cube reads it."""
        if not self.if_measure or not self.if_percent:
            return ()
        where = f" where {self.if_where}" if self.if_where else ""
        return (f"{SUPPOSED}: {self.if_measure} {self.if_percent:+d}%{where}",)


def turned(cube: "Cube", asked: Asked) -> "View":
    """Turn the view of everything into the one asked for.

    Raises
    ------
    ConfigError
        With all that is unknown at once.
    """
    from pipelines.cubes.request import CubeRequest, view_of

    additive = tuple(name for name in asked.measures[:1] if asked.share)
    totals: Literal["nested"] | None = "nested" if asked.totals else None
    request = CubeRequest(
        path=Path(asked.cube),
        rows=asked.rows,
        columns=asked.columns,
        measures=asked.measures,
        where=asked.where,
        totals=totals,
        share_of_parent=additive,
        rank=tuple(name for name in asked.measures[:1] if asked.rank),
        what_if=asked.scenario,
    )
    try:
        return view_of(cube.view, request)
    except csv.Error as error:  # a line break outside quotes
        raise ConfigError(f"a condition cannot be read: {error}") from error


@dataclass(frozen=True)
class Head:
    """A label, how many columns it spans, and where a click leads."""

    text: str
    address: str = ""
    span: int = 1


@dataclass(frozen=True)
class Row:
    """Labels and values as text."""

    labels: list[Head]
    values: list[str]
    total: bool = False


@dataclass(frozen=True)
class Grid:
    """Cells as a table.

    Attributes
    ----------
    names : list of str
        Levels on the rows.
    heads : list of list of Head
        Lines over the columns.
    rows : list of Row
        One page of them.
    part : Part
        Which page.
    notes : list of str
    """

    names: list[str]
    heads: list[list[Head]]
    rows: list[Row]
    part: Part[int]
    notes: list[str] = field(default_factory=list)


def grid_of(cube: "Cube", asked: Asked, cells: "CellSet", request: "Request") -> Grid:
    """Write cells as a table whose members lead deeper."""
    pivot = cells.pivot()
    notes = list(cells.notes)
    if len(pivot.columns) > MOST_COLUMNS:
        notes.append(f"The first {MOST_COLUMNS} of {len(pivot.columns):,} columns are shown.")
        pivot = pivot.iloc[:, :MOST_COLUMNS]
    number, size = place(whole(request, "page", 1), whole(request, "lines", 50), len(pivot))
    shown = pivot.iloc[(number - 1) * size : number * size]
    columns = [_words(label) for label in pivot.columns]
    lines = _lines(cube, asked, cells.columns, columns)
    if len(cells.measures) == 1 and cells.columns:
        notes.insert(0, f"Each cell is {heading(cells.measures[0]).lower()}.")
        lines = lines[:-1]
    hidden = bool(cells.frame["hidden"].any())
    rows = [
        Row(
            labels=_heads(cube, asked, cells.rows, _words(label)),
            values=[
                _text(cells, column[-1], value, hidden)
                for column, value in zip(columns, values, strict=True)
            ],
            total=TOTAL in _words(label),
        )
        for label, values in zip(shown.index, shown.to_numpy(), strict=True)
    ]
    part = Part(range(len(rows)), number, size, len(pivot))
    names = list(cells.rows) or [""]
    return Grid(names, lines, rows, part, notes)


def turns_of(cube: "Cube", asked: Asked) -> list[Head]:
    """List the ways to turn a view: roll up each dimension, drill down, swap the sides."""
    found = []
    if asked.rows or asked.columns:
        swapped = replace(asked, rows=asked.columns, columns=asked.rows)
        found.append(Head("Swap rows and columns", swapped.address()))
    for dimension in dict.fromkeys(key.partition(".")[0] for key in (*asked.rows, *asked.columns)):
        for verb, turn in (("Roll up", "roll_up"), ("Drill down", "drill_down")):
            address = _turned_address(cube, asked, turn, dimension)
            if address:
                found.append(Head(f"{verb} {dimension}", address))
    return found


def _turned_address(cube: "Cube", asked: Asked, turn: str, dimension: str) -> str:
    try:
        view = cube.view.rows(*asked.rows).columns(*asked.columns)
        view = getattr(view, turn)(dimension)
    except ConfigError:
        return ""
    return replace(asked, rows=view.row_levels, columns=view.column_levels).address()


def _heads(cube: "Cube", asked: Asked, levels: Sequence[str], label: list[str]) -> list[Head]:
    """Let the finest member of each dimension lead to the level below it."""
    if not levels:
        return [Head(TOTAL)]
    return [
        Head(text, _deeper(cube, asked, dict(zip(levels, label, strict=False)), level))
        for level, text in zip(levels, label, strict=False)
    ]


def _deeper(cube: "Cube", asked: Asked, members: dict[str, str], level: str) -> str:
    dimension = level.partition(".")[0]
    own = {key: text for key, text in members.items() if key.partition(".")[0] == dimension}
    below = cube.layout.below(level)
    if below is None or level != list(own)[-1] or TOTAL in own.values():
        return ""

    def side(keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(below if key in own else key for key in keys))

    conditions = [f"{key}={_quoted(text)}" for key, text in own.items()]
    where = tuple(dict.fromkeys([*asked.where, *conditions]))
    return replace(asked, rows=side(asked.rows), columns=side(asked.columns), where=where).address()


def _quoted(text: str) -> str:
    """Write a member so that it is read as one."""
    marks = any(mark in text for mark in (",", '"', "..")) or text != text.strip()
    plain = text.isprintable() and not marks
    return text if plain else '"' + text.replace('"', '""') + '"'


def _lines(
    cube: "Cube", asked: Asked, levels: Sequence[str], columns: list[list[str]]
) -> list[list[Head]]:
    """Give the lines over the columns; neighbours that say the same are one."""
    lines: list[list[Head]] = []
    for depth in range(len(columns[0]) if columns else 0):
        line: list[Head] = []
        before: list[str] | None = None
        for column in columns:
            if before is not None and before[: depth + 1] == column[: depth + 1]:
                line[-1] = replace(line[-1], span=line[-1].span + 1)
            else:
                line.append(_column_head(cube, asked, levels, column, depth))
            before = column
        lines.append(line)
    return lines


def _column_head(
    cube: "Cube", asked: Asked, levels: Sequence[str], column: list[str], depth: int
) -> Head:
    if depth >= len(levels):
        return Head(heading(column[depth]))
    members = dict(zip(levels, column, strict=False))
    return Head(column[depth], _deeper(cube, asked, members, levels[depth]))


def _text(cells: "CellSet", measure: str, value: float, hidden: bool) -> str:
    from features.cube.cells import Shown

    if value != value:
        return "*" if hidden else ""
    return cells.shown.get(measure, Shown()).text(value)


def _words(label: object) -> list[str]:
    return [str(word) for word in label] if isinstance(label, tuple) else [str(label)]


def _percent(text: str) -> int:
    try:
        return max(-100, min(int(text), 1000))
    except ValueError:
        return 0


def _split(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key.strip() for text in texts for key in text.split(",") if key.strip())


def _conditions_in(text: str) -> list[str]:
    return [part for part in text.replace(" and ", "\n").split("\n") if part.strip()]
