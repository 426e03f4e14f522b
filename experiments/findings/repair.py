"""Save what can be read of a damaged findings file, and keep the damaged one aside."""

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from experiments.findings.connection import writing
from experiments.findings.schema import TABLES

__all__ = ["Repaired", "repair"]

BESIDE = ("-wal", "-shm")


@dataclass(frozen=True)
class Repaired:
    """What became of a file.

    Attributes
    ----------
    aside : Path or None
        Where it lies now; None where nothing was damaged: then it was left as it is.
    rows : dict of str to int
        Rows saved, by table; of a file without damage those in it.
    """

    aside: Path | None
    rows: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        aside = None if self.aside is None else str(self.aside)
        return {"damaged": aside is not None, "aside": aside, "saved": self.rows}

    def text(self) -> str:
        """Say it in words."""
        saved = ", ".join(f"{count:,} {name}" for name, count in self.rows.items())
        if self.aside is None:
            return f"nothing is damaged, and nothing was changed: {saved}"
        return f"the damaged file was kept as {self.aside}\nsaved: {saved}"


def repair(path: Path) -> Repaired:
    """Move a damaged findings file aside and write a new one from what can be read of it.

    Parameters
    ----------
    path : Path
        The file. Where it is damaged it takes another name, with the day and time in it, and
        nothing in it is changed; else it stays.
    """
    if (rows := _sound_rows(path)) is not None:
        return Repaired(None, rows)
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    tables = {name: _read(path, name) for name in TABLES}
    for ending in ("", *BESIDE):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    with writing(path) as db:
        db.execute("PRAGMA defer_foreign_keys = ON")
        rows = {name: _write(db, name, found) for name, found in tables.items()}
        _drop_loose_ends(db)
    return Repaired(aside, rows)


def _sound_rows(path: Path) -> dict[str, int] | None:
    """Count the rows of each table; None where anything is damaged or points to nothing."""
    with suppress(sqlite3.DatabaseError), closing(_open(path)) as db:
        (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        if said == "ok" and db.execute("PRAGMA foreign_key_check").fetchone() is None:
            asked = {name: f"SELECT count(*) FROM {name}" for name in TABLES}
            return {name: int(db.execute(one).fetchone()[0]) for name, one in asked.items()}
    return None


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _read(path: Path, table: str) -> list[dict[str, Any]]:
    """Read rows until the damage, from the beginning and then from the end; in their order."""
    rows = [*_until_damage(path, table, ""), *reversed(_until_damage(path, table, "DESC"))]
    return list({repr(tuple(row.values())): row for row in rows}.values())


def _until_damage(path: Path, table: str, order: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with (
        suppress(sqlite3.DatabaseError),
        closing(_open(path)) as db,
    ):
        db.row_factory = sqlite3.Row
        key = "evidence_id" if table == "evidence_ids" else "rowid"
        for row in db.execute(f"SELECT * FROM {table} ORDER BY {key} {order}"):
            found.append(dict(row))  # noqa: PERF401 - what was read before the damage stays
    return found


def _write(db: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> int:
    count = 0
    for row in rows:
        with suppress(sqlite3.IntegrityError):
            marks = ", ".join("?" * len(row))
            names = ", ".join(row)
            db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
            count += 1
    return count


def _drop_loose_ends(db: sqlite3.Connection) -> None:
    """Remove rows that point to what could not be saved."""
    for table in ("observations", "evidence_ids"):
        db.execute(f"DELETE FROM {table} WHERE run_id NOT IN (SELECT run_id FROM runs)")
    for table in ("observations", "evidence_ids", "events"):
        db.execute(f"DELETE FROM {table} WHERE finding_id NOT IN (SELECT id FROM findings)")
    db.execute(
        "DELETE FROM findings WHERE latest IS NULL OR latest NOT IN (SELECT id FROM observations)"
        " AND NOT EXISTS (SELECT 1 FROM observations WHERE finding_id = findings.id)"
    )
    db.execute(
        "UPDATE findings SET latest = (SELECT max(id) FROM observations"
        " WHERE finding_id = findings.id) WHERE latest NOT IN (SELECT id FROM observations)"
    )
    db.execute("DELETE FROM events WHERE finding_id NOT IN (SELECT id FROM findings)")
