"""The configuration of the question of segments, as one tree."""

import inspect
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from lodeworks.errors import did_you_mean
from pipelines.config.cross_sell import Features
from pipelines.config.families import unfed_families
from pipelines.config.quantities import AsOf, Days
from pipelines.config.question import Question, refuse_twice
from pipelines.config.sections import Engine, Many, Name, Section, Share
from pipelines.config.value import ValueClasses

__all__ = [
    "AbcShares",
    "Attributes",
    "Clustering",
    "Moments",
    "SegmentClasses",
    "Segments",
    "Selection",
    "Worth",
    "every_method",
]

Method = Literal[
    "kmeans", "minibatch", "medoids", "conceptual", "hierarchical", "mixture", "density"
]
Value = bool | int | float | str | None
SET_BY_THE_RUN = ("k", "random_state", "categories")


class Moments(Section):
    """Which customers are looked at, and what of them may be seen."""

    as_of: AsOf = Field("latest", examples=["2011-09-08"])
    """The last day that may be seen; `latest` = the last day of data."""

    observe: Days = Field(365, ge=1, examples=["365d"])
    """How far back purchases are read."""

    compare: Days | None = Field(None, ge=1, examples=["90d"])
    """Days before `as_of` of the earlier date that migration is counted from; null = no
    migration."""


class Attributes(Section):
    """What customers are compared by."""

    table: str | None = Field(None, min_length=1, examples=["customers", "own:members"])
    """Table with one row a customer; null = indicators of the purchases."""

    id: str = Field("customer_id", min_length=1)
    """With `table`: the column that names the customer."""

    include: Many[str] = ()
    """The only attributes to use; empty = all."""

    exclude: Many[str] = ()
    """Attributes to leave out."""

    scale: Literal["auto", "standard", "none"] = "auto"
    """`auto` takes the logarithm of long tails and draws extremes in, `standard` only brings
    numbers to mean 0 and deviation 1, `none` leaves them."""

    reduce: bool = False
    """Keep one attribute of each group of attributes that say the same."""


class Clustering(Section):
    """One method, and the numbers of segments it is tried with."""

    kind: Method
    """How segments are found."""

    k: Many[int] = Field((3, 4, 5, 6, 7, 8), min_length=1, examples=[[4, 5, 6]])
    """Numbers of segments; `density` finds the number itself."""

    params: dict[str, Value] = Field(default_factory=dict)
    """Further parameters of the method, such as `metric` of medoids."""

    name: Name | None = None
    """What it is called; null = the kind."""

    @field_validator("k")
    @classmethod
    def _distinct(cls, k: tuple[int, ...]) -> tuple[int, ...]:
        wrong = [number for number in k if number < 2]
        if wrong or len(set(k)) < len(k):
            raise ValueError(f"numbers from 2 on are needed, each once, not {list(k)}")
        return k

    @field_validator("params")
    @classmethod
    def _taken(cls, params: dict[str, Value], info: ValidationInfo) -> dict[str, Value]:
        if params and "kind" in info.data:
            _check_params(info.data["kind"], params)
        return params

    @property
    def called(self) -> str:
        """Give the name, or the kind."""
        return self.name or self.kind


class Selection(Section):
    """How methods and numbers of segments are compared; the simplest of equals wins."""

    rounds: int = Field(20, ge=2)
    """Resamples in which the segments must come again."""

    max_rows: int = Field(1500, ge=50)
    """Customers used for the comparison; above it a random sample."""

    references: int = Field(5, ge=0)
    """Tables without structure behind the gap statistic; 0 leaves it out."""

    min_stability: Share = 0.75
    """Mean likeness of a segment to itself in resampled customers from which a segmentation counts
    as stable."""

    min_segment: Share = 0.6
    """The same for the weakest segment alone; below it, the segment dissolves."""

    min_share: Share = 0.02
    """Least share of the customers that a segment of a usable segmentation has."""

    bootstrap: int = Field(2000, ge=100)
    """Resamples behind every interval."""

    level: float = Field(0.95, gt=0, lt=1)
    """Confidence level of the intervals."""


class Worth(Section):
    """What customers bring and cost."""

    value: str | None = "monetary"
    """Column or indicator with the money of each customer; null = unknown."""

    margin: Share = 0.3
    """Share of the value that is earned."""

    cost_per_order: float = Field(0.0, ge=0)
    """Money that an order costs; counted by the indicator `frequency`."""

    cost_per_customer: float = Field(0.0, ge=0)
    """Money that a customer costs in the observed span."""

    currency: str = Field("GBP", pattern=r"^[A-Z]{3}$", examples=["GBP"])
    """Three-letter code shown beside money."""

    weights: dict[str, float] = Field(default_factory=dict)
    """Criteria of the weighted score and their weights; negative where less is better."""

    @model_validator(mode="after")
    def _weighs(self) -> Self:
        if self.weights and not sum(abs(weight) for weight in self.weights.values()) > 0:
            raise ValueError("the weights sum to 0: there is nothing to weigh")
        return self


