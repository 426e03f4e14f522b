"""Connections to DuckDB: one that writes a file, one that reads it as it is now."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from features.sources.sql import literal

__all__ = ["connect", "connect_to_read", "sharing_memory"]

_shared: ContextVar[str | None] = ContextVar("memory of DuckDB", default=None)


@contextmanager
def sharing_memory(most: int) -> Iterator[None]:
    """Let no connection that is opened in the block use more, unless it is given its own limit.

    Parameters
    ----------
    most : int
        Bytes of each connection.
    """
    former = _shared.set(f"{max(most // 1_000_000, 1)}MB")
    try:
        yield
    finally:
        _shared.reset(former)


def connect(path: Path | None, memory_limit: str | None = None) -> Any:
    """Open a file for writing, or an empty database in memory.

    Parameters
    ----------
    path : Path or None
        The file; None for memory.
    memory_limit : str, optional
        What DuckDB may use, such as ``"2GB"``; the rest goes to a folder beside the file, or to the
        folder for temporary files. Default: that of `sharing_memory`, else DuckDB's own limit.

    Raises
    ------
    duckdb.Error
        When the file cannot be opened.
    """
    import duckdb

    limit = memory_limit or _shared.get()
    settings: dict[str, Any] = {"memory_limit": limit} if limit else {}
    connection = duckdb.connect(str(path or ":memory:"), config=settings)
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    # The order of rows says nothing; keeping it would cost memory.
    connection.execute("SET preserve_insertion_order = false")
    if path is None:
        connection.execute(f"SET temp_directory = {literal(tempfile.gettempdir())}")
    return connection


def connect_to_read(path: Path, memory_limit: str | None = None) -> Any:
    """Attach a file to a database of its own, for reading only.

    Opened by its name, a file that was replaced would be seen as it was before for as long as
    anything else in this process has it open.

    Parameters
    ----------
    path : Path
        The file; it is the database in use.
    memory_limit : str, optional
        As for `connect`.

    Raises
    ------
    duckdb.Error
        When the file is not there or cannot be read.
    """
    connection = connect(None, memory_limit)
    try:
        connection.execute(f"ATTACH {literal(str(path))} AS warehouse (READ_ONLY)")
        connection.execute("USE warehouse")
    except BaseException:
        connection.close()
        raise
    return connection
