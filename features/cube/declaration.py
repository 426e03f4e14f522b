"""What a person declares about a cube: tables, joins, dimensions, measures, scenarios."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

__all__ = [
    "Average",
    "Balance",
    "Change",
    "Count",
    "CubeDeclaration",
    "DerivedMeasure",
    "Difference",
    "Dimension",
    "Distinct",
    "Extreme",
    "FactMeasure",
    "Formula",
    "Growth",
    "Join",
    "Level",
    "Measure",
    "ParentChild",
    "Privacy",
    "Rank",
    "Ratio",
    "RunningTotal",
    "Scenario",
    "ShareOfParent",
    "Sum",
    "Table",
    "TimeLevels",
    "Wallet",
]

NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
COLUMN = r"^[A-Za-z][A-Za-z0-9_]*\..+$"

Name = Annotated[str, Field(pattern=NAME, max_length=63)]
Column = Annotated[str, Field(pattern=COLUMN)]
Scalar = bool | int | float | datetime | date | str | None
TimeLevel = Literal["year", "quarter", "month", "week", "day"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Table(_Frozen):
    """Where the rows of a table are.

    Attributes
    ----------
    table : str, optional
        A table of the warehouse; default: the name it is declared under.
    path : str, optional
        A file, ``.parquet`` or ``.csv`` (also ``.csv.gz``), for a cube without a warehouse.
    delimiter : str
        Of a CSV file.
    types : dict
        Types of columns of a CSV file that must not be guessed, such as ids with leading zeros.

    Examples
    --------
    >>> Table(path="sales.csv", types={"customer_id": "text"}).types["customer_id"]
    'text'
    """

    table: str | None = None
    path: str | None = None
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    types: dict[str, Literal["text", "integer", "number", "timestamp", "date", "boolean"]] = Field(
        default_factory=dict
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"table": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if self.table is not None and self.path is not None:
            raise ValueError("a table has a name in the warehouse or a path, not both")
        return self

    @field_validator("path")
    @classmethod
    def _has_known_ending(cls, value: str | None) -> str | None:
        if value is not None and not re.search(r"\.(parquet|csv|csv\.gz)$", value):
            raise ValueError(f"{value!r}: a file .parquet, .csv or .csv.gz is needed")
        return value


class Join(_Frozen):
    """A key of one table that finds at most one row of another.

    Attributes
    ----------
    source : str
        ``table.column`` with many rows (written ``from`` in YAML).
    to : str
        ``table.column`` whose values are unique.
    """

    source: Column = Field(alias="from")
    to: Column


class Level(_Frozen):
    """One level of a dimension.

    Attributes
    ----------
    column : str
        ``table.column`` that holds its members.
    within : str, optional
        A coarser level of the same dimension that tells equal members apart, as a state does for
        towns of one name. Default: a member has one parent, and that is checked.
    """

    column: Column
    within: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_column(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value


class TimeLevels(_Frozen):
    """Levels that are derived from a date or timestamp.

    Attributes
    ----------
    column : str
        ``table.column``.
    levels : tuple of str
        Some of ``year``, ``quarter``, ``month``, ``week`` (ISO, ``1997-W05``) and ``day``.
    """

    column: Column
    levels: tuple[TimeLevel, ...] = ("year", "quarter", "month", "week", "day")


class ParentChild(_Frozen):
    """A hierarchy of any depth in which each row names its parent.

    Attributes
    ----------
    table : str
        The table; facts are joined to its `key`.
    key, parent : str
        Columns; a root has no parent.
    label : str, optional
        Column that is shown; default: the key.
    """

    table: Name
    key: str
    parent: str
    label: str | None = None


class Dimension(_Frozen):
    """A way to look at the facts; exactly one of its three forms.

    Attributes
    ----------
    levels : dict, optional
        Levels from coarse to fine.
    time : TimeLevels, optional
        Derived from a date.
    parent_child : ParentChild, optional
        Levels ``level_1``, ``level_2`` ... from the rows themselves.
    """

    levels: dict[Name, Level] | None = Field(default=None, min_length=1)
    time: TimeLevels | None = None
    parent_child: ParentChild | None = None

    @model_validator(mode="after")
    def _has_one_form(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            found = ", ".join(given) or "none"
            raise ValueError(f"exactly one of levels, time, parent_child is needed; given: {found}")
        return self


class _Shown(_Frozen):
    format: str | None = None
    unit: str | None = None

    @field_validator("format")
    @classmethod
    def _formats_numbers(cls, value: str | None) -> str | None:
        try:
            format(1.5, value or "")
        except ValueError as error:
            raise ValueError(f"{value!r} is not a format of numbers, such as ',.2f'") from error
        return value


class _OfFacts(_Shown):
    only: dict[Column, tuple[Scalar, ...]] = Field(default_factory=dict)


class Sum(_OfFacts):
    """Sum of a column, exact: decimals, not doubles.

    Attributes
    ----------
    column : str
        ``table.column``.
    places : int
        Decimal places that are kept of a column of doubles.
    only : dict
        Columns with the values that count, such as ``{lines.is_return: [false]}``.
    """

    kind: Literal["sum"]
    column: Column
    places: int = Field(default=6, ge=0, le=12)


class Count(_OfFacts):
    """Number of rows."""

    kind: Literal["count"]


class Distinct(_OfFacts):
    """Number of different values of a column, such as customers."""

    kind: Literal["distinct"]
    column: Column


class Average(_OfFacts):
    """Mean of a column over the rows that have a value."""

    kind: Literal["average"]
    column: Column


class Extreme(_OfFacts):
    """Least or greatest value of a column."""

    kind: Literal["min", "max"]
    column: Column


class Balance(_OfFacts):
    """Adds up over everything but time: the last, first or mean state of each holder, summed.

    Attributes
    ----------
    column : str
        ``table.column`` with the state.
    of : tuple of str
        Columns that name what holds the balance, such as an account.
    over : str
        Column with the moment of the state; a holder has one state a moment, which is checked.
    take : {'last', 'first', 'average'}
        What stands for a period.
    carry : bool
        Whether a state holds until the next one, so that a period without a state of a holder has
        the last one known at its end; default: a period has the states that were told in it.
    until : str, optional
        Column with the day from which a state holds no more, such as that of a closing.
    """

    kind: Literal["balance"]
    column: Column
    of: tuple[Column, ...] = Field(min_length=1)
    over: Column
    take: Literal["last", "first", "average"] = "last"
    carry: bool = False
    until: Column | None = None

    @model_validator(mode="after")
    def _is_carried_at_the_end(self) -> Self:
        if self.carry and self.take != "last":
            raise ValueError(f"carry is the last state at the end of a period, not {self.take}")
        if self.until is not None and not self.carry:
            raise ValueError("until ends a state that is carried forward; say carry: true")
        return self

    @property
    def about(self) -> tuple[str, ...]:
        """Give the columns that tell whose state it is, and when it holds."""
        return (*self.of, self.over, *([] if self.until is None else [self.until]))


class Ratio(_Shown):
    """Ratio of two expressions of other measures, at every level anew.

    Attributes
    ----------
    of, to : str
        Expressions such as ``store_sales - store_cost``.
    """

    kind: Literal["ratio"]
    of: str
    to: str


class Formula(_Shown):
    """Expression of other measures with ``+ - * /``, numbers and parentheses."""

    kind: Literal["formula"]
    expression: str


class _Derived(_Shown):
    of: Name


class ShareOfParent(_Derived):
    """Share in the next coarser member of a dimension.

    Attributes
    ----------
    of : str
        A measure.
    along : str, optional
        The dimension; default: the last one on the rows.
    """

    kind: Literal["share_of_parent"] = "share_of_parent"
    along: Name | None = None


class Rank(_Derived):
    """Rank among the members that agree in every other level shown; 1 is the greatest."""

    kind: Literal["rank"] = "rank"
    along: Name | None = None
    ascending: bool = False


class Difference(_Derived):
    """Difference to the same cell some periods before; none where that period is not shown.

    Attributes
    ----------
    of : str
        A measure.
    lag : int
        Periods of the finest level of time shown.
    """

    kind: Literal["difference"] = "difference"
    lag: int = Field(default=1, ge=1)


class Growth(_Derived):
    """Relative change to the same cell some periods before."""

    kind: Literal["growth"] = "growth"
    lag: int = Field(default=1, ge=1)


class RunningTotal(_Derived):
    """Total of the periods shown so far; only of measures that add up.

    Attributes
    ----------
    of : str
        A sum or a count.
    within : str, optional
        A coarser level of time that begins anew, such as ``year``.
    """

    kind: Literal["running_total"] = "running_total"
    within: Name | None = None


FactMeasure = Sum | Count | Distinct | Average | Extreme | Balance
DerivedMeasure = ShareOfParent | Rank | Difference | Growth | RunningTotal
Measure = Annotated[
    FactMeasure | Ratio | Formula | DerivedMeasure,
    Field(discriminator="kind"),
]


class Change(_Frozen):
    """One supposed change of detail; it moves through every level.

    Attributes
    ----------
    measures : tuple of str
        Sums that change together; a volume changes its sales and costs too.
    scale : float, optional
        Factor.
    replace : float, optional
        New total of the chosen members, spread over the detail in proportion.
    share : float, optional
        New share of the chosen members in the whole; the others give way, the total stays.
    where : dict
        Levels with the members that are chosen; all detail by default.

    Examples
    --------
    >>> Change(measures=["sales"], scale=1.1, where={"product.family": ["Drink"]}).scale
    1.1
    """

    measures: tuple[Name, ...] = Field(min_length=1)
    scale: float | None = Field(default=None, allow_inf_nan=False)
    replace: float | None = Field(default=None, allow_inf_nan=False)
    share: float | None = Field(default=None, ge=0, le=1)
    where: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        given = [way for way in ("scale", "replace", "share") if getattr(self, way) is not None]
        if len(given) != 1:
            found = ", ".join(given) or "none"
            raise ValueError(f"exactly one of scale, replace, share is needed; given: {found}")
        return self


class Scenario(_Frozen):
    """Named changes that are supposed together."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    changes: tuple[Change, ...] = Field(min_length=1)