class AbcShares(Section):
    """Shares of all value from which ABC classes are cut."""

    a: float = Field(0.8, gt=0, lt=1)
    """Class A together brings this share."""

    b: float = Field(0.95, gt=0, lt=1)
    """Classes A and B together bring this share."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.a < self.b:
            raise ValueError(f"a must be less than b, but {self.a} is not less than {self.b}")
        return self


class SegmentClasses(Section):
    """The classes that marketing knows beside the segments; new customers get them too."""

    pyramid: ValueClasses = ValueClasses()
    """Shares of the levels of the value pyramid."""

    abc: AbcShares = AbcShares()
    """Shares of the ABC classes."""

    rfm_parts: int = Field(5, ge=2, le=9)
    """Parts of each score of recency, frequency and monetary value."""

    loyalty: str = Field("active_months", min_length=1)
    """Attribute that says how loyal a customer is, for the portfolio of profitability and loyalty;
    without it there is no portfolio."""

    least_profit: float | None = None
    """Who earns more than this is profitable in the portfolio; null = the median."""

    least_loyalty: float | None = None
    """Who has at least this is loyal in the portfolio; null = the mean."""


def every_method() -> tuple[Clustering, ...]:
    """Give one candidate a method."""
    kinds: tuple[Method, ...] = (
        "kmeans",
        "conceptual",
        "medoids",
        "hierarchical",
        "mixture",
        "density",
    )
    return tuple(Clustering(kind=kind) for kind in kinds)


class Segments(Question):
    """Which groups of customers are there: how to tell them apart, and what each is worth."""

    kind: Literal["segments"]
    """The business question."""

    window: Moments = Moments()
    """Which customers are looked at, and what of them may be seen."""

    attributes: Attributes = Attributes()
    """What customers are compared by."""

    features: Features = Field(default_factory=Features)
    """Families of indicators, where there is no `attributes.table`."""

    methods: Many[Clustering] = Field(default_factory=every_method, min_length=1)
    """The methods that compete; default: one of every kind."""

    choice: Selection = Selection()
    """How they are compared."""

    engine: Engine = Engine()
    """`spark` fits k-means, whole or in small batches, on all customers with MLlib when it has won;
    the comparison, and every other method, stays in this process."""

    worth: Worth = Worth()
    """What customers bring and cost."""

    classes: SegmentClasses = SegmentClasses()
    """The classes that marketing knows beside the segments."""

    former: str | None = Field(None, min_length=1)
    """Bundle of an earlier run: its segments keep their numbers and names. Relative to the current
    folder."""

    @field_validator("methods")
    @classmethod
    def _named_apart(cls, methods: tuple[Clustering, ...]) -> tuple[Clustering, ...]:
        refuse_twice([one.called for one in methods])
        return methods

    @model_validator(mode="after")
    def _has_work_for_spark(self) -> Self:
        kinds = {one.kind for one in self.methods}
        if self.engine.kind == "spark" and not kinds & {"kmeans", "minibatch"}:
            raise ValueError("engine: Spark fits 'kmeans' and 'minibatch'; no method is either")
        return self

    @model_validator(mode="after")
    def _has_customers(self) -> Self:
        tables = {str(source.table) for source in self.sources}
        if self.attributes.table is None and "lines" not in tables:
            raise ValueError(
                "no source gives the table 'lines' (the purchases); or name a table of customers"
                " in 'attributes.table'"
            )
        unfed = unfed_families(self.features.families, self.sources)
        if self.attributes.table is None and unfed:
            raise ValueError("; ".join(unfed))
        if self.attributes.table is not None and self.attributes.table not in tables:
            hint = did_you_mean(self.attributes.table, sorted(tables))
            raise ValueError(f"no source gives the table {self.attributes.table!r}; {hint}")
        if self.attributes.table is not None and self.window.compare is not None:
            raise ValueError(
                "'window.compare' needs purchases: a table of customers has one date only"
            )
        return self


def _check_params(method: str, params: dict[str, Any]) -> None:
    from models.segments.registry import SEGMENTERS

    known = [n for n in inspect.signature(SEGMENTERS[method]).parameters if n not in SET_BY_THE_RUN]
    wrong = [name for name in params if name not in known]
    if wrong:
        hints = (
            f"{method!r} has no parameter {n!r} to state here; {did_you_mean(n, known)}"
            for n in wrong
        )
        raise ValueError("; ".join(hints))
