"""What a person declares about one column: where it comes from, its type, its rules, its tags."""

import re
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from features.sources.canonical import ColumnType

__all__ = ["ColumnSpec", "Condition", "Declared", "Rule"]

_COMPARISONS = ("above", "at_least", "below", "at_most")
_PATTERNS = ("matches", "not_matches")


class Declared(BaseModel):
    """What a person declares: frozen, and without keys that nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ColumnSpec(Declared):
    """Where a column comes from and how its text becomes a value.

    Attributes
    ----------
    source : str
        Name of the column in the file (written ``from`` in YAML). A CSV file without a header
        names its columns ``"1"``, ``"2"`` ...
    type : str, optional
        ``text``, ``integer``, ``number``, ``timestamp``, ``date`` or ``boolean``; default: the
        type of the canonical column, text for an attribute of customers.
    format : str, optional
        ``strptime`` format of a timestamp or date; default: ISO 8601.
    required : bool, optional
        Whether a row without a value is rejected; default: only the key columns.
    strip, upper : bool
        Whether blanks around the value are removed and letters made capitals.
    default : str, number or bool, optional
        The value that stands in for a missing one.
    money : bool, optional
        Whether the source's rate of exchange applies; default: price, amount, cost, margin and
        balance only.
    tag : {'none', 'personal', 'sensitive'}, optional
        What the values say about a person; default: not declared.
    pseudonymise : bool
        Whether the values are replaced by keyed hashes at load.
    meaning : str, optional
        What the column says, for the catalogue.
    completeness : float, optional
        Share of rows that must have a value.
    unique : bool, optional
        Whether no value may stand twice.
    fresh_within : int, optional
        Days that may have passed since the latest value of a date or timestamp.

    Examples
    --------
    >>> ColumnSpec(**{"from": "StockCode", "upper": True}).source
    'StockCode'
    """

    source: str = Field(alias="from", min_length=1)
    type: ColumnType | None = None
    format: str | None = None
    required: bool | None = None
    strip: bool = True
    upper: bool = False
    default: str | float | bool | None = None
    money: bool | None = None
    tag: Literal["none", "personal", "sensitive"] | None = None
    pseudonymise: bool = False
    meaning: str | None = None
    completeness: float | None = Field(default=None, ge=0.0, le=1.0)
    unique: bool | None = None
    fresh_within: int | None = Field(default=None, ge=0)

    @field_validator("source", mode="before")
    @classmethod
    def _position_as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Condition(Declared):
    """One test of one column.

    Attributes
    ----------
    column : str
        A mapped canonical column.
    matches, not_matches : str, optional
        Regular expression (RE2) that is looked for anywhere in a text.
    above, at_least, below, at_most : float, optional
        Limit of a number.
    one_of : tuple of str, optional
        The allowed texts.
    """

    column: str
    matches: str | None = None
    not_matches: str | None = None
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    one_of: tuple[str, ...] | None = None

    TESTS: ClassVar[tuple[str, ...]] = (*_PATTERNS, *_COMPARISONS, "one_of")

    @model_validator(mode="after")
    def _has_one_test(self) -> Self:
        given = [test for test in self.TESTS if getattr(self, test) is not None]
        if len(given) != 1:
            found = ", ".join(given) or "none"
            raise ValueError(
                f"a condition on {self.column!r} needs exactly one of {', '.join(self.TESTS)}; "
                f"given: {found}"
            )
        return self

    @field_validator("matches", "not_matches")
    @classmethod
    def _is_a_pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"{value!r} is not a regular expression: {error}") from error
        return value

    @property
    def test(self) -> str:
        """Name of the test that is set."""
        return next(test for test in self.TESTS if getattr(self, test) is not None)

    @property
    def needs_number(self) -> bool:
        """Whether the test compares numbers."""
        return self.test in _COMPARISONS


class Rule(Condition):
    """A condition that a row must meet to be loaded; a missing value meets every rule.

    Attributes
    ----------
    reason : str, optional
        What a rejected row is said to have wrong; default: made from the test.
    """

    reason: str | None = None
