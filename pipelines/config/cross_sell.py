"""The configuration of the cross-sell question, as one tree."""

from typing import Any, Literal

from pydantic import Field, field_validator

from lodeworks.errors import did_you_mean
from pipelines.config.candidates import Candidate, every_candidate
from pipelines.config.question import Question, refuse_twice
from pipelines.config.sections import (
    Act,
    Economics,
    Evaluation,
    Items,
    Many,
    Policy,
    Promotion,
    Section,
    Tuning,
    Window,
)

__all__ = ["CrossSell", "Features"]


def _families() -> tuple[str, ...]:
    """Give the names of the indicator families; imported late, because they are heavy."""
    from features.indicators.registry import FAMILIES

    return tuple(FAMILIES)


class Features(Section):
    """What is known about each customer."""

    families: Many[str] = Field(default_factory=_families, examples=[["rfm", "rhythm"]])
    """Families of indicators; default: all."""

    @field_validator("families")
    @classmethod
    def _known(cls, families: tuple[str, ...]) -> tuple[str, ...]:
        known = _families()
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

    economics: Economics = Economics()
    """What a sale earns and what a contact costs."""

    policy: Policy = Policy()
    """What may be on the list."""

    promotion: Promotion = Promotion()
    """What happens to the winner."""

    act: Act = Act()
    """How the final list is made."""

    @field_validator("sources")
    @classmethod
    def _has_lines(cls, sources: tuple[Any, ...]) -> tuple[Any, ...]:
        if not any(source.table == "lines" for source in sources):
            raise ValueError("no source gives the table 'lines' (the purchases)")
        return sources

    @field_validator("candidates")
    @classmethod
    def _candidates(cls, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        refuse_twice([candidate.name for candidate in candidates])
        return candidates
