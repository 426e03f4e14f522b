"""A network from indicators scaled to (0, 1) to classes, with its rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models.neural import NetworkRules, NeuralClassifier, rules_of
from models.tabular.unit import UnitScaler
from pipelines.config.value_classes import ClassNetwork

__all__ = ["ClassModel", "fit_classes", "rules_in_words"]


@dataclass(frozen=True)
class ClassModel:
    """A fitted network and what it reads.

    Attributes
    ----------
    scaler : UnitScaler
        From indicators to numbers from 0 to 1.
    network : NeuralClassifier
        From these to classes.
    classes : tuple of str
        From the most to the least valuable.
    """

    scaler: UnitScaler
    network: NeuralClassifier
    classes: tuple[str, ...]

    def predict_proba(self, table: pd.DataFrame) -> np.ndarray:
        """Give the probability of each class in their order; 0 of one that nobody had."""
        found = self.network.predict_proba(self.scaler.transform(table))
        known = {str(label): place for place, label in enumerate(self.network.classes_)}
        columns = [
            found[:, known[name]] if name in known else np.zeros(len(table))
            for name in self.classes
        ]
        return np.column_stack(columns)

    def predict(self, table: pd.DataFrame) -> np.ndarray:
        """Give the likeliest class."""
        best = self.predict_proba(table).argmax(axis=1)
        return np.asarray(np.array(self.classes, dtype=object)[best])

    def get_state(self) -> dict[str, Any]:
        """Give everything in open forms."""
        return {
            "scaler": self.scaler.get_state(),
            "network": self.network.get_state(),
            "classes": list(self.classes),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "ClassModel":
        """Take back what `get_state` gave."""
        return cls(
            UnitScaler.from_state(state["scaler"]),
            NeuralClassifier().set_state(state["network"]),
            tuple(state["classes"]),
        )


def fit_classes(
    table: pd.DataFrame, labels: Sequence[str], classes: Sequence[str], how: ClassNetwork, seed: int
) -> ClassModel:
    """Scale the indicators and train the network on all customers at once.

    Parameters
    ----------
    table : pandas.DataFrame
        Indicators.
    labels : sequence of str
        Class of each customer.
    classes : sequence of str
        All classes, in their order.
    how : section of the configuration
        Size and restraint of the network.
    seed : int
        Of its beginnings.
    """
    scaler = UnitScaler().fit(table)
    network = NeuralClassifier(
        layers=1,
        units=how.units,
        embedding="none",
        dropout=0.0,
        decay=how.decay,
        batch=0,
        epochs=60,
        held_out=0.0,
        members=how.members,
        backend=how.backend,
        random_state=seed,
    )
    network.fit(scaler.transform(table), np.asarray(labels, dtype=object).astype(str))
    return ClassModel(scaler, network, tuple(classes))


def rules_in_words(
    model: ClassModel, table: pd.DataFrame, *, queries: int, most: int, min_rows: int, seed: int
) -> NetworkRules:
    """Take rules out of the network.

    With few customers the network is asked about made-up ones too: each of their indicators is one
    that was seen, drawn apart from the others.

    Parameters
    ----------
    model : ClassModel
        Fitted.
    table : pandas.DataFrame
        Indicators of real customers and prospects.
    queries : int
        Made-up customers.
    most, min_rows : int
        Rules at most; customers each must cover.
    seed : int
        Of the made-up customers.

    References
    ----------
    M. Craven, J. Shavlik, "Extracting tree-structured representations of trained networks" (1996).
    """
    random = np.random.default_rng(seed)
    drawn = {
        name: table[name].to_numpy()[random.integers(0, len(table), queries)] for name in table
    }
    asked = pd.concat([table, pd.DataFrame(drawn)], ignore_index=True)
    return rules_of(model, asked, max_rules=most, min_rows=min_rows)
