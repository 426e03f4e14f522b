"""A warehouse file opened for questions about itself, whatever version wrote it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from features.connections import connect_to_read
from lodeworks.errors import DataError, LodeError

__all__ = ["columns_of", "open_read_only", "tables_of"]


@contextmanager
def open_read_only(path: str | Path) -> Iterator[Any]:
    """Open a warehouse file for reading.

    Parameters
    ----------
    path : str or Path
        The file.

    Yields
    ------
    duckdb.DuckDBPyConnection
        It sees the file as it is now, even when a load replaces it.

    Raises
    ------
    DataError
        When there is no such file.
    LodeError
        When it cannot be read or is no warehouse.
    """
    import duckdb

    if not Path(path).is_file():
        raise DataError(f"there is no warehouse {path}: nothing was loaded yet")
    try:
        connection = connect_to_read(Path(path))
    except duckdb.Error as error:
        raise LodeError(f"the warehouse {path} cannot be read: {error}") from error
    try:
        if "facts" not in tables_of(connection):
            raise LodeError(f"{path} is a DuckDB file but not a warehouse")
        yield connection
    finally:
        connection.close()


def tables_of(connection: Any) -> list[str]:
    """List the tables and views of a warehouse, in alphabetical order."""
    asked = (
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database() ORDER BY 1"
    )
    return [name for (name,) in connection.execute(asked).fetchall()]


def columns_of(connection: Any, table: str) -> dict[str, str]:
    """Give the columns of a table in their order, with their types."""
    asked = (
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_catalog = current_database() AND table_name = ? ORDER BY ordinal_position"
    )
    return dict(connection.execute(asked, [table]).fetchall())
