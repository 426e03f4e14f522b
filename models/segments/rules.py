"""Rules in words that tell each segment from the others."""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

from models.segments.words import plain_name, plain_number

__all__ = ["SegmentRules"]

_MOST_MEMBERS = 20


class SegmentRules(BaseEstimator):
    """A small tree over the customers' own attributes, read as one rule a leaf.

    Parameters
    ----------
    depth : int, default 3
        Conditions of a rule, at most.
    min_share : float, default 0.02
        Least share of all customers behind a rule.

    Attributes
    ----------
    table_ : pandas.DataFrame
        One row a rule, the widest of a segment first: ``segment``, ``rule`` (text),
        ``conditions`` (list of ``attribute``, ``sign``, ``value``), ``customers`` (who fulfil it),
        ``precision`` (share of them in the segment), ``coverage`` (share of the segment told).
    accuracy_ : float
        Share of all customers whom the rules put into their own segment.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [20.0, 22.0, 25.0, 60.0, 64.0, 70.0]})
    >>> rules = SegmentRules().fit(frame, pd.Series([0, 0, 0, 1, 1, 1]))
    >>> rules.table_["rule"].tolist()
    ['age at most 42.5', 'age above 42.5']
    """

    def __init__(self, depth: int = 3, min_share: float = 0.02) -> None:
        self.depth = depth
        self.min_share = min_share

    def fit(self, frame: pd.DataFrame, labels: pd.Series) -> Self:
        """Learn the rules from customers and their segments, by the same index.

        Raises
        ------
        ValueError
            When a parameter is out of range.
        """
        if self.depth < 1 or not 0 < self.min_share < 1:
            raise ValueError(
                "depth must be 1 at least and min_share between 0 and 1 but got"
                f" {self.depth} and {self.min_share}"
            )
        table, questions = _questions(frame)
        target = labels.to_numpy()
        tree = DecisionTreeClassifier(
            max_depth=self.depth,
            min_samples_leaf=max(1, round(self.min_share * len(target))),
            class_weight="balanced",
            random_state=0,
        ).fit(table, target)
        self.accuracy_ = float((tree.predict(table) == target).mean())
        self.table_ = _table(tree, table, target, questions)
        return self

    def best(self) -> dict[Any, str]:
        """Give the rule that tells most of each segment, in words with how sure it is."""
        check_is_fitted(self, "table_")
        first = self.table_.drop_duplicates("segment")
        return {
            row["segment"]: f"{row['rule']} ({row['precision']:.0%} of these are in the segment;"
            f" {row['coverage']:.0%} of the segment)"
            for row in first.to_dict("records")
        }


def _questions(frame: pd.DataFrame) -> tuple[np.ndarray, list[tuple[str, str | None]]]:
    """Give one column a number and one a member of a category, and what each asks."""
    columns: list[np.ndarray] = []
    questions: list[tuple[str, str | None]] = []
    for name in frame:
        if pd.api.types.is_numeric_dtype(frame[name]):
            values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
            columns.append(np.where(np.isinf(values), np.nan, values))
            questions.append((str(name), None))
            continue
        texts = frame[name].astype(object).where(frame[name].notna(), "(missing)").map(str)
        for member in sorted(texts.value_counts().index[:_MOST_MEMBERS]):
            columns.append((texts == member).to_numpy(dtype=np.float64))
            questions.append((str(name), member))
    return np.column_stack(columns), questions


def _table(
    tree: DecisionTreeClassifier,
    table: np.ndarray,
    target: np.ndarray,
    questions: list[tuple[str, str | None]],
) -> pd.DataFrame:
    leaves = tree.apply(table)
    size = {label: int((target == label).sum()) for label in np.unique(target)}
    rows = []
    for leaf, path in _paths(tree.tree_).items():
        inside = target[leaves == leaf]
        segment = tree.classes_[int(np.argmax(tree.tree_.value[leaf][0]))]
        hits = int((inside == segment).sum())
        conditions = _merged(path, questions)
        rows.append(
            {
                "segment": segment,
                "rule": _words(conditions),
                "conditions": conditions,
                "customers": len(inside),
                "precision": hits / len(inside),
                "coverage": hits / size[segment],
            }
        )
    found = pd.DataFrame(rows)
    return found.sort_values(
        ["segment", "coverage", "rule"], ascending=[True, False, True], ignore_index=True
    )


def _paths(tree: Any) -> dict[int, list[tuple[int, str, float]]]:
    """Give for each leaf the questions on the way to it."""
    paths: dict[int, list[tuple[int, str, float]]] = {}
    waiting: list[tuple[int, list[tuple[int, str, float]]]] = [(0, [])]
    while waiting:
        node, path = waiting.pop()
        if tree.children_left[node] < 0:
            paths[node] = path
            continue
        asked, cut = int(tree.feature[node]), float(tree.threshold[node])
        waiting.append((tree.children_right[node], [*path, (asked, "above", cut)]))
        waiting.append((tree.children_left[node], [*path, (asked, "at most", cut)]))
    return paths


def _merged(
    path: list[tuple[int, str, float]], questions: list[tuple[str, str | None]]
) -> list[dict[str, Any]]:
    """Keep the narrowest bound of each attribute and side."""
    bounds: dict[tuple[int, str], float] = {}
    for asked, sign, cut in path:
        known = bounds.get((asked, sign), cut)
        bounds[asked, sign] = min(known, cut) if sign == "at most" else max(known, cut)
    conditions = []
    for (asked, sign), cut in bounds.items():
        name, member = questions[asked]
        if member is None:
            conditions.append({"attribute": name, "sign": sign, "value": cut})
        else:
            word = "is" if sign == "above" else "is not"
            conditions.append({"attribute": name, "sign": word, "value": member})
    return conditions


def _words(conditions: list[dict[str, Any]]) -> str:
    told = [f"{plain_name(c['attribute'])} {c['sign']} {_value(c['value'])}" for c in conditions]
    return " and ".join(told) or "all customers"


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else plain_number(value)
