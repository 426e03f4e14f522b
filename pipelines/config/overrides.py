"""`--set key.path=value`: changes to a configuration from the command line."""

import re
from collections.abc import Iterable, Sequence

from lodeworks import ConfigError
from pipelines.config.bases import EXTENDS
from pipelines.config.nodes import Node, Path, Place, dotted
from pipelines.config.reading import read_value

__all__ = ["ORIGIN", "with_overrides"]

ORIGIN = "--set"

PART = re.compile(r"[^.\[\]]+")
PATH = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[[0-9]+\])*")


def with_overrides(tree: Node, overrides: Iterable[str]) -> Node:
    """Apply the changes in order; later ones win.

    Parameters
    ----------
    tree : Node
        The merged configuration.
    overrides : iterable of str
        ``key.path=value``; the value is YAML. A number addresses an entry of a list, counted from
        0 (``candidates.0.params.n=5`` or ``candidates[0].params.n=5``); the number after the last
        entry appends. Missing mappings are made.

    Raises
    ------
    ConfigError
        When one has no ``=``, a malformed path, an index outside the list, or a value that is no
        YAML; all of them at once.
    """
    problems = []
    for override in overrides:
        try:
            path, value = _parse(override)
            tree = _put(tree, path, value, ())
        except ConfigError as error:
            problems.append(error.message)
    if len(problems) > 1:
        raise ConfigError(f"{len(problems)} values of {ORIGIN} cannot be used", problems)
    if problems:
        raise ConfigError(problems[0])
    return tree


def _parse(override: str) -> tuple[Path, Node]:
    name, equals, text = override.partition("=")
    name = name.strip()
    if not equals:
        raise ConfigError(f"{ORIGIN} {override}: give key.path=value, for example seed=7")
    if not PATH.fullmatch(name):
        raise ConfigError(f"{ORIGIN} {override}: {name!r} is no path such as window.gap or a.0.b")
    path = tuple(PART.findall(name))
    if path[0] == EXTENDS:
        raise ConfigError(f"{ORIGIN} {override}: 'extends' can be stated in files only")
    return path, read_value(text, f"{ORIGIN} {name}")


def _put(node: Node, path: Path, value: Node, above: Path) -> Node:
    if not path:
        return value
    part, rest = str(path[0]), path[1:]
    if isinstance(node.value, list):
        return _put_entry(node, part, rest, value, above)
    if not isinstance(node.value, dict | None):
        raise ConfigError(f"{value.place}: {dotted(above)} is a single value, it has no {part!r}")
    inside = dict(node.value or {})
    inside[part] = _put(inside.get(part) or _empty(rest), rest, value, (*above, part))
    return Node(inside, node.place if node.value else Place(ORIGIN))


def _put_entry(node: Node, part: str, rest: Path, value: Node, above: Path) -> Node:
    entries: list[Node] = list(node.value)  # type: ignore[arg-type]
    position = _position(part, len(entries), value, above)
    if position == len(entries):
        entries.append(_empty(rest))
    entries[position] = _put(entries[position], rest, value, (*above, position))
    return Node(entries, node.place)


def _position(part: str, length: int, value: Node, above: Path) -> int:
    if not re.fullmatch("[0-9]{1,6}", part) or int(part) > length:
        has = f"{dotted(above)} is a list of {length}"
        raise ConfigError(f"{value.place}: {has}; give a number from 0 to {length}, not {part!r}")
    return int(part)


def _empty(rest: Sequence[str | int]) -> Node:
    """Give what a missing value becomes: a list when a number addresses into it."""
    into_list = bool(rest) and str(rest[0]).isdigit()
    return Node([] if into_list else None, Place(ORIGIN))
