"""A few columns of one table file, and folders that may be replaced."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError, DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["foreign_content", "read_table"]

_KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".xlsx": "excel",
}


def read_table(
    path: Path, columns: Mapping[str, Any], encoding: str = "utf-8"
) -> tuple["pa.Table", int]:
    """Read columns of a CSV, Parquet, JSON or Excel file.

    Parameters
    ----------
    path : Path
        The ending decides the kind of the file; ``.gz`` may follow.
    columns : mapping
        Name in the result to what `features.sources.ColumnSpec` takes.
    encoding : str
        Of a CSV or JSON file.

    Returns
    -------
    table : pyarrow.Table
        ``line`` (the row of the file; its header is row 1) and the columns.
    rejected : int
        Rows left out because they are malformed or a needed value is missing.

    Raises
    ------
    ConfigError
        When the ending or the encoding is not known.
    DataError
        When the file cannot be used, or lacks a column.
    """
    import duckdb

    from features.sources import open_reading
    from features.sources.contract import checked_query
    from features.sources.sql import identifier

    source = _source(path, columns, encoding)
    reading = open_reading(source)
    names = ", ".join(identifier(name) for name in ("line", *columns))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        raw = reading.relation(connection)
        query = checked_query(source, reading.names, reading.types, raw)
        try:
            connection.execute(f"CREATE TABLE checked AS {query}")
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise reading.failure or DataError(f"{path} cannot be read: {first}") from None
        good = f"SELECT {names} FROM checked WHERE rule IS NULL ORDER BY line"
        table: pa.Table = connection.sql(good).to_arrow_table()
    return table, reading.rows - table.num_rows


def foreign_content(out: Path | None, own: Collection[str]) -> list[str]:
    """Say why a folder may not be replaced: it holds what the command did not write.

    Parameters
    ----------
    out : Path, optional
        The folder; None and one that is not there are fine.
    own : collection of str
        Names of the files that the command writes.
    """
    if out is None or not out.exists():
        return []
    if not out.is_dir():
        return [f"--out {out} is a file, not a folder"]
    foreign = sorted(file.name for file in out.iterdir() if file.name not in own)
    if foreign:
        return [f"--out {out} would be replaced, but holds {foreign[0]!r}; choose a new folder"]
    return []


def _source(path: Path, columns: Mapping[str, Any], encoding: str) -> Any:
    from pydantic import TypeAdapter, ValidationError

    from features.sources import Source

    ending = Path(path.name.removesuffix(".gz")).suffix.lower()
    if ending not in _KINDS:
        raise ConfigError(f"{path}: the name must end in {', '.join(_KINDS)}")
    given = {"path": str(path), "table": "own:rows", "columns": dict(columns)}
    kind = _KINDS[ending]
    if kind in ("csv", "json"):
        given["encoding"] = encoding
    if ending == ".tsv":
        given["delimiter"] = "\t"
    try:
        return TypeAdapter(Source).validate_python({"kind": kind, **given})
    except ValidationError as error:
        said = [str(problem["msg"]).removeprefix("Value error, ") for problem in error.errors()]
        raise ConfigError(f"{path} cannot be read with these options", said) from None
