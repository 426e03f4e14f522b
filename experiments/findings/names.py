"""Find the one finding that a person means by a name."""

import sqlite3

from lodeworks.errors import DataError, did_you_mean

__all__ = ["PREFIX", "one_of_names"]

SHORTEST = 4
PREFIX = "finding:"  # before the id, where a row of a list rests on a finding


def one_of_names(db: sqlite3.Connection, name: str, run: str) -> str:
    """Give the id of a finding.

    Parameters
    ----------
    db : sqlite3.Connection
        The findings.
    name : str
        An id, the beginning of one (four signs or more), or the evidence id of a list's row.
    run : str
        Whose evidence ids to look in; empty: all, the latest first.

    Raises
    ------
    DataError
        When none or several are meant.
    """
    plain = name.removeprefix(PREFIX)
    if db.execute("SELECT 1 FROM findings WHERE id = ?", [plain]).fetchone():
        return plain
    row = db.execute(
        "SELECT finding_id FROM evidence_ids JOIN runs USING (run_id)"
        " WHERE evidence_id = ? AND (? = '' OR run_id = ?) ORDER BY runs.rowid DESC LIMIT 1",
        [name, run, run],
    ).fetchone()
    return str(row[0]) if row else _beginning_with(db, name)


def _beginning_with(db: sqlite3.Connection, name: str) -> str:
    ids = [str(row[0]) for row in db.execute("SELECT id FROM findings ORDER BY id")]
    near = [one for one in ids if len(name) >= SHORTEST and one.startswith(name)]
    if len(near) == 1:
        return near[0]
    if near:
        raise DataError(f"{name} may be any of {len(near)} findings", near[:10])
    hint = did_you_mean(name, ids) if name.startswith("F") and len(ids) < 100_000 else ""
    hint = hint if hint.startswith("did") else "see `lode findings list`"
    raise DataError(f"no finding and no evidence of a list is called {name!r}; {hint}")
