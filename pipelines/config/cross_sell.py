"""The configuration of the cross-sell question, as one tree."""

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from lodeworks.errors import did_you_mean
from pipelines.config.candidates import Candidate, every_candidate
from pipelines.config.families import unfed_families
from pipelines.config.knowledge import Knowledge
from pipelines.config.monitoring import Monitoring
from pipelines.config.question import Question, refuse_twice
from pipelines.config.sections import (
    Act,
    Economics,
    Engine,
    Evaluation,
    Items,
    Many,
    Policy,
    Section,
    Tuning,
    Window,
)

__all__ = ["CrossSell", "Features"]


def _families() -> tuple[str, ...]:
    """Give the names of the indicator families; imported late, because they are heavy."""
    from features.indicators.registry import FAMILIES

    return tuple(FAMILIES)


def _every_family() -> tuple[str, ...]:
    from features.indicators.registry import KNOWN

    return tuple(KNOWN)


class Features(Section):
    """What is known about each customer."""

    families: Many[str] = Field(default_factory=_families, examples=[["rfm", "contacts"]])
    """Families of indicators; default: all that need purchases only. The marts contacts, holdings,
    interactions, web and scores must be named, and need a source of their table; `attributes`, of
    customers as they were at the date, needs a source of customers and must be named too."""

    @field_validator("families")
    @classmethod
    def _known(cls, families: tuple[str, ...]) -> tuple[str, ...]:
        known = _every_family()
        unknown = [name for name in families if name not in known]
        if unknown:
            hints = (
                f"no family is called {name!r}; {did_you_mean(name, known)}" for name in unknown
            )
            raise ValueError("; ".join(hints))
        return families


class CrossSell(Question):
    """What will a customer buy next that they do not own: whom to offer what, and what it earns."""

    kind: Literal["cross-sell"]
    """The business question."""

    window: Window = Window()
    """What may be seen, and when the outcome is read."""

    engine: Engine = Engine()
    """What computes the indicators, and makes the list's rows."""

    items: Items = Items()
    """Which items take part."""

    features: Features = Field(default_factory=Features)
    """What is known about each customer."""

    candidates: Many[Candidate] = Field(default_factory=every_candidate, min_length=1)
    """The recommenders that compete; default: one of every kind."""

    tuning: Tuning = Tuning()
    """How the candidates' parameters are searched."""

    evaluation: Evaluation = Evaluation()
    """How the candidates are compared."""

    economics: Economics = Field(default=Economics(), validate_default=True)
    """What a sale earns and what a contact costs."""

    policy: Policy = Policy()
    """What may be on the list."""

    act: Act = Act()
    """How the final list is made."""

    knowledge: Knowledge = Knowledge()
    """What the findings of the workspace do for a run, and what the run adds to them."""

    monitoring: Monitoring = Monitoring()
    """How far new data may be from the training data."""

    @field_validator("sources")
    @classmethod
    def _has_lines(cls, sources: tuple[Any, ...]) -> tuple[Any, ...]:
        if not any(source.table == "lines" for source in sources):
            raise ValueError("no source gives the table 'lines' (the purchases)")
        return sources

    @field_validator("features")
    @classmethod
    def _has_detail(cls, features: Features, stated: ValidationInfo) -> Features:
        sources = stated.data.get("sources", ())
        if not sources:  # they are wrong themselves
            return features
        lacking = unfed_families(features.families, sources)
        if lacking:
            raise ValueError("; ".join(lacking))
        return features

    @field_validator("economics")
    @classmethod
    def _in_one_currency(cls, economics: Economics, stated: ValidationInfo) -> Economics:
        currency = stated.data.get("currency")
        if currency is None or economics.currency == currency:
            return economics
        if "currency" in economics.model_fields_set:
            raise ValueError(
                f"its currency is {economics.currency}, but the warehouse's money is {currency}"
            )
        return economics.model_copy(update={"currency": currency})

    @field_validator("candidates")
    @classmethod
    def _candidates(cls, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        refuse_twice([candidate.name for candidate in candidates])
        return candidates
