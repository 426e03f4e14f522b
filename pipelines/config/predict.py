"""The configuration of questions about one outcome: who leaves, responds, does not pay."""

import inspect
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from lodeworks.errors import did_you_mean
from pipelines.config.candidates import Searched
from pipelines.config.quantities import Seconds
from pipelines.config.question import Question, refuse_twice
from pipelines.config.sections import Many, Name, Section, Share, Window

if TYPE_CHECKING:
    from models.search import Range
    from models.tabular import TableClassifier

__all__ = ["CostMatrix", "HoldOut", "Learner", "Money", "Predict", "Purchases", "Records"]

Value = bool | int | float | str | None
Text = Annotated[str, Field(min_length=1)]
SET_BY_THE_RUN = {"random_state"}
DEFAULT = ("logistic", "discriminant", "cart", "additive", "boosted")


class HoldOut(Section):
    """Records that are looked at once, when everything is chosen."""

    share: float = Field(0.2, gt=0, lt=1)
    """Share of the records, drawn by chance with both outcomes in their proportion."""

    table: str | None = Field(None, pattern=r"^own:\w+$", examples=["own:evaluation"])
    """In place of a share: a table of its own."""

    outcomes: str | None = Field(None, pattern=r"^own:\w+$", examples=["own:answers"])
    """Where the outcomes of `table` stand when it lacks them: row by row in the same order."""

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if self.outcomes is not None and self.table is None:
            raise ValueError("'outcomes' needs the 'table' whose outcomes they are")
        return self


class Records(Section):
    """One table with the outcome in a column."""

    table: str = Field(pattern=r"^own:\w+$", examples=["own:customers"])
    """The table."""

    target: Text
    """Column of the outcome; records without a value are only scored."""

    positive: str | float | bool
    """Value of the outcome that is to be predicted; every other one counts as the contrary."""

    id: str | None = Field(None, min_length=1)
    """Column that names a record; null = its row in the file."""

    drop: Many[Text] = ()
    """Columns that are left out."""

    known_later: Many[Text] = ()
    """Columns known only after the event: left out, and the report says so."""

    allow_leaks: Many[Text] = ()
    """Columns that may predict the outcome almost alone."""

    weight: str | None = Field(None, min_length=1)
    """Column that says what a record counts."""


class Purchases(Section):
    """The outcome is read from purchases: who bought before, and then did or did not."""

    outcome: Literal["leaves", "buys"] = "leaves"
    """`leaves`: buys nothing in the outcome window; `buys`: buys something."""

    window: Window = Window(backtests=3)
    """What may be seen, and when the outcome is read."""

    active: int = Field(180, ge=1)
    """Days before `as_of` in which a customer must have bought to take part."""


class Learner(Section):
    """One classifier that competes."""

    kind: str = Field(examples=["logistic"])
    """Which classifier."""

    name: Name = ""
    """What it is called in the results; default: its kind."""

    params: dict[str, Value] = Field(default_factory=dict)
    """Parameters that are kept as they are."""

    tune: bool | dict[str, Searched] = True
    """`true`: search the classifier's own space less what `params` states; `false`: do not; a
    mapping: search these values."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        if isinstance(data, dict) and "name" not in data and isinstance(data.get("kind"), str):
            return {**data, "name": data["kind"]}
        return data

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in _registry():
            hint = did_you_mean(kind, _registry())
            raise ValueError(f"no classifier is called {kind!r}; {hint}")
        return kind

    @field_validator("params", "tune")
    @classmethod
    def _has_them(cls, given: Any, info: ValidationInfo) -> Any:
        if "kind" not in info.data or not isinstance(given, dict):
            return given
        kind = info.data["kind"]
        known = set(inspect.signature(_registry()[kind]).parameters) - SET_BY_THE_RUN
        wrong = [f"{kind!r} has no {name!r} to state here; {did_you_mean(name, known)}"
                 for name in given if name not in known]  # fmt: skip
        if wrong:
            raise ValueError("; ".join(wrong))
        return given

    def space(self) -> "dict[str, Range]":
        """Give the parameters to be searched and their ranges; empty when nothing is."""
        if isinstance(self.tune, dict):
            return {name: searched.range() for name, searched in self.tune.items()}
        own = _registry()[self.kind].search_space
        return {n: r for n, r in own.items() if n not in self.params} if self.tune else {}


class Search(Section):
    """How the classifiers' parameters are searched, on inner folds of the training records."""

    trials: int = Field(10, ge=0)
    """Trials a classifier; 0 keeps the parameters as they are."""

    timeout: Seconds | None = Field(None, ge=1, examples=["120s"])
    """Longest time a classifier may be tuned; null = no limit. With a limit the result depends on
    the speed of the machine."""

    folds: int = Field(3, ge=2, le=20)
    """Inner folds."""

    metric: Literal["auc", "log_loss"] = "auc"
    """What is made best."""


