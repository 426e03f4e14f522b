"""The list: every record with its probability, its money, whether to act, and why."""

import numpy as np
import pandas as pd

from models.tabular import TableClassifier
from pipelines.config.predict import Money
from pipelines.predicting.reasons import REASONS, reason_columns
from pipelines.predicting.records import Records
from pipelines.predicting.worth import chosen, expected_money

__all__ = ["list_of"]


def list_of(
    records: Records,
    probability: np.ndarray,
    model: TableClassifier,
    money: Money,
    *,
    name: str,
    loyal_from: float | None = None,
) -> pd.DataFrame:
    """Put the records in the order in which to act upon them.

    Parameters
    ----------
    records : Records
        Whom the question is about.
    probability : numpy.ndarray of float64
        Of the outcome.
    model : TableClassifier
        Gives the reasons.
    money : section of the configuration
        Chooses.
    name : str
        Of the column that names a record.
    loyal_from : float, optional
        Loyalty from which a customer counts as loyal: they come first among those chosen.

    Returns
    -------
    pandas.DataFrame
        `name`, ``rank``, ``probability``, ``expected_profit`` (of acting), ``act``, ``loyal``
        where loyalty is known, ``reason_1`` ... (empty where one is not to act).
    """
    expected = expected_money(probability, records)
    act = chosen(expected, money)
    frame = pd.DataFrame(
        {name: records.ids, "probability": probability, "expected_profit": expected, "act": act}
    )
    keys, ascending = ["act", "expected_profit", name], [False, False, True]
    if records.loyalty is not None and loyal_from is not None:
        frame["loyal"] = records.loyalty >= loyal_from
        keys, ascending = ["act", "loyal", *keys[1:]], [False, False, *ascending[1:]]
    order = frame.sort_values(keys, ascending=ascending, kind="stable").index.to_numpy()
    listed = frame.loc[order].reset_index(drop=True)
    listed.insert(1, "rank", np.arange(1, len(listed) + 1))
    return _with_reasons(listed, records.table.iloc[order], model)


def _with_reasons(
    listed: pd.DataFrame, table: pd.DataFrame, model: TableClassifier
) -> pd.DataFrame:
    acted = int(listed["act"].sum())
    reasons = reason_columns(model, table.iloc[:acted])
    reasons = reasons.reindex(range(len(listed)), fill_value="")
    assert reasons.shape[1] == REASONS
    return pd.concat([listed, reasons], axis=1)
