"""Who and what must not be on the list: opt-outs, suppression files, forbidden pairs."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from scipy import sparse

from features.warehouse import Warehouse
from lodeworks.errors import DataError

__all__ = ["Exclusions", "opted_out", "read_exclusions"]

KEYS = ("customer_id", "item_id")


@dataclass(frozen=True)
class Exclusions:
    """What is kept off a list.

    Attributes
    ----------
    customers, items : frozenset of str
        Identifiers that never appear.
    pairs : pandas.DataFrame
        ``customer_id``, ``item_id``: offers that are never made.
    """

    customers: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    pairs: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(KEYS)))

    def with_customers(self, customers: Iterable[str]) -> Self:
        """Keep further customers off the list."""
        return replace(self, customers=self.customers | frozenset(customers))

    def with_pairs(self, pairs: pd.DataFrame) -> Self:
        """Keep further pairs of customer and item off the list."""
        return replace(self, pairs=pd.concat([self.pairs, pairs], ignore_index=True))

    def eligible(self, customers: pd.Index) -> np.ndarray:
        """Give the positions of the customers who may be listed."""
        return np.flatnonzero(~customers.isin(list(self.customers)))

    def matrix(self, customers: pd.Index, items: pd.Index) -> sparse.csr_matrix | None:
        """Give the forbidden pairs over codes; None when there are none."""
        if self.pairs.empty and not self.items:
            return None
        row = customers.get_indexer(pd.Index(self.pairs["customer_id"]))
        column = items.get_indexer(pd.Index(self.pairs["item_id"]))
        known = (row >= 0) & (column >= 0)
        pairs = sparse.coo_matrix(
            (np.ones(known.sum()), (row[known], column[known])), shape=(len(customers), len(items))
        )
        columns = np.flatnonzero(items.isin(list(self.items)))
        everywhere = sparse.coo_matrix(
            (
                np.ones(len(customers) * len(columns)),
                (
                    np.repeat(np.arange(len(customers)), len(columns)),
                    np.tile(columns, len(customers)),
                ),
            ),
            shape=pairs.shape,
        )
        return sparse.csr_matrix(pairs + everywhere)


def opted_out(warehouse: Warehouse) -> frozenset[str]:
    """Give the customers who opted out according to the data."""
    customers = warehouse.customers
    return frozenset(customers.filter(customers.opt_out).customer_id.to_pandas())


def read_exclusions(opt_out: Path | None, suppress: Sequence[Path]) -> Exclusions:
    """Read the files of those who must not be contacted and of what must not be offered.

    Parameters
    ----------
    opt_out : Path, optional
        CSV or Parquet file with a column ``customer_id``.
    suppress : sequence of Path
        Files with ``customer_id``, ``item_id`` or both; a row with both forbids that pair.

    Raises
    ------
    DataError
        When a file is missing, cannot be read or has neither column: a list must not go out
        without it.
    """
    customers, items, pairs = set[str](), set[str](), []
    if opt_out is not None:
        customers.update(_read(opt_out, ["customer_id"])["customer_id"])
    for path in suppress:
        frame = _read(path, [])
        if set(KEYS) <= set(frame):
            pairs.append(frame[list(KEYS)])
        elif "customer_id" in frame:
            customers.update(frame["customer_id"])
        else:
            items.update(frame["item_id"])
    together = pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame(columns=list(KEYS))
    return Exclusions(frozenset(customers), frozenset(items), together)


def _read(path: Path, needed: Sequence[str]) -> pd.DataFrame:
    try:
        frame = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise DataError(
            f"the exclusions in {path} cannot be read, so no list is made: {error}"
        ) from error
    missing = [name for name in needed if name not in frame]
    if missing or not set(KEYS) & set(frame):
        wanted = " and ".join(missing) or "customer_id or item_id"
        raise DataError(f"{path} has no column {wanted}; it has {', '.join(map(str, frame))}")
    keys = [name for name in KEYS if name in frame]
    known = frame[keys].astype("string").dropna()
    return pd.DataFrame({name: known[name].str.strip().astype(str) for name in keys})


def _read_csv(path: Path) -> pd.DataFrame:
    """Read text only; a customer may be called NA."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])


def _read_parquet(path: Path) -> pd.DataFrame:
    """Read whole numbers as such; a missing one would make 7.0 of 7."""
    return pd.read_parquet(path).convert_dtypes()
