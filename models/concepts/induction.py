"""Attribute-oriented induction: climb the concept trees until a table is small enough to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from models.concepts.hierarchy import ANY, MISSING, ConceptTree, read_concepts

__all__ = ["COUNT", "Generalised", "Step", "generalise"]

COUNT = "count"


@dataclass(frozen=True)
class Step:
    """One change of the table.

    Parameters
    ----------
    column : str
    action : {'concepts', 'climbed', 'removed'}
        Values were named by the tree, one level was climbed, or the column was left out.
    n_before, n_after : int
        Different values of the column.
    n_tuples : int
        Macro-tuples afterwards.
    """

    column: str
    action: str
    n_before: int
    n_after: int
    n_tuples: int


@dataclass(frozen=True, eq=False)
class Generalised:
    """A table of macro-tuples, and the way to it.

    Parameters
    ----------
    tuples : DataFrame
        One row a macro-tuple: a concept by column, and `count`. Most frequent first.
    steps : tuple of Step
        One level at a time.
    """

    tuples: pd.DataFrame
    steps: tuple[Step, ...]

    @property
    def columns(self) -> list[str]:
        """The columns that are left."""
        return [name for name in self.tuples.columns if name != COUNT]

    def steps_frame(self) -> pd.DataFrame:
        """Give the way as a frame, one row a step."""
        names = ["column", "action", "n_before", "n_after", "n_tuples"]
        return pd.DataFrame([vars(step) for step in self.steps], columns=names)


def generalise(
    table: pd.DataFrame,
    concepts: Mapping[str, Any],
    *,
    max_values: int | Mapping[str, int] = 5,
    max_tuples: int | None = None,
    keep: tuple[str, ...] = (),
    weight: str | None = None,
) -> Generalised:
    """Generalise a table one level at a time to macro-tuples with counts.

    Han, Cai and Cercone, "Knowledge discovery in databases: an attribute-oriented approach",
    *VLDB* (1992). A column with too many values climbs its concept tree level by level; one that
    reaches ANY, or has too many values and no tree, is removed. Rows that became equal are merged
    and counted. If the table is still too large, the column with most values climbs further.

    Parameters
    ----------
    table : DataFrame
        The records.
    concepts : mapping of str to ConceptTree, or as `read_concepts` takes them
        By column.
    max_values : int or mapping, default 5
        Most different values of a column (the attribute threshold).
    max_tuples : int, optional
        Most macro-tuples (the relation threshold).
    keep : tuple of str
        Columns that neither climb nor go, such as the class.
    weight : str, optional
        A column of counts, for a table that was counted before.

    Returns
    -------
    Generalised

    Raises
    ------
    ValueError
        When a tree has a cycle, knows a value not (an orphan), or belongs to no column; or a
        threshold is below 1.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [65, 70, 30, 62], "buys": ["tea", "tea", "ale", "tea"]})
    >>> ages = {"age": {"intervals": {"young": [None, 60], "elderly": [60, None]}}}
    >>> generalise(people, ages).tuples
           age buys  count
    0  elderly  tea      3
    1    young  ale      1
    """
    trees = read_concepts(concepts)
    _check(table, trees, max_values, max_tuples, keep, weight)
    work = _Induction(table, trees, weight)
    for column in [name for name in work.columns if name not in keep]:
        work.shrink(column, _most(max_values, column))
    while max_tuples is not None and len(work.tuples) > max_tuples:
        widest = work.widest(keep)
        if widest is None:
            break
        work.climb(widest)
    return Generalised(work.sorted_tuples(), tuple(work.steps))


class _Induction:
    """The table as it shrinks."""

    def __init__(
        self, table: pd.DataFrame, trees: Mapping[str, ConceptTree], weight: str | None
    ) -> None:
        self.trees = trees
        self.steps: list[Step] = []
        counts = table[weight] if weight else pd.Series(1, index=table.index)
        named = {}
        for name in [str(name) for name in table.columns if name != weight]:
            column = table[name]
            named[name] = trees[name].concepts(column) if name in trees else _plain(column)
        self.tuples = pd.DataFrame({**named, COUNT: counts})
        self._merge()
        for name in named:
            if name in trees and trees[name].intervals:
                n_before, n_after = table[name].nunique(dropna=False), named[name].nunique()
                self.steps.append(Step(name, "concepts", n_before, n_after, len(self.tuples)))

    @property
    def columns(self) -> list[str]:
        return [name for name in self.tuples.columns if name != COUNT]

    def shrink(self, column: str, most: int) -> None:
        while column in self.tuples and self.tuples[column].nunique() > most:
            self.climb(column)

    def climb(self, column: str) -> None:
        before = self.tuples[column].nunique()
        after = 0
        if column in self.trees:
            up = self.trees[column].lift(self.tuples[column])
            lifted = self.tuples[column].map({**up, ANY: ANY})
            after = lifted.nunique()
            self.tuples[column] = lifted
        if column not in self.trees or set(self.tuples[column]) <= {ANY}:
            self.tuples = self.tuples.drop(columns=column)
        self._merge()
        action = "climbed" if column in self.tuples else "removed"
        self.steps.append(Step(column, action, before, after, len(self.tuples)))

    def widest(self, keep: tuple[str, ...]) -> str | None:
        open_columns = [name for name in self.columns if name not in keep]
        if not open_columns:
            return None
        # A tree is climbed before a column without one is given up.
        return max(open_columns, key=lambda n: (n in self.trees, self.tuples[n].nunique()))

    def sorted_tuples(self) -> pd.DataFrame:
        by = [COUNT, *self.columns]
        order = [False, *[True] * len(self.columns)]
        return self.tuples.sort_values(by, ascending=order, kind="stable", ignore_index=True)

    def _merge(self) -> None:
        columns = self.columns
        if columns:
            self.tuples = self.tuples.groupby(columns, sort=True)[COUNT].sum().reset_index()
        else:
            self.tuples = pd.DataFrame({COUNT: [self.tuples[COUNT].sum()]})


def _plain(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), MISSING).map(str)


def _most(max_values: int | Mapping[str, int], column: str) -> int:
    return max_values if isinstance(max_values, int) else max_values.get(column, 5)


def _check(
    table: pd.DataFrame, trees: Mapping[str, ConceptTree], max_values: int | Mapping[str, int],
    max_tuples: int | None, keep: tuple[str, ...], weight: str | None,
) -> None:  # fmt: skip
    named = [*trees, *keep, *([weight] if weight else [])]
    if not isinstance(max_values, int):
        named += [*max_values]
    problems = [f"no column {name!r}" for name in named if name not in table.columns]
    limits = [max_values] if isinstance(max_values, int) else [*max_values.values()]
    limits += [max_tuples] if max_tuples is not None else []
    problems += [f"a threshold is 1 or more, not {limit}" for limit in limits if limit < 1]
    if COUNT in table.columns and weight != COUNT:
        problems.append(f"{COUNT!r} is the name of the counts; rename that column or give weight")
    if problems:
        raise ValueError("; ".join(problems))
