"""The frame of scoring new records with the bundle of a question; the kind says what rows come."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from experiments.bundle.mlmodel import Served
from experiments.bundle.seal import SEAL
from features.sources.spec import SourceBase
from features.warehouse import Warehouse
from lodeworks.errors import ConfigError
from lodeworks.files import file_digest
from lodeworks.progress import Progress
from pipelines.lists.words import load_sentence
from pipelines.lists.writer import check_format
from pipelines.manifest import Manifest
from pipelines.questions.new_data import sources_of, write_table

__all__ = ["RecordScorer", "Rows", "Scored", "score_with"]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What a kind of question says of new records.

    Attributes
    ----------
    table : pandas.DataFrame
        Written as it stands.
    said : sequence of str
        The lines of a person that come after what was loaded.
    facts : mapping
        What the manifest says; plain values.
    csv_digits : int or None
        Digits of numbers in CSV; None = all that there are.
    """

    table: pd.DataFrame
    said: Sequence[str]
    facts: Mapping[str, Any] = field(default_factory=dict)
    csv_digits: int | None = None


@dataclass(frozen=True)
class Scored:
    """What a person or a program is told after scoring.

    Attributes
    ----------
    values : dict
        The manifest.
    out, manifest : Path
        The table and its manifest.
    said : tuple of str
        What the kind of question says of it.
    label : str
        What the table is called.
    """

    values: dict[str, Any]
    out: Path
    manifest: Path
    said: tuple[str, ...] = ()
    label: str = "list"

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {**self.values, "paths": {"list": str(self.out), "manifest": str(self.manifest)}}

    def text(self) -> str:
        """Give a few lines for the terminal."""
        return "\n".join(
            [
                load_sentence(self.values["load"]),
                *self.said,
                *self.values["notes"],
                f"{self.label:<9} {self.out}",
                f"manifest  {self.manifest}",
            ]
        )


class RecordScorer(ABC):
    """A bundle that scores new records; derive, set `meta` when it is read, and write `rows`.

    Parameters
    ----------
    folder : Path
        The bundle; its seal is checked.

    Attributes
    ----------
    kind : str
        The kind of question.
    label : str
        What the table is called.
    meta : mapping
        ``name``, ``sources``, and ``timezone`` and ``currency`` of the warehouse where they matter.
    """

    kind: ClassVar[str]
    label: ClassVar[str] = "list"
    meta: Mapping[str, Any]

    @abstractmethod
    def __init__(self, folder: Path) -> None: ...

    @property
    @abstractmethod
    def table(self) -> str:
        """The table of the warehouse that must be given."""

    @property
    @abstractmethod
    def served(self) -> Served:
        """What MLflow is told of the bundle."""

    @abstractmethod
    def rows(self, warehouse: Warehouse, as_of: date | None) -> Rows:
        """Score what the warehouse holds.

        Raises
        ------
        DataError
            When there is nothing that could be scored.
        """

    @property
    def needs_day(self) -> bool:
        """Whether the last day that may be seen must be stated: where purchases are read."""
        return self.table == "lines"

    @property
    def declared(self) -> Sequence[Mapping[str, Any]]:
        """The sources that new data are read by."""
        return list(self.meta["sources"])

    @property
    def terms(self) -> Mapping[str, Any]:
        """Time zone and currency of the warehouse."""
        return {name: self.meta.get(name) for name in ("timezone", "currency")}

    def warehouse(self) -> Warehouse:
        """Open an empty warehouse for new data."""
        return Warehouse.open(None, **self.terms)


def score_with(
    scorer: type[RecordScorer],
    folder: Path,
    *,
    data: Mapping[str, Sequence[Path]],
    out: Path,
    as_of: date | None,
    progress: Progress,
    address: str = "",
    version: str = "",
) -> Scored:
    """Score new records; nothing is written before everything is known to be right.

    Parameters
    ----------
    scorer : type of RecordScorer
        Of the kind of the bundle.
    folder : Path
        The bundle.
    data : mapping of str to sequence of Path
        Files by the name of the bundle's source or of its table; those without a name (``lines``)
        are the only source's.
    out : Path
        ``.csv`` or ``.parquet``.
    as_of : date or None
        The last day that may be seen; needed where purchases are read.
    progress : Progress
        Told about every step.
    address, version : str
        What was asked for and which registered version that is, for the manifest.

    Raises
    ------
    LodeError
        `BundleError`, `ConfigError` or `DataError`; nothing is written then.
    """
    began = time.monotonic()
    check_format(out)
    found = scorer(folder)
    if found.needs_day and as_of is None:
        raise ConfigError("missing: --as-of; the model reads purchases up to a day")
    sources = _given(found, data)
    manifest = Manifest("score")
    with found.warehouse() as warehouse:
        report = warehouse.add(sources, progress)
        rows = found.rows(warehouse, as_of)
    manifest.add(
        address=address or str(folder),
        bundle=str(folder),
        bundle_sha256=file_digest(folder / SEAL),
        model=found.meta["name"],
        model_version=version,
        kind=found.kind,
        as_of=str(as_of) if found.needs_day else None,
        load=report.to_dict(),
        **{"notes": [], **rows.facts},
    )
    write_table(rows.table, out, digits=rows.csv_digits)
    manifest.timings["score"] = round(time.monotonic() - began, 3)
    manifest.add(list_sha256=file_digest(out))
    beside = out.with_name(f"{out.name}.manifest.json")
    manifest.write(beside)
    return Scored(manifest.to_dict(), out, beside, tuple(rows.said), found.label)


def _given(scorer: RecordScorer, data: Mapping[str, Sequence[Path]]) -> list[SourceBase]:
    given = sources_of(scorer.declared, data)
    if not any(str(source.table) == scorer.table for source in given):
        raise ConfigError(f"--data gives no file of the table {scorer.table!r}")
    return given
