"""Records from one table of the warehouse: the outcome stands in a column."""

from typing import Any

import numpy as np
import pandas as pd

from features.warehouse import Warehouse
from features.warehouse.tables import ORIGIN
from lodeworks.errors import DataError, did_you_mean
from pipelines.config.predict import HoldOut, Money, Predict
from pipelines.config.predict import Records as Declared
from pipelines.predicting.records import Records, Sample, stacked

__all__ = ["read_records", "table_sample"]

PLACE = ["source_file", "source_line"]


def table_sample(config: Predict, warehouse: Warehouse) -> Sample:
    """Read the records and put some aside.

    Raises
    ------
    DataError
        When columns are missing, or outcomes, weights or money cannot be used; all at once.
    """
    assert config.data is not None
    everybody = _read(warehouse, config.data, config.economics, config.data.table)
    known = np.isfinite(everybody.outcome)
    _check_outcome(everybody.outcome[known], config.data)
    labelled, unknown = everybody.take(known), everybody.take(~known)
    train, held = _parted(config, warehouse, labelled)
    act, place = _whom(config, train, held, unknown)
    notes = [_note_on_later(config.data)] if config.data.known_later else []
    return Sample(train, held, act, place, notes, _about(config, train, held))


def _note_on_later(data: Declared) -> str:
    return f"known only after the event, and left out: {', '.join(data.known_later)}"


def _about(config: Predict, train: Records, held: Records) -> str:
    how = "stated as such" if config.holdout.table else "drawn by chance"
    return f"{len(train):,} records to learn from, {len(held):,} held out ({how})"


def _parted(config: Predict, warehouse: Warehouse, labelled: Records) -> tuple[Records, Records]:
    assert config.data is not None
    if config.holdout.table is not None:
        held = _stated_holdout(config.holdout, warehouse, config.data, config.economics)
        return labelled, held
    from sklearn.model_selection import train_test_split

    least = int(min(labelled.outcome.sum(), len(labelled) - labelled.outcome.sum()))
    needed = 2 * config.evaluation.folds
    if least < needed:
        raise DataError(
            f"{config.data.table}: {least} records of the rarer outcome are too few for"
            f" {config.evaluation.folds} folds and a hold-out; at least {needed} are needed"
        )
    rows = np.arange(len(labelled))
    learn, check = train_test_split(
        rows, test_size=config.holdout.share, stratify=labelled.outcome, random_state=config.seed
    )
    return labelled.take(np.sort(learn)), labelled.take(np.sort(check))


def _stated_holdout(
    holdout: HoldOut, warehouse: Warehouse, data: Declared, money: Money
) -> Records:
    assert holdout.table is not None
    answers = None if holdout.outcomes is None else _answers(warehouse, holdout.outcomes, data)
    held = _read(warehouse, data, money, holdout.table, answers)
    if not np.isfinite(held.outcome).all():
        raise DataError(f"{holdout.table}: every record held out needs its outcome")
    _check_outcome(held.outcome, data)
    return held


def _answers(warehouse: Warehouse, table: str, data: Declared) -> pd.Series:
    frame = _frame(warehouse, table)
    if data.target in frame:
        return frame[data.target]
    if len(frame.columns) != 1:
        raise DataError(f"{table} lacks the column {data.target!r} of the outcomes")
    return frame.iloc[:, 0]


def _whom(
    config: Predict, train: Records, held: Records, unknown: Records
) -> tuple[Records, np.ndarray]:
    """Choose whom to act upon: the unknown; those who have not left; else those held out."""
    together = stacked(train, held)
    if config.question == "retention":
        still = np.flatnonzero(together.outcome == 0)
        known, place = together.take(still), still
    elif len(unknown):
        return unknown, np.full(len(unknown), -1)
    else:
        return held, len(train) + np.arange(len(held))
    return stacked(known, unknown), np.concatenate([place, np.full(len(unknown), -1)])


def _read(
    warehouse: Warehouse,
    data: Declared,
    money: Money,
    table: str,
    answers: pd.Series | None = None,
) -> Records:
    frame = _frame(warehouse, table)
    if answers is not None:
        if len(answers) != len(frame):
            raise DataError(f"{table} has {len(frame)} records but {len(answers)} outcomes")
        frame = frame.assign(**{data.target: answers.to_numpy()})
    records = read_records(frame, data, money, table)
    # Folds are drawn by place: placed by their content, records fall where they would in any order.
    content = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return records.take(np.argsort(content, kind="stable"))


def _frame(warehouse: Warehouse, table: str) -> pd.DataFrame:
    frame: pd.DataFrame = warehouse.table(table.removeprefix("own:")).to_pandas()
    frame = frame.sort_values(PLACE, kind="stable").reset_index(drop=True)
    return frame.drop(columns=list(ORIGIN))


