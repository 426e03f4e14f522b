"""Configuration values that remember the file and line they came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

__all__ = ["Node", "Path", "Place", "Scalar", "descend", "dotted", "plain", "walk"]

Scalar = str | int | float | bool | date | None
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """Where a value was stated.

    Examples
    --------
    >>> str(Place("configs/demo.yaml", 12)), str(Place("--set"))
    ('configs/demo.yaml:12', '--set')
    """

    origin: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.origin}:{self.line}" if self.line else self.origin


@dataclass(frozen=True)
class Node:
    """A scalar, a mapping or a list, and its place; in a mapping that is the place of the key."""

    value: "Scalar | dict[str, Node] | list[Node]"
    place: Place


def plain(node: Node) -> Any:
    """Give the values without their places."""
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [plain(value) for value in node.value]
    return node.value


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Visit a node and everything below it, with the path of each."""
    yield path, node
    if isinstance(node.value, dict):
        for key, value in node.value.items():
            yield from walk(value, (*path, key))
    elif isinstance(node.value, list):
        for position, value in enumerate(node.value):
            yield from walk(value, (*path, position))


def descend(node: Node, path: Path) -> Node:
    """Follow `path` as far as it exists and give the last node met."""
    for part in path:
        if isinstance(node.value, dict) and part in node.value:
            node = node.value[str(part)]
        elif isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        else:
            break
    return node


def dotted(path: Path) -> str:
    """Write a path as a person would.

    Examples
    --------
    >>> dotted(("candidates", 1, "params", "n"))
    'candidates[1].params.n'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
