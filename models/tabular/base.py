"""What every classifier of one table keeps to, so that they can compete, explain and be stored."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from models.search import Range
from models.tabular.encoding import TableEncoder

__all__ = ["State", "TableClassifier", "sigmoid"]

State = dict[str, Any]


class TableClassifier(ClassifierMixin, BaseEstimator):
    """Base of the classifiers: a table of numbers and texts, an outcome of 0 and 1.

    A classifier gives log odds and says which column moved them. The state holds arrays, texts
    and plain values, nothing that would be run.

    Attributes
    ----------
    family : str
        Which kind of method it is.
    complexity : int
        How hard it is to explain and keep; 1 is the simplest.
    requires : tuple of str
        Modules of an extra that fitting needs.
    search_space : mapping of str to Range
        What a tuner may vary.
    classes_ : numpy.ndarray
        0 and 1.
    encoder_ : TableEncoder
        Columns, levels and scales.
    baseline_ : float
        Log odds to which the contributions of a row are added.
    """

    family: ClassVar[str] = ""
    complexity: ClassVar[int] = 1
    requires: ClassVar[tuple[str, ...]] = ()
    search_space: ClassVar[Mapping[str, Range]] = {}

    encoder_: TableEncoder
    baseline_: float

    def fit(self, X: pd.DataFrame, y: Any, sample_weight: Any = None) -> Self:
        """Learn from rows whose outcome is known.

        Parameters
        ----------
        X : pandas.DataFrame
            Columns of numbers, booleans or texts; values may be missing.
        y : array-like of {0, 1}
            The outcome.
        sample_weight : array-like of float, optional
            Not negative.

        Raises
        ------
        ValueError
            When lengths differ, only one class is there, or weights make no sense.
        """
        outcome = _outcome(X, y)
        weight = _weight(sample_weight, outcome)
        self.encoder_ = TableEncoder().fit(X)
        self.classes_ = np.array([0, 1])
        self._learn(X, outcome, weight)
        return self

    def decision_function(self, X: pd.DataFrame) -> np.ndarray:
        """Give the log odds of outcome 1, float64 (rows,)."""
        check_is_fitted(self, "encoder_")
        return self._log_odds(X) if len(X) else np.zeros(0)

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Give the probabilities of 0 and of 1, float64 (rows, 2)."""
        positive = sigmoid(self.decision_function(X))
        return np.column_stack([1.0 - positive, positive])

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Give the likelier class of each row."""
        return (self.decision_function(X) > 0).astype(np.int64)

    def contributions(self, X: pd.DataFrame) -> pd.DataFrame:
        """Tell what each column added to the log odds of each row.

        Returns
        -------
        pandas.DataFrame of float64
            Rows of `X`, its learned columns; with `baseline_` a row sums to the log odds.
        """
        check_is_fitted(self, "encoder_")
        return pd.DataFrame(self._contributions(X), index=X.index, columns=self.encoder_.columns_)

    def get_state(self) -> State:
        """Give what was learned in open forms: arrays, texts, plain values."""
        check_is_fitted(self, "encoder_")
        shared = {"encoder": self.encoder_.get_state(), "baseline": float(self.baseline_)}
        return shared | self._state()

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave.

        Raises
        ------
        ValueError
            When a part is missing.
        """
        self.classes_ = np.array([0, 1])
        try:
            self.baseline_ = float(state["baseline"])
            self._restore(state)
            self.encoder_ = TableEncoder.from_state(state["encoder"])
        except KeyError as error:
            raise ValueError(f"the state of {type(self).__name__} lacks {error}") from None
        return self

    @abstractmethod
    def _learn(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> None:
        """Fit; `encoder_` is there, `baseline_` is to be set."""

    @abstractmethod
    def _log_odds(self, X: pd.DataFrame) -> np.ndarray:
        """Give log odds of at least one row."""

    @abstractmethod
    def _contributions(self, X: pd.DataFrame) -> np.ndarray:
        """Give (rows, columns)."""

    @abstractmethod
    def _state(self) -> State:
        """Give the parts of the state beside the shared ones."""

    @abstractmethod
    def _restore(self, state: Mapping[str, Any]) -> None:
        """Take these parts back."""


def sigmoid(log_odds: np.ndarray) -> np.ndarray:
    """Map log odds to probabilities.

    Examples
    --------
    >>> sigmoid(np.array([-800.0, 0.0, 800.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * log_odds)))


def _outcome(X: pd.DataFrame, y: Any) -> np.ndarray:
    outcome = np.asarray(y, dtype=np.float64)
    if outcome.shape != (len(X),):
        raise ValueError(f"y has shape {outcome.shape} but there are {len(X)} rows")
    if not np.isin(outcome, (0.0, 1.0)).all():
        raise ValueError("y must hold 0 and 1 only")
    if len(np.unique(outcome)) < 2:
        raise ValueError("y holds one class only: there is nothing to tell apart")
    return outcome


def _weight(given: Any, outcome: np.ndarray) -> np.ndarray:
    if given is None:
        return np.ones(len(outcome))
    weight = np.asarray(given, dtype=np.float64)
    if weight.shape != outcome.shape:
        raise ValueError(f"sample_weight has shape {weight.shape}, y {outcome.shape}")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError("weights must be finite and not negative")
    for label in (0.0, 1.0):
        if weight[outcome == label].sum() <= 0:
            raise ValueError(f"the weights of class {label:g} sum to 0")
    return weight
