"""A database file written anew, so that no free block keeps what was deleted."""

from contextlib import closing
from pathlib import Path
from typing import Any

from features.sources.sql import identifier, literal

__all__ = ["compact", "copy_database"]


def compact(path: Path) -> None:
    """Write a DuckDB file anew, in place; nobody may have it open.

    DuckDB overwrites deleted rows only when it needs their room.
    """
    aside = path.with_name(f"{path.name}.compact")
    try:
        copy_database(path, aside)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def copy_database(path: Path, target: Path) -> None:
    """Copy every table of the DuckDB file `path` into the new file `target`."""
    import duckdb

    with closing(duckdb.connect(str(target))) as connection:
        found: Any = connection.execute("SELECT current_database()").fetchone()
        connection.execute(f"ATTACH {literal(str(path))} AS former (READ_ONLY)")
        connection.execute(f"COPY FROM DATABASE former TO {identifier(found[0])}")
        connection.execute("DETACH former")
