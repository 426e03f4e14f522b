"""Rules taken out of a network: a readable tree that is taught the network's own answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.tabular.encoding import MISSING, Design, TableEncoder

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
        The same rules for a program, in the order of `table`: each condition has ``column`` and
        ``above``, ``at_most``, ``is`` or ``is_not``; every row meets those of one rule.
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
        meets = np.ones(len(X), dtype=bool)
        for condition in rule:
            meets &= _holds(condition, X[condition["column"]])
        found[meets & (found < 0)] = place
    return found


def _holds(condition: Mapping[str, Any], column: pd.Series) -> np.ndarray:
    """Test a column; numbers that are missing are in the place of their mean, as in the tree."""
    if "is" in condition or "is_not" in condition:
        texts = column.astype(object).where(column.notna(), MISSING).astype(str)
        if "is" in condition:
            return np.asarray(texts == condition["is"])
        return np.asarray(~texts.isin(condition["is_not"]))
    values = column.astype(np.float64).fillna(condition["mean"]).to_numpy()
    return (values > condition.get("above", -np.inf)) & (values <= condition.get("at_most", np.inf))


@dataclass(frozen=True)
class _Bounds:
    """Conditions on one column, gathered along a path."""

    above: float = -np.inf
    upto: float = np.inf
    is_level: str | None = None
    not_levels: tuple[str, ...] = ()

    def plain(self, column: str, mean: float) -> dict[str, Any]:
        """Give the same as plain values."""
        if self.is_level is not None:
            return {"column": column, "is": self.is_level}
        if self.not_levels:
            return {"column": column, "is_not": list(self.not_levels)}
        ends = {"above": self.above, "at_most": self.upto}
        return {"column": column, "mean": mean} | {k: v for k, v in ends.items() if np.isfinite(v)}


def rules_of(model: Any, X: pd.DataFrame, *, max_rules: int = 8, min_rows: int = 5) -> NetworkRules:
    """Explain a fitted classifier by a tree that imitates it.

    Parameters
    ----------
    model : classifier
        Anything with ``predict``.
    X : pandas.DataFrame
        Rows to be answered; the more like those that will be met, the better.
    max_rules : int
        Leaves of the tree, at most.
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
    ['debt at most 5.5', 'debt above 5.5']
    """
    from sklearn.tree import DecisionTreeClassifier

    if max_rules < 2:
        raise ValueError(f"max_rules must be at least 2, not {max_rules}")
    answers = np.asarray(model.predict(X))
    encoder = TableEncoder(min_rows=1).fit(X)
    design = _as_they_stand(encoder, X)
    tree = DecisionTreeClassifier(
        max_leaf_nodes=max_rules, min_samples_leaf=min_rows, random_state=0
    ).fit(design.values, answers)
    leaves = tree.apply(design.values)
    paths = dict(_paths(tree.tree_, design, encoder))
    reached = np.unique(leaves)
    rows = [_row(_in_words(paths[leaf]), answers[leaves == leaf]) for leaf in reached]
    table = pd.DataFrame(rows).sort_values(["rows", "rule"], ascending=[False, True])
    conditions = [_plain(paths[reached[place]], encoder) for place in table.index]
    fidelity = float((tree.predict(design.values) == answers).mean())
    return NetworkRules(table.reset_index(drop=True), fidelity, conditions)


def _plain(known: Mapping[str, _Bounds], encoder: TableEncoder) -> list[dict[str, Any]]:
    return [
        one.plain(name.rstrip("\0"), encoder.center_.get(name.rstrip("\0"), 0.0))
        for name, one in known.items()
    ]


def _as_they_stand(encoder: TableEncoder, X: pd.DataFrame) -> Design:
    """Undo the scaling of the design, so that thresholds can be said."""
    design = encoder.design(X)
    values = design.values.copy()
    for place, name in enumerate(design.names):
        if name in encoder.center_:
            values[:, place] = values[:, place] * encoder.scale_[name] + encoder.center_[name]
    return Design(values, design.owner, design.names)


def _row(rule: str, answers: np.ndarray) -> dict[str, object]:
    labels, counts = np.unique(answers, return_counts=True)
    best = int(counts.argmax())
    share = float(counts[best] / len(answers))
    return {"rule": rule, "answer": labels[best], "rows": len(answers), "fidelity": share}


def _paths(
    tree: Any, design: Design, encoder: TableEncoder
) -> list[tuple[int, dict[str, _Bounds]]]:
    found: list[tuple[int, dict[str, _Bounds]]] = []
    todo: list[tuple[int, dict[str, _Bounds]]] = [(0, {})]
    while todo:
        node, known = todo.pop()
        if tree.children_left[node] < 0:
            found.append((node, known))
            continue
        name, threshold = design.names[tree.feature[node]], float(tree.threshold[node])
        for child, is_above in (
            (tree.children_left[node], False),
            (tree.children_right[node], True),
        ):
            todo.append((int(child), _narrowed(known, name, threshold, is_above, encoder)))
    return found


def _narrowed(
    known: dict[str, _Bounds], name: str, threshold: float, is_above: bool, encoder: TableEncoder
) -> dict[str, _Bounds]:
    if name in encoder.center_:
        old = known.get(name, _Bounds())
        limits = (threshold, old.upto) if is_above else (old.above, threshold)
        return {**known, name: _Bounds(*limits)}
    column, _, level = name.partition(" = ")
    if not level:
        column, level = name.removesuffix(" is missing"), MISSING
    key, old = f"{column}\0", known.get(f"{column}\0", _Bounds())
    if is_above:
        return {**known, key: _Bounds(is_level=level)}
    return {**known, key: _Bounds(not_levels=(*old.not_levels, level))}


def _in_words(known: dict[str, _Bounds]) -> str:
    return " and ".join(_said(name.rstrip("\0"), one) for name, one in known.items()) or "always"


def _said(name: str, one: _Bounds) -> str:
    if one.is_level is not None:
        return f"{name} is {one.is_level}"
    if one.not_levels:
        return f"{name} is not {' or '.join(one.not_levels)}"
    if np.isinf(one.above):
        return f"{name} at most {one.upto:.4g}"
    if np.isinf(one.upto):
        return f"{name} above {one.above:.4g}"
    return f"{name} above {one.above:.4g} and at most {one.upto:.4g}"
