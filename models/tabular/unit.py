"""Indicators of any kind scaled to the range from 0 to 1, for networks and for comparing them."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd

from models.tabular.encoding import MISSING, is_number

__all__ = ["UnitScaler"]


class UnitScaler:
    """Numbers between the smallest and the largest seen, levels of categories as 0 or 1.

    What lies outside the range seen counts as its end; a missing number as the median; a level
    that was not seen as none.

    Attributes
    ----------
    numbers_ : dict of str to (float, float, float)
        Smallest, largest and middle value of each number.
    levels_ : dict of str to list of str
        Levels of each category, sorted.

    Examples
    --------
    >>> scaler = UnitScaler().fit(pd.DataFrame({"sales": [2.0, 4.0], "record": ["bad", "good"]}))
    >>> scaler.transform(pd.DataFrame({"sales": [3.5, 9.0], "record": ["good", "new"]})).values
    array([[0.75, 0.  , 1.  ],
           [1.  , 0.  , 0.  ]])
    """

    def fit(self, table: pd.DataFrame) -> Self:
        """Learn ranges and levels.

        Raises
        ------
        ValueError
            When a column has no value.
        """
        empty = [str(name) for name in table if table[name].isna().all()]
        if empty:
            raise ValueError(f"columns without a value cannot be scaled: {', '.join(empty)}")
        self.numbers_ = {str(n): _range(table[n]) for n in table if is_number(table[n])}
        self.levels_ = {
            str(n): sorted(_texts(table[n]).unique()) for n in table if not is_number(table[n])
        }
        return self

    def transform(self, table: pd.DataFrame) -> pd.DataFrame:
        """Give numbers from 0 to 1: one column a number, one a level (``record = bad``).

        Raises
        ------
        ValueError
            When a column is lacking.
        """
        lacking = [name for name in [*self.numbers_, *self.levels_] if name not in table]
        if lacking:
            raise ValueError(f"the table lacks {', '.join(lacking)}")
        columns = {name: _scaled(table[name], *ends) for name, ends in self.numbers_.items()}
        for name, levels in self.levels_.items():
            texts = _texts(table[name])
            columns |= {f"{name} = {level}": (texts == level).to_numpy(float) for level in levels}
        return pd.DataFrame(columns, index=table.index)

    def get_state(self) -> dict[str, Any]:
        """Give what was learned as plain values."""
        return {
            "numbers": {name: list(ends) for name, ends in self.numbers_.items()},
            "levels": {name: list(levels) for name, levels in self.levels_.items()},
            "order": [[*self.numbers_], [*self.levels_]],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        made = cls()
        numbers, levels = state["order"]
        made.numbers_ = {name: tuple(state["numbers"][name]) for name in numbers}
        made.levels_ = {name: list(state["levels"][name]) for name in levels}
        return made


def _range(column: pd.Series) -> tuple[float, float, float]:
    values = column.dropna().to_numpy(np.float64)
    return float(values.min()), float(values.max()), float(np.median(values))


def _scaled(column: pd.Series, low: float, high: float, middle: float) -> np.ndarray:
    values = pd.to_numeric(column, errors="coerce").fillna(middle).to_numpy(np.float64)
    if high == low:
        return np.full(len(values), 0.5)
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def _texts(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), MISSING).astype(str)
