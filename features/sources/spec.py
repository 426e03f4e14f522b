"""The kinds of sources that can be declared; each says what its files need to be read."""

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from features.sources.addresses import public_address
from features.sources.base import SourceBase
from features.sources.canonical import CANONICAL, REQUIRED, ColumnType
from features.sources.column import ColumnSpec, Condition, Rule

__all__ = [
    "CANONICAL",
    "REQUIRED",
    "AccessLogSource",
    "BasketsSource",
    "ColumnSpec",
    "ColumnType",
    "Condition",
    "CsvSource",
    "ExcelSource",
    "JsonSource",
    "ParquetSource",
    "Rule",
    "Source",
    "SourceBase",
    "SqlSource",
    "UtilitySource",
    "public_address",
]

_RANGE = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}:[A-Z]{1,3}[1-9][0-9]{0,6}")
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_URL = re.compile(r"(?P<dialect>[a-z][a-z0-9_]*)(?:\+[a-z0-9_]+)?://(?P<rest>.*)", re.DOTALL)


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
        return _encoding(value)


class ParquetSource(SourceBase):
    """A Parquet file; its own types are respected."""

    kind: Literal["parquet"] = "parquet"


class ExcelSource(SourceBase):
    """A sheet of an Excel workbook (``.xlsx``, ``.xlsm``); formulas give the values last saved.

    Attributes
    ----------
    sheet : str or int, optional
        Name of the sheet, or its number from 1; default: the first.
    header_row : int, optional
        Row that holds the names of the columns; default: the first row of the range. 0 says that
        there is none, and that the columns are called ``"A"``, ``"B"`` ...
    range : str, optional
        The cells to read (``"B3:H200"``); default: the whole sheet.

    Examples
    --------
    >>> ExcelSource(
    ...     path="shop.xlsx", sheet="Customers", table="customers", columns={"customer_id": "No"}
    ... ).sheet
    'Customers'
    """

    kind: Literal["excel"] = "excel"
    sheet: str | int | None = None
    header_row: int | None = Field(default=None, ge=0, le=1_048_576)
    range: str | None = None

    @field_validator("sheet")
    @classmethod
    def _counts_from_one(cls, value: str | int | None) -> str | int | None:
        if isinstance(value, int) and value < 1:
            raise ValueError(f"sheets are counted from 1, not {value}")
        return value

    @field_validator("range")
    @classmethod
    def _is_a_range(cls, value: str | None) -> str | None:
        if value is not None and not _RANGE.fullmatch(value):
            raise ValueError(f"{value!r} is no range of cells; write it like 'B3:H200'")
        return value


class JsonSource(SourceBase):
    """Objects as JSON, plain or gzipped: one a line, or an array of them.

    A column's ``from`` is the name of a field, or a path with dots into nested objects
    (``customer.address.city``, ``phones.0``).

    Attributes
    ----------
    encoding : str
        Any encoding that Python knows.

    Examples
    --------
    >>> JsonSource(
    ...     path="clicks.ndjson", table="customers", columns={"customer_id": "user.id"}
    ... ).columns["customer_id"].source
    'user.id'
    """

    kind: Literal["json"] = "json"
    encoding: str = "utf-8"

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        return _encoding(value)


