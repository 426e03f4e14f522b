"""The customers of an experiment, from one table of the warehouse."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.evaluation.uplift import Balance, check_balance
from features.warehouse import Warehouse
from features.warehouse.tables import ORIGIN
from lodeworks.errors import DataError, did_you_mean
from models.tabular.encoding import TableEncoder
from models.uplift.base import feature_matrix, feature_names
from pipelines.config.uplift import UpliftTrial

__all__ = ["Customers", "features_of", "ids_of", "read_frame", "read_trial"]

PLACE = ["source_file", "source_line"]
FEWEST = 50


@dataclass(frozen=True)
class Customers:
    """Who took part.

    Attributes
    ----------
    ids : numpy.ndarray of str
    table : pandas.DataFrame
        What was known before the treatment.
    outcome : numpy.ndarray of float64
    treated : numpy.ndarray of bool
    propensity : numpy.ndarray of float64
    balance : Balance
        Whether the treatment can be told from `table`.
    notes : tuple of str
        What was left out.
    """

    ids: np.ndarray
    table: pd.DataFrame
    outcome: np.ndarray
    treated: np.ndarray
    propensity: np.ndarray
    balance: Balance
    notes: tuple[str, ...]

    @property
    def binary(self) -> bool:
        """Whether the outcome holds 0 and 1 only."""
        return bool(np.isin(self.outcome, (0.0, 1.0)).all())


def read_frame(warehouse: Warehouse, table: str) -> pd.DataFrame:
    """Give the rows of a table of one's own, in the order of its files."""
    frame: pd.DataFrame = warehouse.table(table.removeprefix("own:")).to_pandas()
    frame = frame.sort_values(PLACE, kind="stable").reset_index(drop=True)
    return frame.drop(columns=list(ORIGIN))


def read_trial(warehouse: Warehouse, data: UpliftTrial, seed: int) -> Customers:
    """Read and check the experiment.

    Raises
    ------
    DataError
        When columns or outcomes cannot be used, an arm is missing, an outcome lies before its
        treatment, or the treatment was not given by chance and no propensity is stated.
    """
    frame = read_frame(warehouse, data.table)
    _check_columns(frame, data)
    arm = frame[data.treatment].map(_written)
    asked = arm.isin([_written(data.treated), _written(data.control)])
    _check_arms(arm, data)
    others = int((~asked).sum())
    frame, treated = frame[asked].reset_index(drop=True), (arm[asked] == _written(data.treated))
    _check_days(frame, data)
    outcome = _numbers(frame, data.outcome, data.table, "outcome")
    if np.ptp(outcome) == 0:
        raise DataError(
            f"{data.table}: the outcome {data.outcome!r} is {outcome[0]:g} for everybody: there is"
            " nothing to change"
        )
    table, idle = features_of(frame, data)
    notes = [f"{others:,} customers of other treatments are left out"] if others else []
    notes += [f"without any information, and left out: {', '.join(idle)}"] if idle else []
    arms = treated.to_numpy(dtype=bool)
    return _balanced(
        Customers(
            ids=ids_of(frame, data.id),
            table=table,
            outcome=outcome,
            treated=arms,
            propensity=_propensity(frame, data, arms),
            balance=Balance(_nothing(), pd.DataFrame()),
            notes=tuple(notes),
        ),
        data,
        seed,
    )


def _nothing() -> Any:
    from experiments.evaluation.bootstrap import Interval

    return Interval(0.5, 0.5, 0.5)


def _balanced(customers: Customers, data: UpliftTrial, seed: int) -> Customers:
    encoder = TableEncoder().fit(customers.table)
    x = feature_matrix(encoder, customers.table)
    balance = check_balance(x, feature_names(encoder), customers.treated, seed=seed)
    if data.propensity is None and not balance.random:
        raise DataError(
            f"{data.table}: {balance.sentence()}, so differences between the arms are no effects."
            " State data.propensity, the probability with which each customer was treated, or list"
            " columns known only after the treatment under data.known_later"
        )
    return replace(customers, balance=balance)


