"""A decision tree by the Gini index, whose path is the reason."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from models.search import FloatRange, IntRange, Range
from models.tabular.base import State, TableClassifier

__all__ = ["Cart"]

ARRAYS = ("left", "right", "feature", "threshold", "log_odds")


class Cart(TableClassifier):
    """Classification tree (CART) with cost-complexity pruning.

    The log odds of a node are smoothed by one row at the rate of all rows, so that a pure leaf is
    not certain. A column's contribution is the sum of the changes along the path at its splits.

    Parameters
    ----------
    max_depth : int, default 6
        Questions in a row, at most.
    min_rows : int, default 40
        Rows that a leaf needs.
    pruning : float, default 0.0003
        Gain in impurity, as a share of all rows, that a split must bring.

    References
    ----------
    L. Breiman, J. Friedman, R. Olshen, C. Stone, *Classification and Regression Trees* (1984).
    """

    family: ClassVar[str] = "tree"
    complexity: ClassVar[int] = 2
    search_space: ClassVar[Mapping[str, Range]] = {
        "max_depth": IntRange(2, 12),
        "min_rows": IntRange(5, 300, log=True),
        "pruning": FloatRange(1e-5, 0.01, log=True),
    }

    left_: np.ndarray
    right_: np.ndarray
    feature_: np.ndarray
    threshold_: np.ndarray
    log_odds_: np.ndarray

    def __init__(self, max_depth: int = 6, min_rows: int = 40, pruning: float = 0.0003) -> None:
        self.max_depth = max_depth
        self.min_rows = min_rows
        self.pruning = pruning

    def _learn(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> None:
        from sklearn.tree import DecisionTreeClassifier

        fitted = DecisionTreeClassifier(
            max_depth=self.max_depth,
            min_samples_leaf=min(self.min_rows, max(len(y) // 4, 1)),
            ccp_alpha=self.pruning,
            random_state=0,
        ).fit(self.encoder_.design(X).values, y, sample_weight=weight)
        tree = fitted.tree_
        self.left_, self.right_ = tree.children_left.copy(), tree.children_right.copy()
        self.feature_, self.threshold_ = tree.feature.copy(), tree.threshold.copy()
        rate = float(np.average(y, weights=weight))
        rows = tree.weighted_n_node_samples * len(y) / weight.sum()
        share = (tree.value[:, 0, 1] * rows + rate) / (rows + 1.0)
        self.log_odds_ = np.log(share / (1.0 - share))
        self.baseline_ = float(self.log_odds_[0])

    def _steps(self, values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Walk all rows down together; give rows, the node they leave and the one they reach."""
        node = np.zeros(len(values), dtype=np.int64)
        steps = []
        # The tree was grown on 32-bit numbers; a row at a threshold must go the same way.
        values = values.astype(np.float32)
        while (rows := np.flatnonzero(self.left_[node] >= 0)).size:
            at = node[rows]
            goes_left = values[rows, self.feature_[at]] <= self.threshold_[at]
            node[rows] = np.where(goes_left, self.left_[at], self.right_[at])
            steps.append((rows, at, node[rows].copy()))
        return steps

    def _log_odds(self, X: pd.DataFrame) -> np.ndarray:
        node = np.zeros(len(X), dtype=np.int64)
        for rows, _, reached in self._steps(self.encoder_.design(X).values):
            node[rows] = reached
        return np.asarray(self.log_odds_[node])

    def _contributions(self, X: pd.DataFrame) -> np.ndarray:
        design = self.encoder_.design(X)
        total = np.zeros((len(X), len(self.encoder_.columns_)))
        for rows, left, reached in self._steps(design.values):
            column = design.owner[self.feature_[left]]
            total[rows, column] += self.log_odds_[reached] - self.log_odds_[left]
        return total

    def _state(self) -> State:
        return {name: getattr(self, f"{name}_") for name in ARRAYS}

    def _restore(self, state: Mapping[str, Any]) -> None:
        for name in ARRAYS:
            setattr(self, f"{name}_", np.asarray(state[name]))
