"""What the configuration of every business question has in common."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, PrivateAttr, field_validator

from features.sources.spec import Source
from pipelines.config.sections import Many, Name, Section, Tracking

__all__ = ["Question", "refuse_twice"]


class Question(Section):
    """A business question, the data that may answer it, and where the answer goes."""

    kind: str
    """The business question."""

    name: Name = Field(examples=["demo"])
    """Name of the experiment and of the registered model."""

    workspace: str = Field(".lode", min_length=1)
    """Folder for everything that is written; relative to the current folder."""

    seed: int = Field(0, ge=0, lt=2**32)
    """Every random choice follows from it."""

    sources: Many[Source] = Field(min_length=1)
    """Where the data come from."""

    tracking: Tracking = Tracking()
    """Where runs are recorded."""

    _templates: dict[tuple[str | int, ...], str] = PrivateAttr(default_factory=dict)

    @field_validator("sources")
    @classmethod
    def _named_once(cls, sources: tuple[Any, ...]) -> tuple[Any, ...]:
        refuse_twice([source.name for source in sources])
        return sources

    @property
    def secrets(self) -> Mapping[tuple[str | int, ...], str]:
        """Paths of the values that came from the environment, and the text as it was written."""
        return self._templates

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        """Show no more than the name, so that no log shows a secret."""
        yield "name", self.name


def refuse_twice(names: list[str]) -> None:
    """Raise ValueError where a name is stated twice."""
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"each needs a name of its own; stated twice: {', '.join(twice)}")
