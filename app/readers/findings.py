"""The findings of a workspace, as the pages show and change them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from app.readers.rules import Rule, rules_of_findings
from app.readers.runs import Gone
from experiments.findings import Event, Filter, Finding, FindingStore, Observation
from experiments.findings.language import Language
from experiments.findings.status import CHANGES
from lodeworks.errors import DataError
from pipelines.findings.place import store_of
from pipelines.findings.wording import words_of

__all__ = ["FindingShelf", "Opened"]


@dataclass(frozen=True)
class Opened:
    """One finding with its past and what may become of it.

    Attributes
    ----------
    finding : Finding
    observations : sequence of Observation
        The oldest first.
    events : sequence of Event
        Decisions and notes, the newest first.
    """

    finding: Finding
    observations: Sequence[Observation]
    events: Sequence[Event]

    @property
    def changes(self) -> tuple[str, ...]:
        """Name the statuses that may follow."""
        return CHANGES.get(self.finding.status, ())


class FindingShelf:
    """Findings in a workspace; a missing file holds none.

    Parameters
    ----------
    workspace : Path
        The folder.

    Notes
    -----
    What was read is kept as long as neither the file nor its journal changes.
    """

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._known: tuple[object, list[Finding]] | None = None
        self._made: dict[str, tuple[list[Finding], Any]] = {}
        self._lock = Lock()

    @property
    def store(self) -> FindingStore:
        """Give the findings themselves."""
        return store_of(self._workspace)

    @property
    def language(self) -> Language:
        """Give the words, as the environment or the newest run asks for them."""
        return words_of(self._workspace)

    def all(self) -> list[Finding]:
        """Give every finding, those that bring most money first."""
        mark = self._mark()
        with self._lock:
            if self._known is None or self._known[0] != mark:
                found = self.store.find(Filter()) if mark[0] is not None else []
                self._known = (mark, found)
            return self._known[1]

    def rules(self) -> list[Rule]:
        """Give those that are rules or sequences."""
        found: list[Rule] = self._derived("rules", rules_of_findings)
        return found

    def told(self) -> dict[str, str]:
        """Give the sentence of every finding, by its id."""
        words = self.language
        found: dict[str, str] = self._derived(
            f"told in {words.code}",
            lambda findings: {one.id: words.tell(one.latest.words) for one in findings},
        )
        return found

    def _derived(self, name: str, make: Callable[[list[Finding]], Any]) -> Any:
        """Give what follows from the findings, made once until they change."""
        findings = self.all()
        known = self._made.get(name)
        if known is None or known[0] is not findings:
            known = self._made[name] = (findings, make(findings))
        return known[1]

    def open(self, name: str) -> Opened:
        """Open one finding.

        Raises
        ------
        Gone
            When there is none of that name.
        """
        if self._mark()[0] is None:
            raise Gone("There are no findings in this workspace (any more).")
        try:
            finding = self.store.get(name)
        except DataError as error:
            if "damaged" in error.message:
                raise
            raise Gone(error.message) from error
        observations, events = self.store.history(finding.id)
        return Opened(finding, observations, events[::-1])

    def evidence_ids(self, run_id: str, finding: str) -> list[str]:
        """Give what a run's list calls a finding."""
        if self._mark()[0] is None:
            return []
        known: Mapping[str, str] = self.store.evidence_ids(run_id)
        return [evidence for evidence, name in known.items() if name == finding]

    def _mark(self) -> tuple[object, ...]:
        path = self.store.path
        return _stat(path), _stat(path.with_name(f"{path.name}-wal"))


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