def _check_columns(frame: pd.DataFrame, data: UpliftTrial) -> None:
    named: dict[str, Any] = {
        "data.treatment": [data.treatment],
        "data.outcome": [data.outcome],
        "data.id": [data.id],
        "data.drop": data.drop,
        "data.known_later": data.known_later,
        "data.propensity": [data.propensity if isinstance(data.propensity, str) else None],
        "data.treated_on": [data.treated_on],
        "data.outcome_on": [data.outcome_on],
    }
    problems = [
        f"{key}: there is no column {name!r}; {did_you_mean(name, list(frame.columns))}"
        for key, names in named.items()
        for name in names
        if name is not None and name not in frame.columns
    ]
    if problems:
        raise DataError(f"{data.table} lacks columns that are named", problems)


def _check_arms(arm: pd.Series, data: UpliftTrial) -> None:
    counts = arm.value_counts()
    few = [
        f"data.{key}: {int(counts.get(_written(value), 0))} customers have {value!r} in"
        f" {data.treatment!r}, at least {FEWEST} are needed; there are {_some(counts)}"
        for key, value in (("treated", data.treated), ("control", data.control))
        if counts.get(_written(value), 0) < FEWEST
    ]
    if few:
        raise DataError(f"{data.table}: an effect needs both arms", few)


def _some(counts: pd.Series) -> str:
    return ", ".join(f"{name!r} ({number:,})" for name, number in counts.head(6).items()) or "none"


def _check_days(frame: pd.DataFrame, data: UpliftTrial) -> None:
    if data.treated_on is None or data.outcome_on is None:
        return
    before = pd.to_datetime(frame[data.outcome_on]) < pd.to_datetime(frame[data.treated_on])
    if before.any():
        raise DataError(
            f"{data.table}: {int(before.sum()):,} outcomes lie before their treatment"
            f" ({data.outcome_on!r} before {data.treated_on!r}): a treatment cannot change the past"
        )


def _numbers(frame: pd.DataFrame, name: str, table: str, what: str) -> np.ndarray:
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = int((~np.isfinite(values)).sum())
    if bad:
        raise DataError(
            f"{table}: {bad:,} of {len(values):,} values of the {what} {name!r} are missing or no"
            " numbers"
        )
    return np.asarray(values)


def _propensity(frame: pd.DataFrame, data: UpliftTrial, treated: np.ndarray) -> np.ndarray:
    if not isinstance(data.propensity, str):
        share = float(treated.mean()) if data.propensity is None else float(data.propensity)
        chance = np.full(len(frame), share)
    else:
        chance = _numbers(frame, data.propensity, data.table, "propensity")
    wrong = int((~((chance > 0) & (chance < 1))).sum())
    if wrong:
        raise DataError(
            f"{data.table}: {wrong:,} propensities do not lie between 0 and 1: who can only be"
            " treated, or never, shows no effect"
        )
    return chance


def features_of(frame: pd.DataFrame, data: UpliftTrial) -> tuple[pd.DataFrame, list[str]]:
    """Give what was known before the treatment, and the columns that say nothing.

    Raises
    ------
    DataError
        When nothing is left.
    """
    out = {data.treatment, data.outcome, data.id, data.propensity, data.treated_on, data.outcome_on}
    out |= {*data.drop, *data.known_later}
    names = [name for name in frame.columns if name not in out]
    idle = [name for name in names if frame[name].nunique(dropna=False) < 2]
    kept = [name for name in names if name not in idle]
    if not kept:
        raise DataError(
            f"{data.table}: no column tells customers apart before the treatment; without any"
            f" information: {', '.join(idle) or 'none'}"
        )
    return frame[kept].reset_index(drop=True), idle


def ids_of(frame: pd.DataFrame, name: str | None) -> np.ndarray:
    """Give the identifiers as text; rows are counted from 1 where none is stated."""
    ids = frame[name] if name else pd.Series(np.arange(1, len(frame) + 1))
    return np.asarray([_written(value) for value in ids], dtype=object)


def _written(value: Any) -> str:
    """Write 1, 1.0, true and '1' alike."""
    try:
        return f"{float(value):.15g}"
    except (TypeError, ValueError):
        return str(value)
