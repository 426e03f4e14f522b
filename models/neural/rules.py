"""Rules taken out of a network: a readable tree that is taught the network's own answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.trees import Node, ReadableTree, condition_from_dict, holds, tree_rules, words

__all__ = ["NetworkRules", "rule_met", "rules_of"]


@dataclass(frozen=True)
class NetworkRules:
    """What a network does, in words.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a rule: ``rule`` (words), ``answer`` (the network's usual answer there), ``rows``
        it covers, ``fidelity`` (share of them that the network answers so); largest first.
    fidelity : float
        Share of all rows that the rules answer as the network does.
    conditions : list of list of dict
        The same rules for a program, in the order of `table`, as `models.trees.Condition.to_dict`
        writes them; every row meets those of one rule.
    """

    table: pd.DataFrame
    fidelity: float
    conditions: list[list[dict[str, Any]]] = field(default_factory=list)

    def which(self, X: pd.DataFrame) -> np.ndarray:
        """Give the place of the rule that each row meets, int64 (rows,)."""
        return rule_met(self.conditions, X)


def rule_met(conditions: Sequence[Sequence[Mapping[str, Any]]], X: pd.DataFrame) -> np.ndarray:
    """Give the place of the first rule whose conditions each row meets; -1 of none.

    Parameters
    ----------
    conditions : sequence of sequence of mapping
        As in `NetworkRules`.
    X : pandas.DataFrame
        Has the columns that the conditions name.
    """
    found = np.full(len(X), -1, dtype=np.int64)
    for place, rule in enumerate(conditions):
        meets = holds(tuple(map(condition_from_dict, rule)), X)
        found[meets & (found < 0)] = place
    return found


def rules_of(model: Any, X: pd.DataFrame, *, max_rules: int = 8, min_rows: int = 5) -> NetworkRules:
    """Explain a fitted classifier by a readable tree that imitates it.

    Parameters
    ----------
    model : classifier
        Anything with ``predict``.
    X : pandas.DataFrame
        Rows to be answered; the more like those that will be met, the better.
    max_rules : int
        Leaves of the tree, at most: the splits that tell least are taken back.
    min_rows : int
        Rows that a rule must cover.

    Returns
    -------
    NetworkRules

    References
    ----------
    M. Craven, J. Shavlik, "Extracting tree-structured representations of trained networks",
    NIPS (1996), whose rules are judged by fidelity to the network, too.

    Examples
    --------
    >>> class Network:
    ...     def predict(self, X):
    ...         return np.where(X["debt"] > 5, "low", "high")
    >>> table = pd.DataFrame({"debt": [1.0, 2.0, 3.0, 8.0, 9.0]})
    >>> rules_of(Network(), table, min_rows=1).table["rule"].tolist()
    ['debt is up to 5', 'debt is above 5']
    """
    if max_rules < 2:
        raise ValueError(f"max_rules must be at least 2, not {max_rules}")
    answers = np.asarray(model.predict(X))
    if len(np.unique(answers)) < 2:
        return _of_one(answers)
    grown = ReadableTree(
        max_depth=None, min_samples_leaf=min_rows, pruning="none", smoothing=0.0
    ).fit(X, answers)
    tree = _at_most(grown, max_rules)
    rules = tree_rules(tree, X, answers, simplify=False)
    rules = sorted(rules, key=lambda rule: (-rule.n_rows, rule.text))
    rows = [(words(one.conditions), one.then, int(one.n_rows), one.confidence) for one in rules]
    return NetworkRules(
        pd.DataFrame(rows, columns=["rule", "answer", "rows", "fidelity"]),
        float((tree.predict(X) == answers).mean()),
        [[condition.to_dict() for condition in one.conditions] for one in rules],
    )


def _of_one(answers: np.ndarray) -> NetworkRules:
    """Give the rule of a network that always says the same."""
    row = ("always", answers[0], len(answers), 1.0)
    return NetworkRules(
        pd.DataFrame([row], columns=["rule", "answer", "rows", "fidelity"]), 1.0, [[]]
    )


def _at_most(tree: ReadableTree, leaves: int) -> ReadableTree:
    """Take back the split that told least, again and again, until so few leaves are left."""
    while (more := _leaves(tree)) > leaves and more > 1:
        twigs = [node for node in tree.root_.walk() if node.split and _is_twig(node)]
        tree = tree.collapse(min(twigs, key=lambda node: (_told(node), node.path)).path)
    return tree


def _leaves(tree: ReadableTree) -> int:
    return sum(node.split is None for node in tree.root_.walk())


def _is_twig(node: Node) -> bool:
    return all(child.split is None for child in node.children)


def _told(node: Node) -> float:
    """Give by how much a split lowers the impurity (Gini), in rows."""
    return _impurity(node) - sum(map(_impurity, node.children))


def _impurity(node: Node) -> float:
    counts = np.array(node.counts)
    return float(counts.sum() - (counts**2).sum() / max(counts.sum(), 1e-12))