def read_records(
    frame: pd.DataFrame, data: Declared, money: Money, table: str, *, scoring: bool = False
) -> Records:
    """Take a frame apart.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    data, money : sections of the configuration
        Which column is what.
    table : str
        For messages.
    scoring : bool
        Whether outcomes are neither needed nor read.

    Raises
    ------
    DataError
        With all problems at once.
    """
    _check_columns(frame, data, money, table, scoring=scoring)
    outcome = np.full(len(frame), np.nan) if scoring else _is_positive(frame[data.target], data)
    numbers = _Numbers(frame, table)
    weight = numbers.of(data.weight, 1.0, "data.weight") if not scoring else np.ones(len(frame))
    cost, revenue = _money(numbers, money)
    loyalty = None if money.loyalty is None else numbers.of(money.loyalty, 0.0, "economics.loyalty")
    numbers.refuse()
    if (weight < 0).any() or (len(weight) and weight.sum() <= 0):
        raise DataError(f"{table}: the weights in {data.weight!r} are negative or sum to 0")
    ids = frame[data.id] if data.id else pd.Series(np.arange(1, len(frame) + 1))
    return Records(
        ids=_texts(ids),
        table=frame[_features(frame, data)],
        outcome=outcome,
        weight=weight,
        cost=cost,
        revenue=revenue,
        loyalty=loyalty,
    )


def _money(numbers: "_Numbers", money: Money) -> tuple[np.ndarray, np.ndarray]:
    if money.matrix is not None:
        both = money.matrix.missed + money.matrix.false_alarm
        rows = numbers.rows
        return np.full(rows, money.matrix.false_alarm), np.full(rows, both)
    cost = numbers.of(money.cost, 0.0, "economics.cost")
    revenue = numbers.of(money.revenue, 0.0, "economics.revenue")
    return cost, revenue * money.times * money.success


def _features(frame: pd.DataFrame, data: Declared) -> list[str]:
    out = {data.target, data.id, data.weight, *data.drop, *data.known_later}
    return [name for name in frame.columns if name not in out]


def _check_columns(
    frame: pd.DataFrame, data: Declared, money: Money, table: str, *, scoring: bool
) -> None:
    wanted = {"data.id": [data.id], "data.drop": data.drop, "data.known_later": data.known_later}
    wanted |= {"data.target": [data.target], "data.weight": [data.weight]}
    wanted |= {"data.allow_leaks": data.allow_leaks}
    if scoring:
        wanted = {"data.id": [data.id]}
    wanted |= {
        f"economics.{name}": [value]
        for name in ("cost", "revenue", "loyalty")
        if isinstance(value := getattr(money, name), str)
    }
    problems = [
        f"{key}: there is no column {name!r}; {did_you_mean(name, frame.columns)}"
        for key, names in wanted.items()
        for name in names
        if name is not None and name not in frame.columns
    ]
    if problems:
        raise DataError(f"{table} lacks columns that are named", problems)


class _Numbers:
    """Columns that must be numbers; problems are gathered."""

    def __init__(self, frame: pd.DataFrame, table: str) -> None:
        self._frame, self._table = frame, table
        self.rows = len(frame)
        self._problems: list[str] = []

    def of(self, stated: float | str | None, usual: float, key: str) -> np.ndarray:
        """Give the column, or the number in every row."""
        if not isinstance(stated, str):
            return np.full(self.rows, usual if stated is None else float(stated))
        values = pd.to_numeric(self._frame[stated], errors="coerce").to_numpy(np.float64)
        bad = int((~np.isfinite(values)).sum())
        if bad:
            self._problems.append(
                f"{key}: {bad} of {self.rows} values of {stated!r} are missing or no numbers"
            )
        return values

    def refuse(self) -> None:
        """Raise what was found."""
        if self._problems:
            raise DataError(f"{self._table}: columns of numbers cannot be used", self._problems)


def _is_positive(column: pd.Series, data: Declared) -> np.ndarray:
    known = column.notna().to_numpy()
    same = np.array([_equal(value, data.positive) for value in column])
    return np.where(known, same.astype(np.float64), np.nan)


def _equal(value: Any, positive: str | float | bool) -> bool:
    return value == positive or _written(value) == _written(positive)


def _written(value: Any) -> str:
    """Write 1, 1.0 and '1' alike."""
    try:
        return f"{float(value):g}"
    except (TypeError, ValueError):
        return str(value)


def _check_outcome(outcome: np.ndarray, data: Declared) -> None:
    if not len(outcome):
        raise DataError(f"{data.table}: no record has an outcome in {data.target!r}")
    if outcome.min() == outcome.max():
        which = "every" if outcome[0] == 1 else "no"
        raise DataError(
            f"{data.table}: {which} record has the outcome {data.positive!r} in"
            f" {data.target!r}; both outcomes are needed to learn what tells them apart"
        )


def _texts(ids: pd.Series) -> np.ndarray:
    return np.asarray([_written_id(value) for value in ids], dtype=object)


def _written_id(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
