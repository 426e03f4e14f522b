"""From a YAML file to a checked declaration of a cube."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from features.cube.checking import problems_in
from features.cube.declaration import CubeDeclaration
from pipelines.config.bases import read_with_bases
from pipelines.config.environment import interpolate
from pipelines.config.nodes import Node, descend, plain
from pipelines.config.overrides import with_overrides
from pipelines.config.problems import Problem, refuse
from pipelines.config.wording import problems_of

__all__ = ["load_cube"]


def load_cube(path: Path, *, environ: Mapping[str, str] | None = None) -> CubeDeclaration:
    """Read, fill in and check a declaration; a path counts from the file that states it.

    Parameters
    ----------
    path : Path
        The YAML file; what it ``extends`` is read too.
    environ : mapping of str to str, optional
        Where ``${NAME}`` is looked up; default: the environment of the process.

    Raises
    ------
    ConfigError
        With everything that is wrong at once: file, line, key, what was given, what is allowed.
    """
    name = str(path)
    tree = with_overrides(read_with_bases(path), ())
    filled = interpolate(tree, os.environ if environ is None else environ)
    whole = _with_whole_paths(filled.tree)
    try:
        declaration = CubeDeclaration.model_validate(plain(whole))
    except ValidationError as error:
        found = problems_of(error, CubeDeclaration, whole, filled.templates)
        refuse(name, [*filled.problems, *found])
        raise
    unfit = [
        Problem(descend(whole, place).place, place, message)
        for place, message in problems_in(declaration)
    ]
    refuse(name, [*filled.problems, *unfit])
    return declaration


def _with_whole_paths(tree: Node) -> Node:
    tables = tree.value.get("tables") if isinstance(tree.value, dict) else None
    if tables is None or not isinstance(tables.value, dict):
        return tree
    whole = {name: _whole(table) for name, table in tables.value.items()}
    assert isinstance(tree.value, dict)
    return Node({**tree.value, "tables": Node(whole, tables.place)}, tree.place)


def _whole(table: Node) -> Node:
    path = table.value.get("path") if isinstance(table.value, dict) else None
    if path is None or not isinstance(path.value, str):
        return table
    folder = Path(path.place.origin).parent
    there = os.path.abspath(folder / path.value)  # noqa: PTH100 (normalises)
    assert isinstance(table.value, dict)
    return Node({**table.value, "path": Node(there, path.place)}, table.place)
