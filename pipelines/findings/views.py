"""Findings as a person or a program is told of them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from experiments.findings import Event, Finding, Observation
from experiments.findings.language import Language

__all__ = ["Decided", "FindingList", "FindingPage", "finding_values", "one_line"]

WIDTH = 8


def one_line(text: object) -> str:
    r"""Give text without signs that would steer a terminal or begin a new line.

    Examples
    --------
    >>> one_line("Tea\x1b[31m red\nnext")
    'Tea [31m red next'
    """
    told = str(text)
    if told.isprintable():
        return told
    return "".join(sign if sign.isprintable() else " " for sign in told)


def finding_values(finding: Finding, language: Language) -> dict[str, Any]:
    """Give a finding as plain values, with its statement first."""
    latest = finding.latest
    return {
        "id": finding.id,
        "kind": finding.kind,
        "question": finding.question,
        "status": finding.status,
        "statement": language.tell(latest.words),
        "money": latest.money,
        "money_low": latest.money_low,
        "money_high": latest.money_high,
        "currency": latest.currency,
        "pattern": dict(finding.pattern),
        "touches": dict(finding.touches),
        "evidence": asdict(latest.evidence),
        "source": latest.source,
        "run": latest.run_id,
        "found": latest.found,
        "first_seen": finding.first_seen,
        "last_seen": finding.last_seen,
        "times": finding.times,
        "version": finding.version,
    }


@dataclass(frozen=True)
class FindingList:
    """Findings that match, and how many there are.

    Attributes
    ----------
    findings : sequence of Finding
        Those shown.
    count : int
        All that match.
    language : Language
        Of the words.
    """

    findings: Sequence[Finding]
    count: int
    language: Language

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        shown = [finding_values(one, self.language) for one in self.findings]
        return {"count": self.count, "findings": shown}

    def text(self) -> str:
        """Give one line a finding."""
        words = self.language
        if not self.findings:
            return words.of("page", "none")
        end = "count" if self.count == len(self.findings) else "more"
        return "\n".join(
            [
                *(_row(one, words) for one in self.findings),
                "",
                words.of("page", end, count=self.count, shown=len(self.findings)),
            ]
        )


@dataclass(frozen=True)
class FindingPage:
    """One finding with its history.

    Attributes
    ----------
    finding : Finding
        The finding.
    observations : sequence of Observation
        What every run said.
    events : sequence of Event
        Decisions and notes.
    language : Language
        Of the words.
    """

    finding: Finding
    observations: Sequence[Observation]
    events: Sequence[Event]
    language: Language

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {
            **finding_values(self.finding, self.language),
            "observations": [one.to_dict() for one in self.observations],
            "events": [asdict(one) for one in self.events],
        }

    def text(self) -> str:
        """Give the page for a terminal."""
        page, one = self.language, self.finding
        lines = [
            one_line(page.tell(one.latest.words)),
            "",
            *self._facts(),
            "",
            page.of("page", "observations"),
            *(f"  {self._seen(each)}" for each in self.observations),
        ]
        if self.events:
            lines += ["", page.of("page", "history"), *(f"  {_told(one)}" for one in self.events)]
        return "\n".join(lines)

    def _facts(self) -> list[str]:
        page, one = self.language, self.finding
        facts = {
            "id": one.id,
            "kind": page.of("kinds", one.kind),
            "status": page.of("statuses", one.status),
            "question": one.question,
            "money": _money(one.latest),
            "evidence": _evidence(one.latest),
            "pattern": _json(one.pattern),
            "touches": _json(one.touches),
        }
        return [f"{page.of('page', name):<10} {one_line(told)}" for name, told in facts.items()]

    def _seen(self, seen: Observation) -> str:
        page = self.language
        how = page.of("page", "found" if seen.found else "measured again")
        basis = page.of("page", "held out" if seen.evidence.held_out else "seen")
        return one_line(f"{seen.recorded_at}  {seen.run_id}  {how}; {_evidence(seen)}; {basis}")


@dataclass(frozen=True)
class Decided:
    """What was decided of a finding.

    Attributes
    ----------
    finding : Finding
        As it is now.
    language : Language
        Of the words.
    """

    finding: Finding
    language: Language

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return finding_values(self.finding, self.language)

    def text(self) -> str:
        """Say it in one line."""
        one, words = self.finding, self.language
        status = words.of("statuses", one.status)
        return f"{one.id} {status}: {one_line(words.tell(one.latest.words))}"


def _row(finding: Finding, words: Language) -> str:
    money = "" if finding.latest.money is None else f"{finding.latest.money:,.2f}"
    return (
        f"{finding.id}  {words.of('statuses', finding.status):<{WIDTH}}"
        f"  {words.of('kinds', finding.kind):<{WIDTH}}  {money:>{WIDTH + 2}}"
        f"  {one_line(words.tell(finding.latest.words))}"
    )


def _money(seen: Observation) -> str:
    if seen.money is None:
        return "-"
    ends = (seen.money_low, seen.money_high)
    told = "" if None in ends else f" ({ends[0]:,.2f} to {ends[1]:,.2f})"
    return f"{seen.money:,.2f} {seen.currency}{told}"


def _evidence(seen: Observation) -> str:
    """Give the figures that are known, shortly."""
    known = {
        name: getattr(seen.evidence, name)
        for name in ("n", "support", "confidence", "lift", "value", "p_adjusted")
    }
    told = [f"{name} {value:.4g}" for name, value in known.items() if value is not None]
    low, high = seen.evidence.lift_low, seen.evidence.lift_high
    if low is not None and high is not None:
        told.append(f"lift {low:.3g} to {high:.3g} ({seen.evidence.level:.0%})")
    return ", ".join(told)


def _told(event: Event) -> str:
    what = f"{event.before} -> {event.after}" if event.what == "status" else "note"
    note = f": {event.note}" if event.note else ""
    return one_line(f"{event.at}  {event.who}  {what}{note}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