class SqlSource(SourceBase):
    """A table or a query of an SQL database; nothing is ever written there.

    Attributes
    ----------
    url : str
        Address in the form of SQLAlchemy, best from the environment (``${SHOP_DB}``, which is
        also looked up when the database is opened). Who signs in, and with what, is never shown.
    query : str, optional
        What to ask; either this or `table_name`.
    table_name : str, optional
        Table or view to read whole; ``schema.table`` where it is in a schema.
    path : str
        Not stated: where the database is, without who signs in.
    batch_rows : int
        Rows fetched at once.

    Examples
    --------
    >>> source = SqlSource(
    ...     url="postgresql://reader:secret@db.example:5432/shop",
    ...     table_name="orders",
    ...     columns={"customer_id": "who", "item_id": "what", "ordered_at": "at"},
    ... )
    >>> source.name, source.path
    ('orders', 'postgresql://db.example:5432/shop')
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    kind: Literal["sql"] = "sql"
    path: str = ""
    url: str = Field(min_length=1, repr=False)
    query: str | None = Field(default=None, min_length=1)
    table_name: str | None = Field(default=None, min_length=1)
    batch_rows: int = Field(default=10_000, ge=1, le=1_000_000)

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_table(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(given.get("url"), str):
            return given
        name = given.get("name") or given.get("table_name") or "database"
        path = public_address(given["url"])
        if _VARIABLE.fullmatch(given["url"]):  # what a bundle keeps of an address
            path = given.get("path") or path
        return {**given, "path": path, "name": name}

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not _URL.fullmatch(value) and not _VARIABLE.fullmatch(value):
            raise ValueError("the url is not of the form dialect://user:password@host:port/name")
        return value

    @property
    def is_file(self) -> bool:
        """Whether the rows stand in a file: those of a database may always change."""
        return False

    def _other_problems(self) -> list[str]:
        problems = super()._other_problems()
        if (self.query is None) == (self.table_name is None):
            problems.append("exactly one of query and table_name is needed")
        return problems


class AccessLogSource(SourceBase):
    """A web server's access log in Apache's common or combined format, plain or gzipped.

    Its columns are ``host``, ``identity``, ``user``, ``time``, ``method``, ``path``, ``protocol``,
    ``status``, ``bytes``, ``referrer`` and ``agent``; a dash stands for no value.

    Attributes
    ----------
    encoding : str
        Any encoding that Python knows.

    Examples
    --------
    >>> AccessLogSource(
    ...     path="access.log.gz",
    ...     table="own:hits",
    ...     columns={"host": "host", "at": {"from": "time", "type": "timestamp"}},
    ... ).type_of("at")
    'timestamp'
    """

    kind: Literal["access_log"] = "access_log"
    encoding: str = "utf-8"

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        return _encoding(value)


class _BasketLines(SourceBase):
    """Baskets without dates: what stands for the columns that such files do not have.

    Attributes
    ----------
    day : date, optional
        Day on which all baskets of the file were bought, as the column ``day``.
    columns : dict of str to ColumnSpec
        Default for `lines`: every basket is an order of a customer of its own.
    """

    day: date | None = None
    columns: dict[str, ColumnSpec] = Field(default_factory=dict)

    USUAL: ClassVar[dict[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _with_usual_columns(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("table", "lines") != "lines":
            return given
        stated = given.get("columns")
        if stated is not None and not isinstance(stated, dict):
            return given
        return {**given, "columns": {**cls.USUAL, **(stated or {})}}

    def _other_problems(self) -> list[str]:
        problems = super()._other_problems()
        if self.day is None and any(spec.source == "day" for spec in self.columns.values()):
            problems.append("the file has no dates: state the day of the baskets (day: 2024-05-31)")
        return problems


class BasketsSource(_BasketLines):
    """One basket a line, plain or gzipped: item numbers with blanks (FIMI), or named items.

    Its columns are ``order`` (the number of the line), ``item``, the `leading` ones and ``day``.
    Each item becomes a row.

    Attributes
    ----------
    delimiter : str, optional
        One character between items; default: blanks, as in FIMI.
    quote : str
        Encloses an item that holds the delimiter.
    encoding : str
        Any encoding that Python knows.
    leading : tuple of str
        Names of fields that stand in each line before the items.

    Examples
    --------
    >>> source = BasketsSource(path="retail.dat.gz", day="2024-05-31")
    >>> source.columns["customer_id"].source, source.columns["ordered_at"].source
    ('order', 'day')
    """

    kind: Literal["baskets"] = "baskets"
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    encoding: str = "utf-8"
    leading: tuple[str, ...] = ()

    USUAL: ClassVar[dict[str, str]] = {
        "customer_id": "order",
        "order_id": "order",
        "item_id": "item",
        "ordered_at": "day",
    }

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        return _encoding(value)

    @field_validator("leading")
    @classmethod
    def _are_new_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        taken = {"order", "item", "day"}
        twice = sorted({name for name in names if name in taken or names.count(name) > 1})
        if twice:
            raise ValueError(f"leading fields need names of their own, not {', '.join(twice)}")
        return names


class UtilitySource(_BasketLines):
    """SPMF's utility format, plain or gzipped: ``items:total:utilities``, one basket a line.

    Its columns are ``order`` (the number of the line), ``item``, ``utility`` (quantity times
    profit of the item in this basket), ``total`` (of the basket) and ``day``.

    Examples
    --------
    >>> source = UtilitySource(path="foodmart.txt", day="2024-05-31")
    >>> source.columns["amount"].source
    'utility'
    """

    kind: Literal["spmf_utility"] = "spmf_utility"

    USUAL: ClassVar[dict[str, str]] = {
        "customer_id": "order",
        "order_id": "order",
        "item_id": "item",
        "ordered_at": "day",
        "amount": "utility",
    }


Source = Annotated[
    CsvSource
    | ParquetSource
    | ExcelSource
    | JsonSource
    | SqlSource
    | AccessLogSource
    | BasketsSource
    | UtilitySource,
    Field(discriminator="kind"),
]
"""Any source, told apart by `kind`."""


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError as error:
        raise ValueError(f"{name!r} is not a text encoding") from error
    return name
