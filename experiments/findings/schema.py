"""The tables of the findings file, in versions."""

import sqlite3

from experiments.findings.status import STATUSES
from lodeworks.errors import DataError

__all__ = ["APPLICATION", "SCRIPTS", "TABLES", "bring_up_to_date", "check_owner"]

APPLICATION = 0x4C4F4445  # "LODE" in the head of the file
TABLES = ("runs", "findings", "observations", "evidence_ids", "events")

_STATUSES = ", ".join(f"'{name}'" for name in STATUSES)

SCRIPTS: tuple[str, ...] = (
    f"""
    CREATE TABLE runs (
        run_id TEXT PRIMARY KEY,
        question TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        as_of TEXT NOT NULL,
        config_sha256 TEXT NOT NULL,
        data_sha256 TEXT NOT NULL,
        list_sha256 TEXT NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_question ON runs (question, recorded_at);
    CREATE TABLE findings (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        question TEXT NOT NULL,
        pattern TEXT NOT NULL,
        touches TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ({_STATUSES})),
        version INTEGER NOT NULL DEFAULT 1,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL,
        times INTEGER NOT NULL DEFAULT 0,
        latest INTEGER,
        searched TEXT NOT NULL
    ) STRICT;
    CREATE INDEX findings_by_status ON findings (status, kind);
    CREATE TABLE observations (
        id INTEGER PRIMARY KEY,
        finding_id TEXT NOT NULL REFERENCES findings (id),
        run_id TEXT NOT NULL REFERENCES runs (run_id),
        found INTEGER NOT NULL CHECK (found IN (0, 1)),
        words_key TEXT NOT NULL,
        words_values TEXT NOT NULL,
        evidence TEXT NOT NULL,
        money REAL,
        money_low REAL,
        money_high REAL,
        currency TEXT NOT NULL,
        source TEXT NOT NULL,
        UNIQUE (finding_id, run_id)
    ) STRICT;
    CREATE INDEX observations_by_run ON observations (run_id);
    CREATE TABLE evidence_ids (
        evidence_id TEXT NOT NULL,
        run_id TEXT NOT NULL REFERENCES runs (run_id),
        finding_id TEXT NOT NULL REFERENCES findings (id),
        PRIMARY KEY (evidence_id, run_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX evidence_ids_by_finding ON evidence_ids (finding_id);
    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        finding_id TEXT NOT NULL REFERENCES findings (id),
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL CHECK (what IN ('status', 'note')),
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        note TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_by_finding ON events (finding_id, id);
    """,
)
"""What leads from each version to the next; the first one makes the tables."""


def bring_up_to_date(connection: sqlite3.Connection, path: object) -> None:
    """Make the tables, or change those of an earlier version into those of the present one.

    Raises
    ------
    DataError
        When the file belongs to another program or was written by a newer version.
    """
    version = check_owner(connection, path)
    for script in SCRIPTS[version:]:
        for statement in filter(str.strip, script.split(";")):
            connection.execute(statement)
    if version < len(SCRIPTS):
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(SCRIPTS)}")


def check_owner(connection: sqlite3.Connection, path: object) -> int:
    """Give the version of the tables, 0 for an empty file.

    Raises
    ------
    DataError
        When the file is not one of findings, or a newer version wrote it; it stays as it is.
    """
    used = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    owner, version = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("application_id", "user_version")
    )
    if used and owner != APPLICATION:
        raise DataError(f"{path} is a database of another program; it stays as it is")
    if version > len(SCRIPTS):
        raise DataError(
            f"{path} was written by a newer version (tables {version}, known {len(SCRIPTS)});"
            " it stays as it is"
        )
    return version
