"""Association rules: who holds most of a frequent combination is offered the missing item."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

import numba
import numpy as np
import pandas as pd
from scipy import sparse

from models.association import mine_rules
from models.recommend.base import Reason, Recommender, filled, popularity_reason
from models.recommend.checks import at_least, not_empty, one_of
from models.recommend.history import History, LabelledWindow
from models.recommend.popularity import share_of_customers
from models.search import Choice, FloatRange, Range

__all__ = ["Rules"]

MEASURES = ("count", "support", "confidence", "lift")


class Rules(Recommender):
    """Rank items by the rules whose IF part the customer holds completely.

    Parameters
    ----------
    min_support : float, default 0.005
        Smallest share of baskets that hold a combination.
    min_count : int, default 5
        Smallest number of baskets that hold a combination; the stricter of the two applies.
    min_confidence : float, default 0.1
        Smallest share of those with the IF part who have the THEN item.
    max_length : int, default 3
        Items in a combination, the THEN item included.
    max_rules : int, default 100000
        Rules kept, the most confident first.
    basket : {'customer', 'order'}, default 'order'
        What lies together: all a customer ever bought, or one order.
    combine : {'max', 'sum'}, default 'max'
        Score an item by its most confident rule, or by the sum over its rules.

    Attributes
    ----------
    antecedents_ : scipy.sparse.csr_matrix of float32, (IF parts, items)
        Which items each IF part needs.
    rules_ : pandas.DataFrame
        ``antecedent`` (row of `antecedents_`), ``item`` (code), ``count``, ``support``,
        ``confidence``, ``lift``; sorted by antecedent.
    popularity_ : numpy.ndarray of float64, (items,)
        Share of customers who bought the item in the last 30 days.
    """

    family: ClassVar[str] = "association"
    complexity: ClassVar[int] = 2
    search_space: ClassVar[Mapping[str, Range]] = {
        "min_support": FloatRange(0.003, 0.05, log=True),
        "min_confidence": FloatRange(0.02, 0.5, log=True),
        "combine": Choice(("max", "sum")),
    }
    learned: ClassVar[tuple[str, ...]] = ("antecedents_", "rules_", "popularity_")

    antecedents_: sparse.csr_matrix
    rules_: pd.DataFrame
    popularity_: np.ndarray

    def __init__(
        self,
        min_support: float = 0.005,
        min_count: int = 5,
        min_confidence: float = 0.1,
        max_length: int = 3,
        max_rules: int = 100_000,
        basket: Literal["customer", "order"] = "order",
        combine: Literal["max", "sum"] = "max",
    ) -> None:
        self.min_support = min_support
        self.min_count = min_count
        self.min_confidence = min_confidence
        self.max_length = max_length
        self.max_rules = max_rules
        self.basket = basket
        self.combine = combine

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Mine the rules; `past` is not used."""
        self._check()
        not_empty(history)
        baskets = history.owned() if self.basket == "customer" else history.orders()
        found = mine_rules(
            baskets.indptr.astype(np.int64),
            baskets.indices.astype(np.int32),
            baskets.shape[1],
            min_count=max(self.min_count, math.ceil(self.min_support * baskets.shape[0])),
            max_length=self.max_length,
            min_confidence=self.min_confidence,
            max_rules=self.max_rules,
        )
        self.items_ = history.items
        self.antecedents_, self.rules_ = _indexed(found, len(history.items))
        self.popularity_ = share_of_customers(history, 30)
        return self

    def _check(self) -> None:
        at_least(0, min_support=self.min_support, min_confidence=self.min_confidence)
        at_least(1, min_count=self.min_count, max_rules=self.max_rules)
        at_least(2, max_length=self.max_length)
        one_of(("customer", "order"), basket=self.basket)
        one_of(("max", "sum"), combine=self.combine)

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Combine the confidence of the rules that apply to each customer."""
        return filled(self._applied(history.owned(rows))[0], self.popularity_)

    def _applied(self, owned: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
        held = sparse.csr_matrix(owned @ self.antecedents_.T)
        needed = np.diff(self.antecedents_.indptr)
        held.data *= np.isclose(held.data, needed[held.indices])
        held.eliminate_zeros()
        held.sort_indices()
        first = np.searchsorted(self.rules_["antecedent"], np.arange(len(needed) + 1))
        item = self.rules_["item"].to_numpy()
        confidence = self.rules_["confidence"].to_numpy()
        width = owned.shape[1]
        return _apply(
            held.indptr, held.indices, first, item, confidence, width, self.combine == "sum"
        )

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Tell the strongest rule that applies."""
        who, at = np.unique(customer, return_inverse=True)
        best = self._applied(history.owned(who))[1][at, item]
        return [
            self._reason(rule, code, names) for rule, code in zip(best.tolist(), item, strict=True)
        ]

    def _reason(self, rule: int, item: int, names: pd.Series) -> Reason:
        if rule < 0:
            return popularity_reason(self.popularity_[item], names.array[item], self.items_[item])
        row = self.rules_.iloc[rule]
        parts = self.antecedents_[int(row["antecedent"])].indices.tolist()
        bought = " and ".join(names.array[code] for code in parts)
        of = round(row["count"] / row["confidence"])
        told = (
            f"of the {of:,} customers who did, {row['confidence']:.0%} also bought"
            if self.basket == "customer"
            else f"of the {of:,} orders with {_all_of(parts)}, {row['confidence']:.0%} also hold"
        )
        text = (
            f"Bought {bought}; {told} {names.array[item]}, {row['lift']:.1f} times the usual share."
        )
        needs = "+".join(str(self.items_[code]) for code in parts)
        return Reason(text, f"rule:{needs}>{self.items_[item]}")


def _all_of(parts: Sequence[int]) -> str:
    return {1: "it", 2: "both"}.get(len(parts), f"all {len(parts)}")


def _indexed(found: pd.DataFrame, n_items: int) -> tuple[sparse.csr_matrix, pd.DataFrame]:
    """Split the rules into distinct IF parts and a table that points to them."""
    parts = sorted({tuple(sorted(part)) for part in found["antecedent"]})
    code = {part: row for row, part in enumerate(parts)}
    rows = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    flat = np.array([item for part in parts for item in part], dtype=np.int32)
    matrix = sparse.csr_matrix(
        (np.ones(len(flat), np.float32), (rows, flat)), shape=(len(parts), n_items)
    )
    table = found[list(MEASURES)].astype(np.float64)
    table.insert(0, "item", found["consequent"].to_numpy(dtype=np.int32))
    antecedent = [code[tuple(sorted(part))] for part in found["antecedent"]]
    table.insert(0, "antecedent", np.array(antecedent, dtype=np.int32))
    return matrix, table.sort_values(["antecedent", "item"], ignore_index=True)


@numba.njit(cache=True)
def _apply(
    start: np.ndarray,
    held: np.ndarray,
    first: np.ndarray,
    item: np.ndarray,
    confidence: np.ndarray,
    width: int,
    add: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Score each item by the rules whose IF part is held; tell which rule is strongest."""
    customers = len(start) - 1
    score = np.zeros((customers, width), dtype=np.float32)
    best = np.full((customers, width), -1, dtype=np.int32)
    for row in range(customers):
        for at in range(start[row], start[row + 1]):
            for rule in range(first[held[at]], first[held[at] + 1]):
                to, gain = item[rule], np.float32(confidence[rule])
                top = best[row, to]
                if top < 0 or gain > np.float32(confidence[top]):
                    best[row, to] = rule
                if add:
                    score[row, to] += gain
                elif gain > score[row, to]:
                    score[row, to] = gain
    return score, best
