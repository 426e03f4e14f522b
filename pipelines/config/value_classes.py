"""The configuration of the question which class of value a corporate customer belongs to."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from pipelines.config.question import Question, refuse_twice
from pipelines.config.sections import Many, Section

__all__ = ["ClassNetwork", "ClassRules", "Clients", "ValueClasses"]

Text = Annotated[str, Field(min_length=1)]
FIVE = ("very high", "high", "middle", "low", "very low")


class Clients(Section):
    """Customers whose class a person has stated, and prospects whose class is asked for."""

    table: str = Field(pattern=r"^own:\w+$", examples=["own:clients"])
    """The labelled customers."""

    id: str = Field(min_length=1)
    """Column that names a customer."""

    target: str = Field(min_length=1)
    """Column of the class."""

    classes: Many[Text] = Field(FIVE, min_length=2)
    """The classes, from the most to the least valuable."""

    drop: Many[Text] = ()
    """Columns that are left out."""

    prospects: str | None = Field(None, pattern=r"^own:\w+$", examples=["own:prospects"])
    """Table of those to be classed now; null = only `lode score` will."""

    @field_validator("classes")
    @classmethod
    def _differ(cls, classes: tuple[str, ...]) -> tuple[str, ...]:
        refuse_twice(list(classes))
        return classes


class ClassNetwork(Section):
    """The network."""

    units: int = Field(8, ge=1)
    """Hidden units; with few customers few."""

    decay: float = Field(0.01, ge=0)
    """Ridge penalty on the weights: what keeps a network from learning 40 customers by heart."""

    members: int = Field(3, ge=1)
    """Networks with other beginnings that are averaged."""

    backend: Literal["auto", "torch", "sklearn"] = "auto"
    """What trains: PyTorch, scikit-learn, or whichever is there."""


class ClassEvaluation(Section):
    """Repeated stratified folds: with few customers nobody can be spared for a hold-out."""

    folds: int = Field(5, ge=2, le=50)
    """Parts; each is classed by networks that learned from the others."""

    repeats: int = Field(5, ge=1, le=100)
    """How often the parts are drawn anew."""

    level: float = Field(0.95, gt=0, lt=1)
    """Confidence level of the intervals."""


class ClassRules(Section):
    """Rules taken out of the network."""

    most: int = Field(16, ge=2)
    """Rules, at most."""

    queries: int = Field(500, ge=0)
    """Made-up customers whom the network is asked about besides the real ones: every indicator of
    each is one that was seen."""

    min_rows: int = Field(10, ge=1)
    """Customers, real and made up, that a rule must cover."""


class ValueClasses(Question):
    """Which class of value a corporate customer or prospect belongs to, by a network and rules."""

    kind: Literal["value-classes"]
    """The business question."""

    data: Clients
    """The customers."""

    network: ClassNetwork = ClassNetwork()
    """The network."""

    evaluation: ClassEvaluation = ClassEvaluation()
    """How sure it is."""

    rules: ClassRules = ClassRules()
    """Rules taken out of the network."""

    @model_validator(mode="after")
    def _has_tables(self) -> Self:
        tables = {str(source.table) for source in self.sources}
        needed = [self.data.table, *([self.data.prospects] if self.data.prospects else [])]
        lacking = [table for table in needed if table not in tables]
        if lacking:
            raise ValueError(f"no source gives the table {', '.join(map(repr, lacking))}")
        return self
