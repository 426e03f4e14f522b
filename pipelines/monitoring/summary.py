"""What a person or a program is told after new data were held against a bundle."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.monitoring.checks import Check, check_frame
from pipelines.plain import plain_rows

__all__ = ["MonitorSummary"]

REFUSED = 4


@dataclass(frozen=True)
class MonitorSummary:
    """The result of monitoring.

    Attributes
    ----------
    model, as_of : str
        The bundle's name, and the day that was looked at.
    trained_through : str
        The last day that the bundle learned from.
    checks : sequence of Check
        Every comparison.
    notes : sequence of str
        What a person must know.
    values : dict
        What else the manifest says.
    path : Path or None
        Where it was written.
    """

    model: str
    as_of: str
    trained_through: str
    checks: Sequence[Check]
    notes: Sequence[str] = ()
    values: dict[str, Any] = field(default_factory=dict)
    path: Path | None = None

    @property
    def alarms(self) -> list[Check]:
        """The comparisons that went too far."""
        return [check for check in self.checks if check.alarm]

    @property
    def exit_code(self) -> int:
        """0, or 4 when anything went too far."""
        return REFUSED if self.alarms else 0

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {
            **self.values,
            "model": self.model,
            "as_of": self.as_of,
            "trained_through": self.trained_through,
            "alarms": len(self.alarms),
            "checks": plain_rows(check_frame(self.checks)),
            "notes": list(self.notes),
            "exit_code": self.exit_code,
        }

    def text(self) -> str:
        """Give a page for the terminal: what went too far, then what moved most."""
        opening = f"{self.model}, trained through {self.trained_through}, looked at {self.as_of}"
        lines = [f"{opening}: {self._verdict()}"]
        lines += [
            f"  {one.check} of {one.subject}: {one.value:.3f}, limit {one.limit:g}; {one.sentence}"
            for one in self.alarms
        ]
        lines += self.notes
        if self.path is not None:
            lines.append(f"written to {self.path}")
        return "\n".join(lines)

    def _verdict(self) -> str:
        total = f"{len(self.checks)} comparisons"
        if not self.alarms:
            return f"{total}, none beyond its limit"
        return f"{len(self.alarms)} of {total} beyond their limit"
