"""What every uplift model has: a fit from an experiment, an effect for each customer, a state."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.tabular.encoding import TableEncoder

__all__ = ["Experiment", "UpliftModel", "check_experiment", "feature_matrix", "feature_names"]


@dataclass(frozen=True)
class Experiment:
    """Customers who were treated or not, and what came of it.

    Attributes
    ----------
    x : numpy.ndarray of float64, (rows, features)
        NaN where missing.
    y : numpy.ndarray of float64, (rows,)
        Outcome: 0 and 1, or an amount.
    treated : numpy.ndarray of bool, (rows,)
    propensity : numpy.ndarray of float64, (rows,)
        Probability with which each was treated.
    weight : numpy.ndarray of float64, (rows,)
    """

    x: np.ndarray
    y: np.ndarray
    treated: np.ndarray
    propensity: np.ndarray
    weight: np.ndarray

    @property
    def binary(self) -> bool:
        """Whether the outcome holds 0 and 1 only."""
        return bool(np.isin(self.y, (0.0, 1.0)).all())

    @property
    def balanced(self) -> np.ndarray:
        """Weights under which both arms stand for everybody: over the probability of the arm."""
        chance = np.where(self.treated, self.propensity, 1.0 - self.propensity)
        return self.weight / chance

    def take(self, rows: np.ndarray) -> "Experiment":
        """Give the rows of a mask or of places."""
        return Experiment(
            self.x[rows],
            self.y[rows],
            self.treated[rows],
            self.propensity[rows],
            self.weight[rows],
        )


class UpliftModel(BaseEstimator):
    """Base of the models of what a treatment changes.

    Attributes
    ----------
    encoder_ : TableEncoder
        Columns, levels and scale.
    names_ : list of str
        Features in order: a column of numbers, or ``column = level``.
    """

    family: ClassVar[str] = "uplift"
    complexity: ClassVar[int] = 1

    encoder_: TableEncoder
    names_: list[str]

    def fit(
        self,
        X: pd.DataFrame,
        y: Any,
        treatment: Any,
        propensity: Any = None,
        sample_weight: Any = None,
    ) -> Self:
        """Learn from an experiment.

        Parameters
        ----------
        X : pandas.DataFrame
            What was known before the treatment: numbers, booleans or texts.
        y : array-like of float, (rows,)
            Outcome after it.
        treatment : array-like of bool, (rows,)
            Whether the customer was treated.
        propensity : array-like of float or float, optional
            Probability of the treatment, strictly between 0 and 1; default the share of the
            treated, which is right for a randomised experiment only.
        sample_weight : array-like of float, optional
            What a row counts; default 1.

        Raises
        ------
        ValueError
            When lengths differ, numbers are missing, an arm is empty, all weights of an arm are 0
            or the outcome is the same everywhere.
        """
        y, treated, chance, weight = check_experiment(y, treatment, propensity, sample_weight)
        if len(X) != len(y):
            raise ValueError(f"X has {len(X)} rows but y has {len(y)}")
        if np.ptp(y) == 0:
            raise ValueError(f"the outcome is {y[0]:g} everywhere: there is nothing to explain")
        self.encoder_ = TableEncoder().fit(X)
        self.names_ = feature_names(self.encoder_)
        self._learn(Experiment(feature_matrix(self.encoder_, X), y, treated, chance, weight))
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Give how much the treatment is expected to change the outcome of each row."""
        check_is_fitted(self, "encoder_")
        return np.asarray(self._effect(feature_matrix(self.encoder_, X)), dtype=np.float64)

    def get_state(self) -> dict[str, Any]:
        """Give what was learned as plain values, text and arrays."""
        check_is_fitted(self, "encoder_")
        return {"encoder": self.encoder_.get_state(), "model": self._state()}

    def set_state(self, state: Mapping[str, Any]) -> Self:
        """Take back what `get_state` gave.

        Raises
        ------
        ValueError
            When a part is missing or unknown.
        """
        if set(state) != {"encoder", "model"}:
            raise ValueError(f"state needs encoder and model but has {', '.join(sorted(state))}")
        self.encoder_ = TableEncoder.from_state(state["encoder"])
        self.names_ = feature_names(self.encoder_)
        self._restore(state["model"])
        return self

    @abstractmethod
    def _learn(self, seen: Experiment) -> None: ...

    @abstractmethod
    def _effect(self, x: np.ndarray) -> np.ndarray: ...

    @abstractmethod
    def _state(self) -> dict[str, Any]: ...

    @abstractmethod
    def _restore(self, state: Mapping[str, Any]) -> None: ...


def check_experiment(
    y: Any, treatment: Any, propensity: Any = None, sample_weight: Any = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Check outcome, treatment, propensity and weight; give them as arrays of one length.

    Raises
    ------
    ValueError
        With what is wrong.
    """
    outcome = np.asarray(y, dtype=np.float64)
    arm = np.asarray(treatment, dtype=np.float64)
    if arm.shape != outcome.shape or outcome.ndim != 1:
        raise ValueError(f"y has shape {outcome.shape} but treatment {arm.shape}")
    if not len(outcome):
        raise ValueError("an experiment needs customers but has none")
    if not np.isfinite(outcome).all():
        raise ValueError(f"{int((~np.isfinite(outcome)).sum())} outcomes are missing or infinite")
    if not np.isin(arm, (0.0, 1.0)).all():
        raise ValueError("treatment must hold 0 and 1 only")
    treated = arm == 1
    if treated.all() or not treated.any():
        which = "treated" if treated.all() else "untreated"
        raise ValueError(f"all customers are {which}: an effect needs both arms")
    return outcome, treated, _chance(propensity, treated), _weight(sample_weight, treated)


def _chance(given: Any, treated: np.ndarray) -> np.ndarray:
    chance = np.asarray(treated.mean() if given is None else given, dtype=np.float64)
    chance = np.full(len(treated), float(chance)) if chance.ndim == 0 else chance
    if chance.shape != treated.shape:
        raise ValueError(f"propensity has shape {chance.shape} but there are {len(treated)} rows")
    if not ((chance > 0) & (chance < 1)).all():
        wrong = int((~((chance > 0) & (chance < 1))).sum())
        raise ValueError(f"a propensity must lie between 0 and 1, but {wrong} do not")
    return chance


def _weight(given: Any, treated: np.ndarray) -> np.ndarray:
    weight = np.ones(len(treated)) if given is None else np.asarray(given, dtype=np.float64)
    if weight.shape != treated.shape:
        raise ValueError(f"weight has shape {weight.shape} but there are {len(treated)} rows")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError("weights must be finite and not negative")
    for arm, name in ((treated, "treated"), (~treated, "untreated")):
        if weight[arm].sum() <= 0:
            raise ValueError(f"the weights of the {name} sum to 0")
    return weight


def feature_names(encoder: TableEncoder) -> list[str]:
    """Name the columns of `feature_matrix`."""
    levels = [f"{name} = {one}" for name, own in encoder.levels_.items() for one in own]
    return [*encoder.numbers_, *levels]


def feature_matrix(encoder: TableEncoder, X: pd.DataFrame) -> np.ndarray:
    """Give the numbers as they are and a column of 0 and 1 for each level of a category."""
    codes = encoder.codes(X)
    levels = [
        codes[:, [place]] == np.arange(1, len(own) + 1)
        for place, own in enumerate(encoder.levels_.values())
    ]
    return np.column_stack([encoder.numbers(X), *levels]).astype(np.float64)
