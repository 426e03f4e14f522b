"""The parts of a readable tree: nodes and splits, which JSON can hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from models.trees.conditions import Condition, Excluded, Included, Interval

__all__ = ["Node", "Split"]


@dataclass(frozen=True)
class Split:
    """A question about one column, with one branch for every answer.

    Parameters
    ----------
    column : str
        The column asked.
    cuts : tuple of float
        Of a number: branch i holds values above `cuts[i - 1]` and up to `cuts[i]`.
    groups : tuple of tuple of str, or None
        Of a category: the values of each branch; None for a number.
    missing : int
        Where a missing value goes, and a category that the groups do not name. One past the
        intervals of a number is a branch of its own.
    forced : bool
        Whether a person asked for it.
    told : bool
        Whether training rows were missing here, so that the words must tell of them.
    """

    column: str
    cuts: tuple[float, ...] = ()
    groups: tuple[tuple[str, ...], ...] | None = None
    missing: int = 0
    forced: bool = False
    told: bool = True

    @property
    def n_branches(self) -> int:
        """How many answers there are."""
        named = len(self.cuts) + 1 if self.groups is None else len(self.groups)
        return max(named, self.missing + 1)

    def condition(self, branch: int) -> Condition:
        """Give what holds for every record of a branch."""
        if self.groups is None:
            return self._interval(branch)
        if branch != self.missing:
            return Included(self.column, frozenset(self.groups[branch]))
        others = [v for i, values in enumerate(self.groups) if i != branch for v in values]
        seen = frozenset(self.groups[branch])
        return Excluded(self.column, frozenset(others), seen, self.told)

    def _interval(self, branch: int) -> Interval:
        ends = (-np.inf, *self.cuts, np.inf)
        alone = branch > len(self.cuts)
        low, high = (np.inf, np.inf) if alone else (ends[branch], ends[branch + 1])
        return Interval(self.column, low, high, branch == self.missing, self.told)

    def to_dict(self) -> dict[str, Any]:
        """Give a plain dictionary."""
        groups = None if self.groups is None else [list(values) for values in self.groups]
        return {
            "column": self.column, "cuts": list(self.cuts), "groups": groups,
            "missing": self.missing, "forced": self.forced, "told": self.told,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        groups = given["groups"]
        return cls(
            given["column"], tuple(given["cuts"]),
            None if groups is None else tuple(tuple(values) for values in groups),
            given["missing"], given["forced"], given["told"],
        )  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A group of records, and how it is split further.

    Parameters
    ----------
    path : str
        Its place, such as 'root.left.right', or 'root.2' below a split of many branches.
    counts : tuple of float
        Weight of its training rows by class.
    n_rows : int
        How many training rows it holds.
    split : Split, optional
        None for a leaf.
    children : tuple of Node
        One a branch.
    why : str
        Why a leaf is a leaf.
    """

    path: str
    counts: tuple[float, ...]
    n_rows: int
    split: Split | None = None
    children: tuple["Node", ...] = field(default=())
    why: str = ""

    def walk(self) -> Iterator["Node"]:
        """Go through this node and all below, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def leaves(self) -> Iterator["Node"]:
        """Go through the leaves."""
        return (node for node in self.walk() if node.split is None)

    def cut(self, at: frozenset[str] | set[str], why: str) -> "Node":
        """Give the tree with these nodes as leaves."""
        if self.split is None:
            return self
        if self.path in at:
            return replace(self, split=None, children=(), why=why)
        return replace(self, children=tuple(child.cut(at, why) for child in self.children))

    def to_dict(self) -> dict[str, Any]:
        """Give a plain dictionary of this node and all below."""
        below = [child.to_dict() for child in self.children]
        return {
            "path": self.path, "counts": list(self.counts), "rows": self.n_rows,
            "split": None if self.split is None else self.split.to_dict(),
            "children": below, "why": self.why,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Node":
        """Read what `to_dict` gave."""
        split = given["split"]
        return cls(
            given["path"], tuple(given["counts"]), given["rows"],
            None if split is None else Split.from_dict(split),
            tuple(cls.from_dict(child) for child in given["children"]), given["why"],
        )  # fmt: skip


def branch_name(branch: int, n_branches: int) -> str:
    """Name a branch for a path: left and right of two, numbers from 1 of more.

    Examples
    --------
    >>> branch_name(0, 2), branch_name(0, 3)
    ('left', '1')
    """
    return ("left", "right")[branch] if n_branches == 2 else str(branch + 1)
