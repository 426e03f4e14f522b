"""Tables of a cube made ready: files read, columns found, joins shown to double nothing."""

import itertools
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from features.cube.declaration import (
    Balance,
    CubeDeclaration,
    DerivedMeasure,
    Formula,
    Ratio,
    Table,
)
from features.cube.layout import offered, split
from features.packed import check_packed, check_parquet, is_packed
from features.sources.sql import identifier, literal
from lodeworks.errors import BudgetExceeded, DataError
from lodeworks.files import did_you_mean_file

__all__ = ["check_balances", "check_joins", "in_words", "open_tables"]

_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "boolean": "BOOLEAN",
}
_NUMERIC = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "REAL")
_SHOWN = 3
_numbers = itertools.count()


@contextmanager
def in_words(what: str) -> Iterator[None]:
    """Turn errors of the database into words.

    Raises
    ------
    DataError
        When values cannot be read or added up.
    BudgetExceeded
        When the memory does not suffice.
    """
    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except duckdb.OutOfMemoryException as error:
        raise BudgetExceeded(f"{what} needs more memory than allowed: {error}") from error
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        raise DataError(f"{what} cannot be answered: {first}") from error


def open_tables(connection: Any, declaration: CubeDeclaration) -> dict[str, str]:
    """Make every table readable under a name.

    Files of text are read once; Parquet files are read in place.

    Returns
    -------
    dict of str to str
        What stands in SQL for each declared table.

    Raises
    ------
    DataError
        With every table and column that is missing or of an unfit type.
    """
    relations, problems = {}, []
    for name, table in declaration.tables.items():
        try:
            relations[name] = _open(connection, name, table)
        except DataError as error:
            problems.append(error.message)
    _refuse(declaration, problems)
    _refuse(declaration, list(_column_problems(connection, declaration, relations)))
    return relations


def check_joins(connection: Any, declaration: CubeDeclaration, relations: dict[str, str]) -> None:
    """Refuse joins that would count a row twice.

    Raises
    ------
    DataError
        With the keys that are not unique.
    """
    problems = []
    for join in declaration.joins:
        table, column = split(join.to)
        key = identifier(column)
        twice = connection.execute(
            f"SELECT {key}, count(*) FROM {relations[table]} WHERE {key} IS NOT NULL "
            f"GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT {_SHOWN}"
        ).fetchall()
        if twice:
            members = ", ".join(f"{value!r} ({rows} rows)" for value, rows in twice)
            problems.append(
                f"join {join.source} -> {join.to} is many-to-many and would double totals: "
                f"{join.to} is not unique: {members}"
            )
    _refuse(declaration, problems)


def check_balances(
    connection: Any, declaration: CubeDeclaration, relations: dict[str, str]
) -> None:
    """Refuse balances whose holder has two states at one moment.

    Raises
    ------
    DataError
        With the holders.
    """
    problems = []
    for name, measure in declaration.measures.items():
        if not isinstance(measure, Balance):
            continue
        columns = [*measure.about, measure.column, *measure.only]
        if {split(column)[0] for column in columns} != {declaration.fact}:
            problems.append(f"measure {name!r}: its columns must all be of {declaration.fact!r}")
            continue
        keys = ", ".join(identifier(split(column)[1]) for column in (*measure.of, measure.over))
        twice = connection.execute(
            f"SELECT {keys}, count(*) FROM {relations[declaration.fact]} "
            f"GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT {_SHOWN}"
        ).fetchall()
        if twice:
            holders = "; ".join(", ".join(map(str, row[:-1])) for row in twice)
            problems.append(f"measure {name!r}: more than one state at a moment for {holders}")
    _refuse(declaration, problems)


def _refuse(declaration: CubeDeclaration, problems: list[str]) -> None:
    if len(problems) == 1:
        raise DataError(f"cube {declaration.name!r}: {problems[0]}")
    if problems:
        raise DataError(f"cube {declaration.name!r}: {len(problems)} problems", problems)


def _open(connection: Any, name: str, table: Table) -> str:
    if table.path is None:
        return _stored(connection, table.table or name)
    if not Path(table.path).is_file():
        raise DataError(
            f"table {name!r}: there is no file {table.path}{did_you_mean_file(table.path)}"
        )
    own = identifier(f"cube {next(_numbers)} {name}")
    with in_words(f"table {name!r} ({table.path})"):
        if table.path.endswith(".parquet"):
            check_parquet(Path(table.path))
            reading = f"read_parquet({literal(table.path)})"
            connection.execute(f"CREATE TEMP VIEW {own} AS SELECT * FROM {reading}")
        else:
            _check_packed(table)
            connection.execute(f"CREATE TEMP TABLE {own} AS SELECT * FROM {_csv(table)}")
    return own


def _check_packed(table: Table) -> None:
    if table.path and is_packed(Path(table.path)):
        try:
            check_packed(Path(table.path))
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"table {table.path} is a damaged gzip file: {error}") from error


def _csv(table: Table) -> str:
    assert table.path is not None
    types = ", ".join(f"{literal(name)}: {literal(_TYPES[t])}" for name, t in table.types.items())
    declared = f", types = {{{types}}}" if types else ""
    return (
        f"read_csv({literal(table.path)}, header = true, sample_size = -1, "
        f"delim = {literal(table.delimiter)}{declared})"
    )


def _stored(connection: Any, name: str) -> str:
    names = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
    if name not in names:
        raise DataError(offered("table", name, names or ["(none)"]) + " (in the warehouse)")
    return identifier(name)


def _column_problems(
    connection: Any, declaration: CubeDeclaration, relations: dict[str, str]
) -> Iterator[str]:
    types = {
        name: {row[0]: row[1] for row in connection.execute(f"DESCRIBE {relation}").fetchall()}
        for name, relation in relations.items()
    }
    for where, column, needed in _columns(declaration):
        table, name = split(column)
        if name not in types[table]:
            yield f"{where}: {offered('column', name, types[table])} (table {table!r})"
        elif not _fits(types[table][name], needed):
            yield f"{where}: {column} is {types[table][name]}; {needed} is needed"


def _fits(sql_type: str, needed: str) -> bool:
    if needed == "a date or timestamp":
        return sql_type.startswith(("DATE", "TIMESTAMP"))
    return needed != "a number" or any(part in sql_type for part in _NUMERIC)


def _columns(declaration: CubeDeclaration) -> Iterator[tuple[str, str, str]]:
    """Give every column that is named, where, and what it must be."""
    for join in declaration.joins:
        yield "joins", join.source, ""
        yield "joins", join.to, ""
    for name, dimension in declaration.dimensions.items():
        where = f"dimensions.{name}"
        if dimension.time is not None:
            yield where, dimension.time.column, "a date or timestamp"
        for level in (dimension.levels or {}).values():
            yield where, level.column, ""
        if (tree := dimension.parent_child) is not None:
            names: Iterable[str | None] = (tree.key, tree.parent, tree.label)
            yield from ((where, f"{tree.table}.{column}", "") for column in names if column)
    for name, measure in declaration.measures.items():
        if isinstance(measure, DerivedMeasure | Ratio | Formula):
            continue
        where = f"measures.{name}"
        yield from ((where, column, "") for column in measure.only)
        if measure.kind in ("sum", "average", "balance"):
            yield where, measure.column, "a number"
        elif measure.kind != "count":
            yield where, measure.column, ""
        if isinstance(measure, Balance):
            yield from ((where, column, "") for column in measure.of)
            moments = [] if measure.until is None else [measure.until]
            moments += [measure.over] if measure.carry else []
            yield from ((where, column, "a date or timestamp") for column in moments)
            yield where, measure.over, ""
