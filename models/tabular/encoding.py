"""Columns of numbers and of categories as the arrays that classifiers take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from pandas.api import types

__all__ = ["Design", "TableEncoder", "is_number"]

MISSING = "(missing)"


@dataclass(frozen=True)
class Design:
    """A table as one dense matrix.

    Attributes
    ----------
    values : numpy.ndarray of float64, (rows, features)
        Numbers in standard deviations from their mean, and 0 or 1.
    owner : numpy.ndarray of int, (features,)
        Column of the table that each feature was made from.
    names : list of str
        What each feature says: a column, ``column = level``, ``column > knot`` or
        ``column is missing``.
    """

    values: np.ndarray
    owner: np.ndarray
    names: list[str]


class TableEncoder:
    """Learns the levels and the scale of every column; knows what to do with unseen ones.

    A level that fewer than `min_rows` rows have, or that is not among the `max_levels` most
    frequent, counts as *other*, and so does one that is met only later.

    Parameters
    ----------
    max_levels : int, default 50
        Levels of a category that are told apart.
    min_rows : int, default 10
        Rows that a level needs for that.

    Attributes
    ----------
    columns_ : list of str
        All columns, in the order of the table.
    numbers_ : list of str
        Those that are numbers; the others are categories.
    levels_ : dict of str to list of str
        Levels of each category that are told apart, most frequent first.
    center_, scale_ : dict of str to float
        Mean and standard deviation of each number.
    gaps_ : list of str
        Numbers that had missing values.
    edges_ : dict of str to list of float
        Quantiles of each number, without repeats.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [20.0, 40.0], "job": ["clerk", "nurse"]})
    >>> encoder = TableEncoder(min_rows=1).fit(table)
    >>> encoder.design(table).names
    ['age', 'job = clerk', 'job = nurse']
    >>> encoder.codes(pd.DataFrame({"age": [1.0], "job": ["pilot"]})).tolist()
    [[0]]
    """

    def __init__(self, max_levels: int = 50, min_rows: int = 10) -> None:
        if max_levels < 1 or min_rows < 1:
            raise ValueError(f"max_levels and min_rows start at 1, not {max_levels}, {min_rows}")
        self.max_levels = max_levels
        self.min_rows = min_rows

    def fit(self, table: pd.DataFrame) -> Self:
        """Learn from a table; its columns are numbers, booleans or texts.

        Raises
        ------
        ValueError
            When there is no column, or two have the same name.
        """
        _check_table(table)
        self.columns_ = [str(name) for name in table.columns]
        self.numbers_ = [name for name in self.columns_ if is_number(table[name])]
        self.levels_ = {
            name: self._levels(table[name]) for name in self.columns_ if name not in self.numbers_
        }
        numbers = _numbers(table, self.numbers_)
        self._learn_numbers(numbers)
        return self

    def _levels(self, column: pd.Series) -> list[str]:
        counts = _texts(column).value_counts()
        counts = counts[counts >= self.min_rows]
        ordered = sorted(counts.index, key=lambda level: (-int(counts[level]), level))
        return ordered[: self.max_levels]

    def _learn_numbers(self, numbers: np.ndarray) -> None:
        numbers = np.sort(numbers, axis=0)  # sums then do not depend on the order of the rows
        known = np.isfinite(numbers)
        count = np.maximum(known.sum(axis=0), 1)
        center = np.where(known, numbers, 0.0).sum(axis=0) / count
        spread = np.sqrt((np.where(known, numbers - center, 0.0) ** 2).sum(axis=0) / count)
        scale = np.where(spread > 1e-12 * np.maximum(np.abs(center), 1.0), spread, 1.0)
        self.center_ = dict(zip(self.numbers_, center.tolist(), strict=True))
        self.scale_ = dict(zip(self.numbers_, scale.tolist(), strict=True))
        self.gaps_ = [
            name
            for name, all_known in zip(self.numbers_, known.all(axis=0), strict=True)
            if not all_known
        ]
        self.edges_ = {
            name: _quantiles(numbers[known[:, place], place])
            for place, name in enumerate(self.numbers_)
        }

    @property
    def categories_(self) -> list[str]:
        """The columns that are categories."""
        return list(self.levels_)

    def numbers(self, table: pd.DataFrame) -> np.ndarray:
        """Give the numbers as they are, float64 (rows, numbers); NaN where missing or infinite."""
        self._check(table)
        return _numbers(table, self.numbers_)

    def codes(self, table: pd.DataFrame) -> np.ndarray:
        """Give the categories as int64 (rows, categories): 0 is *other*, k the k-th level."""
        self._check(table)
        columns = [_coded(_texts(table[name]), levels) for name, levels in self.levels_.items()]
        return np.column_stack(columns) if columns else np.zeros((len(table), 0), dtype=np.int64)

    def standard(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Give the numbers in standard deviations (0 where missing), and where `gaps_` are so."""
        numbers = self.numbers(table)
        center = np.array([self.center_[name] for name in self.numbers_])
        scale = np.array([self.scale_[name] for name in self.numbers_])
        missing = ~np.isfinite(numbers)
        place = [self.numbers_.index(name) for name in self.gaps_]
        standard = np.where(missing, 0.0, (numbers - center) / scale) if len(scale) else numbers
        return standard, missing[:, place].astype(np.float64)

    def design(self, table: pd.DataFrame, knots: int = 0) -> Design:
        """Give the table as one dense matrix.

        Parameters
        ----------
        table : pandas.DataFrame
            Has all `columns_`.
        knots : int
            Points at which the slope of a number may change (linear splines at its quantiles).
        """
        standard, gaps = self.standard(table)
        codes = self.codes(table)
        parts: list[tuple[str, str, np.ndarray]] = []
        for place, name in enumerate(self.numbers_):
            parts.append((name, name, standard[:, place]))
            parts += self._hinges(name, standard[:, place], knots)
        for place, name in enumerate(self.gaps_):
            parts.append((name, f"{name} is missing", gaps[:, place]))
        for place, (name, levels) in enumerate(self.levels_.items()):
            parts += [
                (name, f"{name} = {level}", (codes[:, place] == number).astype(np.float64))
                for number, level in enumerate(levels, 1)
            ]
        return _joined(parts, self.columns_, len(table))

    def _hinges(
        self, name: str, standard: np.ndarray, knots: int
    ) -> list[tuple[str, str, np.ndarray]]:
        edges = np.asarray(self.edges_[name])
        if not knots or len(edges) < 3:
            return []
        at = np.unique(edges[np.linspace(0, len(edges) - 1, knots + 2).round().astype(int)[1:-1]])
        places = (at - self.center_[name]) / self.scale_[name]
        return [
            (name, f"{name} > {value:g}", np.maximum(standard - place, 0.0))
            for value, place in zip(at, places, strict=True)
        ]

    def typical(self) -> pd.DataFrame:
        """Give one row: the mean of every number, the most frequent level of every category."""
        row = {
            name: self.center_[name]
            if name in self.center_
            else next(iter(self.levels_[name]), MISSING)
            for name in self.columns_
        }
        return pd.DataFrame([row])

    def get_state(self) -> dict[str, Any]:
        """Give what was learned as plain values."""
        return {
            "max_levels": self.max_levels,
            "min_rows": self.min_rows,
            "columns": self.columns_,
            "numbers": self.numbers_,
            "categories": self.categories_,
            "levels": list(self.levels_.values()),
            "center": [self.center_[name] for name in self.numbers_],
            "scale": [self.scale_[name] for name in self.numbers_],
            "gaps": self.gaps_,
            "edges": [self.edges_[name] for name in self.numbers_],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave.

        Raises
        ------
        ValueError
            When a part is missing.
        """
        try:
            made = cls(int(state["max_levels"]), int(state["min_rows"]))
            made.columns_, made.numbers_ = list(state["columns"]), list(state["numbers"])
            made.levels_ = dict(zip(state["categories"], state["levels"], strict=True))
            made.center_ = dict(zip(made.numbers_, state["center"], strict=True))
            made.scale_ = dict(zip(made.numbers_, state["scale"], strict=True))
            made.gaps_ = list(state["gaps"])
            made.edges_ = dict(zip(made.numbers_, state["edges"], strict=True))
        except KeyError as error:
            raise ValueError(f"the state of the columns lacks {error}") from None
        return made

    def _check(self, table: pd.DataFrame) -> None:
        lacking = [name for name in self.columns_ if name not in table.columns]
        if lacking:
            raise ValueError(f"the table lacks {', '.join(lacking)}")


def is_number(column: pd.Series) -> bool:
    """Tell whether a column is numbers; booleans count as such, texts and dates do not."""
    return types.is_numeric_dtype(column.dtype)


def _check_table(table: pd.DataFrame) -> None:
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"a DataFrame is needed, not {type(table).__name__}")
    if not len(table.columns):
        raise ValueError("the table has no column to learn from")
    if not table.columns.is_unique:
        twice = sorted({str(name) for name in table.columns[table.columns.duplicated()]})
        raise ValueError(f"columns stand twice: {', '.join(twice)}")


def _numbers(table: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    if not names:
        return np.zeros((len(table), 0))
    columns = [
        pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        for name in names
    ]
    values = np.column_stack(columns)
    values[~np.isfinite(values)] = np.nan
    return values


def _texts(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), MISSING).astype(str)


def _coded(texts: pd.Series, levels: Sequence[str]) -> np.ndarray:
    number = {level: place for place, level in enumerate(levels, 1)}
    return texts.map(number).fillna(0).to_numpy(np.int64)


def _quantiles(known: np.ndarray, parts: int = 48) -> list[float]:
    if not len(known):
        return []
    return np.unique(np.quantile(known, np.linspace(0, 1, parts + 1))).tolist()


def _joined(
    parts: Sequence[tuple[str, str, np.ndarray]], columns: Sequence[str], rows: int
) -> Design:
    place = {name: number for number, name in enumerate(columns)}
    values = np.column_stack([part for _, _, part in parts]) if parts else np.zeros((rows, 0))
    owner = np.array([place[name] for name, _, _ in parts], dtype=np.int64)
    return Design(values, owner, [told for _, told, _ in parts])
