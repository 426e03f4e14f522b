"""What would have been bought without an offer."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lodeworks.errors import DataError
from models.recommend.history import History
from pipelines.lists.tables import KEYS, read_numbers, read_table

__all__ = ["KINDS", "Baseline", "read_baseline"]

KINDS = ("none", "organic", "file")


@dataclass(frozen=True)
class Baseline:
    """The chance of a purchase without the offer, for any pair of customer and item.

    Attributes
    ----------
    kind : {"none", "organic", "file"}
        ``none``: 0, so that profit is gross. ``organic``: the share of all customers who bought
        the item in the last `days` days, which knows nothing of the customer. ``file``: as stated.
    days : int
        Length of the outcome window.
    rows : pandas.DataFrame
        ``customer_id``, ``item_id`` (either may be None: all of them), ``probability``.
    shares : pandas.Series of float64, optional
        What ``organic`` says of each ``item_id``, counted before. Default: counted in the history
        at hand, which must then be that of all customers.
    """

    kind: str = "none"
    days: int = 31
    rows: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*KEYS, "probability"]))
    shares: pd.Series | None = None

    def identity(self) -> dict[str, Any]:
        """Give everything that a result may depend on as plain values."""
        return {"kind": self.kind, "days": self.days, "rows": self.rows.to_dict("list")}

    def of(self, rows: pd.DataFrame, history: History) -> np.ndarray:
        """Give the chance of each row without the offer.

        Parameters
        ----------
        rows : pandas.DataFrame
            ``customer`` and ``item`` codes of `history`.
        history : History
            What was bought up to the date.

        Returns
        -------
        numpy.ndarray of float64
            From 0 to 1. Of what the file says the pair goes before the item, the item before the
            customer; what it does not say is 0.
        """
        if self.kind == "none":
            return np.zeros(len(rows))
        if self.kind == "organic":
            return np.asarray(self._shares(history)[rows["item"].to_numpy()])
        customer = history.customers[rows["customer"].to_numpy()]
        item = history.items[rows["item"].to_numpy()]
        found = np.full(len(rows), np.nan)
        for keys in (("customer_id", "item_id"), ("item_id",), ("customer_id",)):
            asked = {"customer_id": customer, "item_id": item}
            said = self._stated(keys, [asked[key] for key in keys])
            found = np.where(np.isnan(found), said, found)
        return np.asarray(np.nan_to_num(found))

    def _shares(self, history: History) -> np.ndarray:
        if self.shares is not None:
            return self.shares.reindex(history.items).fillna(0.0).to_numpy(dtype=np.float64)
        recent = (history.lines["age"].to_numpy() < self.days).astype(np.float32)
        buyers = np.asarray((history.weighted(recent) > 0).sum(axis=0), dtype=np.float64).ravel()
        return np.asarray(buyers / max(len(history.customers), 1))

    def _stated(self, keys: tuple[str, ...], asked: list[pd.Index]) -> np.ndarray:
        """Look up the rows of the file that name just these keys."""
        named = np.ones(len(self.rows), dtype=bool)
        for key in KEYS:
            named &= (self.rows[key].notna() if key in keys else self.rows[key].isna()).to_numpy()
        some = self.rows[named]
        if some.empty:
            return np.full(len(asked[0]), np.nan)
        known = some.groupby(list(keys), sort=True)["probability"].max()
        if len(keys) == 1:
            return known.reindex(asked[0]).to_numpy(dtype=np.float64)
        return known.reindex(pd.MultiIndex.from_arrays(asked)).to_numpy(dtype=np.float64)


def read_baseline(path: Path) -> pd.DataFrame:
    """Read the chances of a purchase without an offer.

    Raises
    ------
    DataError
        When the file is missing, cannot be read, names neither customers nor items, or a chance
        is not from 0 to 1.
    """
    rows = read_table(path, "baseline", needed=["probability"], one_of=KEYS)
    chance = read_numbers(rows, "probability", path, "a number from 0 to 1")
    if not chance.between(0, 1).all():
        raise DataError(f"{path}: {(~chance.between(0, 1)).sum()} rows are not from 0 to 1")
    rows = rows.reindex(columns=[*KEYS, "probability"]).assign(probability=chance)
    return rows.dropna(subset=list(KEYS), how="all").reset_index(drop=True)
