"""Accepted rules bind the list of a run: their offers come first, or are the only ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from scipy import sparse

from lodeworks.errors import DataError
from models.recommend.base import NEVER, Reason, Recommender
from models.recommend.history import History, LabelledWindow
from pipelines.findings.accepted import AcceptedRule, AcceptedRules, applicable
from pipelines.findings.vetoes import pairs_of
from pipelines.lists.make import CrossSellList, Scorer

__all__ = ["Bound", "Constraint", "Mode", "constraint_of", "model_behind", "refuse_none"]

Mode = Literal["prefer", "require"]


class Bound(Recommender):
    """Offer what a model offers, bound by accepted rules.

    An offer is *backed* when a rule says THEN of it and the customer meets IF. The model's scores
    and ranks stay as they are, so that its calibration holds.

    Parameters
    ----------
    model : Recommender
        Fitted.
    rules : sequence of AcceptedRule
        Those in force, about items of the model.
    mode : {"prefer", "require"}
        Whether backed offers come before others, or are the only ones.
    rows : int
        Rows of a customer's list: whoever has a backed offer gets no more than these, so that the
        backed ones are among them.
    """

    family: ClassVar[str] = "association"
    complexity: ClassVar[int] = 1

    def __init__(
        self, model: Recommender, rules: Sequence[AcceptedRule], mode: Mode, rows: int
    ) -> None:
        self.model = model
        self.rules = rules
        self.mode = mode
        self.rows = rows
        self.items_ = model.items_

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Learn nothing: the model is fitted, and people have decided."""
        return self

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Give the model's scores of backed offers; nothing else may be offered by them."""
        scores = np.array(self.model.scores(history, rows), dtype=np.float32)
        backed = self.backed(history, rows).toarray() > 0
        return np.where(backed, scores, NEVER)

    def backed(self, history: History, rows: np.ndarray | None = None) -> sparse.csr_matrix:
        """Give the pairs that rules back: binary, customers (all, or `rows`) x items."""
        pairs = pairs_of([one.rule for one in self.rules], history, rows)
        if pairs is not None:
            return pairs
        customers = len(history.customers) if rows is None else len(rows)
        none = np.empty(0, dtype=np.int64)
        return sparse.csr_matrix(
            (none.astype(np.float32), (none, none)), (customers, len(self.items_))
        )

    def recommend(
        self,
        history: History,
        *,
        n: int = 10,
        exclude_owned: bool = True,
        rows: np.ndarray | None = None,
        excluded: sparse.csr_matrix | None = None,
        barred: np.ndarray | None = None,
        batch: int = 2048,
    ) -> pd.DataFrame:
        """Give the model's best offers, bound by the rules; as `Recommender.recommend`."""
        history = history.with_items(self.items_)
        rows = np.arange(len(history.customers)) if rows is None else np.asarray(rows)
        touched = np.diff(self.backed(history, rows).indptr) > 0
        terms: dict[str, Any] = {
            "n": n, "exclude_owned": exclude_owned, "barred": barred, "batch": batch
        }  # fmt: skip
        backed = super().recommend(
            history,
            rows=rows[touched],
            excluded=None if excluded is None else excluded[touched],
            **terms,
        )
        own = self.model.recommend(history, rows=rows, excluded=excluded, **terms)
        backed = _with_rank(backed, own, n)
        return backed if self.mode == "require" else _before(backed, own, self.rows)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Tell the surest rule behind a backed offer; of the others what the model says."""
        told = self.model.explain(history, customer, item, names)
        pairs = self.backed(history)
        marks = np.asarray(pairs[customer, item]).ravel() if len(told) else np.empty(0)
        backed = np.flatnonzero(marks)
        reasons = AcceptedRules(self.rules, self.items_).explain(
            history, customer[backed], item[backed], names
        )
        for place, reason in zip(backed, reasons, strict=True):
            told[place] = reason
        return told


@dataclass(frozen=True)
class Constraint:
    """What accepted rules do to a list.

    Attributes
    ----------
    rules : sequence of AcceptedRule
        Those in force.
    mode : {"prefer", "require"}
        As in `Bound`.
    """

    rules: Sequence[AcceptedRule]
    mode: Mode

    def bind(self, scorer: Scorer, rows: int) -> Scorer:
        """Let the rules bind what a scorer offers; prices, calibration and interval stay."""
        return replace(scorer, recommender=Bound(scorer.recommender, self.rules, self.mode, rows))

    def settle(self, listed: CrossSellList) -> tuple[CrossSellList, dict[str, Any], str]:
        """Put backed rows before the others of a customer, and say what the rules did.

        Returns
        -------
        listed : CrossSellList
            The same rows, with new ranks.
        about : dict
            ``accepted``, the findings; ``mode``; ``rows`` and ``customers`` that they back.
        note : str
            The same in words.
        """
        bound = listed.scorer.recommender
        assert isinstance(bound, Bound)
        customer, item = (listed.rows[name].to_numpy() for name in ("customer", "item"))
        pairs = bound.backed(listed.history)
        backed = np.asarray(pairs[customer, item]).ravel() > 0 if len(customer) else customer > 0
        about = {
            "mode": self.mode,
            "accepted": sorted({one.finding_id for one in self.rules}),
            "rows": int(backed.sum()),
            "customers": int(np.unique(customer[backed]).size),
        }
        return replace(listed, rows=_ranked(listed.rows, backed)), about, _note(about)


def constraint_of(
    rules: Sequence[AcceptedRule], mode: Mode, items: pd.Index
) -> tuple[Constraint | None, list[str]]:
    """Give what rules do to a list of `items`; None where none of them can be applied.

    Raises
    ------
    DataError
        When accepted rules are required and there is none to apply.
    """
    usable, notes = applicable(rules, items)
    if usable:
        return Constraint(usable, mode), notes
    refuse_none(usable, mode)
    return None, [*notes, "no accepted rule can be applied: the list is the model's own"]


def refuse_none(rules: Sequence[AcceptedRule], mode: Mode) -> None:
    """Refuse to require rules where there are none.

    Raises
    ------
    DataError
    """
    if mode == "require" and not rules:
        raise DataError(
            "knowledge.accepted: require, but no accepted rule can be applied, so that nobody"
            " could be listed; accept some with `lode findings accept`"
        )


def model_behind(recommender: Recommender) -> Recommender:
    """Give the model itself, whether or not rules bind it."""
    return recommender.model if isinstance(recommender, Bound) else recommender


def _with_rank(backed: pd.DataFrame, own: pd.DataFrame, n: int) -> pd.DataFrame:
    """Give backed offers the rank that the model gave them; beyond its depth, the next one."""
    pair = ["customer", "item"]
    known = own.set_index(pair)["rank"].reindex(pd.MultiIndex.from_frame(backed[pair]))
    return backed.assign(rank=known.fillna(n + 1).to_numpy(np.int16))


def _before(backed: pd.DataFrame, own: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Put backed offers before the model's; customers without one keep all that it offers."""
    pair = ["customer", "item"]
    both = pd.concat([backed.assign(first=True), own.assign(first=False)], ignore_index=True)
    both = both.drop_duplicates(pair).sort_values(
        ["customer", "first", "rank", "item"], ascending=[True, False, True, True]
    )
    place = both.groupby("customer").cumcount()
    free = ~both["customer"].isin(backed["customer"].unique())
    return both[free | (place < rows)].drop(columns="first").reset_index(drop=True)


def _ranked(rows: pd.DataFrame, backed: np.ndarray) -> pd.DataFrame:
    told = rows.assign(backed=backed).sort_values(
        ["customer", "backed", "rank"], ascending=[True, False, True], ignore_index=True
    )
    place = told.groupby("customer").cumcount() + 1
    return told.assign(rank=place.astype(np.int16)).drop(columns="backed")


def _note(about: dict[str, Any]) -> str:
    count, several = len(about["accepted"]), len(about["accepted"]) > 1
    does = (
        f"come{'' if several else 's'} before other offers in"
        if about["mode"] == "prefer"
        else f"{'are' if several else 'is'} all that the list may offer:"
    )
    return (
        f"{count:,} accepted finding{'s' * several} {does} {about['rows']:,} rows of"
        f" {about['customers']:,} customers; the models were compared without"
        f" {'them' if several else 'it'}"
    )
