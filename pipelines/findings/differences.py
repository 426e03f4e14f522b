"""What became of findings between two runs, or since a day, in words with a test behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from experiments.findings import FindingStore, Observation, RunFacts
from experiments.findings.compare import CHANGES, Change, compare, counted
from experiments.findings.language import Language
from lodeworks.errors import ConfigError, DataError
from pipelines.findings.views import one_line

__all__ = ["Differences", "between_runs", "since_day"]


@dataclass(frozen=True)
class Differences:
    """Changes with the statements they are about.

    Attributes
    ----------
    before, after : str
        What was compared: runs or days.
    changes : list of Change
        All of them.
    seen : mapping of str to Observation
        By finding, what was said last.
    language : Language
        Of the words.
    """

    before: str
    after: str
    changes: list[Change]
    seen: Mapping[str, Observation]
    language: Language

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        told = [
            {**one.to_dict(), "statement": self.language.tell(self.seen[one.finding_id].words)}
            for one in self.changes
        ]
        counts = counted(self.changes)
        return {"before": self.before, "after": self.after, "counts": counts, "changes": told}

    def text(self) -> str:
        """Give one line a change; what did not change is only counted."""
        counts = counted(self.changes)
        head = ", ".join(
            f"{self.language.of('changes', name)} {counts[name]:,}" for name in CHANGES
        )
        told = [self._line(one) for one in self.changes if one.change != "unchanged"]
        return "\n".join([f"{self.before} -> {self.after}: {head}", *told])

    def _line(self, one: Change) -> str:
        word = self.language.of("changes", one.change)
        figures = " -> ".join(
            f"{value:.3g}" for value in (one.before, one.after) if value is not None
        )
        p = "not tested" if one.p_adjusted is None else f"p {one.p_adjusted:.2g}"
        sure = "" if one.sure or one.p_adjusted is None else ", not sure"
        statement = self.language.tell(self.seen[one.finding_id].words)
        told = f"{one.figure} {figures}, ".lstrip() if figures else ""
        return one_line(f"{word:<12} {one.finding_id}  {told}{p}{sure}: {statement}")


def between_runs(
    store: FindingStore, one: str | None, other: str | None, language: Language
) -> Differences:
    """Compare two runs of a question; by default the latest two.

    Raises
    ------
    DataError
        When a run is not known, both answer different questions, or there is only one.
    """
    runs = {run.run_id: run for run in store.runs()}
    if one is None or other is None:
        one, other = _latest_two(list(runs.values()))
    before, after = store.observations(one), store.observations(other)
    if runs[one].question != runs[other].question:
        raise DataError(
            f"{one} answered {runs[one].question!r} and {other} {runs[other].question!r}: what they"
            " found cannot be compared"
        )
    return Differences(one, other, compare(before, after), {**before, **after}, language)


def since_day(store: FindingStore, day: date, language: Language) -> Differences:
    """Compare what was known before a day with what was said since.

    A pattern is gone when its question was answered since and it was not found.
    """
    runs = store.runs()
    if not any(run.recorded_at >= str(day) for run in runs):
        latest = runs[-1].recorded_at[:10] if runs else "never"
        raise DataError(f"no run recorded findings since {day}; the latest was on {latest}")
    questions = {run.run_id: run.question for run in runs}
    answered = {run.question for run in runs if run.recorded_at >= str(day)}
    before, after = store.observed(before=str(day)), store.observed(since=str(day))
    before = {name: seen for name, seen in before.items() if questions[seen.run_id] in answered}
    changes = compare(before, after)
    return Differences(f"before {day}", f"since {day}", changes, {**before, **after}, language)


def _latest_two(runs: list[RunFacts]) -> tuple[str, str]:
    if not runs:
        raise DataError("no run recorded findings yet")
    same = [run.run_id for run in runs if run.question == runs[-1].question]
    if len(same) < 2:
        raise ConfigError(
            f"only one run of {runs[-1].question!r} recorded findings: there is nothing to compare"
        )
    return same[-2], same[-1]
