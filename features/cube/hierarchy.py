"""Hierarchies held against the data: every member has one parent, and nothing goes in a circle."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from features.cube.declaration import CubeDeclaration, ParentChild
from features.cube.layout import HIERARCHY, Layout, LevelPart
from features.sources.sql import identifier
from lodeworks.errors import DataError

__all__ = ["check_levels", "open_parent_child"]

_SHOWN = 3
_DEEPEST = 50


def check_levels(connection: Any, layout: Layout, source: Callable[[list[str]], str]) -> None:
    """Refuse levels that are no hierarchy.

    Parameters
    ----------
    connection : duckdb connection
    layout : Layout
    source : callable
        Gives the SQL that reads some tables together, without the facts where it can.

    Raises
    ------
    DataError
        With members that have two parents, and members without a parent.
    """
    problems = []
    for part in layout.levels.values():
        if part.parent is None or part.is_time:
            continue
        problems += _two_parents(connection, layout, part, source)
        problems += _orphans(connection, layout, part, source)
    if problems:
        name = layout.declaration.name
        raise DataError(f"cube {name!r}: not a hierarchy", problems)


def _two_parents(
    connection: Any, layout: Layout, part: LevelPart, source: Callable[[list[str]], str]
) -> list[str]:
    """Find members that are told apart by too little: the same name under two parents."""
    parent = layout.level(part.parent or "")
    known = [layout.level(key) for key in layout.identity(part.key)]
    if parent in known:
        return []
    columns = ", ".join(level.sql for level in known)
    tables = [level.table for level in (*known, parent)]
    rows = connection.execute(
        f"SELECT CAST({part.sql} AS VARCHAR), min(CAST({parent.sql} AS VARCHAR)), "
        f"max(CAST({parent.sql} AS VARCHAR)) {source(tables)} WHERE {part.sql} IS NOT NULL "
        f"GROUP BY {columns} HAVING min({parent.sql}) <> max({parent.sql}) ORDER BY 1 "
        f"LIMIT {_SHOWN}"
    ).fetchall()
    return [
        f"{part.key}: {member!r} has two parents, {one!r} and {other!r} of {parent.key}; "
        f"if these are different members, declare 'within: {parent.name}'"
        for member, one, other in rows
    ]


def _orphans(
    connection: Any, layout: Layout, part: LevelPart, source: Callable[[list[str]], str]
) -> list[str]:
    parent = layout.level(part.parent or "")
    rows = connection.execute(
        f"SELECT DISTINCT CAST({part.sql} AS VARCHAR) {source([part.table, parent.table])} "
        f"WHERE {part.sql} IS NOT NULL AND {parent.sql} IS NULL ORDER BY 1 LIMIT {_SHOWN}"
    ).fetchall()
    names = ", ".join(repr(member) for (member,) in rows)
    return [f"{part.key}: no parent in {parent.key} for {names}"] if rows else []


def open_parent_child(
    connection: Any, declaration: CubeDeclaration, relations: dict[str, str]
) -> dict[str, int]:
    """Turn each parent-child table into levels; its relations are added to `relations`.

    Returns
    -------
    dict of str to int
        The number of levels by dimension.

    Raises
    ------
    DataError
        With members in a circle, orphans, and labels used twice.
    """
    depths = {}
    for name, dimension in declaration.dimensions.items():
        if (tree := dimension.parent_child) is None:
            continue
        paths = _paths(name, *_read_tree(connection, name, tree, relations[tree.table]))
        depths[name] = max(map(len, paths.values()), default=1)
        own = f"cube hierarchy {id(declaration)} {name}"
        _store(connection, own, paths, depths[name])
        relations[f"{name}{HIERARCHY}"] = identifier(own)
    return depths


def _read_tree(
    connection: Any, name: str, tree: ParentChild, relation: str
) -> tuple[dict[Any, Any], dict[Any, str]]:
    key, parent = identifier(tree.key), identifier(tree.parent)
    label = identifier(tree.label or tree.key)
    rows = connection.execute(
        f"SELECT {key}, {parent}, CAST({label} AS VARCHAR) FROM {relation} "
        f"WHERE {key} IS NOT NULL ORDER BY {key}"
    ).fetchall()
    labels = {own: shown if shown is not None else str(own) for own, _, shown in rows}
    problems = _label_problems(name, labels)
    if len(labels) < len(rows):
        problems.append(f"dimension {name!r}: {tree.table}.{tree.key} is not unique")
    if problems:
        raise DataError("not a hierarchy", problems)
    return {own: above for own, above, _ in rows}, labels


def _label_problems(name: str, labels: Mapping[Any, str]) -> list[str]:
    keys: dict[str, list[Any]] = {}
    for key, label in labels.items():
        keys.setdefault(label, []).append(key)
    return [
        f"dimension {name!r}: {label!r} is the label of {', '.join(map(str, many))}"
        for label, many in keys.items()
        if len(many) > 1
    ][:_SHOWN]


def _paths(
    name: str, parents: Mapping[Any, Any], labels: Mapping[Any, str]
) -> dict[Any, tuple[str, ...]]:
    """Follow every member up to its root."""
    problems: dict[str, None] = {}
    paths = {}
    for key in parents:
        way: list[Any] = []
        step = key
        while step is not None and step in parents and step not in way and len(way) <= _DEEPEST:
            way.append(step)
            step = parents[step]
        if step is not None:
            problems[_trouble(name, way, step, labels)] = None
        paths[key] = tuple(labels[each] for each in reversed(way))
    if problems:
        raise DataError("not a hierarchy", list(problems))
    return paths


def _trouble(name: str, way: list[Any], step: Any, labels: Mapping[Any, str]) -> str:
    if step in way:
        circle = way[way.index(step) :]
        first = circle.index(min(circle, key=str))
        names = [labels[each] for each in (*circle[first:], *circle[: first + 1])]
        return f"dimension {name!r}: a circle: {' -> '.join(names)}"
    if step in labels:
        return f"dimension {name!r}: more than {_DEEPEST} levels above {labels[way[0]]!r}"
    return f"dimension {name!r}: {labels[way[-1]]!r} has the parent {step!r}, which does not exist"


def _store(connection: Any, own: str, paths: Mapping[Any, tuple[str, ...]], depth: int) -> None:
    """Keep the levels; below a member stands the member itself, so that no fact is left out."""
    padded = [path + (path[-1],) * (depth - len(path)) for path in paths.values()]
    columns = {"key": list(paths)}
    columns |= {f"level_{i + 1}": [path[i] for path in padded] for i in range(depth)}
    connection.register("cube_hierarchy_rows", pa.table(columns))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {identifier(own)} AS SELECT * FROM cube_hierarchy_rows"
    )
    connection.unregister("cube_hierarchy_rows")
