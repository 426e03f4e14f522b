"""`extends:`, one configuration on top of others: mappings merge, everything else replaces."""

from pathlib import Path

from lodeworks import ConfigError
from lodeworks.errors import did_you_mean
from pipelines.config.nodes import Node
from pipelines.config.reading import read_file

__all__ = ["merge", "read_with_bases"]

EXTENDS = "extends"
MAX_FILES = 100


def read_with_bases(path: Path) -> Node:
    """Read a file and what it extends; later bases win over earlier ones, the file over all.

    Parameters
    ----------
    path : Path
        The configuration file. Names under ``extends:`` are relative to the file that states them.

    Raises
    ------
    ConfigError
        When a file is missing or no configuration, when files extend each other in a circle, or
        when more than 100 files are read.
    """
    return _Bases().read(path, ())


def merge(base: Node, over: Node) -> Node:
    """Lay `over` on `base`; neither is changed."""
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    merged = dict(base.value)
    for key, value in over.value.items():
        merged[key] = merge(merged[key], value) if key in merged else value
    return Node(merged, over.place)


class _Bases:
    def __init__(self) -> None:
        self.files = 0

    def read(self, path: Path, children: tuple[Path, ...]) -> Node:
        self._count(path)
        node = read_file(path)
        stated = dict(node.value)  # type: ignore[arg-type]
        extends = stated.pop(EXTENDS, None)
        merged = Node(stated, node.place)
        chain = (*children, path)
        for name in reversed(_names(extends)):
            base = _find(path, name)
            _refuse_circle(base, chain, name)
            merged = merge(self.read(base, chain), merged)
        return merged

    def _count(self, path: Path) -> None:
        self.files += 1
        if self.files > MAX_FILES:
            raise ConfigError(f"{path}: more than {MAX_FILES} files through 'extends'")


def _names(extends: Node | None) -> list[Node]:
    if extends is None or extends.value is None:
        return []
    entries = extends.value if isinstance(extends.value, list) else [extends]
    for entry in entries:
        if not isinstance(entry.value, str):
            raise ConfigError(f"{entry.place}: extends: give a file name or a list of file names")
    return entries


def _find(child: Path, name: Node) -> Path:
    base = child.parent / str(name.value)
    if not base.is_file():
        near = [file.name for file in child.parent.glob("*.y*ml") if file.name != child.name]
        hint = f"; {did_you_mean(str(name.value), near)}" if near else ""
        raise ConfigError(f"{name.place}: extends: no file {str(base)!r}{hint}")
    return base


def _refuse_circle(base: Path, chain: tuple[Path, ...], name: Node) -> None:
    real = [path.resolve() for path in chain]
    if base.resolve() in real:
        circle = [*chain[real.index(base.resolve()) :], base]
        text = " -> ".join(path.name for path in circle)
        raise ConfigError(f"{name.place}: extends: the files go in a circle: {text}")
