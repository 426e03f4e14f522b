"""Access logs as a table of requests, with every line that is none kept apart."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from features.sources import AccessLogSource, open_reading
from features.sources.contract import checked_query
from features.sources.sql import literal
from lodeworks.errors import DataError
from lodeworks.files import file_digest
from lodeworks.progress import Progress, Silent

__all__ = ["load_hits"]

_COLUMNS: dict[str, Any] = {
    "host": {"from": "host", "required": True},
    "user": "user",
    "at": {"from": "time", "type": "timestamp", "required": True},
    "method": "method",
    "path": "path",
    "status": {"from": "status", "type": "integer"},
    "referrer": "referrer",
    "agent": "agent",
}
_TABLES = """
    CREATE TABLE hits (place BIGINT, host VARCHAR, "user" VARCHAR, "at" TIMESTAMP,
        method VARCHAR, path VARCHAR, status BIGINT, referrer VARCHAR, agent VARCHAR);
    CREATE TABLE rejected (file VARCHAR, line BIGINT, reason VARCHAR);
"""


def load_hits(database: Any, paths: Sequence[Path], progress: Progress | None = None) -> int:
    """Read access logs into the tables ``hits`` and ``rejected`` of a database.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Without such tables.
    paths : sequence of Path
        Logs in the common or combined format, plain or gzipped; parts of one log may be given in
        any order.
    progress : Progress, optional
        Told about every file.

    Returns
    -------
    int
        Lines read, rejected ones counted. ``hits`` has ``place`` (the order of the lines over all
        files), ``host``, ``user``, ``at`` (UTC), ``method``, ``path``, ``status``, ``referrer``
        and ``agent``. ``rejected`` has ``file``, ``line`` and ``reason``; not the line itself,
        which may hold an address.

    Raises
    ------
    DataError
        When a file is missing, empty, damaged, in another format or given twice.
    """
    _refuse_repeats(paths)
    database.execute(_TABLES)
    read = 0
    for path in paths:
        (progress or Silent()).start(f"read {path}")
        rows = _load(database, path, read)
        (progress or Silent()).done(f"read {path}", f"{rows:,} lines")
        read += rows
    return read


def _refuse_repeats(paths: Sequence[Path]) -> None:
    known: dict[str, Path] = {}
    problems = []
    for path in paths:
        first = known.setdefault(file_digest(path) if path.is_file() else str(path), path)
        if first is not path:
            problems.append(f"{path} has the same content as {first}")
    if problems:
        raise DataError("a log is given twice; its visits would count twice", problems)


def _load(database: Any, path: Path, before: int) -> int:
    source = AccessLogSource(path=str(path), table="own:hits", columns=_COLUMNS)
    reading = open_reading(source)
    raw = reading.relation(database)
    query = checked_query(source, reading.names, reading.types, raw, zone="UTC")
    try:
        database.execute(f"CREATE TEMP TABLE checked AS {query}")
    except duckdb.Error:
        if reading.failure is not None:
            raise reading.failure from None
        raise
    name = literal(str(path))
    database.execute(
        f"""
        INSERT INTO hits SELECT line + {before}, host, "user", "at", method, path, status,
            referrer, agent FROM checked WHERE rule IS NULL;
        INSERT INTO rejected SELECT {name}, line, rule FROM checked WHERE rule IS NOT NULL;
        DROP TABLE checked;
        """
    )
    bad = [(str(path), row.line, row.reason) for row in reading.malformed]
    if bad:
        database.executemany("INSERT INTO rejected VALUES (?, ?, ?)", bad)
    return reading.rows
