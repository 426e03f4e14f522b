"""Concept trees: every value of a column and what it is a kind of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
import pandas as pd

from lodeworks.errors import did_you_mean

__all__ = ["ANY", "MISSING", "ConceptTree", "read_concepts"]

ANY = "ANY"
MISSING = "missing"

_KEYS = ("intervals", "parents", "tree")


@dataclass(frozen=True)
class ConceptTree:
    """The concepts of one column, from the values up to ANY.

    Parameters
    ----------
    parents : mapping of str to str
        What each value or concept is a kind of. One without a parent stands below ANY.
    intervals : mapping of str to (low, high)
        Concepts of numbers: above `low` and up to `high`; None is an open end.

    Raises
    ------
    ValueError
        When there is a cycle, or intervals overlap, leave a gap or are empty.

    Examples
    --------
    >>> age = ConceptTree(intervals={"grown up": (None, 60), "elderly": (60, None)})
    >>> age.concepts(pd.Series([25, 60, 61, None])).tolist()
    ['grown up', 'grown up', 'elderly', 'missing']
    >>> place = ConceptTree({"Vancouver": "B.C.", "B.C.": "Canada"})
    >>> place.path("Vancouver")
    ['Vancouver', 'B.C.', 'Canada', 'ANY']
    >>> ConceptTree({"a": "b", "b": "a"})
    Traceback (most recent call last):
    ValueError: a concept tree has a cycle: a -> b -> a
    """

    parents: Mapping[str, str] | None = None
    intervals: Mapping[str, Sequence[float | None]] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "parents", dict(self.parents or {}))
        object.__setattr__(self, "intervals", dict(self.intervals or {}))
        _refuse_cycles(self._parents)
        _refuse_gaps(self._intervals)

    @classmethod
    def nested(cls, tree: Mapping[str, Any] | Sequence[Any]) -> Self:
        """Read a tree that is written from the top, as nested mappings and lists.

        Examples
        --------
        >>> ConceptTree.nested({"Canada": {"B.C.": ["Vancouver", "Victoria"]}}).parents["Victoria"]
        'B.C.'

        Raises
        ------
        ValueError
            When a value stands in two places.
        """
        parents: dict[str, str] = {}
        _collect(tree, None, parents)
        return cls(parents)

    @property
    def _parents(self) -> Mapping[str, str]:
        assert self.parents is not None
        return self.parents

    @property
    def _intervals(self) -> Mapping[str, Sequence[float | None]]:
        assert self.intervals is not None
        return self.intervals

    @property
    def names(self) -> frozenset[str]:
        """All values and concepts."""
        return frozenset([*self._parents, *self._parents.values(), *self._intervals])

    def parent(self, name: str) -> str:
        """Give what a value or concept is a kind of; ANY at the top."""
        return self._parents.get(name, ANY)

    def path(self, name: str) -> list[str]:
        """Give a value and all that stands above it."""
        way = [name]
        while way[-1] != ANY:
            way.append(self.parent(way[-1]))
        return way

    def depth(self, name: str) -> int:
        """Count the steps up to ANY."""
        return len(self.path(name)) - 1

    def concepts(self, column: pd.Series) -> pd.Series:
        """Give the values of a column as texts of the tree; numbers become their interval.

        Raises
        ------
        ValueError
            When a value is not in the tree (an orphan), or a number in no interval.
        """
        if self._intervals:
            return self._interval_of(column)
        texts = column.map(_text).where(column.notna(), MISSING).astype(object)
        orphans = sorted(set(texts) - self.names - {MISSING})
        if orphans:
            near = did_you_mean(orphans[0], self.names)
            raise ValueError(
                f"column {column.name!r} has values that the concept tree does not know:"
                f" {orphans[:5]}; {near}"
            )
        return texts

    def lift(self, names: Iterable[str]) -> dict[str, str]:
        """Climb one level: the deepest of these concepts are replaced by their parents.

        Examples
        --------
        >>> tree = ConceptTree({"Vancouver": "B.C.", "B.C.": "Canada", "Texas": "USA"})
        >>> tree.lift(["Vancouver", "Texas"])
        {'Texas': 'Texas', 'Vancouver': 'B.C.'}
        """
        depths = {name: self.depth(name) for name in sorted(set(names)) if name != ANY}
        deepest = max(depths.values(), default=0)
        return {n: self.parent(n) if depth == deepest else n for n, depth in depths.items()}

    def _interval_of(self, column: pd.Series) -> pd.Series:
        ranges = sorted(self._intervals.items(), key=lambda item: _low(item[1]))
        cuts = np.array([_high(ends) for _, ends in ranges])
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        place = np.searchsorted(cuts, values, side="left")
        known = ~np.isnan(values)
        inside = known & (values > _low(ranges[0][1])) & (place < len(ranges))
        if outside := values[known & ~inside].tolist():
            raise ValueError(
                f"column {column.name!r} has numbers in no interval: {sorted(set(outside))[:5]}"
            )
        names = np.array([*(name for name, _ in ranges), MISSING], dtype=object)
        return pd.Series(names[np.where(known, place, -1)], index=column.index, name=column.name)


def read_concepts(given: Mapping[str, Any]) -> dict[str, ConceptTree]:
    """Read the concept trees of columns as YAML holds them.

    Parameters
    ----------
    given : mapping
        By column: `parents` (value to parent), or `tree` (nested from the top), and for numbers
        `intervals` (name to [low, high]); or an already built `ConceptTree`.

    Raises
    ------
    ValueError
        With everything that is wrong.

    Examples
    --------
    >>> trees = read_concepts({"city": {"tree": {"Canada": ["Vancouver"]}}})
    >>> trees["city"].parent("Vancouver")
    'Canada'
    """
    trees, problems = {}, []
    for column, said in given.items():
        try:
            trees[str(column)] = said if isinstance(said, ConceptTree) else _tree(said)
        except ValueError as problem:
            problems.append(f"{column}: {problem}")
    if problems:
        raise ValueError("\n  - ".join(["concept trees cannot be used:", *problems]))
    return trees


def _tree(said: Any) -> ConceptTree:
    if not isinstance(said, Mapping):
        raise ValueError(f"a mapping with {' or '.join(_KEYS)} is needed, not {said!r}")
    for key in said:
        if key not in _KEYS:
            raise ValueError(f"unknown key {key!r}; {did_you_mean(str(key), _KEYS)}")
    parents = {str(k): str(v) for k, v in (said.get("parents") or {}).items()}
    if "tree" in said:
        parents |= ConceptTree.nested(said["tree"])._parents
    return ConceptTree(parents, said.get("intervals"))


def _collect(tree: Any, above: str | None, parents: dict[str, str]) -> None:
    names = tree if isinstance(tree, Mapping) else dict.fromkeys(map(str, tree or ()))
    for name, below in names.items():
        if above is not None:
            if str(name) in parents:
                raise ValueError(f"{name!r} stands below both {parents[str(name)]!r} and {above!r}")
            parents[str(name)] = above
        _collect(below, str(name), parents)


def _refuse_cycles(parents: Mapping[str, str]) -> None:
    safe: set[str] = set()
    for start in parents:
        way: list[str] = []
        here = start
        while here in parents and here not in safe:
            if here in way:
                loop = " -> ".join([*way[way.index(here) :], here])
                raise ValueError(f"a concept tree has a cycle: {loop}")
            way.append(here)
            here = parents[here]
        safe.update(way)


def _refuse_gaps(intervals: Mapping[str, Sequence[float | None]]) -> None:
    for name, ends in intervals.items():
        if len(ends) != 2 or not _low(ends) < _high(ends):
            raise ValueError(f"interval {name!r} needs [low, high] with low < high, not {ends!r}")
    ranges = sorted(intervals.items(), key=lambda item: _low(item[1]))
    for (first, left), (second, right) in pairwise(ranges):
        if _high(left) != _low(right):
            what = "overlap" if _high(left) > _low(right) else "leave a gap"
            raise ValueError(f"intervals {first!r} and {second!r} {what}")


def _low(ends: Sequence[float | None]) -> float:
    return -np.inf if ends[0] is None else float(ends[0])


def _high(ends: Sequence[float | None]) -> float:
    return np.inf if ends[1] is None else float(ends[1])


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
