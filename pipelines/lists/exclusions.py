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

    def barred(self, items: pd.Index) -> np.ndarray:
        """Give the positions of the items that nobody may be offered."""
        return np.flatnonzero(items.isin(list(self.items)))

    def matrix(self, customers: pd.Index, items: pd.Index) -> sparse.csr_matrix | None:
        """Give the forbidden pairs over codes; None when there are none."""
        row = customers.get_indexer(pd.Index(self.pairs["customer_id"]))
        column = items.get_indexer(pd.Index(self.pairs["item_id"]))
        known = (row >= 0) & (column >= 0)
        if not known.any():
            return None
        return sparse.csr_matrix(
            (np.ones(known.sum()), (row[known], column[known])), shape=(len(customers), len(items))
        )


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
    customers = frozenset[str]()
    if opt_out is not None:
        customers = frozenset(_read(opt_out, ["customer_id"])["customer_id"].dropna())
    exclusions = Exclusions(customers)
    for path in suppress:
        exclusions = _with_suppressed(exclusions, _read(path, []).reindex(columns=list(KEYS)))
    return exclusions


def _with_suppressed(exclusions: Exclusions, rows: pd.DataFrame) -> Exclusions:
    """Forbid pairs, and whole customers and items where a row names only one of the two."""
    customer, item = rows["customer_id"], rows["item_id"]
    both = customer.notna() & item.notna()
    return Exclusions(
        exclusions.customers | frozenset(customer[customer.notna() & ~both]),
        exclusions.items | frozenset(item[item.notna() & ~both]),
        pd.concat([exclusions.pairs, rows[both]], ignore_index=True),
    )


def _read(path: Path, needed: Sequence[str]) -> pd.DataFrame:
    """Read the keys as text without blanks around them; an empty one is missing."""
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
    text = frame[keys].astype("string")
    if any("\n" in value for name in keys for value in text[name].dropna()):
        raise DataError(
            f"the exclusions in {path} cannot be read, so no list is made: an identifier goes over"
            " the end of a line; is a quotation mark not closed?"
        )
    text = text.apply(lambda column: column.str.strip())
    known: pd.DataFrame = text.astype(object).where(text.notna() & (text != ""), None)
    return known


def _read_csv(path: Path) -> pd.DataFrame:
    """Read the keys as text; every row must have as many fields as the header."""
    import pyarrow as pa
    from pyarrow import csv

    options = csv.ConvertOptions(
        column_types=dict.fromkeys(KEYS, pa.string()), null_values=[""], strings_can_be_null=True
    )
    frame: pd.DataFrame = csv.read_csv(path, convert_options=options).to_pandas()
    return frame


def _read_parquet(path: Path) -> pd.DataFrame:
    """Read whole numbers as such; a missing one would make 7.0 of 7."""
    return pd.read_parquet(path).convert_dtypes()
