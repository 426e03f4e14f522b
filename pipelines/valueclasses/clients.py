"""The labelled customers and the prospects, read and checked."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.warehouse import Warehouse
from features.warehouse.tables import ORIGIN
from lodeworks.errors import DataError, did_you_mean
from models.tabular.encoding import is_number
from pipelines.config.value_classes import Clients, ValueClasses

__all__ = ["Cases", "read_cases", "table_of"]

LIKE_A_NAME = 0.9


@dataclass(frozen=True)
class Cases:
    """Customers and prospects.

    Attributes
    ----------
    ids : numpy.ndarray of str
        Of the customers.
    table : pandas.DataFrame
        Their indicators.
    labels : numpy.ndarray of str
        Their classes.
    prospect_ids : numpy.ndarray of str
        Of the prospects.
    prospects : pandas.DataFrame
        The same indicators.
    notes : list of str
        What a person must know.
    """

    ids: np.ndarray
    table: pd.DataFrame
    labels: np.ndarray
    prospect_ids: np.ndarray
    prospects: pd.DataFrame
    notes: list[str]


def table_of(warehouse: Warehouse, name: str, id_: str) -> pd.DataFrame:
    """Give a table of the user's own, ordered by its records' names."""
    frame: pd.DataFrame = warehouse.table(name.removeprefix("own:")).to_pandas()
    frame = frame.drop(columns=list(ORIGIN))
    if id_ not in frame:
        raise DataError(f"{name}: there is no column {id_!r}; {did_you_mean(id_, frame.columns)}")
    return frame.sort_values(id_, kind="stable").reset_index(drop=True)


def read_cases(config: ValueClasses, warehouse: Warehouse) -> Cases:
    """Read and check both tables.

    Raises
    ------
    DataError
        When columns, classes or customers are lacking; nothing was written then.
    """
    data = config.data
    frame = table_of(warehouse, data.table, data.id)
    _check(frame, data, config.evaluation.folds)
    features, notes = _features(frame, data)
    prospects = frame.iloc[:0]
    if data.prospects is not None:
        prospects = table_of(warehouse, data.prospects, data.id)
        lacking = [name for name in features if name not in prospects]
        if lacking:
            raise DataError(f"{data.prospects} lacks the indicators {', '.join(lacking)}")
    return Cases(
        ids=frame[data.id].astype(str).to_numpy(dtype=object),
        table=frame[features],
        labels=frame[data.target].astype(str).to_numpy(dtype=object),
        prospect_ids=prospects[data.id].astype(str).to_numpy(dtype=object),
        prospects=prospects[features].reset_index(drop=True),
        notes=notes,
    )


def _check(frame: pd.DataFrame, data: Clients, folds: int) -> None:
    wanted = [data.target, *data.drop]
    problems = [
        f"there is no column {name!r}; {did_you_mean(name, frame.columns)}"
        for name in wanted
        if name not in frame
    ]
    if problems:
        raise DataError(f"{data.table} lacks columns that are named", problems)
    labels = frame[data.target]
    strange = sorted({str(value) for value in labels} - set(data.classes))
    if strange:
        hints = [f"{value!r}: {did_you_mean(value, data.classes)}" for value in strange]
        raise DataError(f"{data.table}: {data.target!r} holds classes that are not stated", hints)
    counts = labels.value_counts()
    if len(counts) < 2:
        raise DataError(f"{data.table}: all customers are of one class; nothing can be learned")
    few = [f"{name!r}: {count}" for name, count in sorted(counts.items()) if count < 2]
    if few:
        raise DataError(f"{data.table}: each class needs at least two customers", few)
    if len(frame) < 2 * folds:
        raise DataError(f"{data.table}: {len(frame)} customers are too few for {folds} folds")


def _features(frame: pd.DataFrame, data: Clients) -> tuple[list[str], list[str]]:
    out = {data.id, data.target, *data.drop}
    names = [str(name) for name in frame if name not in out]
    idle = {name: reason for name in names if (reason := _why_not(frame[name]))}
    kept = [name for name in names if name not in idle]
    if not kept:
        raise DataError(f"{data.table}: no indicator is left to learn from")
    notes = [f"indicator {name!r} was left out: {reason}" for name, reason in idle.items()]
    smallest = frame[data.target].value_counts()
    rare = [f"{name} ({count})" for name, count in smallest.items() if count < 5]
    if rare:
        notes.append(f"few customers of class {', '.join(sorted(rare))}: expect little of them")
    return kept, notes


def _why_not(column: pd.Series) -> str:
    if column.nunique(dropna=False) < 2:
        return "it is the same for all"
    distinct, known = column.nunique(), int(column.notna().sum())
    if not is_number(column) and distinct > LIKE_A_NAME * known:
        return f"it looks like a name: {distinct:,} different values in {known:,} customers"
    return ""
