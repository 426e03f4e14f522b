"""Who and what must not be on the list: opt-outs, suppression files, forbidden pairs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from scipy import sparse

from features.privacy.consent import refused
from features.warehouse import Warehouse
from lodeworks.errors import DataError
from pipelines.lists.tables import KEYS, read_table

__all__ = ["Exclusions", "notes_on_exclusions", "opted_out", "read_exclusions"]

WHAT = "exclusions"


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
        out = self.customers
        return np.flatnonzero([customer not in out for customer in customers])

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
    """Give the customers who opted out, or did not consent, according to the data."""
    return frozenset(refused(warehouse.customers).customer_id.to_pandas())


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
        rows = read_table(opt_out, WHAT, needed=["customer_id"])
        customers = frozenset(rows["customer_id"].dropna())
    exclusions = Exclusions(customers)
    for path in suppress:
        rows = read_table(path, WHAT, one_of=KEYS).reindex(columns=list(KEYS))
        exclusions = _with_suppressed(exclusions, rows)
    return exclusions


def notes_on_exclusions(
    exclusions: Exclusions, customers: Iterable[str], items: Iterable[str]
) -> list[str]:
    """Hold the identifiers in the files against those in the data.

    Parameters
    ----------
    exclusions : Exclusions
        What the files said, before anything else was added.
    customers, items : iterable of str
        All identifiers that the data know.

    Returns
    -------
    list of str
        A note for each kind of identifier of which not one is known.

    Raises
    ------
    DataError
        When these are not even written like those in the data (``C-17`` instead of ``17``): the
        list would name whom it must not.
    """
    pairs = exclusions.pairs
    stated = [
        ("customers", exclusions.customers | frozenset(pairs["customer_id"]), frozenset(customers)),
        ("items", exclusions.items | frozenset(pairs["item_id"]), frozenset(items)),
    ]
    strange = [each for each in stated if each[1] and not each[1] & each[2]]
    problems = [_unlike(*each) for each in strange if not _forms(each[1]) & _forms(each[2])]
    if problems:
        raise DataError("a list made now might name what must not be on it", problems)
    return [
        f"WARNING: none of the {len(given):,} {what} in the files of exclusions is in the data: are"
        " their identifiers written alike?"
        for what, given, _ in strange
    ]


def _unlike(what: str, given: frozenset[str], known: frozenset[str]) -> str:
    here = f"{min(known)!r}" if known else "nothing"
    return (
        f"none of the {len(given):,} {what} in the files of exclusions is in the data, nor written"
        f" like one: {min(given)!r} there, {here} in the data"
    )


def _forms(identifiers: Iterable[str]) -> frozenset[str]:
    """Reduce identifiers to how they are written: ``K-1007`` to ``a-9``."""
    return frozenset(
        re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", str(one))) for one in identifiers
    )


def _with_suppressed(exclusions: Exclusions, rows: pd.DataFrame) -> Exclusions:
    """Forbid pairs, and whole customers and items where a row names only one of the two."""
    customer, item = rows["customer_id"], rows["item_id"]
    both = customer.notna() & item.notna()
    return Exclusions(
        exclusions.customers | frozenset(customer[customer.notna() & ~both]),
        exclusions.items | frozenset(item[item.notna() & ~both]),
        pd.concat([exclusions.pairs, rows[both]], ignore_index=True),
    )
