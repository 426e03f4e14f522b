"""What was looked at when a customer was forgotten, and what was found before and after."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lodeworks.files import write_text

__all__ = ["Certificate", "Place"]

LIMITS = (
    "Files outside the workspace, the sources among them, are searched where they can be read and"
    " never changed.",
    "Models that were fitted before hold no rows of customers; figures and models made from many"
    " customers are not computed again until the next run.",
    "Backups and copies elsewhere are not known to this program.",
)


@dataclass(frozen=True)
class Place:
    """One place that was looked at.

    Attributes
    ----------
    place : str
        A table of the warehouse or a file of the workspace.
    before, after : int
        Rows, or in a text mentions, of the customer.
    action : str
        What was done: ``none``, ``rows removed``, ``text removed``, ``deleted``.
    """

    place: str
    before: int
    after: int
    action: str


@dataclass(frozen=True)
class Certificate:
    """The proof; it names the customer by keyed hash only.

    Attributes
    ----------
    forgotten_at : str
        Moment in UTC.
    mark : str
        Keyed hash of the identifier, as in ``forgotten.json``.
    reason : str or None
        Why, as it was given.
    places : sequence of Place
        Everything that was looked at.
    same_text : dict of str to int
        Where the same characters stand for something else, such as an item or a number.
    outside : dict of str to str
        Sources outside the workspace: ``holds the customer``, ``does not``, ``not searched``.
    files, bytes : int
        How much the last search read.
    path : Path or None
        Where the certificate lies.
    """

    forgotten_at: str
    mark: str
    reason: str | None
    places: Sequence[Place]
    same_text: dict[str, int]
    outside: dict[str, str]
    files: int
    bytes: int
    path: Path | None = None

    @property
    def removed(self) -> int:
        """Rows and mentions that are there no more."""
        return sum(place.before - place.after for place in self.places)

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values."""
        values = asdict(self) | {"removed": self.removed, "limits": list(LIMITS)}
        return values | {"left": sum(place.after for place in self.places)}

    def text(self) -> str:
        """Give it as text for a person."""
        touched = [place for place in self.places if place.before]
        lines = [f"Forgotten: {self.removed} rows or mentions in {len(touched)} places."]
        lines += [f"  {one.place}: {one.before} before, {one.after} after" for one in touched]
        lines.append(f"Searched again: {self.files} files, {self.bytes:,} bytes, nothing left.")
        lines += [f"  same text, something else: {n} in {at}" for at, n in self.same_text.items()]
        lines += [f"  outside, untouched: {path} {what}" for path, what in self.outside.items()]
        return "\n".join([*lines, f"Certificate: {self.path}"])

    def write(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        write_text(path, json.dumps(self.to_dict(), indent=1, default=str) + "\n")
