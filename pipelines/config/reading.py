"""YAML text to nodes that know their line: the safe core of YAML 1.2 plus dates, and bounded.

Stricter and plainer than YAML 1.1: ``yes``, ``no``, ``on`` and ``off`` are text, so is a number
with leading zeros (``007``); ``1e5`` is a number; ``2011-11-08`` is a date. Tags that would build
objects are refused, and so are duplicate keys.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NoReturn

import yaml

from lodeworks import ConfigError
from pipelines.config.nodes import Node, Place, Scalar

__all__ = ["RESOLVERS", "read_file", "read_value"]

MAX_BYTES = 1_000_000
MAX_VALUES = 100_000
MAX_DEPTH = 50

TAG = "tag:yaml.org,2002:"
MERGE = "<<"


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict = {}  # noqa: RUF012 (the name and form PyYAML expects)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
):
    _firsts = ["" if letter == "\0" else letter for letter in _first]
    _Loader.add_implicit_resolver(f"{TAG}{_tag}", re.compile(rf"^(?:{_pattern})\Z"), _firsts)

RESOLVERS = _Loader.yaml_implicit_resolvers


def read_file(path: Path) -> Node:
    """Read one configuration file.

    Raises
    ------
    ConfigError
        When it cannot be read, is no YAML, is empty, or is no mapping; says the line.
    """
    text = _text_of(path)
    node = _read(text, str(path))
    if node is None or node.value is None:
        raise ConfigError(f"{path}: the file is empty; a configuration begins with 'kind:'")
    if not isinstance(node.value, dict):
        what = "a list" if isinstance(node.value, list) else "a single value"
        raise ConfigError(f"{node.place}: the file holds {what}; a mapping of keys is needed")
    return node


def read_value(text: str, origin: str) -> Node:
    """Read a value given on the command line; its place is `origin` without a line.

    Raises
    ------
    ConfigError
        When `text` is not YAML.
    """
    place = Place(origin)
    node = _read(text, origin, lines=False)
    return Node(None, place) if node is None else Node(node.value, place)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{path}: over {MAX_BYTES:,} bytes; this is no configuration file")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"{path}: cannot be read: {reason}") from None


def _read(text: str, origin: str, *, lines: bool = True) -> Node | None:
    try:
        root = yaml.compose(text, Loader=_Loader)
        return None if root is None else _Builder(origin, lines).build(root)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_syntax_message(error, origin, lines)) from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{origin}: not YAML: {_one_line(str(error))}") from None
    except RecursionError:
        raise ConfigError(f"{origin}: nested too deep; at most {MAX_DEPTH} levels") from None


def _syntax_message(error: yaml.MarkedYAMLError, origin: str, lines: bool) -> str:
    mark = error.problem_mark or error.context_mark
    place = Place(origin, mark.line + 1 if mark and lines else 0)
    words = [_one_line(part) for part in (error.context, error.problem) if part]
    return f"{place}: not YAML: {', '.join(words)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


@dataclass
class _Builder:
    """Turn PyYAML's node graph into nodes, without following aliases for ever."""

    origin: str
    lines: bool
    count: int = 0
    open: list[int] = field(default_factory=list)

    def build(self, node: yaml.Node) -> Node:
        return Node(self._value(node), self._place(node))

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.origin, node.start_mark.line + 1 if self.lines else 0)

    def _value(self, node: yaml.Node) -> Scalar | dict[str, Node] | list[Node]:
        self._count(node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        self.open.append(id(node))
        value = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._list(node)
        self.open.pop()
        return value

    def _count(self, node: yaml.Node) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            self._refuse(node, f"the aliases grow to more than {MAX_VALUES:,} values")
        if len(self.open) > MAX_DEPTH:
            self._refuse(node, f"nested too deep; at most {MAX_DEPTH} levels")
        if id(node) in self.open:
            self._refuse(node, "an alias contains itself")

    def _list(self, node: yaml.Node) -> list[Node]:
        self._check_tag(node, "seq")
        return [self.build(item) for item in node.value]

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Node]:
        self._check_tag(node, "map")
        stated: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key, value in node.value:
            name = self._key(key)
            if name == MERGE and key.style is None:
                merged = {**self._merged(value), **merged}
                continue
            if name in stated:
                first = stated[name].place.line
                self._refuse(key, f"key {name!r} is stated twice (first on line {first})")
            stated[name] = Node(self._value(value), self._place(key))
        return merged | stated

    def _merged(self, value: yaml.Node) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for part in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if not isinstance(part, yaml.MappingNode):
                self._refuse(part, "'<<' takes a mapping or a list of mappings")
            found = self._value(part) | found  # type: ignore[operator]
        return found

    def _key(self, key: yaml.Node) -> str:
        if not isinstance(key, yaml.ScalarNode):
            self._refuse(key, "a key must be a single name, not a list or a mapping")
        return str(key.value)

    def _check_tag(self, node: yaml.Node, wanted: str) -> None:
        if node.tag != TAG + wanted:
            self._refuse_tag(node)

    def _refuse_tag(self, node: yaml.Node) -> NoReturn:
        name = str(node.tag).replace(TAG, "!!")
        self._refuse(node, f"tag {name!r} is not allowed; write plain values")

    def _scalar(self, node: yaml.ScalarNode) -> Scalar:
        make = _SCALARS.get(str(node.tag).removeprefix(TAG))
        if make is None:
            self._refuse_tag(node)
        try:
            return make(node.value)
        except ValueError:
            self._refuse(node, f"{node.value[:40]!r} is not a usable {node.tag.removeprefix(TAG)}")

    def _refuse(self, node: yaml.Node, message: str) -> NoReturn:
        raise ConfigError(f"{self._place(node)}: {message}")


def _integer(text: str) -> int:
    return int(text, 0)


def _number(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _day(text: str) -> date | str:
    """Give a date; a day that does not exist stays text, to be refused where a date is needed."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


_SCALARS: dict[str, Callable[[str], Scalar]] = {
    "null": lambda text: None,
    "bool": lambda text: text.lower() == "true",
    "int": _integer,
    "float": _number,
    "timestamp": _day,
    "str": str,
}
