"""What every kind of source declares: its table, its columns, its rules, its zone and money."""

import difflib
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from features.sources.canonical import (
    CANONICAL,
    MONEY,
    OPEN_TABLES,
    REQUIRED,
    RESERVED_COLUMNS,
    ColumnType,
    own_name,
    table_problem,
)
from features.sources.column import ColumnSpec, Condition, Declared, Rule
from features.sources.zones import zone_problem
from lodeworks.errors import did_you_mean

__all__ = ["SourceBase"]

NUMERIC = ("integer", "number")
MOMENTS = ("timestamp", "date")
NAMED = ("csv", "parquet", "excel")
_RAW = re.compile(r"c[0-9]+")  # what the columns of a file are called while they are checked


class SourceBase(Declared):
    """What every kind of source declares.

    Attributes
    ----------
    name : str
        Name in reports and in the column ``source``; default: the stem of the file.
    table : str
        The table that the rows go to: `lines`, `items`, `customers`, `campaigns`, `contacts`,
        `responses`, `holdings`, `interactions`, `sessions`, `scores`, or `own:NAME` for a table
        of your own with the mapped columns.
    path : str
        The file, or a pattern for many of them (``sales-*.csv``, ``**/*.csv``).
    columns : dict of str to ColumnSpec
        Canonical column to column of the file; a plain string is short for ``{from: ...}``. The
        word ``all`` is short for no column and `all_columns`.
    all_columns : bool
        Take the other columns of the file too, by their names; their types are found over the
        whole file. Only for a table of your own, from CSV, Parquet or Excel.
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
    timezone : str, optional
        IANA name of the zone in which the file's timestamps are; default: as they stand.
    currency : str, optional
        ISO code of the money in the file.
    rate : float, optional
        What one unit of it is worth in the warehouse's currency.
    effective : date, optional
        Day from which the attributes in the file are valid.
    """

    name: str = ""
    table: str = "lines"
    path: str = Field(min_length=1)
    columns: dict[str, ColumnSpec]
    all_columns: bool = False
    rules: tuple[Rule, ...] = ()
    returns: Condition | None = None
    duplicates: Literal["keep", "reject"] = "keep"
    max_rejected: float = Field(default=1.0, ge=0.0, le=1.0)
    min_rows: int = Field(default=1, ge=1)
    timezone: str | None = None
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    rate: float | None = Field(default=None, gt=0.0, le=1e6)
    effective: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_file(cls, given: Any) -> Any:
        if isinstance(given, dict) and not given.get("name") and isinstance(given.get("path"), str):
            return {**given, "name": Path(given["path"]).name.split(".")[0]}
        return given

    @model_validator(mode="before")
    @classmethod
    def _all_in_a_word(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("columns") == "all":
            return {**given, "columns": {}, "all_columns": True}
        return given

    @field_validator("table")
    @classmethod
    def _is_a_table(cls, value: str) -> str:
        return _refuse(value, table_problem(value))

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str | None) -> str | None:
        return value if value is None else _refuse(value, zone_problem(value))

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
        problems = [*self._column_problems(), *self._condition_problems(), *self._other_problems()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def type_of(self, column: str) -> ColumnType:
        """Give the type that the values of a mapped column have."""
        return self.columns[column].type or self._known.get(column, "text")

    def is_required(self, column: str) -> bool:
        """Tell whether a row without a value in `column` is rejected."""
        required = self.columns[column].required
        return column in REQUIRED.get(self.table, ()) if required is None else required

    def is_money(self, column: str) -> bool:
        """Tell whether the rate of exchange applies to `column`."""
        stated = self.columns[column].money
        return column in MONEY and column in self._known if stated is None else stated

    def name_problem(self, name: str) -> str | None:
        """Say why a column cannot have a name; None when it can."""
        if name.lower() in RESERVED_COLUMNS or _RAW.fullmatch(name):
            return "is a column of the warehouse's own"
        return None

    @property
    def is_file(self) -> bool:
        """Whether the rows stand in a file."""
        return True

    @property
    def _known(self) -> dict[str, ColumnType]:
        return CANONICAL.get(self.table, {})

    @property
    def _is_open(self) -> bool:
        return own_name(self.table) is not None or self.table in OPEN_TABLES

    def _column_problems(self) -> list[str]:
        problems = [
            f"table {self.table!r} needs the column {name!r}"
            for name in REQUIRED.get(self.table, ())
            if name not in self.columns
        ]
        if not self.columns and not self.all_columns:
            problems.append("at least one column must be mapped")
        for name, spec in self.columns.items():
            problems += self._problems_of(name, spec)
        return problems

    def _problems_of(self, name: str, spec: ColumnSpec) -> list[str]:
        known, problems = self._known, []
        if name not in known and not self._is_open:
            hint = did_you_mean(name, known)
            problems.append(f"{name!r} is not a column of {self.table!r}; {hint}")
        elif self.table == "items" and (meant := _mistyped(name, known)):
            problems.append(f"{name!r} reads like {meant!r}; give an attribute another name")
        elif not _fits(spec.type, known.get(name)):
            problems.append(f"{name!r} must be of type {known[name]!r}, not {spec.type!r}")
        if problem := self.name_problem(name):
            problems.append(f"{name!r} {problem}; choose another name")
        if spec.format is not None and self.type_of(name) not in MOMENTS:
            problems.append(f"{name!r} is no timestamp or date and takes no format")
        if spec.fresh_within is not None and self.type_of(name) not in MOMENTS:
            problems.append(f"{name!r} is no timestamp or date and takes no fresh_within")
        if spec.money and self.type_of(name) not in NUMERIC:
            problems.append(f"{name!r} is no number and cannot be money")
        if spec.pseudonymise and self.type_of(name) != "text":
            problems.append(f"{name!r} is no text and cannot be pseudonymised")
        return problems

    def _other_problems(self) -> list[str]:
        problems = []
        folded = [name.lower() for name in self.columns]
        if twice := sorted({name for name in folded if folded.count(name) > 1}):
            problems.append(f"columns differ only in capitals: {', '.join(twice)}")
        if self.all_columns and own_name(self.table) is None:
            problems.append(f"table {self.table!r} cannot take all columns; write own:NAME")
        if self.all_columns and getattr(self, "kind", None) not in NAMED:
            problems.append("only CSV, Parquet and Excel files can give all their columns")
        if self.rate is not None and self.currency is None:
            problems.append("a rate needs the currency that it is the rate of")
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


def _mistyped(name: str, known: Iterable[str]) -> str | None:
    """Find the known column that a name is nearly, so that a slip makes no new attribute."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
    return near[0] if near and near[0] != name else None


def _fits(given: ColumnType | None, canonical: ColumnType | None) -> bool:
    if given is None or canonical is None or given == canonical:
        return True
    return (given, canonical) in {("date", "timestamp"), ("integer", "number")}


def _refuse(value: str, problem: str | None) -> str:
    if problem is not None:
        raise ValueError(problem)
    return value
