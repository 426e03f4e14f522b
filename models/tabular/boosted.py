"""Boosted trees (LightGBM), free or with one column a tree."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from models.search import FloatRange, IntRange, Range
from models.tabular.base import State, TableClassifier

__all__ = ["Additive", "Boosted"]

FIXED: dict[str, Any] = {
    "objective": "binary",
    "deterministic": True,
    "force_row_wise": True,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "cat_smooth": 20.0,
    "cat_l2": 10.0,
    "max_cat_to_onehot": 8,
    "min_data_per_group": 20,
    "verbosity": -1,
    "num_threads": 1,
}


class Boosted(TableClassifier):
    """Gradient boosted trees; reasons are Shapley values of the trees.

    Parameters
    ----------
    rounds : int, default 200
        Trees.
    learning_rate : float, default 0.03
        Share of each tree that is added.
    leaves : int, default 8
        Leaves of a tree, at most.
    min_rows : int, default 30
        Rows that a leaf needs.
    columns : float, default 0.5
        Share of the columns that a tree may see.
    ridge : float, default 5
        Penalty on the values of leaves.
    random_state : int, default 0
        Seed.

    References
    ----------
    G. Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS (2017);
    S. Lundberg, S. Lee, "A unified approach to interpreting model predictions", NeurIPS (2017).
    """

    family: ClassVar[str] = "boosted"
    complexity: ClassVar[int] = 4
    search_space: ClassVar[Mapping[str, Range]] = {
        "rounds": IntRange(50, 600, log=True),
        "learning_rate": FloatRange(0.01, 0.1, log=True),
        "leaves": IntRange(3, 31, log=True),
        "min_rows": IntRange(5, 200, log=True),
        "columns": FloatRange(0.2, 1.0),
        "ridge": FloatRange(0.1, 50.0, log=True),
    }

    text_: str

    def __init__(
        self,
        rounds: int = 200,
        learning_rate: float = 0.03,
        leaves: int = 8,
        min_rows: int = 30,
        columns: float = 0.5,
        ridge: float = 5.0,
        random_state: int = 0,
    ) -> None:
        self.rounds = rounds
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.min_rows = min_rows
        self.columns = columns
        self.ridge = ridge
        self.random_state = random_state

    def _settings(self, columns: int) -> dict[str, Any]:
        return FIXED | {
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.min_rows,
            "feature_fraction": self.columns,
            "lambda_l2": self.ridge,
            "seed": self.random_state,
        }

    def _learn(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> None:
        import lightgbm

        values = self._values(X)
        settings = self._settings(values.shape[1])
        first = len(self.encoder_.numbers_)
        data = lightgbm.Dataset(
            values,
            y,
            weight=weight,
            categorical_feature=list(range(first, values.shape[1])),
            params=settings,
        )
        booster = lightgbm.train(settings, data, num_boost_round=self.rounds)
        self.text_ = booster.model_to_string()
        self.__dict__.pop("_booster", None)
        self.baseline_ = float(np.asarray(booster.predict(values[:1], pred_contrib=True))[0, -1])

    def _values(self, X: pd.DataFrame) -> np.ndarray:
        return np.hstack([self.encoder_.numbers(X), self.encoder_.codes(X)])

    @cached_property
    def _booster(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.text_)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the loaded trees."""
        kept: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in kept.items() if name != "_booster"}

    def _log_odds(self, X: pd.DataFrame) -> np.ndarray:
        return np.asarray(self._booster.predict(self._values(X), raw_score=True, num_threads=1))

    def _contributions(self, X: pd.DataFrame) -> np.ndarray:
        found = self._booster.predict(self._values(X), pred_contrib=True, num_threads=1)
        order = [*self.encoder_.numbers_, *self.encoder_.categories_]
        return np.asarray(found)[:, [order.index(name) for name in self.encoder_.columns_]]

    def _state(self) -> State:
        return {"text": self.text_}

    def _restore(self, state: Mapping[str, Any]) -> None:
        self.text_ = str(state["text"])
        self.__dict__.pop("_booster", None)


class Additive(Boosted):
    """Boosted trees that see one column each: a sum of one curve a column, as explainable.

    The idea of generalised additive models by boosting; parameters as in `Boosted`.

    References
    ----------
    Y. Lou, R. Caruana, J. Gehrke, "Intelligible models for classification and regression",
    KDD (2012).
    """

    family: ClassVar[str] = "boosted"
    complexity: ClassVar[int] = 3
    search_space: ClassVar[Mapping[str, Range]] = {
        "rounds": IntRange(200, 1500, log=True),
        "learning_rate": FloatRange(0.01, 0.1, log=True),
        "leaves": IntRange(2, 6),
        "min_rows": IntRange(5, 200, log=True),
        "ridge": FloatRange(0.1, 50.0, log=True),
    }

    def __init__(
        self,
        rounds: int = 600,
        learning_rate: float = 0.03,
        leaves: int = 3,
        min_rows: int = 30,
        columns: float = 0.5,
        ridge: float = 1.0,
        random_state: int = 0,
    ) -> None:
        super().__init__(rounds, learning_rate, leaves, min_rows, columns, ridge, random_state)

    def _settings(self, columns: int) -> dict[str, Any]:
        alone = [[place] for place in range(columns)]
        return super()._settings(columns) | {"interaction_constraints": alone}