class Splits(Section):
    """How the classifiers are compared: repeated stratified folds of the training records."""

    folds: int = Field(5, ge=2, le=50)
    """Parts; each is predicted by a classifier that learned from the others."""

    repeats: int = Field(2, ge=1, le=100)
    """How often the parts are drawn anew."""

    choose: Literal["simplest", "best"] = "simplest"
    """Who wins: the simplest classifier that is not measurably worse than the best, or the best."""

    level: float = Field(0.95, gt=0, lt=1)
    """Confidence level of the intervals."""

    bootstrap: int = Field(2000, ge=100)
    """Resamples behind intervals of money."""


class CostMatrix(Section):
    """What each of the two mistakes costs."""

    missed: float = Field(gt=0)
    """A record of the outcome that was not acted upon."""

    false_alarm: float = Field(gt=0)
    """Acting upon a record without the outcome."""


class Money(Section):
    """What acting upon a record costs and brings."""

    cost: float | str = 1.0
    """Money spent on acting upon a record; or the column that says it."""

    revenue: float | str = 10.0
    """Money that a record of the outcome is worth when the action works; or the column."""

    times: float = Field(1.0, gt=0)
    """By what `revenue` is multiplied: 12 where a column says a month and a year counts."""

    success: Share = 1.0
    """Share of records of the outcome with which the action works."""

    matrix: CostMatrix | None = None
    """Costs of the two mistakes, in place of cost and revenue."""

    capacity: int | None = Field(None, ge=1)
    """Most records that can be acted upon; null = no limit."""

    depth: float | None = Field(None, gt=0, le=1)
    """Most records as a share of all; null = no limit. Together with `whole` exactly this many."""

    whole: bool = False
    """Act upon as many as `depth` and `capacity` allow, whether each pays or not."""

    loyalty: str | None = Field(None, min_length=1)
    """Column that says how long or how much a customer has been loyal: those who pay to keep are
    listed with the loyal half first."""

    win_back: Share | None = None
    """Share of those who left that an offer would win back; null = not asked."""

    currency: str = Field("GBP", pattern=r"^[A-Z]{3}$", examples=["GBP"])
    """Three-letter code shown beside money."""


class Predict(Question):
    """Who will leave, respond or not pay: how likely, why, and whom it pays to act upon."""

    kind: Literal["predict"]
    """The business question."""

    question: Literal["retention", "response", "default", "custom"] = "custom"
    """In which words the answer is given."""

    data: Records | None = None
    """One table with the outcome in a column; either this or `purchases`."""

    purchases: Purchases | None = None
    """The outcome read from purchases."""

    holdout: HoldOut = HoldOut()
    """Records that are looked at once, when everything is chosen. With `purchases` the latest
    window is held out."""

    candidates: Many[Learner] = Field(
        default_factory=lambda: tuple(Learner(kind=kind) for kind in DEFAULT), min_length=1
    )
    """The classifiers that compete; default: all but the neural network."""

    tuning: Search = Search()
    """How their parameters are searched."""

    evaluation: Splits = Splits()
    """How they are compared."""

    economics: Money = Money()
    """What acting costs and brings."""

    @field_validator("candidates")
    @classmethod
    def _each_once(cls, candidates: tuple[Learner, ...]) -> tuple[Learner, ...]:
        refuse_twice([candidate.name for candidate in candidates])
        return candidates

    @model_validator(mode="after")
    def _has_records(self) -> Self:
        if (self.data is None) == (self.purchases is None):
            raise ValueError("state either 'data' (a table with the outcome) or 'purchases'")
        tables = {str(source.table) for source in self.sources}
        needed = ["lines"] if self.data is None else [self.data.table]
        needed += [t for t in (self.holdout.table, self.holdout.outcomes) if t]
        lacking = [table for table in needed if table not in tables]
        if lacking:
            raise ValueError(f"no source gives the table {', '.join(map(repr, lacking))}")
        if self.data is None and isinstance(self.economics.cost, str):
            raise ValueError("'economics.cost' names a column, which 'purchases' do not have")
        return self


def _registry() -> "dict[str, type[TableClassifier]]":
    """Give the classifiers by kind; imported late, because they are heavy."""
    from models.tabular.registry import REGISTRY

    return dict(REGISTRY)
