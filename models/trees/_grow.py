"""Grow a tree from the top."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.trees._binary import Found, best_binary
from models.trees._bins import Bins
from models.trees.chaid import best_chaid
from models.trees.criteria import Criterion
from models.trees.nodes import Node, Split, branch_name
from models.trees.overrides import Order, Overrides
from models.trees.table import Table

__all__ = ["Growth", "branches"]

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Growth:
    """Everything that the growth of a tree depends on.

    Parameters
    ----------
    table : Table
        The records themselves, which a person's split needs.
    bins : Bins
        The same as codes.
    overrides : Overrides
    criterion : {'gini', 'entropy', 'chi-square'}
    max_depth : int or None
    min_leaf, min_split : int
        Least rows of a leaf and of a node that is split.
    min_gain : float
        Least fall of the impurity, as a share of all weight.
    alpha_split, alpha_merge : float
        Levels of the chi-square tests.
    lead : tuple of str
        Columns that are used at the first depths.
    """

    table: Table
    bins: Bins
    overrides: Overrides
    criterion: Criterion
    max_depth: int | None
    min_leaf: int
    min_split: int
    min_gain: float
    alpha_split: float
    alpha_merge: float
    lead: tuple[str, ...] = ()

    def grow(self) -> Node:
        """Grow the whole tree."""
        return self._node(np.arange(len(self.table)), "root", 0)

    def absent(self, root: Node) -> tuple[str, ...]:
        """Give the columns that must be used and are not."""
        used = {node.split.column for node in root.walk() if node.split}
        return tuple(name for name in self.overrides.require if name not in used)

    def _node(self, rows: Rows, path: str, depth: int) -> Node:
        counts = tuple(self.bins.class_weights(rows).tolist())
        order = self.overrides.nodes.get(path, Order())
        split, why = self._split(rows, path, depth, order)
        if split is None:
            return Node(path, counts, len(rows), why=why)
        where = branches(split, self.table, rows)
        below = tuple(
            self._node(rows[where == i], f"{path}.{branch_name(i, split.n_branches)}", depth + 1)
            for i in range(split.n_branches)
        )
        return Node(path, counts, len(rows), split, below)

    def _split(self, rows: Rows, path: str, depth: int, order: Order) -> tuple[Split | None, str]:
        if order.leaf:
            return None, "a person said so"
        if order.split is not None:
            return order.split, ""
        named = order.column or (self.lead[depth] if depth < len(self.lead) else None)
        needed = named is not None or self.overrides.leads_to_order(path)
        if why := self._why_not(rows, depth, needed):
            return None, why
        found = self._best(rows, named, order)
        if found is None or (not needed and not self._enough(found)):
            return None, "no split is worth it"
        return replace(found.split, forced=named is not None), ""

    def _why_not(self, rows: Rows, depth: int, needed: bool) -> str:
        if len(rows) == 0 or np.ptp(self.bins.classes[rows]) == 0:
            return "one class alone"
        if not needed and self.max_depth is not None and depth >= self.max_depth:
            return "as deep as allowed"
        return "too few rows" if not needed and len(rows) < self.min_split else ""

    def _best(self, rows: Rows, named: str | None, order: Order) -> Found | None:
        allowed = [
            i for i, column in enumerate(self.bins.columns)
            if column.name not in order.forbid and named in (None, column.name)
        ]  # fmt: skip
        if not allowed:
            return None
        part = self.bins.only(allowed)
        weight, number = part.count(rows)
        if self.criterion != "chi-square":
            return best_binary(weight, number, part.columns, self.criterion, self.min_leaf)
        return best_chaid(
            weight, number, part.columns, min_leaf=self.min_leaf, alpha_merge=self.alpha_merge,
            alpha_split=self.alpha_split if named is None else 1.0,
        )  # fmt: skip

    def _enough(self, found: Found) -> bool:
        if self.criterion == "chi-square":
            return True
        return found.gain >= self.min_gain * self.bins.weights.sum()


def branches(split: Split, table: Table, rows: Rows) -> NDArray[np.int64]:
    """Give the branch of each of these rows.

    Examples
    --------
    >>> import pandas as pd
    >>> table = Table(pd.DataFrame({"age": [20, 60, None]}))
    >>> branches(Split("age", cuts=(40.0,), missing=1), table, np.arange(3)).tolist()
    [0, 1, 1]
    """
    if split.groups is None:
        values = table.numbers(split.column)[rows]
        place = np.searchsorted(np.array(split.cuts), values, side="left")
        return np.where(np.isnan(values), split.missing, place).astype(np.int64)
    codes, uniques = table.labels(split.column)
    home = {value: i for i, values in enumerate(split.groups) for value in values}
    known = np.array([*(home.get(value, split.missing) for value in uniques), split.missing])
    return known[codes[rows]].astype(np.int64)
