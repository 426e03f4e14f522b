"""Candidates: which recommenders compete, checked against what their constructors take."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from lodeworks.errors import did_you_mean
from pipelines.config.nodes import Path
from pipelines.config.sections import Many, Name, Section

if TYPE_CHECKING:
    from models.recommend.base import Recommender
    from models.search import Range

__all__ = ["Candidate", "Searched", "every_candidate", "parameters", "registry"]

Value = bool | int | float | str | None
Finding = tuple[Path, str]

SET_BY_THE_RUN = {"random_state"}


def registry() -> "Mapping[str, type[Recommender]]":
    """Give the recommenders by kind; imported late, because they are heavy."""
    from models.recommend.registry import REGISTRY

    known: Mapping[str, type[Recommender]] = REGISTRY
    return known


def parameters(kind: str) -> dict[str, inspect.Parameter]:
    """Give the constructor's parameters that a configuration may state."""
    signature = inspect.signature(registry()[kind])
    return {n: p for n, p in signature.parameters.items() if n not in SET_BY_THE_RUN}


def every_candidate() -> "tuple[Candidate, ...]":
    """Give one candidate a kind, with the default parameters and its own search space.

    Kinds that need an extra are left out: they compete where a configuration names them, so that
    the same configuration means the same run everywhere.
    """
    return tuple(Candidate(kind=kind) for kind, one in registry().items() if not one.requires)


class Searched(Section):
    """Values to be searched: a range or a few options."""

    low: int | float | None = None
    """Smallest value."""

    high: int | float | None = None
    """Largest value."""

    log: bool = False
    """Search the logarithm: for ranges over several powers of ten."""

    options: Many[Value] | None = Field(None, min_length=1)
    """The values to choose from, in place of `low` and `high`."""

    @model_validator(mode="after")
    def _one_form(self) -> "Searched":
        ends = [self.low, self.high]
        if self.options is not None:
            if ends != [None, None] or self.log:
                raise ValueError("give either options, or low and high")
        elif self.low is None or self.high is None:
            raise ValueError("give low and high, or options")
        elif self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")
        elif self.log and self.low <= 0:
            raise ValueError(f"a logarithmic range must begin above 0, not at {self.low}")
        return self

    def range(self) -> "Range":
        """Give the range in the form that the tuner takes."""
        from models.search import Choice, FloatRange, IntRange

        if self.options is not None:
            return Choice(self.options)
        if isinstance(self.low, int) and isinstance(self.high, int):
            return IntRange(self.low, self.high, self.log)
        return FloatRange(float(self.low or 0), float(self.high or 0), self.log)


def _form(value: object) -> str:
    """Tell which form of `tune` is meant."""
    if isinstance(value, list | tuple):
        return "names"
    return "searched" if isinstance(value, dict) else "switch"


Tune = Annotated[
    Annotated[bool, Tag("switch")]
    | Annotated[Many[str], Tag("names")]
    | Annotated[dict[str, Searched], Tag("searched")],
    Discriminator(_form),
]


class Candidate(Section):
    """One recommender that competes."""

    kind: str = Field(examples=["popularity"])
    """Which recommender."""

    name: Name = ""
    """What it is called in the results; default: its kind. Two of a kind need names."""

    params: dict[str, Value | list[Value]] = Field(default_factory=dict)
    """Parameters of the recommender that are kept as they are."""

    tune: Tune = True
    """`true`: search the recommender's own search space, less what `params` states; `false`: do
    not; a list of parameters: search only these; a mapping: search these values."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        if isinstance(data, dict) and "name" not in data and _is_kind(data.get("kind")):
            return {**data, "name": data["kind"]}
        return data

    @field_validator("kind")
    @classmethod
    def _kind(cls, kind: str) -> str:
        if not _is_kind(kind):
            hint = did_you_mean(kind, registry())
            raise ValueError(f"no recommender is called {kind!r}; {hint}")
        return kind

    @field_validator("params")
    @classmethod
    def _params(cls, params: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if "kind" in info.data:
            _refuse(_params_findings(info.data["kind"], params))
        return params

    @field_validator("tune")
    @classmethod
    def _tune(cls, tune: Any, info: ValidationInfo) -> Any:
        if "kind" in info.data and not isinstance(tune, bool):
            _refuse(_tune_findings(info.data["kind"], tune, info.data.get("params", {})))
        return tune

    def space(self) -> "dict[str, Range]":
        """Give the parameters to be searched, and their ranges.

        Returns
        -------
        dict of str to Range
            Empty when nothing is to be tuned.
        """
        own = registry()[self.kind].search_space
        if isinstance(self.tune, dict):
            return {name: searched.range() for name, searched in self.tune.items()}
        if isinstance(self.tune, tuple):
            return {name: own[name] for name in self.tune}
        return {n: r for n, r in own.items() if n not in self.params} if self.tune else {}


def _is_kind(kind: object) -> bool:
    return isinstance(kind, str) and kind in registry()


def _params_findings(kind: str, params: Iterable[str]) -> Iterator[Finding]:
    known = parameters(kind)
    for name in params:
        if name not in known:
            yield (name,), _unknown(kind, name, known)


def _tune_findings(
    kind: str, tune: tuple[str, ...] | dict[str, Searched], params: Mapping[str, Any]
) -> Iterator[Finding]:
    as_list = isinstance(tune, tuple)
    allowed = list(registry()[kind].search_space) if as_list else list(parameters(kind))
    for position, name in enumerate(tune):
        path = (position if as_list else name,)
        if name not in allowed:
            yield path, _unknown(kind, name, allowed)
        elif name in params:
            yield path, f"{name!r} is stated in params too; a parameter is either kept or searched"


def _unknown(kind: str, name: str, allowed: Iterable[str]) -> str:
    if name in SET_BY_THE_RUN:
        return f"{name!r} is set from the configuration's 'seed'"
    hint = did_you_mean(name, allowed) if allowed else "it has none to state here"
    return f"{kind!r} has no parameter {name!r} to state here; {hint}"


def _refuse(findings: Iterable[Finding]) -> None:
    """Raise the findings with their places; pydantic puts the place of the field before them."""
    errors = [
        InitErrorDetails(
            type=PydanticCustomError("value_error", "{text}", {"text": text}), loc=path, input=None
        )
        for path, text in findings
    ]
    if errors:
        raise ValidationError.from_exception_data("Candidate", errors)
