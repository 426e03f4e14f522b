"""The findings of a workspace in one file: recorded by runs, judged by people."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from experiments.findings.connection import reading, writing
from experiments.findings.draft import Draft
from experiments.findings.filter import Filter
from experiments.findings.finding import Event, Finding, Observation, Recorded, RunFacts, now
from experiments.findings.identity import finding_id
from experiments.findings.names import PREFIX, one_of_names
from experiments.findings.rows import (
    as_event,
    as_finding,
    as_observation,
    observation_values,
    searched,
    to_json,
)
from experiments.findings.status import check_change
from lodeworks.errors import ConfigError, DataError, LodeError

__all__ = ["ChangedMeanwhile", "FindingStore"]

_OBSERVED = """
    SELECT f.*, o.*, r.recorded_at FROM findings f
    JOIN observations o ON {shown} JOIN runs r USING (run_id)
"""
_SEEN = "SELECT o.*, r.recorded_at FROM observations o JOIN runs r USING (run_id)"
_LATEST, _OF_FINDING = "o.id = f.latest", "o.finding_id = f.id"
_P = "json_extract(o.evidence, '$.p_adjusted')"
# The order of events is that in which they were recorded: a clock may be set back.
_ORDER = f"ORDER BY o.money IS NULL, o.money DESC, {_P} IS NULL, {_P}, r.rowid DESC, f.id"


class ChangedMeanwhile(LodeError):
    """Somebody else changed a finding after it was read."""


class FindingStore:
    """Read and change the findings in a file; each call is one transaction.

    Parameters
    ----------
    path : Path
        The file; made by the first `record`. Several processes may use it at once.

    Examples
    --------
    >>> import tempfile
    >>> from experiments.findings import Evidence, Words
    >>> draft = Draft(
    ...     kind="rule",
    ...     pattern={"if": ["tea"], "then": ["milk"]},
    ...     words=Words("rule", {"if": ["Tea"], "then": ["Milk"]}),
    ...     evidence=Evidence(n=100, lift=2.0),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = FindingStore(Path(folder) / "findings.db")
    ...     first = store.record(RunFacts(run_id="r1", question="shop"), [draft])
    ...     again = store.record(RunFacts(run_id="r2", question="shop"), [draft])
    ...     (one,) = store.find()
    >>> first.new, again.again, one.times, one.status
    (1, 1, 2, 'proposed')
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def check(self) -> None:
        """Refuse a file that cannot be trusted, before hours of work; a missing one is fine."""
        if self.path.exists():
            with writing(self.path):
                pass

    def record(
        self, run: RunFacts, drafts: Iterable[Draft], *, measured_again: Iterable[Draft] = ()
    ) -> Recorded:
        """Keep what a run found: all of it or nothing.

        Parameters
        ----------
        run : RunFacts
            The run. What it recorded before under the same name is replaced.
        drafts : iterable of Draft
            What it found. Of the same pattern twice the first counts, with the evidence ids of
            both and the money of whichever has some.
        measured_again : iterable of Draft
            Patterns known before that the run did not find but measured.
        """
        with writing(self.path) as db:
            _put_run(db, run)
            merged = _merged(run, drafts)
            known = _statuses(db, merged)
            for name, draft in merged.items():
                _observe(db, run, name, draft, found=True)
            for name, draft in _merged(run, measured_again).items():
                if name not in merged:
                    _observe(db, run, name, draft, found=False)
            _settle(db, run)
        rejected = sum(status == "rejected" for status in known.values())
        return Recorded(len(merged) - len(known), len(known) - rejected, rejected)

    def find(self, wanted: Filter | None = None) -> list[Finding]:
        """Give findings, those that bring most money first, then the surest."""
        wanted = wanted or Filter()
        condition, values = wanted.condition()
        shown = _OF_FINDING if wanted.run else _LATEST
        limit = "" if wanted.limit is None else f"LIMIT {int(wanted.limit)}"
        with reading(self.path) as db:
            if wanted.run:
                self._check_run(db, wanted.run)
            query = f"{_OBSERVED.format(shown=shown)} WHERE {condition} {_ORDER} {limit}"
            return [as_finding(row) for row in db.execute(query, values)]

    def count(self, wanted: Filter | None = None) -> int:
        """Count findings; the limit does not matter."""
        condition, values = (wanted or Filter()).condition()
        shown = _OF_FINDING if wanted and wanted.run else _LATEST
        query = f"SELECT count(*) FROM findings f JOIN observations o ON {shown} WHERE {condition}"
        with reading(self.path) as db:
            return int(db.execute(query, values).fetchone()[0])

    def get(self, name: str, *, run: str = "") -> Finding:
        """Give one finding.

        Parameters
        ----------
        name : str
            Its id, the beginning of it, or the ``evidence_id`` of a list's row.
        run : str
            Whose evidence id it is, when several runs used the same; default: the latest.

        Raises
        ------
        DataError
            When none or several are meant.
        """
        with reading(self.path) as db:
            return self._get(db, one_of_names(db, name, run))

    def change(
        self, name: str, after: str, *, who: str, note: str = "", version: int | None = None
    ) -> Finding:
        """Change the status of a finding.

        Parameters
        ----------
        name : str
            As in `get`.
        after : str
            The status.
        who : str
            Who decided.
        note : str
            Why.
        version : int, optional
            The version that was seen; a change since then is not overrun.

        Raises
        ------
        LodeError
            When the status may not follow the present one.
        ChangedMeanwhile
            When somebody else changed it.
        """
        _named(who)
        with self._changing(name) as (db, finding):
            if version is not None and version != finding.version:
                raise ChangedMeanwhile(f"{_last_change(db, finding)}; look again before you decide")
            try:
                check_change(finding.status, after)
            except LodeError as error:
                raise LodeError(f"{finding.id}: {error} ({_last_change(db, finding)})") from None
            _set_status(db, finding, after, who, note)
            return self._get(db, finding.id)

    def note(self, name: str, text: str, *, who: str) -> Finding:
        """Write a note to a finding."""
        _named(who)
        if not text.strip():
            raise ConfigError("the note is empty")
        with self._changing(name) as (db, finding):
            _add_event(db, finding.id, who, "note", note=text)
            return finding

    def follow(self, run_id: str, *, status: str, who: str, names: Iterable[str], why: str) -> int:
        """Move those findings whose present status allows it; give their number.

        Parameters
        ----------
        run_id : str
            Whose evidence ids `names` are.
        status : str
            What they become.
        who, why : str
            For the history.
        names : iterable of str
            Ids of findings or evidence ids; those not known are passed over.
        """
        before = {"acted": ("accepted", "measured"), "measured": ("acted",)}[status]
        moved = 0
        with writing(self.path) as db:
            for name in sorted(_known_names(db, run_id, names)):
                finding = self._get(db, name)
                if finding.status in before:
                    _set_status(db, finding, status, who, why)
                    moved += 1
        return moved

    def history(self, name: str) -> tuple[list[Observation], list[Event]]:
        """Give all observations and all events of a finding, the oldest first."""
        with reading(self.path) as db:
            found = one_of_names(db, name, "")
            query = f"{_SEEN} WHERE finding_id = ? ORDER BY o.id"
            seen = db.execute(query, [found]).fetchall()
            events = db.execute("SELECT * FROM events WHERE finding_id = ? ORDER BY id", [found])
            return [as_observation(row) for row in seen], [as_event(row) for row in events]

    def observations(self, run_id: str) -> dict[str, Observation]:
        """Give what a run said, by finding."""
        with reading(self.path) as db:
            self._check_run(db, run_id)
            query = f"{_SEEN} WHERE run_id = ? ORDER BY finding_id"
            return {row["finding_id"]: as_observation(row) for row in db.execute(query, [run_id])}

    def observed(self, *, since: str = "", before: str = "9999") -> dict[str, Observation]:
        """Give what was said last of each finding within a span of time.

        Parameters
        ----------
        since, before : str
            First moment in the span and first moment after it, as text in UTC.
        """
        query = f"{_SEEN} WHERE r.recorded_at >= ? AND r.recorded_at < ? ORDER BY o.id"
        with reading(self.path) as db:
            rows = db.execute(query, [since, before])
            return {row["finding_id"]: as_observation(row) for row in rows}

    def runs(self) -> list[RunFacts]:
        """Give the runs that recorded something, the latest last."""
        with reading(self.path) as db:
            query = "SELECT * FROM runs ORDER BY rowid"
            return [RunFacts(**dict(row)) for row in db.execute(query)]

    def known_through(self) -> dict[str, str]:
        """Give, by finding, the last day that the first run saw that found it."""
        query = (
            "SELECT finding_id, as_of, min(id) FROM observations JOIN runs USING (run_id)"
            " GROUP BY finding_id"
        )
        with reading(self.path) as db:
            return {row["finding_id"]: row["as_of"] for row in db.execute(query)}

    def evidence_ids(self, run_id: str) -> dict[str, str]:
        """Give the finding of each evidence id of a run's list."""
        with reading(self.path) as db:
            query = "SELECT evidence_id, finding_id FROM evidence_ids WHERE run_id = ?"
            return {row[0]: row[1] for row in db.execute(query, [run_id])}

    @contextmanager
    def _changing(self, name: str) -> Iterator[tuple[sqlite3.Connection, Finding]]:
        if not self.path.is_file():
            raise DataError(f"there are no findings in {self.path.parent} yet")
        with writing(self.path) as db:
            yield db, self._get(db, one_of_names(db, name, ""))

    def _get(self, db: sqlite3.Connection, name: str) -> Finding:
        query = f"{_OBSERVED.format(shown=_LATEST)} WHERE f.id = ?"
        return as_finding(db.execute(query, [name]).fetchone())

    def _check_run(self, db: sqlite3.Connection, run_id: str) -> None:
        if db.execute("SELECT 1 FROM runs WHERE run_id = ?", [run_id]).fetchone():
            return
        latest = db.execute("SELECT run_id FROM runs ORDER BY rowid DESC LIMIT 5").fetchall()
        known = ", ".join(row[0] for row in latest)
        raise DataError(f"no run {run_id!r} recorded findings; the latest that did: {known}")


def _merged(run: RunFacts, drafts: Iterable[Draft]) -> dict[str, Draft]:
    """Bring drafts of the same pattern together."""
    merged: dict[str, Draft] = {}
    for draft in drafts:
        name = finding_id(draft.kind, draft.pattern, run.question)
        merged[name] = _joined(merged[name], draft) if name in merged else draft
    return merged


def _joined(first: Draft, other: Draft) -> Draft:
    """Keep what was said first, all evidence ids, and the money of whichever has some."""
    ids = tuple(dict.fromkeys([*first.evidence_ids, *other.evidence_ids]))
    priced = other if first.money is None else first
    return replace(
        first,
        evidence_ids=ids,
        money=priced.money,
        money_low=priced.money_low,
        money_high=priced.money_high,
        currency=priced.currency,
    )


def _put_run(db: sqlite3.Connection, run: RunFacts) -> None:
    columns = asdict(run)
    db.execute("DELETE FROM evidence_ids WHERE run_id = ?", [run.run_id])
    db.execute("DELETE FROM observations WHERE run_id = ?", [run.run_id])
    db.execute("DELETE FROM runs WHERE run_id = ?", [run.run_id])
    db.execute(
        f"INSERT INTO runs ({', '.join(columns)}) VALUES ({_marks(columns)})",
        list(columns.values()),
    )


def _statuses(db: sqlite3.Connection, names: Mapping[str, Draft]) -> dict[str, str]:
    query = "SELECT id, status FROM findings"
    return {row[0]: row[1] for row in db.execute(query) if row[0] in names}


def _observe(
    db: sqlite3.Connection, run: RunFacts, name: str, draft: Draft, *, found: bool
) -> None:
    db.execute(
        "INSERT INTO findings (id, kind, question, pattern, touches, status, first_seen, last_seen,"
        " searched) VALUES (?, ?, ?, ?, ?, 'proposed', ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET touches = excluded.touches, searched = excluded.searched",
        [
            *(name, draft.kind, run.question, to_json(draft.pattern), to_json(draft.touches)),
            *(run.recorded_at, run.recorded_at, searched(draft)),
        ],
    )
    columns = {
        "finding_id": name,
        "run_id": run.run_id,
        "found": int(found),
        **observation_values(draft),
    }
    db.execute(
        f"INSERT INTO observations ({', '.join(columns)}) VALUES ({_marks(columns)})",
        list(columns.values()),
    )
    db.executemany(
        "INSERT OR REPLACE INTO evidence_ids (evidence_id, run_id, finding_id) VALUES (?, ?, ?)",
        [(evidence_id, run.run_id, name) for evidence_id in draft.evidence_ids],
    )


def _settle(db: sqlite3.Connection, run: RunFacts) -> None:
    """Point the findings of a run to their latest observation, and count those that found them."""
    db.execute(
        """
        UPDATE findings SET
            latest = (SELECT max(o.id) FROM observations o WHERE o.finding_id = findings.id),
            times = (SELECT count(*) FROM observations o
                WHERE o.finding_id = findings.id AND o.found = 1),
            last_seen = coalesce(
                (SELECT r.recorded_at FROM observations o JOIN runs r USING (run_id)
                WHERE o.finding_id = findings.id AND o.found = 1 ORDER BY o.id DESC LIMIT 1),
                findings.last_seen)
        WHERE id IN (SELECT finding_id FROM observations WHERE run_id = ?)
            OR NOT EXISTS (SELECT 1 FROM observations o
                WHERE o.id = findings.latest AND o.finding_id = findings.id)
        """,
        [run.run_id],
    )


def _set_status(db: sqlite3.Connection, finding: Finding, after: str, who: str, note: str) -> None:
    db.execute(
        "UPDATE findings SET status = ?, version = version + 1 WHERE id = ?", [after, finding.id]
    )
    _add_event(db, finding.id, who, "status", before=finding.status, after=after, note=note)


def _add_event(
    db: sqlite3.Connection,
    name: str,
    who: str,
    what: str,
    *,
    before: str = "",
    after: str = "",
    note: str = "",
) -> None:
    db.execute(
        "INSERT INTO events (finding_id, at, who, what, before, after, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [name, now(), who, what, before, after, note],
    )


def _last_change(db: sqlite3.Connection, finding: Finding) -> str:
    row = db.execute(
        "SELECT at, who FROM events WHERE finding_id = ? AND what = 'status'"
        " ORDER BY id DESC LIMIT 1",
        [finding.id],
    ).fetchone()
    by = f" by {row['who']} at {row['at']}" if row else f" by a run at {finding.first_seen}"
    return f"{finding.id} was {finding.status}{by}"


def _known_names(db: sqlite3.Connection, run_id: str, names: Iterable[str]) -> set[str]:
    query = "SELECT evidence_id, finding_id FROM evidence_ids WHERE run_id = ?"
    by_evidence = {row[0]: row[1] for row in db.execute(query, [run_id])}
    ids = {row[0] for row in db.execute("SELECT id FROM findings")}
    return {by_evidence.get(name, name.removeprefix(PREFIX)) for name in names} & ids


def _named(who: str) -> None:
    if not who.strip():
        raise ConfigError("say who decides: set LODE_USER or give --who")


def _marks(columns: Mapping[str, object]) -> str:
    return ", ".join("?" * len(columns))
