"""Questions about a warehouse: what it holds, how good it is, and what in it looks personal."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError, did_you_mean
from lodeworks.files import write_text

if TYPE_CHECKING:
    from features.catalog import Directory
    from features.privacy.personal import Finding
    from features.quality import QualityReport

__all__ = [
    "PersonalReport",
    "check_report_name",
    "describe",
    "look_for_personal",
    "measure_quality",
    "write_report",
]

BOOKS = ("columns", "facts", "load_log", "loads", "orphans", "rejected", "dates")
_OWN_COLUMNS = ("source", "source_line", "source_file", "declared", "valid_from", "valid_to")


def describe(warehouse: Path, name: str | None, *, today: date | None = None) -> "Directory":
    """Describe a warehouse, a table, or a column as ``TABLE.COLUMN``."""
    from features.catalog import directory, open_read_only

    table, _, column = (name or "").partition(".")
    with open_read_only(warehouse) as connection:
        return directory(connection, table or None, column or None, today=today or date.today())


def measure_quality(
    warehouse: Path,
    sources: Iterable[Any] | None = None,
    *,
    today: date | None = None,
    rejected: Path | None = None,
) -> "QualityReport":
    """Measure the quality of a warehouse.

    Parameters
    ----------
    warehouse : Path
        Its file.
    sources : iterable of SourceBase, optional
        What demands there are; default: those of the sources it was loaded from.
    today : datetime.date, optional
        The day that freshness counts from; default: the present one.
    rejected : Path, optional
        Write the rejected rows there, as CSV, without those of customers who refused.
    """
    from features.catalog import open_read_only
    from features.quality import quality, thresholds_of
    from features.quality.rejected import write_rejected
    from pipelines.refusals import Refusals

    demands = None if sources is None else thresholds_of(sources)
    with open_read_only(warehouse) as connection:
        found = quality(connection, demands, today=today or date.today())
        if rejected is not None:
            _, left_out = write_rejected(connection, rejected, Refusals.among(connection))
            found = replace(found, left_out=left_out)
    return found


@dataclass(frozen=True)
class PersonalReport:
    """Columns without a tag that look personal.

    Attributes
    ----------
    findings : sequence of Finding
        Those that were not accepted.
    accepted : sequence of Finding
        Those that a person has looked at.
    looked_at : int
        How many columns have no tag.
    """

    findings: "Sequence[Finding]"
    accepted: "Sequence[Finding]"
    looked_at: int

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "findings": [asdict(one) for one in self.findings],
            "accepted": [asdict(one) for one in self.accepted],
            "looked_at": self.looked_at,
        }


def look_for_personal(
    warehouse: Path,
    tags: Mapping[tuple[str, str], str] | None = None,
    accepted: Iterable[str] = (),
) -> PersonalReport:
    """Look through the columns that nobody has tagged.

    Parameters
    ----------
    warehouse : Path
        Its file.
    tags : mapping of (table, column) to str, optional
        Further tags, such as those of a configuration that was not loaded yet.
    accepted : iterable of str
        Columns, ``TABLE.COLUMN``, that a person has looked at.

    Raises
    ------
    ConfigError
        When an accepted column does not exist.
    """
    from features.catalog import column_facts, open_read_only, untagged
    from features.privacy.personal import find_personal

    wanted = set(accepted)
    with open_read_only(warehouse) as connection:
        facts = [one for one in column_facts(connection) if _is_content(one.table, one.column)]
        _check_accepted(wanted, {f"{one.table}.{one.column}" for one in facts})
        columns = untagged(facts, tags)
        found = find_personal(connection, columns)
    names = {one: f"{one.table}.{one.column}" for one in found}
    return PersonalReport(
        findings=[one for one in found if names[one] not in wanted],
        accepted=[one for one in found if names[one] in wanted],
        looked_at=sum(map(len, columns.values())),
    )


def _is_content(table: str, column: str) -> bool:
    same_again = table.endswith(("_rows", "_history"))
    return not same_again and table not in BOOKS and column not in _OWN_COLUMNS


def _check_accepted(wanted: set[str], known: set[str]) -> None:
    unknown = sorted(wanted - known)
    if unknown:
        hints = [f"{name}: {did_you_mean(name, known)}" for name in unknown]
        raise ConfigError("--accept names columns that do not exist", hints)


def write_report(report: Any, path: Path) -> None:
    """Write a report as ``.html`` or ``.json``, whole or not at all.

    Raises
    ------
    ConfigError
        For any other ending.
    """
    check_report_name(path)
    told = report.html() if path.suffix == ".html" else _json(report.to_dict())
    write_text(path, told)


def check_report_name(path: Path | None) -> None:
    """Refuse the name of a report before any work is done."""
    if path is not None and path.suffix not in (".html", ".json"):
        raise ConfigError(f"{path}: the name must end in .html or .json")


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=1, default=str, ensure_ascii=False) + "\n"
