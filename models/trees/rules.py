"""Rules read off a tree: IF conditions THEN class, with support, confidence, interval and lift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.association.significance import confidence_interval
from models.trees.conditions import Condition, condition_from_dict, holds, joined, words
from models.trees.nodes import Node
from models.trees.table import Table, as_frame
from models.trees.tree import ReadableTree
from models.trees.vetoes import Vetoes

__all__ = ["TreeRule", "rules_frame", "tree_rules"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class TreeRule:
    """IF all conditions THEN class, as counted on some records.

    Parameters
    ----------
    conditions : tuple of Condition
        One a column.
    then : class
        What the tree answers.
    n_rows : float
        Records that meet the conditions, or their weight.
    support : float
        Their share.
    confidence : float
        Share of the class among them.
    low, high : float
        Its interval (Wilson).
    lift : float
        Confidence by the share of the class in all records.
    """

    conditions: tuple[Condition, ...]
    then: Any
    n_rows: float
    support: float
    confidence: float
    low: float
    high: float
    lift: float

    @property
    def text(self) -> str:
        """The rule in words."""
        return f"IF {words(self.conditions)} THEN {self.then}"

    def holds(self, X: pd.DataFrame) -> Mask:
        """Mark the records that meet the conditions."""
        return holds(self.conditions, X)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values, which JSON can hold."""
        figures = ("n_rows", "support", "confidence", "low", "high", "lift")
        return {
            "if": [condition.to_dict() for condition in self.conditions],
            "then": self.then,
            **{name: getattr(self, name) for name in figures},
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        figures = {name: value for name, value in given.items() if name not in ("if", "then")}
        return cls(tuple(map(condition_from_dict, given["if"])), given["then"], **figures)


def tree_rules(
    tree: ReadableTree,
    X: Any,
    y: ArrayLike,
    *,
    target: Any = None,
    simplify: bool = True,
    level: float = 0.95,
    vetoes: Vetoes | Mapping[str, Any] | None = None,
) -> list[TreeRule]:
    """Read one rule off every leaf, counted on the records given.

    Give records that the tree did not see: then the intervals are honest.

    Parameters
    ----------
    tree : ReadableTree
        Fitted.
    X, y : DataFrame or array, and array
        The records and their class.
    target : class, optional
        Only rules for this class.
    simplify : bool, default True
        Drop a condition when the lower end of the interval does not fall without it (as C4.5 does:
        Quinlan, *C4.5: Programs for Machine Learning*, 1993, chapter 5). Simplified rules may
        overlap; without it the rules part the records as the leaves do.
    level : float, default 0.95
        Of the intervals.
    vetoes : Vetoes or mapping, optional
        Rules that are not shown, however well they hold.

    Returns
    -------
    list of TreeRule
        Best lift first; a rule that no record meets is left out.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [20, 25, 30, 50, 60, 70]})
    >>> y = ["no", "no", "no", "yes", "yes", "yes"]
    >>> tree = ReadableTree(min_samples_leaf=1, pruning="none").fit(X, y)
    >>> [rule.text for rule in tree_rules(tree, X, y)]
    ['IF age is above 40 THEN yes', 'IF age is up to 40 THEN no']
    """
    table, truth = Table(as_frame(X).set_axis(tree.columns_, axis=1)), np.asarray(y)
    if len(truth) != len(table):
        raise ValueError(f"X has {len(table)} rows and y has {len(truth)}")
    unwanted = Vetoes.of(vetoes)
    found: dict[tuple[frozenset[Condition], Any], TreeRule] = {}
    for leaf, way in _ways(tree.root_, ()):
        then = tree.classes_.tolist()[tree._answer(leaf)]
        if target is not None and then != target:
            continue
        conditions = joined(way)
        if simplify:
            conditions = _shorter(conditions, table, truth == then, level)
        rule = _rule(conditions, then, table, truth == then, level)
        if rule.n_rows and unwanted.allow(conditions, then):
            found.setdefault((frozenset(conditions), then), rule)
    return sorted(found.values(), key=lambda rule: (-rule.lift, -rule.support, rule.text))


def rules_frame(rules: Sequence[TreeRule]) -> pd.DataFrame:
    """Give rules as a frame: rule, then, rows, support, confidence, low, high, lift.

    Examples
    --------
    >>> rules_frame([]).columns.tolist()
    ['rule', 'then', 'rows', 'support', 'confidence', 'low', 'high', 'lift']
    """
    columns = ["rule", "then", "rows", "support", "confidence", "low", "high", "lift"]
    rows = [
        (r.text, r.then, r.n_rows, r.support, r.confidence, r.low, r.high, r.lift) for r in rules
    ]
    return pd.DataFrame(rows, columns=columns)


def _ways(node: Node, way: tuple[Condition, ...]) -> list[tuple[Node, tuple[Condition, ...]]]:
    if node.split is None:
        return [(node, way)]
    below = [_ways(child, (*way, node.split.condition(i))) for i, child in enumerate(node.children)]
    return [pair for pairs in below for pair in pairs]


def _shorter(
    conditions: tuple[Condition, ...], table: Table, hits: Mask, level: float
) -> tuple[Condition, ...]:
    """Drop conditions as long as the lower end of the interval does not fall."""
    masks = {condition: condition.mask(table) for condition in conditions}
    kept = list(conditions)
    lowest = _lower(kept, masks, hits, level)
    while kept:
        shorter = [[other for other in kept if other != one] for one in kept]
        ends = [_lower(few, masks, hits, level) for few in shorter]
        best = int(np.argmax(ends))
        if ends[best] < lowest:
            break
        kept, lowest = shorter[best], ends[best]
    return tuple(kept)


def _lower(
    conditions: list[Condition], masks: Mapping[Condition, Mask], hits: Mask, level: float
) -> float:
    inside = np.ones(len(hits), bool)
    for condition in conditions:
        inside &= masks[condition]
    n = int(inside.sum())
    return float(confidence_interval([(inside & hits).sum()], [n], level)[0][0]) if n else 0.0


def _rule(
    conditions: tuple[Condition, ...], then: Any, table: Table, hits: Mask, level: float
) -> TreeRule:
    inside = holds(conditions, table)
    n, n_hits = int(inside.sum()), int((inside & hits).sum())
    if n == 0:
        return TreeRule(conditions, then, 0, 0.0, np.nan, 0.0, 1.0, np.nan)
    low, high = confidence_interval([n_hits], [n], level)
    share = hits.mean()
    lift = n_hits / n / share if share > 0 else np.nan
    ends = (float(low[0]), float(high[0]))
    return TreeRule(conditions, then, n, n / len(hits), n_hits / n, *ends, float(lift))
