"""Neural networks for tables in the form of scikit-learn: a classifier and a regressor."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from models.neural.fallback import Perceptron, train_perceptron
from models.neural.network import Inputs, Network
from models.neural.training import Plan, Trained, has_torch, torch_or_refuse, train
from models.search import Choice, FloatRange, IntRange, Range
from models.tabular.encoding import TableEncoder

__all__ = ["NeuralClassifier", "NeuralRegressor"]

Backend = Literal["auto", "torch", "sklearn"]


class _Neural(BaseEstimator):
    """What the classifier and the regressor share: the parameters and the reading of tables."""

    search_space: ClassVar[Mapping[str, Range]] = {
        "layers": IntRange(1, 3),
        "units": IntRange(32, 256, log=True),
        "embedding": Choice(("piecewise", "periodic", "none")),
        "dropout": FloatRange(0.0, 0.5),
        "learning_rate": FloatRange(0.0005, 0.01, log=True),
        "decay": FloatRange(1e-4, 0.3, log=True),
        "batch": Choice((64, 128, 256, 512)),
    }

    encoder_: TableEncoder
    members_: list[Network]
    losses_: list[np.ndarray]

    def __init__(
        self,
        layers: int = 2,
        units: int = 96,
        embedding: Literal["none", "piecewise", "periodic"] = "piecewise",
        size: int = 8,
        bins: int = 16,
        activation: Literal["relu", "identity"] = "relu",
        dropout: float = 0.2,
        learning_rate: float = 0.002,
        decay: float = 0.02,
        batch: int = 256,
        epochs: int = 60,
        patience: int = 6,
        held_out: float = 0.15,
        members: int = 3,
        min_rows: int = 10,
        backend: Backend = "auto",
        random_state: int = 0,
    ) -> None:
        self.layers = layers
        self.units = units
        self.embedding = embedding
        self.size = size
        self.bins = bins
        self.activation = activation
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.decay = decay
        self.batch = batch
        self.epochs = epochs
        self.patience = patience
        self.held_out = held_out
        self.members = members
        self.min_rows = min_rows
        self.backend = backend
        self.random_state = random_state

    def _check(self) -> None:
        problems = [
            f"{name} must be at least {least}, not {getattr(self, name)}"
            for name, least in LEAST.items()
            if getattr(self, name) < least
        ]
        problems += [
            f"{name} must be one of {', '.join(options)}, not {getattr(self, name)!r}"
            for name, options in OPTIONS.items()
            if getattr(self, name) not in options
        ]
        problems += [
            f"{name} must be at least 0 and below 1, not {getattr(self, name)}"
            for name in ("dropout", "held_out")
            if not 0 <= getattr(self, name) < 1
        ]
        if problems:
            raise ValueError("; ".join(problems))

    def _plan(self, outputs: int, squared: bool, member: int) -> Plan:
        seed = int(np.random.SeedSequence([self.random_state, member]).generate_state(1)[0])
        return Plan(
            outputs=outputs,
            squared=squared,
            embedding=self.embedding,
            activation=self.activation,
            layers=self.layers,
            units=self.units,
            size=self.size,
            bins=self.bins,
            dropout=self.dropout,
            learning_rate=self.learning_rate,
            decay=self.decay,
            epochs=self.epochs,
            batch=self.batch,
            patience=self.patience,
            held_out=self.held_out,
            seed=seed,
        )

    def _inputs(self, X: pd.DataFrame) -> Inputs:
        standard, flags = self.encoder_.standard(X)
        codes, first = self.encoder_.codes(X), self._first_level()
        return Inputs(standard.astype(self._kind()), flags.astype(self._kind()), codes + first)

    def _kind(self) -> type:
        return np.float64 if self.batch == 0 else np.float32

    def _first_level(self) -> np.ndarray:
        sizes = [len(levels) + 1 for levels in self.encoder_.levels_.values()]
        return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)[: len(sizes)]

    def _train(
        self, X: pd.DataFrame, target: np.ndarray, weight: np.ndarray, outputs: int, squared: bool
    ) -> None:
        inputs = self._inputs(X)
        levels = sum(len(levels) + 1 for levels in self.encoder_.levels_.values())
        trained: list[Trained] = [
            train(inputs, target, weight, levels, self._plan(outputs, squared, member))
            for member in range(self.members)
        ]
        self.members_ = [one.network for one in trained]
        self.losses_ = [one.losses for one in trained]

    def _answers(self, X: pd.DataFrame) -> np.ndarray:
        inputs = self._inputs(X)
        return np.asarray(np.mean([one.answers(inputs) for one in self.members_], axis=0))

    def _shared_state(self) -> dict[str, Any]:
        return {
            "encoder": self.encoder_.get_state(),
            "params": self.get_params(deep=False),
            "members": [dict(one.weights) for one in self.members_],
        }

    def _restore_shared(self, state: Mapping[str, Any]) -> None:
        self.set_params(**state["params"])
        self.encoder_ = TableEncoder.from_state(state["encoder"])
        self.members_ = [
            Network(self.embedding, self.activation, dict(one)) for one in state["members"]
        ]
        self.losses_ = []


class NeuralClassifier(ClassifierMixin, _Neural):
    """A tabular network for two or more classes.

    Numbers enter through piecewise-linear or periodic embeddings, categories through tables of
    levels; residual layers stand beside a linear way past them. Training holds rows out and stops
    when they are no longer predicted better. Several networks with other seeds are averaged.
    Learning needs PyTorch, or takes scikit-learn's perceptron; scoring needs NumPy alone.

    Parameters
    ----------
    layers, units : int, default 2 and 96
        Hidden layers and their units. No layer and no embedding is a logistic unit.
    embedding : {'piecewise', 'periodic', 'none'}, default 'piecewise'
        How numbers enter.
    size, bins : int, default 8 and 16
        Numbers that describe a column; bins or frequencies of a number.
    activation : {'relu', 'identity'}, default 'relu'
        What hidden units do; without it the network is linear.
    dropout : float, default 0.2
        Share of units silenced at each step.
    learning_rate, decay : float, default 0.002 and 0.02
        Step size and weight decay (with `batch` 0 a ridge penalty on the mean loss).
    batch : int, default 256
        Rows a step; 0 learns from all rows at once to the optimum (L-BFGS).
    epochs, patience : int, default 60 and 6
        Passes at most; passes without improvement on held-out rows before stopping.
    held_out : float, default 0.15
        Share of rows that only decide when to stop; 0 trains all `epochs`.
    members : int, default 3
        Networks that are averaged.
    min_rows : int, default 10
        Rows that a level of a category needs.
    backend : {'auto', 'torch', 'sklearn'}, default 'auto'
        What trains: PyTorch, scikit-learn, or whichever is there.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    classes_ : numpy.ndarray
        Sorted.
    members_ : list of Network
        The networks; empty with scikit-learn's.
    losses_ : list of numpy.ndarray, (passes, 2)
        Loss on rows learned from and held out, of each member.
    perceptron_ : Perceptron or None
        Scikit-learn's network.
    """

    perceptron_: Perceptron | None

    def fit(self, X: pd.DataFrame, y: Any, sample_weight: Any = None) -> Self:
        """Learn from rows whose class is known.

        Raises
        ------
        ValueError
            When a parameter or the data make no sense, or weights are given to scikit-learn.
        NotInstalled
            With ``backend='torch'`` and no PyTorch.
        """
        self._check()
        labels = np.asarray(y)
        if labels.shape != (len(X),):
            raise ValueError(f"y has shape {labels.shape} but there are {len(X)} rows")
        self.classes_, target = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("y holds one class only: there is nothing to tell apart")
        self.encoder_ = TableEncoder(min_rows=self.min_rows).fit(X)
        if self._uses_torch():
            outputs = 1 if len(self.classes_) == 2 else len(self.classes_)
            weight = _weights(sample_weight, len(X))
            self.perceptron_ = None
            self._train(X, target, weight, outputs, squared=False)
        else:
            self._fall_back(X, target, sample_weight)
        return self

    def _uses_torch(self) -> bool:
        if self.backend == "torch":
            torch_or_refuse("the neural network")
        return self.backend == "torch" or (self.backend == "auto" and has_torch())

    def _fall_back(self, X: pd.DataFrame, target: np.ndarray, sample_weight: Any) -> None:
        if sample_weight is not None and not np.allclose(sample_weight, np.mean(sample_weight)):
            raise ValueError("scikit-learn's network takes no weights: install PyTorch")
        self.members_, self.losses_ = [], []
        self.perceptron_ = train_perceptron(
            self.encoder_.design(X).values,
            target,
            hidden=(self.units,) * self.layers,
            learning_rate=self.learning_rate,
            decay=self.decay,
            batch=self.batch,
            epochs=self.epochs,
            patience=self.patience,
            held_out=self.held_out,
            seed=self.random_state,
        )

    def decision_function(self, X: pd.DataFrame) -> np.ndarray:
        """Give log odds: (rows,) of the second of two classes, else (rows, classes)."""
        check_is_fitted(self, "encoder_")
        if self.perceptron_ is None:
            answers = self._answers(X)
        else:
            answers = self.perceptron_.answers(self.encoder_.design(X).values)
        return answers[:, 0] if answers.shape[1] == 1 else answers

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Give the probability of each class, float64 (rows, classes)."""
        answers = self.decision_function(X)
        if answers.ndim == 1:
            answers = np.column_stack([np.zeros(len(answers)), answers])
        power = np.exp(answers - answers.max(axis=1, keepdims=True))
        return np.asarray(power / power.sum(axis=1, keepdims=True))

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Give the likeliest class."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def get_state(self) -> dict[str, Any]:
        """Give what was learned in open forms."""
        check_is_fitted(self, "encoder_")
        classes = self.classes_.tolist()
        perceptron = None if self.perceptron_ is None else self.perceptron_.get_state()
        return {**self._shared_state(), "classes": classes, "perceptron": perceptron}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        self._restore_shared(state)
        self.classes_ = np.array(state["classes"])
        told = state["perceptron"]
        self.perceptron_ = None if told is None else Perceptron.from_state(told)
        return self


