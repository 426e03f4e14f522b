"""What every test asks of its numbers before it starts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lodeworks.errors import did_you_mean

__all__ = ["check_level", "complete", "numbers"]

Values = NDArray[np.float64]


def check_level(level: float) -> None:
    """Refuse a coverage that is not between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not {level}")


def numbers(values: ArrayLike, name: str, least: int = 2) -> Values:
    """Give the known values as float64.

    Raises
    ------
    ValueError
        When there are too few, or one is infinite or no number.
    """
    try:
        every = pd.Series(np.asarray(values)).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds values that are no numbers") from None
    known = every[~np.isnan(every)]
    if np.isinf(known).any():
        raise ValueError(f"{name} holds an infinite number")
    if len(known) < least:
        raise ValueError(f"{name} needs {least} known values or more, but has {len(known)}")
    return known


def complete(table: pd.DataFrame, columns: Sequence[str], least: int = 3) -> pd.DataFrame:
    """Give the rows in which all columns are known.

    Raises
    ------
    ValueError
        When a column is unknown, all missing or, for numbers, constant; or too few rows are left.
    """
    names = [str(name) for name in table.columns]
    unknown = [name for name in columns if name not in names]
    if unknown:
        near = [f"unknown column {name!r}; {did_you_mean(str(name), names)}" for name in unknown]
        raise ValueError("; ".join(near))
    chosen = table.set_axis(names, axis=1)[list(columns)]
    empty = [name for name in columns if chosen[name].isna().all()]
    if empty:
        raise ValueError(f"all missing: columns {empty}")
    rows = chosen.dropna()
    flat = [name for name in columns if rows[name].nunique() < 2]
    if len(rows) < least:
        raise ValueError(f"{len(rows)} complete rows are too few; {least} are needed")
    if flat:
        raise ValueError(f"constant columns tell nothing: {flat}")
    return rows
