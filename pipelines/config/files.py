"""Files that a configuration names, found from the file that states them."""

import os
from pathlib import Path

from pipelines.config.nodes import Node, Place
from pipelines.config.nodes import Path as KeyPath

__all__ = ["with_whole_paths"]

ANY = "*"
PATTERNS: tuple[KeyPath, ...] = (
    ("sources", ANY, "path"),
    ("policy", "opt_out"),
    ("policy", "suppress", ANY),
    ("policy", "stock"),
    ("policy", "fatigue", "file"),
    ("economics", "baseline_file"),
    ("former",),
)


def with_whole_paths(tree: Node) -> Node:
    """Make the data files' paths absolute.

    A relative path counts from the folder of the configuration file that states it; one that is
    given on the command line counts from the current folder. Addresses (``s3://...``) stay.
    """
    for pattern in PATTERNS:
        tree = _changed(tree, pattern)
    return tree


def _changed(node: Node, pattern: KeyPath) -> Node:
    if not pattern:
        return _whole(node)
    part, rest = pattern[0], pattern[1:]
    if part == ANY and isinstance(node.value, list):
        return Node([_changed(entry, rest) for entry in node.value], node.place)
    if isinstance(node.value, dict) and part in node.value:
        key = str(part)
        return Node({**node.value, key: _changed(node.value[key], rest)}, node.place)
    return node


def _whole(node: Node) -> Node:
    if not isinstance(node.value, str) or not node.value or "://" in node.value:
        return node
    return Node(os.path.abspath(_folder(node.place) / node.value), node.place)  # noqa: PTH100 (normalises)


def _folder(place: Place) -> Path:
    return Path(place.origin).parent if place.line else Path.cwd()
