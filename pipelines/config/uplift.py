"""The configuration of the question whom a treatment changes."""

import inspect
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from lodeworks.errors import did_you_mean
from pipelines.config.question import Question, refuse_twice
from pipelines.config.sections import Many, Name, Section

__all__ = [
    "BASELINE",
    "UpliftEconomics",
    "UpliftLearner",
    "UpliftQuestion",
    "UpliftSegments",
    "UpliftSplits",
    "UpliftTrial",
]

Value = bool | int | float | str | None
Text = Annotated[str, Field(min_length=1)]
BASELINE = "response"
DEFAULT = (
    ("response", "boosted"),
    ("two-model", "linear"),
    ("two-model", "boosted"),
    ("transformed", "linear"),
    ("x-learner", "linear"),
    ("tree", None),
    ("forest", None),
)


class UpliftTrial(Section):
    """One table of customers, who was treated, and what came of it."""

    table: str = Field(pattern=r"^own:\w+$", examples=["own:campaign"])
    """The table."""

    treatment: Text
    """Column that says how a customer was treated."""

    treated: str | float | bool
    """Value of the treatment that is asked about."""

    control: str | float | bool
    """Value of those left alone; customers of any other value are left out."""

    outcome: Text
    """Column of the outcome: 0 and 1, or an amount."""

    id: str | None = Field(None, min_length=1)
    """Column that names a customer; null = the row in the file."""

    drop: Many[Text] = ()
    """Columns that are left out."""

    known_later: Many[Text] = ()
    """Columns known only after the treatment, such as other outcomes: left out."""

    propensity: float | str | None = None
    """Probability with which each was treated, or the column that says it. Needed where the
    treatment was not given by chance; null = by chance, which is checked."""

    treated_on: str | None = Field(None, min_length=1)
    """Column of the day of the treatment; with `outcome_on`, outcomes before it are refused."""

    outcome_on: str | None = Field(None, min_length=1)
    """Column of the day of the outcome, empty where nothing came of it."""

    @model_validator(mode="after")
    def _two_arms(self) -> Self:
        if self.treated == self.control:
            raise ValueError(f"'treated' and 'control' are the same value, {self.treated!r}")
        if (self.treated_on is None) != (self.outcome_on is None):
            raise ValueError("'treated_on' and 'outcome_on' need each other")
        taken = {self.treatment, self.outcome} & {*self.drop, *self.known_later}
        if taken or self.treatment == self.outcome:
            twice = ", ".join(sorted(taken)) or self.treatment
            raise ValueError(f"a column cannot be two things: {twice}")
        return self


class UpliftLearner(Section):
    """One way of ranking customers by effect."""

    kind: str = Field(examples=["two-model"])
    """Which one; `response` ranks by response and is always compared with."""

    name: Name = ""
    """What it is called in the results; default: its kind."""

    params: dict[str, Value] = Field(default_factory=dict)
    """Parameters, such as `base: linear`."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        if isinstance(data, dict) and "name" not in data and isinstance(data.get("kind"), str):
            return {**data, "name": data["kind"]}
        return data

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        from models.uplift import UPLIFT_MODELS

        if kind not in UPLIFT_MODELS:
            hint = did_you_mean(kind, UPLIFT_MODELS)
            raise ValueError(f"no uplift model is called {kind!r}; {hint}")
        return kind

    @field_validator("params")
    @classmethod
    def _has_them(cls, params: dict[str, Value], info: ValidationInfo) -> dict[str, Value]:
        from models.uplift import UPLIFT_MODELS

        if "kind" not in info.data:
            return params
        kind = info.data["kind"]
        known = set(inspect.signature(UPLIFT_MODELS[kind]).parameters) - {"random_state"}
        wrong = [
            f"{kind!r} has no {name!r} to state here; {did_you_mean(name, known)}"
            for name in params
            if name not in known
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return params


class UpliftSplits(Section):
    """How the rankings are compared: every customer is scored by a model that did not see him."""

    folds: int = Field(3, ge=2, le=20)
    """Parts; each is scored by a model that learned from the others."""

    repeats: int = Field(2, ge=1, le=50)
    """How often the parts are drawn anew; scores are averaged."""

    bootstrap: int = Field(300, ge=100)
    """Resamples behind every interval."""

    level: float = Field(0.95, gt=0, lt=1)
    """Confidence level of the intervals."""


class UpliftEconomics(Section):
    """What the outcome is worth and what treating costs."""

    revenue: float = Field(1.0, gt=0)
    """Money that one unit of the outcome is worth."""

    cost: float = Field(0.0, ge=0)
    """Money spent on treating one customer."""

    currency: str = Field("GBP", pattern=r"^[A-Z]{3}$", examples=["GBP"])
    """Three-letter code shown beside money."""


class UpliftSegments(Section):
    """The honest tree that says who is persuadable."""

    depth: int = Field(2, ge=1, le=5)
    """Questions asked at most."""

    min_leaf: int = Field(300, ge=10)
    """Fewest customers of either arm in a segment, of those that choose the splits."""


def _usual() -> tuple[UpliftLearner, ...]:
    return tuple(
        UpliftLearner(
            kind=kind,
            name=f"{kind}-{base}" if kind == "two-model" else kind,
            params={} if base is None else {"base": base},
        )
        for kind, base in DEFAULT
    )


class UpliftQuestion(Question):
    """Whom a treatment changes: who is persuadable, and whom it pays to treat."""

    kind: Literal["uplift"]
    """The business question."""

    data: UpliftTrial
    """The customers, who was treated, and what came of it."""

    learners: Many[UpliftLearner] = Field(default_factory=_usual, min_length=1)
    """The rankings that compete; the one by response is added where it is not stated."""

    evaluation: UpliftSplits = UpliftSplits()
    """How they are compared."""

    economics: UpliftEconomics = UpliftEconomics()
    """What the outcome is worth and what treating costs."""

    segments: UpliftSegments = UpliftSegments()
    """The honest tree that says who is persuadable."""

    @model_validator(mode="after")
    def _reads_its_table(self) -> Self:
        tables = [str(source.table) for source in self.sources]
        if self.data.table not in tables:
            hint = did_you_mean(self.data.table, tables)
            raise ValueError(f"no source gives the table {self.data.table!r}; {hint}")
        return self

    @field_validator("learners")
    @classmethod
    def _with_response(cls, learners: tuple[UpliftLearner, ...]) -> tuple[UpliftLearner, ...]:
        refuse_twice([learner.name for learner in learners])
        if any(learner.kind == BASELINE for learner in learners):
            return learners
        return (UpliftLearner(kind=BASELINE, name=BASELINE), *learners)
