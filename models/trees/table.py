"""A table of records as a tree sees it: columns of numbers and columns of categories."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Table", "as_frame", "category_columns"]

Values = NDArray[np.float64]
Codes = NDArray[np.int64]


class Table:
    """Columns of a frame, turned into numbers or category codes once when they are first asked.

    Parameters
    ----------
    frame : DataFrame
        The records; it is not changed.

    Examples
    --------
    >>> codes, uniques = Table(pd.DataFrame({"job": ["b", None, "a"]})).labels("job")
    >>> codes.tolist(), uniques
    ([1, -1, 0], ['a', 'b'])
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._numbers: dict[str, Values] = {}
        self._labels: dict[str, tuple[Codes, list[str]]] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def numbers(self, column: str) -> Values:
        """Give a column as float64; missing is NaN.

        Raises
        ------
        ValueError
            When the column holds text or an infinite number.
        """
        if column not in self._numbers:
            self._numbers[column] = _floats(self.frame[column])
        return self._numbers[column]

    def labels(self, column: str) -> tuple[Codes, list[str]]:
        """Give a column as codes into its sorted texts; missing is -1."""
        if column not in self._labels:
            self._labels[column] = _texts(self.frame[column])
        return self._labels[column]


def as_frame(X: Any) -> pd.DataFrame:
    """Give records as a frame whose column names are texts.

    The columns of an array are called x0, x1 and so on.

    Raises
    ------
    ValueError
        When two columns have the same name.
    """
    if not isinstance(X, pd.DataFrame):
        array = np.asarray(X)
        return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])]).infer_objects()
    frame = X.set_axis([str(name) for name in X.columns], axis=1)
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].unique().tolist()
        raise ValueError(f"column names that come twice: {twice}")
    return frame


def category_columns(frame: pd.DataFrame, named: Collection[str] = ()) -> frozenset[str]:
    """Give the columns that hold categories: those named, and all that are not numbers.

    Examples
    --------
    >>> sorted(category_columns(pd.DataFrame({"a": [1], "b": ["x"], "c": [True]})))
    ['b']
    """
    numeric = {name for name in frame if pd.api.types.is_numeric_dtype(frame[name])}
    return frozenset(str(name) for name in frame if name in named or name not in numeric)


def _floats(column: pd.Series) -> Values:
    try:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise ValueError(f"column {column.name!r} was numbers at the fit, and holds text") from None
    if np.isinf(values).any():
        raise ValueError(f"column {column.name!r} holds an infinite number")
    return values


def _texts(column: pd.Series) -> tuple[Codes, list[str]]:
    codes, uniques = pd.factorize(column.astype(object).to_numpy())
    named = [_text(value) for value in uniques.tolist()]
    order = sorted(set(named))
    place = {name: i for i, name in enumerate(order)}
    again = np.array([*(place[name] for name in named), -1], np.int64)
    return again[codes], order


def _text(value: Any) -> str:
    """Write whole numbers alike, whether the column came as integers or with gaps as floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
