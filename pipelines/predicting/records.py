"""The records of a question: what is known of each, what happened, what acting costs and brings."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd

__all__ = ["Records", "Sample", "stacked"]


@dataclass(frozen=True)
class Records:
    """Records in one order; arrays are aligned with `ids`.

    Attributes
    ----------
    ids : numpy.ndarray of str
        Names of the records.
    table : pandas.DataFrame
        What may be used to predict: numbers and texts.
    outcome : numpy.ndarray of float64
        1, 0, or NaN where it is not known.
    weight, cost, revenue : numpy.ndarray of float64
        What a record counts; what acting costs; what it brings when the outcome is 1.
    loyalty : numpy.ndarray of float64 or None
        How loyal the customer has been.
    """

    ids: np.ndarray
    table: pd.DataFrame
    outcome: np.ndarray
    weight: np.ndarray
    cost: np.ndarray
    revenue: np.ndarray
    loyalty: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Any) -> Self:
        """Keep some records, by position or by a mask."""
        return replace(
            self,
            ids=self.ids[rows],
            table=self.table[rows] if _is_mask(rows) else self.table.iloc[rows],
            outcome=self.outcome[rows],
            weight=self.weight[rows],
            cost=self.cost[rows],
            revenue=self.revenue[rows],
            loyalty=None if self.loyalty is None else self.loyalty[rows],
        )

    def with_columns(self, columns: Sequence[str]) -> Self:
        """Keep some columns, in this order."""
        return replace(self, table=self.table[list(columns)])


@dataclass(frozen=True)
class Sample:
    """What is learned from, what is held out, and on whom one may act.

    Attributes
    ----------
    train, held : Records
        With known outcomes; nobody is in both, or, with windows of time, `held` is later.
    act : Records
        Whom the question is about now; outcomes are not used.
    act_place : numpy.ndarray of int
        Row of each in `train` and `held` put together, -1 where it is in neither.
    notes : list of str
        What a person must know of the data.
    about : str
        Which records these are, in words.
    """

    train: Records
    held: Records
    act: Records
    act_place: np.ndarray
    notes: list[str] = field(default_factory=list)
    about: str = ""

    def with_columns(self, columns: Sequence[str], notes: Sequence[str]) -> Self:
        """Keep some columns everywhere, and say why."""
        return replace(
            self,
            train=self.train.with_columns(columns),
            held=self.held.with_columns(columns),
            act=self.act.with_columns(columns),
            notes=[*self.notes, *notes],
        )


def stacked(first: Records, second: Records) -> Records:
    """Put records behind others."""
    loyal = first.loyalty is not None and second.loyalty is not None
    parts = {
        name: np.concatenate([getattr(first, name), getattr(second, name)])
        for name in ("ids", "outcome", "weight", "cost", "revenue")
    }
    return Records(
        **parts,
        table=pd.concat([first.table, second.table], ignore_index=True),
        loyalty=np.concatenate([first.loyalty, second.loyalty]) if loyal else None,
    )


def _is_mask(rows: Any) -> bool:
    return isinstance(rows, np.ndarray) and rows.dtype == bool
