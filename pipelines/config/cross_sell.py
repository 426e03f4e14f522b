"""The configuration of the cross-sell question, as one tree."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, PrivateAttr, field_validator

from features.sources.spec import Source
from lodeworks.errors import did_you_mean
from pipelines.config.candidates import Candidate, every_candidate
from pipelines.config.sections import (
    Act,
    Economics,
    Evaluation,
    Items,
    Many,
    Name,
    Policy,
    Promotion,
    Section,
    Tracking,
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


class CrossSell(Section):
    """What will a customer buy next that they do not own: whom to offer what, and what it earns."""

    kind: Literal["cross-sell"]
    """The business question."""

    name: Name = Field(examples=["demo"])
    """Name of the experiment and of the registered model."""

    workspace: str = Field(".lode", min_length=1)
    """Folder for everything that is written; relative to the current folder."""

    seed: int = Field(0, ge=0, lt=2**32)
    """Every random choice follows from it."""

    sources: Many[Source] = Field(min_length=1)
    """Where the data come from; at least one source of the table `lines`."""

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

    tracking: Tracking = Tracking()
    """Where runs are recorded."""

    act: Act = Act()
    """How the final list is made."""

    _templates: dict[tuple[str | int, ...], str] = PrivateAttr(default_factory=dict)

    @field_validator("sources")
    @classmethod
    def _sources(cls, sources: tuple[Any, ...]) -> tuple[Any, ...]:
        _refuse_twice([source.name for source in sources])
        if not any(source.table == "lines" for source in sources):
            raise ValueError("no source gives the table 'lines' (the purchases)")
        return sources

    @field_validator("candidates")
    @classmethod
    def _candidates(cls, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        _refuse_twice([candidate.name for candidate in candidates])
        return candidates

    @property
    def secrets(self) -> Mapping[tuple[str | int, ...], str]:
        """Paths of the values that came from the environment, and the text as it was written."""
        return self._templates

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        """Show no more than the name, so that no log shows a secret."""
        yield "name", self.name


def _refuse_twice(names: list[str]) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"each needs a name of its own; stated twice: {', '.join(twice)}")
