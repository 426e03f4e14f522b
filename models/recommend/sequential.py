"""Sequential rules: who bought these in this order is offered what others bought next."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd

from models.recommend.base import (
    Reason,
    Recommender,
    State,
    check_parts,
    filled,
    item_index,
    popularity_reason,
)
from models.recommend.checks import at_least, not_empty, one_of
from models.recommend.history import History, LabelledWindow
from models.recommend.popularity import share_of_customers
from models.search import Choice, FloatRange, IntRange, Range
from models.sequences import (
    SequencePatterns,
    Sequences,
    SequentialRules,
    TimeLimits,
    frequent_sequences,
    next_offers,
    sequential_rules,
)

__all__ = ["Sequential"]

PATTERNS = ("indptr", "symbols", "counts")
RULES = ("whole", "antecedents", "consequents", "lags")


class Sequential(Recommender):
    """Rank items by the rules whose IF part the customer bought, in order and not too long ago.

    Baskets of one day are one. A rule speaks only while what it promises can still follow within
    `max_gap`.

    Parameters
    ----------
    min_support : float, default 0.005
        Smallest share of customers who hold a sequence.
    min_count : int, default 5
        Smallest number of customers who hold a sequence; the stricter of the two applies.
    min_confidence : float, default 0.05
        Smallest share of those with the IF part who bought the THEN item afterwards.
    max_length : int, default 2
        Items in a sequence, the THEN item included.
    max_gap : int, default 90
        Days from one step to the next, at most.
    max_rules : int, default 200000
        Rules kept, the most confident first.
    measure : {'excess', 'confidence'}, default 'excess'
        What a rule counts: by how much its confidence is above the share of all customers who
        bought the item, or the confidence itself.
    combine : {'max', 'sum'}, default 'max'
        Score an item by its strongest rule, or by the sum over its rules.

    Attributes
    ----------
    rules_ : SequentialRules
        Between codes of `items_`; times are days.
    popularity_ : numpy.ndarray of float64, (items,)
        Share of customers who bought the item in the last 30 days.

    References
    ----------
    R. Srikant, R. Agrawal, "Mining sequential patterns: generalizations and performance
    improvements", EDBT (1996).
    """

    family: ClassVar[str] = "association"
    complexity: ClassVar[int] = 2
    search_space: ClassVar[Mapping[str, Range]] = {
        "min_support": FloatRange(0.003, 0.05, log=True),
        "min_confidence": FloatRange(0.02, 0.5, log=True),
        "max_gap": IntRange(14, 180, log=True),
        "measure": Choice(("excess", "confidence")),
        "combine": Choice(("max", "sum")),
    }

    rules_: SequentialRules
    popularity_: np.ndarray

    def __init__(
        self,
        min_support: float = 0.005,
        min_count: int = 5,
        min_confidence: float = 0.05,
        max_length: int = 2,
        max_gap: int = 90,
        max_rules: int = 200_000,
        measure: Literal["excess", "confidence"] = "excess",
        combine: Literal["max", "sum"] = "max",
    ) -> None:
        self.min_support = min_support
        self.min_count = min_count
        self.min_confidence = min_confidence
        self.max_length = max_length
        self.max_gap = max_gap
        self.max_rules = max_rules
        self.measure = measure
        self.combine = combine

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Mine the rules; `past` is not used."""
        self._check()
        not_empty(history)
        self.items_ = history.items
        self.popularity_ = share_of_customers(history, 30)
        known = _sequences(history)
        least = max(self.min_count, math.ceil(self.min_support * len(known)))
        patterns = frequent_sequences(
            known,
            min_count=min(least, len(known)),
            max_length=self.max_length,
            max_gap=self.max_gap,
        )
        rules = sequential_rules(patterns, min_confidence=self.min_confidence)
        enough = patterns.counts[rules.whole] >= least
        single = np.flatnonzero(enough & (patterns.lengths[rules.consequents] == 1))
        best = np.argsort(-rules.confidences[single], kind="stable")[: self.max_rules]
        self.rules_ = rules.take(np.sort(single[best]))
        return self

    def _check(self) -> None:
        at_least(0, min_support=self.min_support, min_confidence=self.min_confidence)
        at_least(1, min_count=self.min_count, max_gap=self.max_gap, max_rules=self.max_rules)
        at_least(2, max_length=self.max_length)
        one_of(("excess", "confidence"), measure=self.measure)
        one_of(("max", "sum"), combine=self.combine)

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Combine the rules that apply to each customer."""
        offers = self._offers(history.of_customers(rows))
        scores = np.zeros((len(rows), len(self.items_)), dtype=np.float32)
        scores[offers["customer"].to_numpy(np.int64), offers["item"].to_numpy(np.int64)] = offers[
            "score"
        ]
        return filled(scores, self.popularity_)

    def _offers(self, history: History) -> pd.DataFrame:
        if not len(history.lines) or not len(self.rules_):
            return pd.DataFrame({"customer": [], "item": [], "score": [], "rule": []})
        return next_offers(
            _sequences(history),
            self.rules_,
            now=0,
            weight=self._weights(),
            combine=self.combine,
            limit=len(self.items_),
            exclude_owned=False,
        )

    def _weights(self) -> np.ndarray:
        rules = self.rules_
        if self.measure == "confidence":
            return rules.confidences
        usual = rules.patterns.supports[rules.consequents]
        return np.maximum(rules.confidences - usual, 0.0)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Tell the strongest rule that applies."""
        who, at = np.unique(customer, return_inverse=True)
        offers = self._offers(history.of_customers(who))
        keys = zip(offers["customer"], offers["item"], strict=True)
        rule = dict(zip(keys, offers["rule"], strict=True))
        return [
            self._reason(rule.get((row, code)), code, names)
            for row, code in zip(at.tolist(), np.asarray(item).tolist(), strict=True)
        ]

    def _reason(self, rule: int | None, item: int, names: pd.Series) -> Reason:
        name, known = names.array[item], self.items_[item]
        if rule is None:
            return popularity_reason(self.popularity_[item], name, known)
        one = self.rules_.take(np.array([rule]))
        steps = one.patterns.take(one.antecedents).sequences()[0]
        bought = ", then ".join(" and ".join(names.array[code] for code in step) for step in steps)
        text = (
            f"Bought {bought}; {one.confidences[0]:.0%} of those who did bought {name} within "
            f"{self.max_gap} days, {one.lifts[0]:.1f} times the usual share."
        )
        needs = ">".join("+".join(str(self.items_[code]) for code in step) for step in steps)
        return Reason(text, f"sequence:{needs}>{known}")

    def get_state(self) -> State:
        """Give patterns and rules as arrays of numbers."""
        patterns = self.rules_.patterns
        state: State = {
            "items": list(self.items_),
            "popularity": self.popularity_,
            "labels": patterns.labels.astype(np.int32),
            "customers": patterns.n_customers,
        }
        state |= {name: getattr(patterns, name) for name in PATTERNS}
        return state | {name: getattr(self.rules_, name) for name in RULES}

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` gave."""
        own = {"items", "popularity", "labels", "customers"}
        check_parts(type(self).__name__, state, {*own, *PATTERNS, *RULES})
        arrays = {name: np.asarray(state[name]) for name in (*PATTERNS, *RULES)}
        labels, customers = np.asarray(state["labels"]), state["customers"]
        assert isinstance(customers, int)
        patterns = SequencePatterns(
            **{name: arrays[name] for name in PATTERNS},
            n_customers=customers,
            labels=np.array(labels.tolist(), dtype=object),
            limits=TimeLimits(max_gap=self.max_gap),
        )
        self.items_ = item_index(state)
        self.popularity_ = np.asarray(state["popularity"])
        self.rules_ = SequentialRules(patterns, **{name: arrays[name] for name in RULES})
        return self


def _sequences(history: History) -> Sequences:
    """Give the baskets by day, as codes; the date of the history is time 0."""
    lines = history.lines[["customer", "item"]].assign(time=-history.lines["age"])
    return Sequences.from_table(lines, "customer", "time", "item")
