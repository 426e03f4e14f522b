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
    """What became of a damaged file.

    Attributes
    ----------
    aside : Path
        Where it lies now.
    rows : dict of str to int
        Rows saved, by table.
    """

    aside: Path
    rows: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return {"aside": str(self.aside), "saved": self.rows}

    def text(self) -> str:
        """Say it in words."""
        saved = ", ".join(f"{count:,} {name}" for name, count in self.rows.items())
        return f"the damaged file was kept as {self.aside}\nsaved: {saved}"


def repair(path: Path) -> Repaired:
    """Move a findings file aside and write a new one from what can be read of it.

    Parameters
    ----------
    path : Path
        The file. It takes another name, with the day and time in it, and nothing in it is changed.
    """
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


def _read(path: Path, table: str) -> list[dict[str, Any]]:
    """Read rows until the damage, from the beginning and then from the end."""
    found: dict[str, dict[str, Any]] = {}
    for order in ("", "DESC"):
        with (
            suppress(sqlite3.DatabaseError),
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db,
        ):
            db.row_factory = sqlite3.Row
            key = "evidence_id" if table == "evidence_ids" else "rowid"
            for row in db.execute(f"SELECT * FROM {table} ORDER BY {key} {order}"):
                found[repr(tuple(row))] = dict(row)
    return list(found.values())


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
