"""A database file written anew, so that no byte of it keeps what was deleted."""

from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from features.sources.sql import literal

__all__ = ["compact"]


def compact(path: Path) -> None:
    """Write a DuckDB file anew, in place; nobody may have it open.

    DuckDB overwrites deleted rows only when it needs their room, and unused bytes of its blocks
    and statistics are whatever stood in memory before (duckdb issue 23382). So the tables leave
    as Parquet, which holds nothing but rows, and a process of its own, whose memory never saw
    what was deleted, makes the database of them.
    """
    with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        tables, aside = Path(folder) / "tables", Path(folder) / path.name
        _leave(path, tables)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
            other.submit(_enter, tables, aside).result()
        aside.replace(path)


def _leave(path: Path, tables: Path) -> None:
    import duckdb

    with closing(duckdb.connect()) as connection:
        connection.execute(f"ATTACH {literal(str(path))} AS former (READ_ONLY)")
        connection.execute(f"EXPORT DATABASE former TO {literal(str(tables))} (FORMAT parquet)")


def _enter(tables: Path, target: Path) -> None:
    import duckdb

    with closing(duckdb.connect(str(target))) as connection:
        connection.execute(f"IMPORT DATABASE {literal(str(tables))}")
