"""Explainable boosting: one curve a column and a few surfaces of two, kept as plain tables."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from lodeworks.errors import NotInstalled
from models.search import FloatRange, IntRange, Range
from models.tabular.base import State, TableClassifier

__all__ = ["Explainable"]

Cuts = list[np.ndarray]


class Explainable(TableClassifier):
    """Boosted curves and surfaces (InterpretML); what was learned is tables that are looked up.

    Fitting needs the extra ``interpret``; answering and reading a stored one does not.

    Parameters
    ----------
    rounds : int, default 2000
        Passes over all columns, at most; ended early where 15 % of the rows no longer gain.
    learning_rate : float, default 0.02
        Share of each step that is added.
    leaves : int, default 3
        Leaves of a step.
    min_rows : int, default 4
        Rows that a leaf needs.
    pairs : int, default 5
        Surfaces of two columns; they are chosen by what they add. A surface counts half for each
        of its columns.
    bags : int, default 4
        Models on other rows held out that are averaged.
    random_state : int, default 0
        Seed.

    References
    ----------
    Y. Lou, R. Caruana, J. Gehrke, G. Hooker, "Accurate intelligible models with pairwise
    interactions", KDD (2013); H. Nori et al., "InterpretML", arXiv:1909.09223 (2019).
    """

    family: ClassVar[str] = "boosted"
    complexity: ClassVar[int] = 3
    requires: ClassVar[tuple[str, ...]] = ("interpret",)
    search_space: ClassVar[Mapping[str, Range]] = {
        "learning_rate": FloatRange(0.005, 0.05, log=True),
        "leaves": IntRange(2, 4),
        "min_rows": IntRange(2, 50, log=True),
        "pairs": IntRange(0, 20),
    }

    terms_: list[tuple[int, ...]]
    cuts_: list[Cuts]
    scores_: list[np.ndarray]

    def __init__(
        self,
        rounds: int = 2000,
        learning_rate: float = 0.02,
        leaves: int = 3,
        min_rows: int = 4,
        pairs: int = 5,
        bags: int = 4,
        random_state: int = 0,
    ) -> None:
        self.rounds = rounds
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.min_rows = min_rows
        self.pairs = pairs
        self.bags = bags
        self.random_state = random_state

    def _learn(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> None:
        values = self._values(X)
        order = np.lexsort((weight, y, *values.T))  # what is held out must not follow the rows
        model = self._boosted(values[order], y[order], weight[order])
        self.baseline_ = float(np.ravel(model.intercept_)[0])
        self.terms_ = [tuple(map(int, term)) for term in model.term_features_]
        self.cuts_ = [
            [_cuts(model.bins_[column], len(term)) for column in term] for term in self.terms_
        ]
        # The last place of each axis is for categories that were not seen: here all are numbers.
        self.scores_ = [
            np.asarray(scores, dtype=np.float64)[(slice(0, -1),) * np.ndim(scores)]
            for scores in model.term_scores_
        ]

    def _boosted(self, values: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Any:
        try:
            boosting = import_module("interpret.glassbox").ExplainableBoostingClassifier
        except ImportError as error:
            raise NotInstalled(
                "explainable boosting needs InterpretML: pip install 'lodeworks[interpret]'"
            ) from error
        model = boosting(
            feature_types=["continuous"] * values.shape[1],
            interactions=min(self.pairs, values.shape[1] * (values.shape[1] - 1) // 2),
            max_rounds=self.rounds,
            learning_rate=self.learning_rate,
            max_leaves=self.leaves,
            min_samples_leaf=self.min_rows,
            outer_bags=self.bags,
            random_state=self.random_state,
            n_jobs=1,
        )
        return model.fit(values, y.astype(np.int64), sample_weight=weight)

    def _values(self, X: pd.DataFrame) -> np.ndarray:
        """Give numbers, and codes of categories by how often each level was seen."""
        return np.hstack([self.encoder_.numbers(X), self.encoder_.codes(X).astype(np.float64)])

    def _each(self, X: pd.DataFrame) -> list[np.ndarray]:
        """Give what every term adds to each row."""
        values = self._values(X)
        return [
            scores[tuple(_place(values[:, c], one) for c, one in zip(term, cuts, strict=True))]
            for term, cuts, scores in zip(self.terms_, self.cuts_, self.scores_, strict=True)
        ]

    def _log_odds(self, X: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.baseline_ + self._contributions(X).sum(axis=1))

    def _contributions(self, X: pd.DataFrame) -> np.ndarray:
        order = [*self.encoder_.numbers_, *self.encoder_.categories_]
        found = np.zeros((len(X), len(order)))
        for term, added in zip(self.terms_, self._each(X), strict=True):
            for column in term:
                found[:, column] += added / len(term)
        return found[:, [order.index(name) for name in self.encoder_.columns_]]

    def _state(self) -> State:
        return {
            "terms": [list(term) for term in self.terms_],
            "cuts": [[one.tolist() for one in cuts] for cuts in self.cuts_],
            "shapes": [list(scores.shape) for scores in self.scores_],
            "scores": np.concatenate([scores.ravel() for scores in self.scores_]),
        }

    def _restore(self, state: Mapping[str, Any]) -> None:
        self.terms_ = [tuple(map(int, term)) for term in state["terms"]]
        self.cuts_ = [[np.asarray(one, dtype=np.float64) for one in cuts] for cuts in state["cuts"]]
        shapes = [tuple(map(int, shape)) for shape in state["shapes"]]
        every = np.asarray(state["scores"], dtype=np.float64)
        parts = np.split(every, np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1])
        self.scores_ = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def _cuts(levels: Sequence[Any], resolution: int) -> np.ndarray:
    """Give the cuts of a column: the finest for its curve, the next for surfaces."""
    return np.asarray(levels[min(resolution, len(levels)) - 1], dtype=np.float64)


def _place(values: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Give the place of each value in a table: 0 where missing, then between the cuts."""
    place = np.searchsorted(cuts, values, side="right") + 1
    return np.where(np.isnan(values), 0, place)
