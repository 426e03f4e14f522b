"""The multi-layer perceptron of scikit-learn, for where PyTorch is not installed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Perceptron", "train_perceptron"]


@dataclass(frozen=True)
class Perceptron:
    """Layers of rectified units over a dense design.

    Attributes
    ----------
    weights, biases : list of numpy.ndarray
        Of each layer.
    """

    weights: list[np.ndarray]
    biases: list[np.ndarray]

    def answers(self, design: np.ndarray) -> np.ndarray:
        """Give log odds, float64 (rows, outputs)."""
        value = design
        for place, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            value = value @ weight + bias
            if place < len(self.weights) - 1:
                value = np.maximum(value, 0.0)
        return np.asarray(value, dtype=np.float64)

    def get_state(self) -> dict[str, Any]:
        """Give the layers."""
        return {"weights": self.weights, "biases": self.biases}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Perceptron":
        """Take back what `get_state` gave."""
        return cls(list(state["weights"]), list(state["biases"]))


def train_perceptron(
    design: np.ndarray,
    target: np.ndarray,
    *,
    hidden: tuple[int, ...],
    learning_rate: float,
    decay: float,
    batch: int,
    epochs: int,
    patience: int,
    held_out: float,
    seed: int,
) -> Perceptron:
    """Train scikit-learn's network with early stopping; it takes no weights.

    Parameters
    ----------
    design : numpy.ndarray of float64, (rows, features)
    target : numpy.ndarray of int
        Numbers of classes.
    hidden : tuple of int
        Units of each hidden layer.
    learning_rate, decay, batch, epochs, patience, held_out, seed
        As in `models.neural.training.Plan`.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    smallest = int(np.bincount(target).min())
    fitted = MLPClassifier(
        hidden,
        alpha=decay,
        batch_size=max(1, min(batch or len(target), int(len(target) * (1 - held_out)) - 1)),
        learning_rate_init=learning_rate,
        max_iter=epochs,
        n_iter_no_change=patience,
        early_stopping=smallest * held_out >= 2,
        validation_fraction=held_out or 0.1,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted.fit(design, target)
    return Perceptron([*fitted.coefs_], [*fitted.intercepts_])
