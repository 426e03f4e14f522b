"""Uplift models made of outcome models: response, two-model, transformed outcome, X-learner."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from models.uplift.base import Experiment, UpliftModel
from models.uplift.outcome import Base, OutcomeModel

__all__ = ["ResponseRanking", "TransformedOutcome", "TwoModel", "XLearner"]


class MetaLearner(UpliftModel):
    """Base of the models that hold several outcome models.

    Parameters
    ----------
    base : {"boosted", "linear"}, default "boosted"
        What the parts are.
    random_state : int, default 0
        Seed.
    """

    parts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, base: Base = "boosted", random_state: int = 0) -> None:
        self.base = base
        self.random_state = random_state

    def _fresh(self) -> OutcomeModel:
        return OutcomeModel(self.base, self.random_state)

    def _state(self) -> dict[str, Any]:
        return {name: getattr(self, name).get_state() for name in self.parts}

    def _restore(self, state: Mapping[str, Any]) -> None:
        for name in self.parts:
            setattr(self, name, self._fresh().set_state(state[name]))


class ResponseRanking(MetaLearner):
    """Rank by the outcome expected when treated: a response model, which knows no effect.

    What every uplift model must beat. Where customers who buy more also react more, it is hard to
    beat.
    """

    complexity: ClassVar[int] = 1
    parts: ClassVar[tuple[str, ...]] = ("treated_",)

    def _learn(self, seen: Experiment) -> None:
        arm = seen.take(seen.treated)
        self.treated_ = self._fresh().fit(arm.x, arm.y, arm.balanced, binary=seen.binary)

    def _effect(self, x: np.ndarray) -> np.ndarray:
        return self.treated_.predict(x)


class TwoModel(MetaLearner):
    """One model of the outcome for each arm; the effect is their difference.

    Notes
    -----
    Hansotia and Rukstales (2002), *Incremental value modeling*, Journal of Interactive Marketing;
    the T-learner of Künzel and others (2019).
    """

    complexity: ClassVar[int] = 2
    parts: ClassVar[tuple[str, ...]] = ("treated_", "control_")

    def _learn(self, seen: Experiment) -> None:
        arms = seen.take(seen.treated), seen.take(~seen.treated)
        self.treated_, self.control_ = (
            self._fresh().fit(arm.x, arm.y, arm.balanced, binary=seen.binary) for arm in arms
        )

    def _effect(self, x: np.ndarray) -> np.ndarray:
        return self.treated_.predict(x) - self.control_.predict(x)


class TransformedOutcome(MetaLearner):
    """One regression of an outcome whose mean is the effect.

    Notes
    -----
    ``z = y (w - e) / (e (1 - e))`` for treatment w and propensity e; Jaskowski and Jaroszewicz
    (2012), *Uplift modeling for clinical trial data*; Athey and Imbens (2016).
    """

    complexity: ClassVar[int] = 2
    parts: ClassVar[tuple[str, ...]] = ("effect_",)

    def _learn(self, seen: Experiment) -> None:
        chance = seen.propensity
        moved = seen.y * (seen.treated - chance) / (chance * (1 - chance))
        self.effect_ = self._fresh().fit(seen.x, moved, seen.weight, binary=False)

    def _effect(self, x: np.ndarray) -> np.ndarray:
        return self.effect_.predict(x)


class XLearner(MetaLearner):
    """Impute each customer's other outcome, and model the differences.

    Notes
    -----
    Künzel, Sekhon, Bickel, Yu (2019), *Metalearners for estimating heterogeneous treatment
    effects*, PNAS 116(10). The two models of the effect are weighted by the share of the treated.
    """

    complexity: ClassVar[int] = 3
    parts: ClassVar[tuple[str, ...]] = ("on_treated_", "on_control_")

    def _learn(self, seen: Experiment) -> None:
        treated, control = seen.take(seen.treated), seen.take(~seen.treated)
        binary = seen.binary
        if_treated = self._fresh().fit(treated.x, treated.y, treated.balanced, binary=binary)
        if_not = self._fresh().fit(control.x, control.y, control.balanced, binary=binary)
        gained = treated.y - if_not.predict(treated.x)
        missed = if_treated.predict(control.x) - control.y
        self.on_treated_ = self._fresh().fit(treated.x, gained, treated.balanced, binary=False)
        self.on_control_ = self._fresh().fit(control.x, missed, control.balanced, binary=False)
        self.share_ = float(np.average(seen.propensity, weights=seen.weight))

    def _effect(self, x: np.ndarray) -> np.ndarray:
        share = self.share_
        return share * self.on_control_.predict(x) + (1 - share) * self.on_treated_.predict(x)

    def _state(self) -> dict[str, Any]:
        return {**super()._state(), "share": self.share_}

    def _restore(self, state: Mapping[str, Any]) -> None:
        super()._restore(state)
        self.share_ = float(state["share"])
