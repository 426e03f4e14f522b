"""The configuration of the question what customers are worth."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from lodeworks.errors import did_you_mean
from pipelines.config.quantities import AsOf, Days
from pipelines.config.question import Question, refuse_twice
from pipelines.config.relations import (
    ValueFuture,
    ValueRelationship,
    ValueStrategy,
    ValueSwitching,
)
from pipelines.config.sections import Many, Section, Share

__all__ = [
    "ValueCalibration",
    "ValueChoice",
    "ValueClasses",
    "ValueEconomics",
    "ValueEvaluation",
    "ValueQuestion",
    "ValueWhatIf",
]

MODELS = ("same-rate", "nbd", "bg-nbd", "pareto-nbd")


class ValueCalibration(Section):
    """What the models are fitted on, and what they are held against."""

    as_of: AsOf = Field("latest", examples=["2011-06-08"])
    """The last day of the calibration; `latest` = the last day of data less `outcome`. The final
    model is fitted at the end of the outcome."""

    observe: Days = Field(3650, ge=1, examples=["730d"])
    """How far back purchases are read. Who bought before that counts as new at the first purchase
    read."""

    outcome: Days = Field(90, ge=1, examples=["90d"])
    """Days after `as_of` on which the models are compared."""

    unit: Days = Field(7, ge=1, examples=["7d"])
    """Days in a unit of time of the models; purchases of one day count as one."""


class ValueEconomics(Section):
    """What a purchase earns and how far money of the future counts."""

    margin: Share = 0.3
    """Share of what is spent that is earned."""

    discount: float = Field(0.1, ge=0, le=10)
    """Discount rate of a year."""

    horizon: Days = Field(365, ge=30, le=1826, examples=["365d"])
    """How far ahead lifetime value looks, 5 years at most."""

    discount_first: bool = True
    """Whether the first month counts as paid at its end, and so is discounted, or at its
    beginning."""

    cost_to_serve: float = Field(0.0, ge=0)
    """Money that a line of an order costs, a returned one too; for profit so far."""

    currency: str = Field("GBP", pattern=r"^[A-Z]{3}$", examples=["GBP"])
    """Three-letter code shown beside money."""


class ValueChoice(Section):
    """Choosing customers under a limit."""

    cost: float = Field(0.0, ge=0)
    """Money spent on each customer chosen, taken off the value."""

    capacity: int | None = Field(None, ge=1)
    """Most customers; null = no limit."""

    budget: float | None = Field(None, ge=0)
    """Most money in all; null = no limit."""

    @model_validator(mode="after")
    def _pays_somebody(self) -> Self:
        if self.budget is not None and self.cost == 0:
            raise ValueError("a budget limits nothing while 'cost' is 0; state the cost")
        return self


class ValueWhatIf(Section):
    """What is asked for other terms."""

    discounts: Many[Annotated[float, Field(ge=0, le=10)]] = (0.0, 0.05, 0.1, 0.2)
    """Discount rates of a year."""

    retentions: Many[Share] = (1.0, 0.95, 0.9, 0.8)
    """Shares of the expected purchases that remain from one month to the next; 1 = as expected."""


class ValueClasses(Section):
    """Shares of the customers with a value, from the top of the pyramid."""

    top: Share = 0.01
    """The best."""

    large: Share = 0.04
    """The next."""

    medium: Share = 0.15
    """The next; the rest is small."""

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        if self.top + self.large + self.medium > 1:
            raise ValueError("top, large and medium must sum to 1 at most")
        return self


class ValueEvaluation(Section):
    """How the models are compared on the days held out."""

    bootstrap: int = Field(1000, ge=100)
    """Resamples behind every interval."""

    level: float = Field(0.95, gt=0, lt=1)
    """Confidence level of the intervals."""


class ValueQuestion(Question):
    """Who is still here, what each customer will buy and be worth, and who earns the profit."""

    kind: Literal["value"]
    """The business question."""

    window: ValueCalibration = ValueCalibration()
    """What the models are fitted on, and what they are held against."""

    models: Many[str] = Field(MODELS, min_length=1, examples=[["same-rate", "bg-nbd"]])
    """The models that compete: `same-rate` (as often as before), `nbd` (nobody leaves), `bg-nbd`,
    `pareto-nbd`. At least one must be more than `same-rate`, which knows no probabilities."""

    economics: ValueEconomics = ValueEconomics()
    """What a purchase earns and how far money of the future counts."""

    choose: ValueChoice = ValueChoice()
    """Choosing customers under a limit."""

    what_if: ValueWhatIf = ValueWhatIf()
    """What is asked for other terms."""

    classes: ValueClasses = ValueClasses()
    """The classes of value."""

    relationship: ValueRelationship | None = None
    """What each relation earns now; null = not told."""

    potential: Many[ValueStrategy] = ()
    """Strategies that may raise what relations earn; none = their potential is not told."""

    switching: ValueSwitching | None = None
    """Which brands customers go to and come from; null = not told."""

    future: ValueFuture | None = None
    """Customers still to be won, for customer equity; null = of the present ones only."""

    evaluation: ValueEvaluation = ValueEvaluation()
    """How the models are compared."""

    @field_validator("models")
    @classmethod
    def _known(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        refuse_twice(list(models))
        for name in models:
            if name not in MODELS:
                raise ValueError(f"no model is called {name!r}; {did_you_mean(name, MODELS)}")
        if set(models) == {"same-rate"}:
            raise ValueError("same-rate knows no probabilities: add nbd, bg-nbd or pareto-nbd")
        return models

    @field_validator("potential")
    @classmethod
    def _named_apart(cls, potential: tuple[ValueStrategy, ...]) -> tuple[ValueStrategy, ...]:
        refuse_twice([one.name for one in potential])
        return potential

    @model_validator(mode="after")
    def _has_inputs(self) -> Self:
        problems = [
            *self._cost_problems(),
            *self._attribute_problems(),
            *self._switching_problems(),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes of customers that relations and strategies read."""
        own = () if self.relationship is None else self.relationship.attributes
        asked = (*own, *(name for one in self.potential for name in one.attributes))
        return tuple(dict.fromkeys(asked))

    def _cost_problems(self) -> list[str]:
        if self.relationship is None or self.relationship.by != "products":
            return []
        lines = [source for source in self.sources if source.table == "lines"]
        if any("cost" in source.columns for source in lines):
            return []
        return ["relationship: 'products' needs a source of lines with the column 'cost'"]

    def _switching_problems(self) -> list[str]:
        by = (
            None
            if self.switching is None or self.switching.estimate is None
            else (self.switching.estimate.by)
        )
        told = [source for source in self.sources if source.table in ("lines", "items")]
        if by in (None, "item") or any(by in source.columns for source in told):
            return []
        return [f"switching: 'estimate' needs a source of items or lines with the column {by!r}"]

    def _attribute_problems(self) -> list[str]:
        people = [source for source in self.sources if source.table == "customers"]
        declared = {name for source in people for name in source.columns}
        return [
            f"no source of customers has the column {name!r}; {did_you_mean(name, declared)}"
            for name in self.attributes
            if name not in declared
        ]
