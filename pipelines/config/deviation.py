"""The configuration of the question of deviations, as one tree."""

from typing import Literal, Self

from pydantic import Field, model_validator

from pipelines.config.cross_sell import Features
from pipelines.config.families import unfed_families
from pipelines.config.quantities import AsOf, Days
from pipelines.config.question import Question
from pipelines.config.sections import Many, Section, Share

__all__ = ["Changes", "Deviation", "Exceptions", "Expected", "Members", "Span"]


class Span(Section):
    """What may be seen."""

    as_of: AsOf = Field("latest", examples=["2011-09-08"])
    """The last day that may be seen; `latest` = the last day of data."""

    observe: Days = Field(365, ge=1, examples=["365d"])
    """How far back purchases are read."""


class Members(Section):
    """Customers who are unlike the others of their class."""

    by: str = Field("pyramid", min_length=1, examples=["pyramid", "all", "region"])
    """The class: `pyramid` (levels of value), `all` (one class), or a column of the customers."""

    methods: Many[Literal["forest", "lof"]] = Field(("forest", "lof"), min_length=1)
    """Isolation forest, local outlier factor, or both: then those that both find come first."""

    share: float = Field(0.01, gt=0, le=0.5)
    """Share of each class that is given, one customer at least."""

    least: int = Field(50, ge=10)
    """Smaller classes are left out."""

    min_agreement: Share = 0.5
    """How far two halves of the customers must agree on who is unusual (rank correlation) for a
    new profile to take the champion's place."""


class Exceptions(Section):
    """Customers who meet IF of a strong rule and not THEN."""

    level: Literal["item", "category"] = "item"
    """What the rules are about."""

    min_customers: int = Field(30, ge=2)
    """Customers who keep a rule, at least."""

    min_confidence: float = Field(0.9, gt=0, le=1)
    """Share of those who meet IF that meet THEN, at least."""

    max_length: int = Field(3, ge=2, le=5)
    """Items of a rule, THEN included."""

    most: int = Field(200, ge=1)
    """Customers given, at most: those who break the surest rules."""


class Expected(Section):
    """Customers who spent otherwise than they were expected to."""

    outcome: Days = Field(31, ge=1, examples=["31d"])
    """The last days, whose spending is held against what the days before let expect."""

    folds: int = Field(5, ge=2, le=50)
    """Parts of the customers; each is predicted from the others."""

    share: float = Field(0.01, gt=0, lt=1)
    """Given are customers as far off as this share of customers was in the window before."""


class Changes(Section):
    """Customers and figures that left their usual level."""

    period: Days = Field(30, ge=1, examples=["30d"])
    """Length of a period, counted back from `window.as_of`."""

    baseline: int = Field(5, ge=3)
    """First periods that say what is usual."""

    active: int = Field(3, ge=1)
    """Periods of the baseline in which a customer must have bought."""

    slack: float = Field(0.5, ge=0)
    """What is forgiven in each period, in deviations."""

    limit: float = Field(5.0, gt=0)
    """Sum of deviations that raises the alarm."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.active > self.baseline:
            raise ValueError(
                f"nobody can buy in {self.active} of {self.baseline} periods: 'active' must be"
                " 'baseline' at most"
            )
        return self


class Deviation(Question):
    """What is not as it usually is: members, exceptions, surprises and changes, with reasons."""

    kind: Literal["deviation"]
    """The business question."""

    window: Span = Span()
    """What may be seen."""

    features: Features = Field(default_factory=Features)
    """Families of indicators."""

    members: Members | None = Members()
    """Unlike the others of the class; null = not asked."""

    exceptions: Exceptions | None = Exceptions()
    """Exceptions to strong rules; null = not asked."""

    expected: Expected | None = Expected()
    """Observed against predicted; null = not asked."""

    changes: Changes | None = Changes()
    """Change over time; null = not asked."""

    currency_shown: str = Field("GBP", pattern=r"^[A-Z]{3}$", examples=["GBP"])
    """Three-letter code shown beside money."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not any(str(source.table) == "lines" for source in self.sources):
            raise ValueError("no source gives the table 'lines' (the purchases)")
        unfed = unfed_families(self.features.families, self.sources)
        if unfed:
            raise ValueError("; ".join(unfed))
        if not (self.members or self.exceptions or self.expected or self.changes):
            raise ValueError("ask for members, exceptions, expected or changes")
        if self.changes and self.window.observe < (self.changes.baseline + 1) * self.changes.period:
            needed = (self.changes.baseline + 1) * self.changes.period
            raise ValueError(
                f"window.observe of {self.window.observe} days holds no period after the baseline:"
                f" {needed} days are needed"
            )
        return self
