"""`${NAME}` and `${NAME:-default}` in text values; nothing else is ever evaluated."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.config.nodes import Node, Path
from pipelines.config.problems import Problem

__all__ = ["Interpolated", "interpolate"]

MARK = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\$\{")


@dataclass
class Interpolated:
    """A tree after interpolation.

    Attributes
    ----------
    tree : Node
        With the variables replaced.
    templates : dict of Path to str
        The text as it was written, for every value that took something from the environment.
    problems : list of Problem
        Variables that are not set, and marks that cannot be read.
    """

    tree: Node
    templates: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def interpolate(tree: Node, environ: Mapping[str, str]) -> Interpolated:
    """Replace ``${NAME}`` in text values; ``$${`` stands for ``${`` itself.

    An empty variable counts as unset where a default is given, as in a shell.
    """
    result = Interpolated(tree)
    result.tree = _replaced(tree, (), environ, result)
    return result


def _replaced(node: Node, path: Path, environ: Mapping[str, str], into: Interpolated) -> Node:
    value = node.value
    if isinstance(value, dict):
        inside = {k: _replaced(v, (*path, k), environ, into) for k, v in value.items()}
        return Node(inside, node.place)
    if isinstance(value, list):
        entries = [_replaced(v, (*path, k), environ, into) for k, v in enumerate(value)]
        return Node(entries, node.place)
    if isinstance(value, str) and "${" in value:
        return Node(_text(value, path, node, environ, into), node.place)
    return node


def _text(text: str, path: Path, node: Node, environ: Mapping[str, str], into: Interpolated) -> str:
    def put(mark: re.Match[str]) -> str:
        name, default = mark["name"], mark["default"]
        if mark[0] == "$${":
            return "${"
        if name is None:
            into.problems.append(Problem(node.place, path, UNREADABLE))
        elif environ.get(name) or (name in environ and default is None):
            into.templates[path] = text
            return environ[name]
        elif default is None:
            into.problems.append(Problem(node.place, path, _unset(name)))
        return default if default is not None else mark[0]

    return MARK.sub(put, text)


UNREADABLE = "'${' begins a variable: write ${NAME} or ${NAME:-default}, or '$${' for the text '${'"


def _unset(name: str) -> str:
    return f"the environment variable {name} is not set; set it or write ${{{name}:-default}}"
