"""A cube over tables: it checks its data once and answers views, each with one statement."""

import re
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any

import duckdb

from features.cube.answer import Answering
from features.cube.checking import refuse_problems
from features.cube.conditions import Bound, Condition, Interval, Members
from features.cube.declaration import Average, CubeDeclaration, Sum
from features.cube.hierarchy import check_levels, open_parent_child
from features.cube.layout import Layout, column_sql, split
from features.cube.opening import check_balances, check_joins, in_words, open_tables
from features.cube.query import Asked, Statement, compile_view, from_sql
from features.cube.view import View
from features.sources.sql import identifier
from lodeworks.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

    from features.cube.cells import CellSet

__all__ = ["Cube"]

_MOST_OFFERED = 8
_WHOLE = re.compile(r"^\s*[-+]?[0-9]+\s*$")


class Cube:
    """Facts with dimensions and measures; made from a declaration, asked through views.

    Parameters
    ----------
    declaration : CubeDeclaration
    connection : duckdb connection, optional
        Where the tables of a warehouse are; it may be open for reading only. Default: a database
        in memory, for cubes over files.
    checked : bool
        Whether the same declaration was held against the same data before: then joins and
        hierarchies are not looked at again.

    Attributes
    ----------
    layout : Layout
        The levels and measures by name.

    Raises
    ------
    ConfigError
        When names of the declaration lead nowhere; all of them at once.
    DataError
        When tables or columns are missing, a join would double totals, or a level is no
        hierarchy; the members are named.

    Examples
    --------
    >>> import duckdb
    >>> connection = duckdb.connect()
    >>> _ = connection.execute("CREATE TABLE lines AS SELECT * FROM (VALUES ('a', 1), ('b', 2)) "
    ...                        "AS t(item, amount)")
    >>> declaration = CubeDeclaration.model_validate({
    ...     "name": "shop", "tables": {"lines": "lines"}, "fact": "lines",
    ...     "dimensions": {"product": {"levels": {"item": "lines.item"}}},
    ...     "measures": {"sales": {"kind": "sum", "column": "lines.amount"}},
    ... })
    >>> Cube(declaration, connection).view.rows("product.item").result().to_pandas()["sales"]
    0    1.0
    1    2.0
    Name: sales, dtype: float64
    """

    def __init__(
        self, declaration: CubeDeclaration, connection: Any = None, *, checked: bool = False
    ) -> None:
        refuse_problems(declaration)
        self.declaration = declaration
        self._connection = duckdb.connect() if connection is None else connection
        self._lock = Lock()
        self._known: dict[tuple[str, Any], None] = {}
        with in_words(f"cube {declaration.name!r}"):
            self._relations = open_tables(self._connection, declaration)
            if not checked:
                check_joins(self._connection, declaration, self._relations)
                check_balances(self._connection, declaration, self._relations)
            depths = open_parent_child(self._connection, declaration, self._relations)
            self.layout = Layout(declaration, depths)
            if not checked:
                check_levels(self._connection, self.layout, self._source)
            self._types = self._column_types()

    @property
    def view(self) -> View:
        """Give the view of everything in one cell, with all measures."""
        return View(self)

    def members(self, dimension: str, level: str | None = None) -> list[Any]:
        """Give the members of a level in their order; the missing member is left out.

        With privacy, only those that a view of the level shows.

        Parameters
        ----------
        dimension : str
        level : str, optional
            Default: the coarsest.

        Raises
        ------
        ConfigError
            When there is no such dimension or level.
        """
        top = self.layout.of_dimension(dimension)[0].name
        part = self.layout.level(f"{dimension}.{level or top}")
        privacy = self.declaration.privacy
        if privacy is not None and privacy.min_group > 1:
            return self._shown_members(part.key, privacy.count)
        rows = self._rows(
            f"SELECT DISTINCT {part.sql} AS member {self._source([part.table])} "
            f"WHERE {part.sql} IS NOT NULL ORDER BY member"
        )
        return [member for (member,) in rows]

    def _shown_members(self, key: str, count: str) -> list[Any]:
        frame = self.view.rows(key).measures(count).result().frame
        shown = frame.loc[~frame["hidden"], key].dropna()
        return sorted(dict.fromkeys(shown))

    def statement(self, asked: Asked) -> Statement:
        """Give the SQL that answers, and the values that travel beside it."""
        return self._statement(asked)

    def _statement(self, asked: Asked, digits: int = 18) -> Statement:
        return compile_view(self.layout, self._relations, self._types, asked, digits)

    def answer(self, view: View) -> "CellSet":
        """Give the cells of a view; `View.result` calls it."""
        return Answering(self, view).cells()

    def detail(self, view: View) -> "CellSet":
        """Give the cells of a view with none hidden: for sums over them, never to show."""
        return Answering(self, view, hide=False).cells()

    def table(self, asked: Asked) -> "pa.Table":
        """Run one statement and give its rows; exact sums are decimals."""
        with in_words(f"cube {self.declaration.name!r}"), self._lock:
            try:
                return self._run(self.statement(asked))
            except duckdb.ConversionException:  # amounts too large for the quick decimals
                return self._run(self._statement(asked, digits=38))

    def _run(self, statement: Statement) -> "pa.Table":
        relation = self._connection.sql(statement.sql, params=dict(statement.values))
        table: pa.Table = relation.to_arrow_table()
        return table

    def checked(self, key: str, condition: Condition) -> tuple[str, Condition]:
        """Give a level and a condition with members of the level's type that exist.

        Raises
        ------
        ConfigError
            When the level or a member is unknown; the nearest are offered.
        """
        self.layout.level(key)
        if isinstance(condition, Interval):
            return key, Interval(self._typed(key, condition.low), self._typed(key, condition.high))
        values = tuple(self._typed(key, value) for value in condition.values)
        if not self.layout.is_carried(key):  # a period may have no row and be shown
            self._refuse_unknown(key, [value for value in values if value is not None])
        return key, Members(values, condition.exclude)

    def level_of(self, dimension: str, member: Any) -> str:
        """Give the coarsest level of a dimension that has a member.

        Raises
        ------
        ConfigError
            When no level has it.
        """
        parts = self.layout.of_dimension(dimension)
        for part in parts:
            try:
                typed = self._typed(part.key, member)
            except ConfigError:
                continue
            if not self._missing(part.key, [typed]):
                return part.key
        levels = ", ".join(part.name for part in parts)
        raise ConfigError(f"no level of {dimension!r} ({levels}) has the member {member!r}")

    def _typed(self, key: str, value: Any) -> Any:
        if value is None:
            return None
        sql_type = self._types[key]
        wrong = "INT" in sql_type and isinstance(value, str) and not _WHOLE.match(value)
        rows = [] if wrong else self._rows(f"SELECT TRY_CAST($v AS {sql_type})", {"v": value})
        if not rows or rows[0][0] is None:
            raise ConfigError(f"{key}: {value!r} is not a value of type {sql_type}")
        return rows[0][0]

    def _refuse_unknown(self, key: str, values: list[Any]) -> None:
        new = [value for value in values if (key, value) not in self._known]
        problems = []
        for value in self._missing(key, new) if new else []:
            known = [str(each) for each in self.members(*key.split(".", 1))]
            problems.append(f"{key} has no member {str(value)!r}; {_near(str(value), known)}")
        if problems:
            raise ConfigError(problems[0] if len(problems) == 1 else f"unknown members of {key}",
                              problems if len(problems) > 1 else ())  # fmt: skip
        self._known |= {(key, value): None for value in new}

    def _missing(self, key: str, values: Iterable[Any]) -> list[Any]:
        part, bound, wanted = self.layout.level(key), Bound(), list(values)
        chosen = bound.condition(part.sql, self._types[key], Members(tuple(wanted)))
        sql = f"SELECT DISTINCT {part.sql} {self._source([part.table])} WHERE {chosen}"
        there = {member for (member,) in self._rows(sql, bound.values)}
        return [value for value in wanted if value not in there]

    def _source(self, tables: list[str]) -> str:
        return from_sql(self.layout, self._relations, tables, facts=False)

    def _rows(self, sql: str, values: dict[str, Any] | None = None) -> list[tuple]:
        with in_words(f"cube {self.declaration.name!r}"), self._lock:
            rows: list[tuple] = self._connection.execute(sql, values or {}).fetchall()
        return rows

    def _column_types(self) -> dict[str, str]:
        parts = self.layout.levels.values()
        added_up = [
            measure.column
            for measure in self.declaration.measures.values()
            if isinstance(measure, Sum | Average)
        ]
        named = {part.key: part.sql for part in parts}
        named |= {f"={column}": column_sql(column) for column in added_up}
        columns = ", ".join(f"{sql} AS {identifier(name)}" for name, sql in named.items())
        tables = [*(part.table for part in parts), *(split(column)[0] for column in added_up)]
        source = from_sql(self.layout, self._relations, tables)
        described = self._rows(f"DESCRIBE SELECT {columns} {source}")
        return {row[0]: row[1] for row in described}


def _near(given: str, known: list[str]) -> str:
    near = did_you_mean(given, known)
    if near.startswith("allowed") and len(known) > _MOST_OFFERED:
        return f"it has {', '.join(known[:_MOST_OFFERED])} ... ({len(known):,} members)"
    return near
