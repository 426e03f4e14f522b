"""Rejected rules bound later lists: who meets IF is not offered THEN."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from experiments.findings import Filter
from models.recommend.history import History
from pipelines.findings.held_out import holders
from pipelines.findings.place import store_of
from pipelines.findings.purchase_rule import PurchaseRule

__all__ = ["pairs_of", "rejected_rules", "rules_of", "veto_note", "with_vetoes"]


def rejected_rules(workspace: str | Path, question: str) -> list[PurchaseRule]:
    """Give the rules about purchases that a person rejected, in order."""
    store = store_of(workspace)
    if not store.path.exists():
        return []
    wanted = Filter(kinds=("rule", "sequence"), statuses=("rejected",), question=question)
    return sorted({rule for one in store.find(wanted) for rule in rules_of(one.pattern)})


def pairs_of(
    rules: Sequence[PurchaseRule], history: History, rows: np.ndarray | None = None
) -> sparse.csr_matrix | None:
    """Give the pairs of customer and item that rules are about: who meets IF, with THEN.

    Parameters
    ----------
    rules : sequence of PurchaseRule
        One that needs nothing is about everybody.
    history : History
        What customers own.
    rows : numpy.ndarray of int, optional
        Positions of customers; default all.

    Returns
    -------
    scipy.sparse.csr_matrix or None
        Binary customers x items of `history`; None where there is no such pair.
    """
    rules = [rule for rule in rules if rule.item in history.items]
    if not rules:
        return None
    item = history.items.get_indexer(pd.Index([rule.item for rule in rules], dtype=object))
    owned = history.owned(rows).tocsc()
    met = holders(rules, owned, history.items).tocoo()
    everybody = np.array([at for rule, at in zip(rules, item, strict=True) if not rule.needs])
    customers = owned.shape[0]
    row = np.concatenate([met.row, np.tile(np.arange(customers), len(everybody))])
    column = np.concatenate([item[met.col], np.repeat(everybody, customers)]).astype(np.int64)
    if not len(row):
        return None
    ones = np.ones(len(row), np.float32)
    matrix = sparse.csr_matrix((ones, (row, column)), shape=owned.shape)
    matrix.data[:] = 1.0
    return matrix


def with_vetoes(
    forbidden: sparse.csr_matrix | None, rules: Sequence[PurchaseRule], history: History
) -> tuple[sparse.csr_matrix | None, list[str]]:
    """Add what rejected rules forbid to what is forbidden anyway, and say so."""
    pairs = pairs_of(rules, history)
    if pairs is None:
        return forbidden, []
    note = veto_note(rules, pairs.nnz)
    return (pairs if forbidden is None else sparse.csr_matrix(forbidden + pairs)), [note]


def veto_note(rules: Sequence[PurchaseRule], pairs: int) -> str:
    """Say how many pairs of customer and item rejected rules forbid."""
    several = len(rules) > 1
    return (
        f"{len(rules):,} rejected pattern{'s' * several} in the findings forbid"
        f"{'' if several else 's'} {pairs:,} pairs of customer and item"
    )


def rules_of(pattern: Mapping[str, Any]) -> list[PurchaseRule]:
    """Read the pattern of a rule or a sequence; of a sequence the order is left out."""
    if "steps" not in pattern:
        return PurchaseRule.of(pattern)
    needs = sorted({item for step in pattern["steps"] for item in step})
    return PurchaseRule.of({"if": needs, "then": pattern["then"]})
