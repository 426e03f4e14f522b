"""What is kept of a finding: its latest figures, its history and where they come from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from experiments.findings.draft import Evidence, Words

__all__ = ["Event", "Finding", "Observation", "Recorded", "RunFacts", "now"]


def now() -> str:
    """Give the present moment as text, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """Where observations come from.

    Attributes
    ----------
    run_id : str
        Of the run that found them.
    question : str
        The question that the run answered; the same pattern of another question is another finding.
    recorded_at : str
        When, in UTC.
    as_of : str
        The last day that the run saw.
    config_sha256, data_sha256, list_sha256 : str
        Digests of what was asked, of what was read and of the list; empty where there is none.
    """

    run_id: str
    question: str
    recorded_at: str = field(default_factory=now)
    as_of: str = ""
    config_sha256: str = ""
    data_sha256: str = ""
    list_sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What one run said of a finding.

    Attributes
    ----------
    finding_id, run_id : str
        Which finding, which run.
    recorded_at : str
        When.
    found : bool
        Whether the run found the pattern, or only measured it again.
    words : Words
        The statement.
    evidence : Evidence
        The figures.
    money, money_low, money_high : float or None
        What acting brings, or brought.
    currency, source : str
        Of the money; which method found it.
    """

    finding_id: str
    run_id: str
    recorded_at: str
    found: bool
    words: Words
    evidence: Evidence
    money: float | None = None
    money_low: float | None = None
    money_high: float | None = None
    currency: str = ""
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A pattern with its status and what was last said of it.

    Attributes
    ----------
    id : str
        Its name.
    kind, question : str
        What sort of pattern it is, and the question it answers.
    pattern, touches : mapping
        The pattern, and whom it is about.
    status : str
        One of `experiments.findings.status.STATUSES`.
    version : int
        Counts the changes of status, so that two persons cannot change it at once.
    first_seen, last_seen : str
        When it was found first and last.
    times : int
        Runs that found it.
    latest : Observation
        The figures: the latest ones, or those of the run that was asked for.
    """

    id: str
    kind: str
    question: str
    pattern: Mapping[str, Any]
    touches: Mapping[str, Any]
    status: str
    version: int
    first_seen: str
    last_seen: str
    times: int
    latest: Observation

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Event:
    """A change of status or a note.

    Attributes
    ----------
    at, who : str
        When, in UTC, and by whom.
    what : str
        ``status`` or ``note``.
    before, after : str
        The status; empty in a note.
    note : str
        What was written.
    """

    at: str
    who: str
    what: str
    before: str
    after: str
    note: str


@dataclass(frozen=True)
class Recorded:
    """What became of drafts.

    Attributes
    ----------
    new : int
        Proposed for the first time.
    again : int
        Known before: one more observation.
    rejected : int
        Known and rejected before: not proposed again.
    """

    new: int
    again: int
    rejected: int

    def text(self) -> str:
        """Say it in one line.

        Examples
        --------
        >>> Recorded(new=3, again=2, rejected=1).text()
        'findings: 3 new, 2 seen again, 1 rejected before and not proposed'
        """
        said = f"findings: {self.new:,} new, {self.again:,} seen again"
        return (
            f"{said}, {self.rejected:,} rejected before and not proposed" if self.rejected else said
        )
