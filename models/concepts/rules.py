"""What a class has in common, and what tells classes apart, with t-weights and d-weights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from models.association.significance import confidence_interval
from models.concepts.induction import COUNT, Generalised, generalise

__all__ = ["ClassDescription", "describe_classes", "weigh"]


@dataclass(frozen=True, eq=False)
class ClassDescription:
    """Macro-tuples of every class with both weights.

    Parameters
    ----------
    table : DataFrame
        One row a macro-tuple and class: the concepts, the class, `count`, `t_weight` (its share of
        the class), `d_weight` (the share of the class in it) and the interval of the latter.
    target : str
        The column of the class.
    steps : DataFrame
        How the records were generalised.
    """

    table: pd.DataFrame
    target: str
    steps: pd.DataFrame

    def characteristic(self, value: Any, min_t: float = 0.0) -> pd.DataFrame:
        """Give what a class consists of, largest part first, with the rule in words.

        Parameters
        ----------
        value : class
        min_t : float, default 0
            Least share of the class.
        """
        rows = self._of(value)
        rows = rows[rows["t_weight"] >= min_t].sort_values(
            ["t_weight", "d_weight"], ascending=False, kind="stable", ignore_index=True
        )
        return rows.assign(rule=[f"{value}: {said}" for said in self._words(rows)])

    def discriminant(self, value: Any, min_d: float = 0.0) -> pd.DataFrame:
        """Give what tells a class apart, purest first, with the rule in words."""
        rows = self._of(value)
        rows = rows[rows["d_weight"] >= min_d].sort_values(
            ["d_weight", "t_weight"], ascending=False, kind="stable", ignore_index=True
        )
        return rows.assign(rule=[f"IF {said} THEN {value}" for said in self._words(rows)])

    def sentence(self, value: Any, min_t: float = 0.1) -> str:
        """Say the characteristic rule of a class in one sentence."""
        rows = self.characteristic(value, min_t)
        parts = [
            f"({said}) [{share:.0%}]".replace("%]", " %]")
            for said, share in zip(self._words(rows), rows["t_weight"], strict=True)
        ]
        return f"{value}: {' or '.join(parts) or 'nothing in common'}"

    @property
    def _columns(self) -> list[str]:
        figures = (self.target, COUNT, "t_weight", "d_weight", "d_low", "d_high")
        return [name for name in self.table.columns if name not in figures]

    def _of(self, value: Any) -> pd.DataFrame:
        known = sorted(set(self.table[self.target]), key=str)
        if value not in known:
            raise ValueError(f"{value!r} is not a value of {self.target!r}; given: {known}")
        return self.table[self.table[self.target] == value]

    def _words(self, rows: pd.DataFrame) -> Iterable[str]:
        for values in rows[self._columns].itertuples(index=False):
            pairs = zip(self._columns, values, strict=True)
            yield " and ".join(f"{name} is {value}" for name, value in pairs) or "always"


def weigh(tuples: pd.DataFrame, target: str, level: float = 0.95) -> pd.DataFrame:
    """Add t-weights and d-weights to counts by macro-tuple and class.

    Han and Kamber, *Data Mining: Concepts and Techniques* (2001), chapter 5: the t-weight is
    count(tuple, class) / count(class), the d-weight is count(tuple, class) / count(tuple).

    Parameters
    ----------
    tuples : DataFrame
        The columns of the macro-tuple, the class, and `count`.
    target : str
        The column of the class.
    level : float, default 0.95
        Of the interval of the d-weight (Wilson).

    Examples
    --------
    >>> sales = pd.DataFrame({
    ...     "region": ["Europe", "Europe", "North America", "North America"],
    ...     "item": ["TV", "computer"] * 2, "count": [80, 240, 120, 560]})
    >>> weigh(sales, "region")[["region", "item", "t_weight", "d_weight"]].round(4)
              region      item  t_weight  d_weight
    0         Europe        TV    0.2500       0.4
    1         Europe  computer    0.7500       0.3
    2  North America        TV    0.1765       0.6
    3  North America  computer    0.8235       0.7
    """
    columns = [name for name in tuples.columns if name not in (target, COUNT)]
    counts = tuples[COUNT]
    of_class = counts.groupby(tuples[target]).transform("sum")
    keys = [tuples[name] for name in columns] or [pd.Series(0, index=tuples.index)]
    of_tuple = counts.groupby(keys).transform("sum")
    low, high = confidence_interval(counts, of_tuple, level)
    return tuples.assign(
        t_weight=counts / of_class, d_weight=counts / of_tuple, d_low=low, d_high=high
    )


def describe_classes(
    table: pd.DataFrame,
    target: str,
    concepts: Mapping[str, Any],
    *,
    max_values: int | Mapping[str, int] = 5,
    max_tuples: int | None = None,
    weight: str | None = None,
    level: float = 0.95,
) -> ClassDescription:
    """Describe the classes of a table by generalisation along concept trees.

    The classes are generalised together, so that their macro-tuples can be compared.

    Parameters
    ----------
    table : DataFrame
    target : str
        The column of the class.
    concepts, max_values, max_tuples, weight
        As for `generalise`; `max_tuples` counts tuples of all classes.
    level : float, default 0.95
        Of the intervals.

    Raises
    ------
    ValueError
        As `generalise`, or when the target is no column.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [65, 70, 30, 62], "buys": ["tea", "tea", "ale", "tea"]})
    >>> ages = {"age": {"intervals": {"young": [None, 60], "elderly": [60, None]}}}
    >>> describe_classes(people, "buys", ages).sentence("tea")
    'tea: (age is elderly) [100 %]'
    """
    if target not in table.columns:
        raise ValueError(f"target {target!r} is not a column; given: {list(table.columns)}")
    if target in concepts:
        raise ValueError(f"the target {target!r} cannot climb a concept tree")
    found: Generalised = generalise(
        table[table[target].notna()], concepts, max_values=max_values, max_tuples=max_tuples,
        keep=(target,), weight=weight,
    )  # fmt: skip
    return ClassDescription(weigh(found.tuples, target, level), target, found.steps_frame())
