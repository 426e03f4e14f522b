"""What the configuration of every business question has in common."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator

from features.sources.hidden import hide_identifiers
from features.sources.spec import Source
from features.sources.zones import zone_problem
from pipelines.config.sections import Many, Name, Privacy, Promotion, Section, Tracking

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

    timezone: str | None = Field(None, examples=["Europe/London"])
    """IANA name of the zone in which the warehouse keeps timestamps; null = as they stand. Needed
    where sources are in different zones."""

    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$", examples=["GBP"])
    """Three-letter code of the warehouse's money; null = that of the sources. A source in another
    currency must state its rate."""

    language: Literal["en", "zh"] | None = None
    """Language of the findings' sentences; null = English. The option `--language` and the
    environment variable LODE_LANGUAGE go first."""

    privacy: Privacy = Privacy()
    """What protects single persons."""

    sources: Many[Source] = Field(min_length=1)
    """Where the data come from."""

    tracking: Tracking = Tracking()
    """Where runs are recorded."""

    promotion: Promotion = Promotion()
    """What happens to the winner."""

    _templates: dict[tuple[str | int, ...], str] = PrivateAttr(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, zone: str | None) -> str | None:
        problem = None if zone is None else zone_problem(zone)
        if problem is not None:
            raise ValueError(problem)
        return zone

    @field_validator("sources")
    @classmethod
    def _named_once(cls, sources: tuple[Any, ...], stated: ValidationInfo) -> tuple[Any, ...]:
        refuse_twice([source.name for source in sources])
        privacy = stated.data.get("privacy")  # missing when it is wrong itself
        if privacy is None or not privacy.pseudonymise:
            return sources
        _refuse_unnamed([source.name for source in sources if source.all_columns])
        return tuple(hide_identifiers(source) for source in sources)

    @property
    def model_name(self) -> str:
        """Name of the registered model."""
        return self.promotion.name or self.name

    @property
    def secrets(self) -> Mapping[tuple[str | int, ...], str]:
        """Paths of the values that came from the environment, and the text as it was written."""
        return self._templates

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        """Show no more than the name, so that no log shows a secret."""
        yield "name", self.name


def _refuse_unnamed(names: list[str]) -> None:
    if names:
        raise ValueError(
            f"{', '.join(names)}: a source that takes all columns may hold identifiers that"
            " privacy.pseudonymise would not see; name its columns"
        )


def refuse_twice(names: list[str]) -> None:
    """Raise ValueError where a name is stated twice."""
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"each needs a name of its own; stated twice: {', '.join(twice)}")
