"""What a warehouse is to hold, file by file, and what must be done to get there."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self

from features.sources.base import SourceBase
from features.sources.opening import source_digest
from features.warehouse.tables import HISTORIES
from lodeworks.files import digest

__all__ = ["Content", "Plan", "plan_load", "wanted_content"]

_SECRET = {"url"}  # may hold who signs in, and with what


@dataclass(frozen=True)
class Content:
    """One file of one source, as it was declared.

    Attributes
    ----------
    source, table, kind, path : str
        What the source declares; one file.
    effective : datetime.date or None
        Day from which its attributes are valid, in tables that keep a history.
    sha256 : str or None
        Hash of the file; None for a database.
    fingerprint : str
        Hash of the file and of its declaration: equal when reading it again changes nothing.
    declaration : str
        The source as JSON.
    spec : SourceBase or None
        The source itself; None for what was loaded earlier.
    counts : tuple of int
        Rows in, loaded and rejected, once they are known.
    """

    source: str
    table: str
    kind: str
    path: str
    effective: date | None
    sha256: str | None
    fingerprint: str
    declaration: str = field(repr=False)
    spec: SourceBase | None = field(default=None, repr=False, compare=False)
    counts: tuple[int, int, int] = (0, 0, 0)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it one file of one source; a history has one file for every day stated."""
        return (self.source, self.path, str(self.effective or ""))

    @property
    def label(self) -> str:
        """What its rows carry in the column ``source_file``."""
        return f"{self.path} ({self.effective})" if self.effective else self.path

    @property
    def columns(self) -> dict[str, dict[str, Any]]:
        """The mapped columns as they were declared."""
        return dict(json.loads(self.declaration)["columns"])

    def with_counts(self, rows_in: int, loaded: int, rejected: int) -> Self:
        """Give the same with the rows counted."""
        return replace(self, counts=(rows_in, loaded, rejected))


@dataclass(frozen=True)
class Plan:
    """What a load has to do.

    Attributes
    ----------
    holders : tuple of Content
        Every file whose rows the warehouse will hold.
    aliases : mapping of Content to Content
        Files that hold the same as another file of their source; their rows are there once.
    removed, read, kept : tuple of Content
        Files whose rows go, are read now, and stay.
    moved : mapping of Content to Content
        Rows that stay and belong to another file from now on: content now held under that name.
    replaced : frozenset of tuple
        Keys of files that are read because they, or their declaration, changed.
    changes : bool
        Whether there is anything to do.
    """

    holders: tuple[Content, ...]
    aliases: Mapping[Content, Content]
    removed: tuple[Content, ...]
    read: tuple[Content, ...]
    kept: tuple[Content, ...]
    moved: Mapping[Content, Content]
    replaced: frozenset[tuple[str, str, str]]
    changes: bool

    @property
    def builds_on(self) -> bool:
        """Whether rows that are there stay: only then is the former warehouse copied."""
        return bool(self.kept or self.moved)


def wanted_content(source: SourceBase, zone: str | None) -> Content:
    """Describe one file of a source as it is now.

    Parameters
    ----------
    source : SourceBase
        One file; see `features.sources.file_by_file`.
    zone : str or None
        Time zone of the warehouse; its timestamps depend on it.
    """
    declared = source.model_dump(mode="json", by_alias=True, exclude=_SECRET)
    sha256 = source_digest(source)
    told = {name: value for name, value in declared.items() if name != "path"}
    return Content(
        source=source.name,
        table=source.table,
        kind=str(declared["kind"]),
        path=source.path,
        effective=source.effective if source.table in HISTORIES else None,
        sha256=sha256,
        fingerprint=digest([sha256 or uuid.uuid4().hex, told, zone]),
        declaration=json.dumps(declared, sort_keys=True),
        spec=source,
    )


def plan_load(
    held: Sequence[Content], known: Sequence[Content], wanted: Sequence[Content], *, only: bool
) -> Plan:
    """Compare what is wanted with what is held.

    Parameters
    ----------
    held : sequence of Content
        Files whose rows are there.
    known : sequence of Content
        The same and the files that hold the same as one of them.
    wanted : sequence of Content
        Files that are to be there.
    only : bool
        Whether everything else is to go.

    Notes
    -----
    Content is told by its fingerprint, a file by its name. Of files with the same content the
    first by name holds the rows. So the result depends on the files and never on the order or the
    number of loads that brought them.
    """
    desired = {} if only else {content.key: content for content in known}
    before = {content.key: content for content in known}
    desired |= {content.key: content for content in wanted}
    groups: dict[tuple[str, str], list[Content]] = {}
    for key in sorted(desired):
        groups.setdefault(_identity(desired[key]), []).append(desired[key])
    there = {_identity(content): content for content in held}
    found = _compare(groups, there)
    holders = tuple(group[0] for group in groups.values())
    aliases = {other: group[0] for group in groups.values() for other in group[1:]}
    same = {key: content.fingerprint for key, content in desired.items()} == {
        key: content.fingerprint for key, content in before.items()
    }
    replaced = frozenset(c.key for c in found["read"] if c.key in before)
    return Plan(
        holders=holders,
        aliases=aliases,
        removed=tuple(c for identity, c in there.items() if identity not in groups),
        read=tuple(found["read"]),
        kept=tuple(found["kept"]),
        moved={there[_identity(c)]: c for c in found["moved"]},
        replaced=replaced,
        changes=not same,
    )


def _identity(content: Content) -> tuple[str, str]:
    return (content.source, content.fingerprint)


def _compare(
    groups: Mapping[tuple[str, str], Sequence[Content]],
    there: Mapping[tuple[str, str], Content],
) -> dict[str, list[Content]]:
    found: dict[str, list[Content]] = {"read": [], "kept": [], "moved": []}
    for identity, group in groups.items():
        former = there.get(identity)
        if former is None:
            found["read"].append(group[0])
        elif former.key == group[0].key:
            found["kept"].append(former)
        else:
            found["moved"].append(replace(group[0], counts=former.counts))
    return found


def tables_of(contents: Iterable[Content]) -> list[str]:
    """List the tables that files feed, as sources declare them."""
    return sorted({content.table for content in contents})
