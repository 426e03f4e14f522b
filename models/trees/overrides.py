"""What a person says about a tree: columns it may not or must use, and splits at a place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lodeworks.errors import did_you_mean
from models.trees.nodes import Split

__all__ = ["Order", "Overrides", "read_overrides"]

_TOP = ("forbid", "require", "nodes")
_NODE = ("column", "cuts", "forbid", "groups", "missing", "threshold")


@dataclass(frozen=True)
class Order:
    """What is said about one place in the tree.

    Parameters
    ----------
    leaf : bool
        Do not split here.
    column : str, optional
        Split by this column.
    split : Split, optional
        Split in exactly this way.
    forbid : frozenset of str
        Columns that may not be used at this place.
    """

    leaf: bool = False
    column: str | None = None
    split: Split | None = None
    forbid: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Overrides:
    """Everything that a person says about a tree.

    Parameters
    ----------
    forbid : frozenset of str
        Columns that no split may use.
    require : tuple of str
        Columns that must be used; one that the tree does not choose goes to the top.
    nodes : dict of str to Order
        By place.
    """

    forbid: frozenset[str] = frozenset()
    require: tuple[str, ...] = ()
    nodes: Mapping[str, Order] = field(default_factory=dict)

    def leads_to_order(self, path: str) -> bool:
        """Whether something is said about a place below this one."""
        return any(place.startswith(f"{path}.") for place in self.nodes)


def read_overrides(
    given: Mapping[str, Any] | None, columns: Sequence[str], categories: frozenset[str]
) -> Overrides:
    """Read overrides as YAML holds them, and check them.

    Parameters
    ----------
    given : mapping, optional
        `forbid` and `require` are lists of columns. `nodes` maps a place, such as 'root.left', to
        'leaf' or to a mapping: `column` alone asks for the best split by it; with `threshold` or
        `cuts` (numbers) or `groups` (lists of categories, one a branch) the split is given;
        `missing` is the branch of a missing value, from 1; `forbid` lists columns.
    columns : sequence of str
        Those of the table.
    categories : frozenset of str
        Which of them hold categories.

    Raises
    ------
    ValueError
        With everything that is wrong.

    Examples
    --------
    >>> said = {"nodes": {"root": {"column": "age", "threshold": 40}}}
    >>> read_overrides(said, ["age"], frozenset()).nodes["root"].split.cuts
    (40.0,)
    >>> read_overrides({"forbid": ["aeg"]}, ["age"], frozenset())
    Traceback (most recent call last):
    ValueError: overrides cannot be used:
      - forbid: unknown column 'aeg'; did you mean 'age'?
    """
    reader = _Reader(columns, categories)
    result = reader.read(given or {})
    if reader.problems:
        raise ValueError("\n  - ".join(["overrides cannot be used:", *reader.problems]))
    return result


class _Reader:
    """Reads overrides, and collects what is wrong."""

    def __init__(self, columns: Sequence[str], categories: frozenset[str]) -> None:
        self.columns = list(columns)
        self.categories = categories
        self.problems: list[str] = []

    def read(self, given: Any) -> Overrides:
        if not isinstance(given, Mapping):
            self.problems.append(f"a mapping is needed, not {given!r}")
            return Overrides()
        self.names("overrides", given, _TOP)
        forbid = self.known("forbid", given.get("forbid", ()))
        require = self.known("require", given.get("require", ()))
        if both := sorted(set(forbid) & set(require)):
            self.problems.append(f"both forbidden and required: {both}")
        nodes = given.get("nodes", {}) or {}
        orders = {path: self.order(str(path), said) for path, said in nodes.items()}
        return Overrides(frozenset(forbid), require, orders)

    def order(self, path: str, said: Any) -> Order:
        if not _is_path(path):
            self.problems.append(f"{path!r} is not a place such as 'root' or 'root.left.2'")
        if said == "leaf":
            return Order(leaf=True)
        if not isinstance(said, Mapping):
            self.problems.append(f"{path}: 'leaf' or a mapping is needed, not {said!r}")
            return Order()
        self.names(path, said, _NODE)
        forbid = frozenset(self.known(f"{path}: forbid", said.get("forbid", ())))
        if "column" not in said:
            if set(said) - {"forbid"}:
                self.problems.append(f"{path}: a split needs a column")
            return Order(forbid=forbid)
        if not self.known(path, [said["column"]]):
            return Order()
        return Order(column=said["column"], split=self.split(path, said), forbid=forbid)

    def split(self, path: str, said: Mapping[str, Any]) -> Split | None:
        ways = [key for key in ("threshold", "cuts", "groups") if key in said]
        if not ways:
            return None
        needed = "groups" if said["column"] in self.categories else "threshold or cuts"
        if len(ways) > 1 or ways[0] not in needed.split(" or "):
            self.problems.append(f"{path}: column {said['column']!r} needs {needed}, not {ways}")
            return None
        split = self.groups(path, said) if ways == ["groups"] else self.cuts(path, said, ways[0])
        missing = said.get("missing", 1)
        most = len(split.groups or split.cuts) + (split.groups is None) if split else 0
        if split and not (isinstance(missing, int) and 1 <= missing <= most):
            self.problems.append(f"{path}: missing is a branch from 1, not {missing!r}")
        return split

    def cuts(self, path: str, said: Mapping[str, Any], way: str) -> Split | None:
        cuts = said[way] if way == "cuts" else [said[way]]
        numbers = [cut for cut in cuts if isinstance(cut, int | float)]
        if not numbers or len(numbers) < len(cuts) or sorted(set(numbers)) != numbers:
            self.problems.append(f"{path}: {way} must be rising numbers, not {said[way]!r}")
            return None
        return Split(said["column"], tuple(map(float, numbers)), None, _branch(said), True)

    def groups(self, path: str, said: Mapping[str, Any]) -> Split | None:
        groups = tuple(tuple(str(value) for value in group) for group in said["groups"])
        values = [value for group in groups for value in group]
        if len(groups) < 2 or len(set(values)) < len(values):
            self.problems.append(f"{path}: groups must be two or more lists without a common value")
            return None
        return Split(said["column"], (), groups, _branch(said), True)

    def known(self, where: str, names: Any) -> tuple[str, ...]:
        if isinstance(names, str):
            names = [names]
        unknown = [name for name in names if name not in self.columns]
        for name in unknown:
            near = did_you_mean(str(name), self.columns)
            self.problems.append(f"{where}: unknown column {name!r}; {near}")
        return tuple(name for name in names if name in self.columns)

    def names(self, where: str, given: Mapping[str, Any], allowed: Sequence[str]) -> None:
        for name in given:
            if name not in allowed:
                near = did_you_mean(str(name), allowed)
                self.problems.append(f"{where}: unknown key {name!r}; {near}")


def _branch(said: Mapping[str, Any]) -> int:
    missing = said.get("missing", 1)
    return missing - 1 if isinstance(missing, int) and missing > 0 else 0


def _is_path(path: str) -> bool:
    first, *others = path.split(".")
    return first == "root" and all(name in ("left", "right") or name.isdigit() for name in others)