class Privacy(_Frozen):
    """The smallest group that may be shown.

    Attributes
    ----------
    min_group : int
        Cells with fewer are hidden, and others with them that would reveal them by subtraction.
    count : str
        The measure that counts the group.
    """

    min_group: int = Field(ge=1)
    count: Name


class Wallet(_Frozen):
    """What customers need in all, of which their own spend is a share.

    Attributes
    ----------
    own : str
        Measure of own spend.
    need : str, optional
        Measure of the total need; without it the need is estimated.
    customer : str
        Level that names the customer.
    peers : str, optional
        Level within which customers are alike; needed for an estimate.
    quantile : float
        An estimate holds that a customer needs what this share of the peers does not exceed.
    """

    own: Name
    need: Name | None = None
    customer: str
    peers: str | None = None
    quantile: float = Field(default=0.9, gt=0, lt=1)

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if self.need is None and self.peers is None:
            raise ValueError("without need the wallet is estimated from peers: name a level")
        return self


class CubeDeclaration(_Frozen):
    """A cube.

    Attributes
    ----------
    name : str
        Name in headings.
    tables : dict
        Tables by the name that columns use; a plain text names a table of the warehouse.
    fact : str
        The table whose rows are counted and added up.
    joins : tuple of Join
        Ways from the fact to the other tables; each finds at most one row.
    dimensions, measures : dict
        By name.
    scenarios : dict
        Changes by the name of the scenario.
    privacy : Privacy, optional
    wallet : Wallet, optional

    Examples
    --------
    >>> cube = CubeDeclaration.model_validate({
    ...     "name": "shop", "tables": {"lines": {"path": "lines.csv"}}, "fact": "lines",
    ...     "dimensions": {"product": {"levels": {"item": "lines.item"}}},
    ...     "measures": {"sales": {"kind": "sum", "column": "lines.amount"}},
    ... })
    >>> list(cube.measures)
    ['sales']
    """

    kind: Literal["cube"] = "cube"
    name: str = Field(min_length=1, max_length=100)
    tables: dict[Name, Table] = Field(min_length=1)
    fact: Name
    joins: tuple[Join, ...] = ()
    dimensions: dict[Name, Dimension] = Field(min_length=1)
    measures: dict[Name, Measure] = Field(min_length=1)
    scenarios: dict[str, tuple[Change, ...]] = Field(default_factory=dict)
    privacy: Privacy | None = None
    wallet: Wallet | None = None

    @field_validator("tables", mode="before")
    @classmethod
    def _tables_of_one_name(cls, value: Any) -> Any:
        """Let an entry without content be the table of the same name."""
        if not isinstance(value, Mapping):
            return value
        return {name: {"table": name} if table is None else table for name, table in value.items()}
