"""All columns of a wide file without listing each, with the types that their values have."""

from collections import Counter

import duckdb

from features.sources.base import SourceBase
from features.sources.canonical import ColumnType
from features.sources.column import ColumnSpec
from features.sources.contract import LARGEST_NUMBER
from features.sources.opening import open_reading
from features.sources.reading import Reading
from features.sources.sql import identifier
from lodeworks.errors import DataError

__all__ = ["with_all_columns"]

_BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"
_KNOWN: dict[str, ColumnType] = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "VARCHAR": "text",
}
# A code such as 007 is no number; neither is what DuckDB would read, such as inf and 1_000.
_NUMBER = r"[+-]?(0|[1-9][0-9]*)?([.][0-9]*)?([eE][+-]?[0-9]+)?"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def with_all_columns(source: SourceBase) -> SourceBase:
    """Map what `source` did not, if it asks for all columns of its file.

    The file is read to its end: a column is of numbers, dates or timestamps only when every value
    is, and of text otherwise. Codes with leading zeros are text.

    Parameters
    ----------
    source : SourceBase
        One file.

    Returns
    -------
    SourceBase
        Every column stated; the same source when it does not ask for all.

    Raises
    ------
    DataError
        When the file cannot be read, or has columns whose names cannot be taken over.
    """
    if not source.all_columns:
        return source
    reading = open_reading(source)
    named = {spec.source for spec in source.columns.values()}
    rest = [name for name in reading.names if name and name not in named]
    _refuse_names(source, rest)
    types = _types(reading, rest)
    found = {name: ColumnSpec(**{"from": name, "type": types[name]}) for name in rest}
    return source.model_copy(update={"columns": {**source.columns, **found}, "all_columns": False})


def _refuse_names(source: SourceBase, rest: list[str]) -> None:
    folded = Counter(name.lower() for name in [*source.columns, *rest])
    problems = [
        f"{name!r}: {problem}"
        for name in rest
        if (problem := source.name_problem(name))
        or (folded[name.lower()] > 1 and (problem := "stands twice (capitals do not count)"))
    ]
    if problems:
        raise DataError(
            f"source {source.name!r} ({source.path}): columns cannot be taken over by their names;"
            " map them in `columns` under other ones",
            problems,
        )


def _types(reading: Reading, names: list[str]) -> dict[str, ColumnType]:
    with duckdb.connect() as connection:
        raw = reading.relation(connection)
        place = {name: number for number, name in enumerate(reading.names)}
        kinds = {name: reading.types[place[name]] for name in names}
        texts = [name for name in names if kinds[name] == "VARCHAR"]
        found: dict[str, ColumnType] = {n: _KNOWN.get(kinds[n], "number") for n in names}
        if not texts:
            return found
        asked = ", ".join(part for name in texts for part in _tests(f"c{place[name]}"))
        try:
            (answers,) = connection.execute(f"SELECT {asked} FROM ({raw})").fetchall()
        except duckdb.Error:
            if reading.failure is not None:
                raise reading.failure from None
            raise
    return found | {name: _kind(answers[3 * i : 3 * i + 3]) for i, name in enumerate(texts)}


def _tests(column: str) -> tuple[str, str, str]:
    """Ask of a column of text whether all its values are numbers, days, moments."""
    value = f"nullif(trim({identifier(column)}, {_BLANKS}), '')"
    known = f"coalesce(abs(TRY_CAST({value} AS DOUBLE)) <= {LARGEST_NUMBER!r}, FALSE)"
    number = f"regexp_full_match({value}, '{_NUMBER}') AND {known}"
    day = f"regexp_full_match({value}, '{_DAY}') AND TRY_CAST({value} AS DATE) IS NOT NULL"
    moment = f"regexp_matches({value}, '^{_DAY}') AND TRY_CAST({value} AS TIMESTAMP) IS NOT NULL"
    return tuple(  # type: ignore[return-value]
        f"bool_and({test}) FILTER ({value} IS NOT NULL)" for test in (number, day, moment)
    )


def _kind(answers: tuple[bool | None, ...]) -> ColumnType:
    number, day, moment = answers
    if number:
        return "number"
    if day:
        return "date"
    return "timestamp" if moment else "text"
