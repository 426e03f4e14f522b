"""The neural network as one of the classifiers that compete."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from models.neural.estimators import NeuralClassifier
from models.search import Range
from models.tabular.base import State, TableClassifier
from models.tabular.shapley import shapley

__all__ = ["Neural"]


class Neural(TableClassifier):
    """Tabular network with embeddings; see `models.neural.NeuralClassifier`.

    Reasons are Shapley values against the typical row, by sampled orders of the columns.

    Parameters
    ----------
    layers, units, embedding, dropout, learning_rate, decay, batch, epochs, members, random_state
        As in `models.neural.NeuralClassifier`, which uses PyTorch where it is installed.
    backend : {'auto', 'torch', 'sklearn'}, default 'auto'
        What trains.
    """

    family: ClassVar[str] = "neural"
    complexity: ClassVar[int] = 5
    search_space: ClassVar[Mapping[str, Range]] = NeuralClassifier.search_space

    network_: NeuralClassifier

    def __init__(
        self,
        layers: int = 2,
        units: int = 96,
        embedding: str = "piecewise",
        dropout: float = 0.2,
        learning_rate: float = 0.002,
        decay: float = 0.02,
        batch: int = 256,
        epochs: int = 60,
        members: int = 3,
        backend: str = "auto",
        random_state: int = 0,
    ) -> None:
        self.layers = layers
        self.units = units
        self.embedding = embedding
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.decay = decay
        self.batch = batch
        self.epochs = epochs
        self.members = members
        self.backend = backend
        self.random_state = random_state

    def _learn(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> None:
        self.network_ = NeuralClassifier(**self.get_params(deep=False))
        self.network_.fit(X, y.astype(np.int64), None if np.ptp(weight) == 0 else weight)
        self.baseline_ = float(self.network_.decision_function(self.encoder_.typical())[0])

    def _log_odds(self, X: pd.DataFrame) -> np.ndarray:
        return self.network_.decision_function(X)

    def _contributions(self, X: pd.DataFrame) -> np.ndarray:
        return shapley(self._log_odds, X[self.encoder_.columns_], self.encoder_.typical())

    def _state(self) -> State:
        return {"network": self.network_.get_state()}

    def _restore(self, state: Mapping[str, Any]) -> None:
        self.network_ = NeuralClassifier().set_state(state["network"])
