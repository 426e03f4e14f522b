"""Why a record is likely to have the outcome, in words."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.tabular import TableClassifier

__all__ = ["REASONS", "reason_columns", "strongest_columns"]

REASONS = 3
LEAST = 0.05
BATCH = 2000


def reason_columns(
    model: TableClassifier, table: pd.DataFrame, *, most: int = REASONS
) -> pd.DataFrame:
    """Give the columns that raise each record's log odds most, in words.

    Parameters
    ----------
    model : TableClassifier
        Fitted.
    table : pandas.DataFrame
        Records.
    most : int
        Reasons a record.

    Returns
    -------
    pandas.DataFrame of str
        ``reason_1`` ... in the order of `table`; an empty text where nothing more raises them.
    """
    parts = [
        _reasons(model, table.iloc[start : start + BATCH], most)
        for start in range(0, len(table), BATCH)
    ]
    names = [f"reason_{place + 1}" for place in range(most)]
    texts = np.concatenate(parts) if parts else np.zeros((0, most), dtype=object)
    return pd.DataFrame(texts, columns=names)


def _reasons(model: TableClassifier, table: pd.DataFrame, most: int) -> np.ndarray:
    names = [str(name) for name in table.columns]
    moved = model.contributions(table)[names].to_numpy()
    order = np.argsort(-moved, axis=1, kind="stable")[:, :most]
    texts = np.full((len(table), most), "", dtype=object)
    values = table.to_numpy(dtype=object)
    for row in range(len(table)):
        for place, column in enumerate(order[row]):
            if moved[row, column] >= LEAST:
                texts[row, place] = said(names[column], values[row, column])
    return texts


def said(name: str, value: object) -> str:
    """Say a value of a column.

    Examples
    --------
    >>> said("tenure", 2.0), said("Contract", "Month-to-month"), said("income", None)
    ('tenure is 2', 'Contract is Month-to-month', 'income is missing')
    """
    if pd.isna(value):  # type: ignore[call-overload]
        return f"{name} is missing"
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{name} is {value:.6g}"
    return f"{name} is {value}"


def strongest_columns(
    model: TableClassifier, table: pd.DataFrame, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Tell how far each column moves the log odds on average.

    Returns
    -------
    pandas.DataFrame
        ``column``, ``moves_log_odds_by`` (mean size), ``when_high`` (``raises``, ``lowers`` or,
        where it is not a matter of more or less, an empty text); the strongest first.
    """
    moved = model.contributions(table)
    rows = [
        {
            "column": name,
            "moves_log_odds_by": float(moved[name].abs().mean()),
            "when_high": _direction(table[name], moved[name]),
        }
        for name in (columns or moved.columns)
    ]
    frame = pd.DataFrame(rows).sort_values(["moves_log_odds_by", "column"], ascending=[False, True])
    return frame.reset_index(drop=True)


def _direction(values: pd.Series, moved: pd.Series) -> str:
    if not pd.api.types.is_numeric_dtype(values.dtype) or values.nunique() < 2:
        return ""
    from scipy.stats import spearmanr

    known = values.notna()
    if known.sum() < 3 or moved[known].nunique() < 2:
        return ""
    rank = float(spearmanr(values[known], moved[known]).statistic)
    return "" if abs(rank) < 0.5 else ("raises" if rank > 0 else "lowers")
