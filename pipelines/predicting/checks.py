"""What is wrong with the columns of a table: constant, empty, names, leaks."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from lodeworks.errors import DataError
from models.tabular import TableEncoder
from models.tabular.encoding import is_number
from pipelines.predicting.records import Sample

__all__ = ["LEAK", "auc_alone", "usable_columns"]

LEAK = 0.99
"""Area under the ROC curve above which a column predicts alone what nobody could know."""

MANY_LEVELS = 50
LIKE_A_NAME = 0.9
FEW = 100
BINS = 20


def usable_columns(sample: Sample, allowed: tuple[str, ...] = ()) -> Sample:
    """Leave out columns that tell nothing; refuse those that tell too much.

    Parameters
    ----------
    sample : Sample
        What was read.
    allowed : tuple of str
        Columns that may predict the outcome almost alone.

    Raises
    ------
    DataError
        When a column leaks the outcome, or none is left.
    """
    table, outcome = sample.train.table, sample.train.outcome
    names = [str(name) for name in table]
    left_out = {name: why for name in names if (why := _why_not(table[name]))}
    kept = [name for name in names if name not in left_out]
    _refuse_leaks(table[kept], outcome, allowed)
    if not kept:
        told = [f"{name}: {why}" for name, why in left_out.items()]
        raise DataError("no column is left to learn from", told)
    notes = [f"column {name!r} was left out: {why}" for name, why in left_out.items()]
    return sample.with_columns(kept, [*notes, *_notes(table[kept])])


def _why_not(column: pd.Series) -> str:
    known = column.dropna()
    if not len(known):
        return "it has no value"
    if pd.api.types.is_datetime64_any_dtype(column.dtype) or _has_days(known):
        return "dates are not read; state a number made from them"
    distinct = known.nunique()
    if distinct == 1 and len(known) == len(column):
        return "it is constant"
    if not is_number(column) and len(known) >= FEW and distinct > LIKE_A_NAME * len(known):
        return f"it looks like a name: {distinct:,} different values in {len(known):,} records"
    return ""


def _has_days(known: pd.Series) -> bool:
    import datetime

    return isinstance(known.iloc[0], datetime.date)


def _notes(table: pd.DataFrame) -> Iterator[str]:
    for name in table:
        levels = 0 if is_number(table[name]) else table[name].nunique()
        if levels > MANY_LEVELS:
            yield (
                f"column {name!r} has {levels:,} different values: the {MANY_LEVELS} most frequent"
                " are told apart"
            )
    if table.shape[1] > len(table):
        yield (
            f"there are more columns ({table.shape[1]:,}) than records ({len(table):,}): expect"
            " little, and trust only the hold-out"
        )


def _refuse_leaks(table: pd.DataFrame, outcome: np.ndarray, allowed: tuple[str, ...]) -> None:
    found = {name: auc_alone(table[name], outcome) for name in table if name not in allowed}
    leaks = [
        f"{name!r} alone has an AUC of {value:.3f}" for name, value in found.items() if value > LEAK
    ]
    if leaks:
        raise DataError(
            "columns tell the outcome almost alone: were they known before it? Leave them out with"
            " data.known_later, or keep them with data.allow_leaks",
            leaks,
        )


def auc_alone(column: pd.Series, outcome: np.ndarray) -> float:
    """Give the area under the ROC curve of the best guess from one column.

    Numbers are cut into up to 20 groups, values that are missing are one more; a level that fewer
    than ten records have counts with the other rare ones. So a name of each record tells nothing.

    Parameters
    ----------
    column : pandas.Series
        Numbers or texts.
    outcome : numpy.ndarray of {0, 1}
        Both values are there.

    Examples
    --------
    >>> answer = np.repeat([0.0, 1.0], 50)
    >>> auc_alone(pd.Series(answer * 7), answer)
    1.0
    """
    from sklearn.metrics import roc_auc_score

    group = pd.Series(_groups(column), name="group")
    rates = pd.Series(outcome).groupby(group).agg(["sum", "count"])
    rate = (rates["sum"] + outcome.mean()) / (rates["count"] + 1)
    return float(roc_auc_score(outcome, group.map(rate)))


def _groups(column: pd.Series) -> np.ndarray:
    if not is_number(column):
        return TableEncoder().fit(column.to_frame("x")).codes(column.to_frame("x"))[:, 0]
    values = column.to_numpy(np.float64, na_value=np.nan)
    known = values[np.isfinite(values)]
    if len(np.unique(known)) <= BINS:
        edges = np.unique(known)
    else:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.where(np.isfinite(values), np.searchsorted(edges, values, side="left"), -1)
