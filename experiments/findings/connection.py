"""Open the findings file: for readers beside a writer, and never trusting a damaged one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from experiments.findings.schema import SCRIPTS, bring_up_to_date, check_owner
from lodeworks.errors import DataError, LodeError

__all__ = ["reading", "writing"]

PATIENCE = 30.0  # seconds that a command waits for another one's change to end
BUSY = ("locked", "busy")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an existing file to read one state of it, also while another process writes.

    Raises
    ------
    DataError
        When there is none, or it cannot be trusted.
    """
    if not path.is_file():
        raise DataError(f"there are no findings in {path.parent} yet: `lode run` records them")
    with _explained(path), closing(_open(path, "rw")) as connection:
        if check_owner(connection, path) < len(SCRIPTS):
            _upgrade(connection, path)
        connection.execute("BEGIN")
        yield connection


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for one change that happens as a whole or not at all.

    Raises
    ------
    DataError
        When the file cannot be trusted; it stays as it is.
    LodeError
        When another process does not let go of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _explained(path), closing(_open(path, "rwc")) as connection:
        check_owner(connection, path)
        _let_readers_read(connection)
        _refuse_damaged(connection, path)
        connection.execute("BEGIN IMMEDIATE")
        try:
            bring_up_to_date(connection, path)
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    bring_up_to_date(connection, path)
    connection.execute("COMMIT")


def _open(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _let_readers_read(connection: sqlite3.Connection) -> None:
    """Keep a log beside the file, once and for all: readers and one writer do not wait then."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _refuse_damaged(connection: sqlite3.Connection, path: Path) -> None:
    said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise DataError(_damaged(path, str(said).splitlines()[0]))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Put what the database says into words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if any(word in str(error) for word in BUSY):
            raise LodeError(
                f"{path} is being changed by another command; try again in a moment"
            ) from error
        # What SQLite says where the file that its readers share does not fit on a full disk.
        hint = " (is the disk full?)" if "disk I/O error" in str(error) else ""
        raise LodeError(f"{path} cannot be used: {error}{hint}") from error
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise DataError(_damaged(path, str(error))) from error


def _damaged(path: Path, why: str) -> str:
    return (
        f"the findings in {path} are damaged ({why}); nothing was read from them and nothing"
        " written. Put a copy back, or run `lode findings repair`, which keeps the damaged file"
        " aside and saves what can be read"
    )