class NeuralRegressor(RegressorMixin, _Neural):
    """The same network for a value, by squared error; needs PyTorch to learn.

    Without activation (``activation='identity'``) and embedding it is a linear regression.
    Parameters as in `NeuralClassifier`.

    Attributes
    ----------
    members_, losses_
        As in `NeuralClassifier`.
    center_, scale_ : float
        Mean and standard deviation of the values learned from.
    """

    center_: float
    scale_: float

    def fit(self, X: pd.DataFrame, y: Any, sample_weight: Any = None) -> Self:
        """Learn from rows whose value is known.

        Raises
        ------
        ValueError
            When a parameter or the data make no sense.
        NotInstalled
            When PyTorch is not installed.
        """
        self._check()
        torch_or_refuse("the neural network for values")
        values = np.asarray(y, dtype=np.float64)
        if values.shape != (len(X),) or not np.isfinite(values).all():
            raise ValueError(f"y must be {len(X)} finite numbers")
        self.encoder_ = TableEncoder(min_rows=self.min_rows).fit(X)
        weight = _weights(sample_weight, len(X))
        self.center_ = float(np.average(values, weights=weight))
        self.scale_ = float(values.std()) or 1.0
        self._train(X, (values - self.center_) / self.scale_, weight, 1, squared=True)
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Give the value of each row."""
        check_is_fitted(self, "encoder_")
        return np.asarray(self.center_ + self.scale_ * self._answers(X)[:, 0])

    def get_state(self) -> dict[str, Any]:
        """Give what was learned in open forms."""
        check_is_fitted(self, "encoder_")
        return {**self._shared_state(), "center": self.center_, "scale": self.scale_}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave."""
        self._restore_shared(state)
        self.center_, self.scale_ = float(state["center"]), float(state["scale"])
        return self


LEAST = {
    "layers": 0,
    "units": 1,
    "size": 1,
    "bins": 1,
    "batch": 0,
    "epochs": 1,
    "patience": 1,
    "members": 1,
    "min_rows": 1,
}
OPTIONS = {
    "embedding": ("none", "piecewise", "periodic"),
    "activation": ("relu", "identity"),
    "backend": ("auto", "torch", "sklearn"),
}


def _weights(given: Any, rows: int) -> np.ndarray:
    if given is None:
        return np.ones(rows)
    weight = np.asarray(given, dtype=np.float64)
    if weight.shape != (rows,) or not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError(f"weights must be {rows} finite numbers that are not negative")
    if weight.sum() <= 0:
        raise ValueError("the weights sum to 0")
    return weight
