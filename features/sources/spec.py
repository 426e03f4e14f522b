"""What a person declares about a source: its file, its columns, its types and its rules."""

import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from lodeworks.errors import did_you_mean

__all__ = [
    "CANONICAL",
    "ColumnSpec",
    "ColumnType",
    "Condition",
    "CsvSource",
    "ParquetSource",
    "Rule",
    "Source",
    "SourceBase",
    "Table",
]

Table = Literal["lines", "items", "customers"]
ColumnType = Literal["text", "integer", "number", "timestamp", "date", "boolean"]

CANONICAL: dict[str, dict[str, ColumnType]] = {
    "lines": {
        "customer_id": "text",
        "order_id": "text",
        "item_id": "text",
        "ordered_at": "timestamp",
        "quantity": "number",
        "price": "number",
        "amount": "number",
        "cost": "number",
        "item_name": "text",
        "category": "text",
        "department": "text",
    },
    "items": {
        "item_id": "text",
        "item_name": "text",
        "category": "text",
        "department": "text",
        "price": "number",
        "margin": "number",
    },
    "customers": {"customer_id": "text", "opt_out": "boolean"},
}
"""Known columns of each table with their types; `customers` takes further ones as attributes."""

REQUIRED = {
    "lines": ("customer_id", "item_id", "ordered_at"),
    "items": ("item_id",),
    "customers": ("customer_id",),
}

NUMERIC = ("integer", "number")
_COMPARISONS = ("above", "at_least", "below", "at_most")
_PATTERNS = ("matches", "not_matches")


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ColumnSpec(_Frozen):
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

    @field_validator("source", mode="before")
    @classmethod
    def _position_as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Condition(_Frozen):
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


class SourceBase(_Frozen):
    """What every kind of source declares.

    Attributes
    ----------
    name : str
        Name in reports and in the column ``source``; default: the stem of the file.
    table : {'lines', 'items', 'customers'}
        The table that the rows go to.
    path : str
        The file.
    columns : dict of str to ColumnSpec
        Canonical column to column of the file; a plain string is short for ``{from: ...}``.
    rules : tuple of Rule
        Conditions every loaded row meets. On a returned line they see the quantity without sign.
    returns : Condition, optional
        Lines that meet it are returns of goods; their quantity and amount lose their sign.
    duplicates : {'keep', 'reject'}
        What happens with the second and later of rows that are equal in every column.
    max_rejected : float
        Share of rejected rows above which nothing is loaded.
    min_rows : int
        Number of rows below which nothing is loaded.
    """

    name: str = ""
    table: Table = "lines"
    path: str = Field(min_length=1)
    columns: dict[str, ColumnSpec]
    rules: tuple[Rule, ...] = ()
    returns: Condition | None = None
    duplicates: Literal["keep", "reject"] = "keep"
    max_rejected: float = Field(default=1.0, ge=0.0, le=1.0)
    min_rows: int = Field(default=1, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_file(cls, given: Any) -> Any:
        if isinstance(given, dict) and not given.get("name") and isinstance(given.get("path"), str):
            return {**given, "name": Path(given["path"]).name.split(".")[0]}
        return given

    @field_validator("columns", mode="before")
    @classmethod
    def _plain_names_as_columns(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: {"from": spec} if isinstance(spec, str | int) else spec
            for name, spec in value.items()
        }

    @model_validator(mode="after")
    def _fits_its_table(self) -> Self:
        problems = [*self._column_problems(), *self._condition_problems()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def type_of(self, column: str) -> ColumnType:
        """Give the type that the values of a mapped column have."""
        canonical = CANONICAL[self.table].get(column, "text")
        return self.columns[column].type or canonical

    def is_required(self, column: str) -> bool:
        """Tell whether a row without a value in `column` is rejected."""
        required = self.columns[column].required
        return column in REQUIRED[self.table] if required is None else required

    def _column_problems(self) -> list[str]:
        known = CANONICAL[self.table]
        problems = [
            f"table {self.table!r} needs the column {name!r}"
            for name in REQUIRED[self.table]
            if name not in self.columns
        ]
        for name, spec in self.columns.items():
            if name not in known and self.table != "customers":
                hint = did_you_mean(name, known)
                problems.append(f"{name!r} is not a column of {self.table!r}; {hint}")
            elif not _fits(spec.type, known.get(name)):
                problems.append(f"{name!r} must be of type {known[name]!r}, not {spec.type!r}")
            if spec.format is not None and self.type_of(name) not in ("timestamp", "date"):
                problems.append(f"{name!r} is no timestamp or date and takes no format")
        return problems

    def _condition_problems(self) -> list[str]:
        problems = []
        if self.returns is not None and self.table != "lines":
            problems.append(f"table {self.table!r} has no returns")
        for condition in [*self.rules, *([self.returns] if self.returns else [])]:
            if condition.column not in self.columns:
                hint = did_you_mean(condition.column, self.columns)
                problems.append(f"a rule names the unmapped column {condition.column!r}; {hint}")
            elif condition.needs_number != (self.type_of(condition.column) in NUMERIC):
                kind = self.type_of(condition.column)
                problems.append(f"{condition.test!r} does not suit {condition.column!r} ({kind})")
        return problems


class CsvSource(SourceBase):
    """A delimited text file, plain or gzipped.

    Attributes
    ----------
    delimiter, quote : str
        One character each.
    encoding : str
        Any encoding that Python knows.
    header : bool
        Whether the first row holds the names of the columns.

    Examples
    --------
    >>> source = CsvSource(
    ...     path="sales.csv.gz",
    ...     columns={"customer_id": "who", "item_id": "what", "ordered_at": "when"},
    ... )
    >>> source.name, source.table
    ('sales', 'lines')
    """

    kind: Literal["csv"] = "csv"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    encoding: str = "utf-8"
    header: bool = True

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError as error:
            raise ValueError(f"{value!r} is not a text encoding") from error
        return value


class ParquetSource(SourceBase):
    """A Parquet file; its own types are respected."""

    kind: Literal["parquet"] = "parquet"


Source = Annotated[CsvSource | ParquetSource, Field(discriminator="kind")]
"""Any source, told apart by `kind`."""


def _fits(given: ColumnType | None, canonical: ColumnType | None) -> bool:
    if given is None or canonical is None or given == canonical:
        return True
    return (given, canonical) in {("date", "timestamp"), ("integer", "number")}
