"""Write findings for other programs: JSON with all history, or CSV with one line a finding."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from experiments.findings import Filter, Finding, FindingStore
from experiments.findings.language import Language
from lodeworks.errors import ConfigError
from lodeworks.files import new_file, write_text
from lodeworks.spreadsheet import neutral_cell
from pipelines.findings.views import finding_values

__all__ = ["Exported", "export"]

FORMATS = (".json", ".csv")


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    out : Path
        Where.
    count : int
        Findings in it.
    """

    out: Path
    count: int

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {"out": str(self.out), "count": self.count}

    def text(self) -> str:
        """Say it in one line."""
        return f"{self.count:,} findings written to {self.out}"


def export(store: FindingStore, wanted: Filter, out: Path, language: Language) -> Exported:
    """Write the findings that match; the file appears whole or not at all.

    Parameters
    ----------
    store : FindingStore
        Where they are.
    wanted : Filter
        Which.
    out : Path
        ``.json`` or ``.csv``. In CSV, text that a spreadsheet would run as a formula gets a leading
        apostrophe.
    language : Language
        Of the statements.

    Raises
    ------
    ConfigError
        For any other ending.
    """
    if out.suffix not in FORMATS:
        raise ConfigError(f"--out {out}: the name must end in {' or '.join(FORMATS)}")
    found = store.find(wanted)
    if out.suffix == ".csv":
        _write_csv([_flat(finding_values(one, language)) for one in found], out)
    else:
        values = {
            "runs": [asdict(run) for run in store.runs()],
            "findings": [_with_history(store, one, language) for one in found],
        }
        write_text(out, json.dumps(values, ensure_ascii=False, indent=1) + "\n")
    return Exported(out, len(found))


def _with_history(store: FindingStore, finding: Finding, language: Language) -> dict[str, Any]:
    seen, events = store.history(finding.id)
    return {
        **finding_values(finding, language),
        "observations": [one.to_dict() for one in seen],
        "events": [asdict(one) for one in events],
    }


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """Put every figure of the evidence into a column of its own, and patterns into JSON."""
    evidence = values.pop("evidence")
    flat = {**values, **evidence}
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
        for name, value in flat.items()
    }


def _write_csv(rows: Sequence[dict[str, Any]], out: Path) -> None:
    with new_file(out) as aside, aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([neutral_cell(name) for name in rows[0]] if rows else ["id"])
        for row in rows:
            writer.writerow([neutral_cell(value) for value in row.values()])
