"""The job behind `lode load`: bring the files of a configuration into its warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.progress import Progress, Silent

if TYPE_CHECKING:
    from features.sources import SourceBase
    from features.warehouse import LoadReport
    from pipelines.config import Question

__all__ = ["LoadSummary", "load"]

_TOP_REASONS = 3


@dataclass(frozen=True)
class LoadSummary:
    """What a load did.

    Attributes
    ----------
    warehouse : Path
        The file.
    report : LoadReport
        What became of every row of every file.
    """

    warehouse: Path
    report: "LoadReport"

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {"warehouse": str(self.warehouse), **self.report.to_dict()}

    def text(self) -> str:
        """Give one line a file, then what needs a look."""
        report = self.report
        lines = [
            f"{one.source}: {Path(one.path).name}: {one.status}, {one.rows_loaded:,} rows loaded, "
            f"{one.rows_rejected:,} rejected{_why(one.reasons)}"
            for one in report.sources
        ]
        lines += [
            f"{rows:,} rows name an unknown {name}" for name, rows in sorted(report.orphans.items())
        ]
        total = f"{report.rows_in:,} rows in = {report.rows_loaded:,} loaded"
        return "\n".join(
            [*lines, f"{total} + {report.rows_rejected:,} rejected", str(self.warehouse)]
        )


def load(
    config: "Question",
    *,
    only: Sequence[str] = (),
    effective: date | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> LoadSummary:
    """Add the files of a configuration to the warehouse of its workspace.

    Parameters
    ----------
    config : Question
        What `pipelines.config.load` gave.
    only : sequence of str, optional
        Names of the sources to load; default: all.
    effective : datetime.date, optional
        Day from which attributes of customers and items are valid, for sources that state none.
    replace : bool
        Begin with an empty warehouse.
    progress : Progress, optional
        Told about every file.

    Raises
    ------
    ConfigError
        When a name in `only` is no source, or the sources contradict each other.
    DataError
        When a file cannot be used; nothing was written.
    """
    from features.warehouse import Warehouse
    from pipelines.workspace import Workspace

    chosen = [_dated(source, effective) for source in _chosen(config.sources, only)]
    path = Workspace(Path(config.workspace)).warehouse
    kind = {"timezone": config.timezone, "currency": config.currency}
    with Warehouse.open(path, **kind) as warehouse:
        report = warehouse.add(chosen, progress or Silent(), replace=replace)
    return LoadSummary(path, report)


def _chosen(sources: Sequence["SourceBase"], only: Sequence[str]) -> list["SourceBase"]:
    from lodeworks.errors import ConfigError, did_you_mean

    names = [source.name for source in sources]
    unknown = [name for name in only if name not in names]
    if unknown:
        hints = [f"{name!r}: {did_you_mean(name, names)}" for name in unknown]
        raise ConfigError("there is no such source", hints)
    return [source for source in sources if not only or source.name in only]


def _dated(source: "SourceBase", effective: date | None) -> "SourceBase":
    from features.warehouse.tables import HISTORIES

    stated = source.effective is not None or "valid_from" in source.columns
    if effective is None or stated or source.table not in HISTORIES:
        return source
    return source.model_copy(update={"effective": effective})


def _why(reasons: Any) -> str:
    top = [f"{count:,} {rule}" for rule, count in list(reasons.items())[:_TOP_REASONS]]
    return f" ({'; '.join(top)})" if top else ""
