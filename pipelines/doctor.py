"""What a machine has and lacks, and what in a warehouse looks personal."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.catalog import PersonalReport, look_for_personal

__all__ = ["Finding", "Health", "examine", "machine"]

LIBRARIES = ("duckdb", "ibis-framework", "lightgbm", "mlflow", "pandas", "scikit-learn")
EXTRAS = {
    "torch": "neural recommenders",
    "pyspark": "mining and scoring on Spark",
    "sqlalchemy": "sources in a database",
    "jieba": "Chinese text",
}
LITTLE_DISK = 1 << 30
OLDEST_JAVA = 17


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        What.
    state : str
        ``ok``, ``bad``, or ``optional``: missing, and not always needed.
    detail : str
        What was found.
    """

    name: str
    state: str
    detail: str


@dataclass(frozen=True)
class Health:
    """What was found.

    Attributes
    ----------
    machine : sequence of Finding
        The machine.
    personal : PersonalReport or None
        Columns; None when nothing was loaded yet.
    """

    machine: Sequence[Finding]
    personal: PersonalReport | None

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values."""
        personal = None if self.personal is None else self.personal.to_dict()
        return {"machine": [asdict(one) for one in self.machine], "personal": personal}

    def text(self) -> str:
        """Give it as text for a person."""
        lines = [f"{one.state:<8}  {one.name:<16}  {one.detail}" for one in self.machine]
        if self.personal is None:
            return "\n".join([*lines, "", "Nothing was loaded yet: no columns to look at."])
        told = [f"  {one}" for one in self.personal.findings] or ["  none looks personal"]
        return "\n".join([*lines, "", f"Untagged columns ({self.personal.looked_at}):", *told])


def examine(
    config: Path | None, changes: Sequence[str], workspace: Path | None, accept: Sequence[str]
) -> Health:
    """Look at the machine and at the warehouse of a workspace.

    Parameters
    ----------
    config : Path or None
        A configuration: its workspace, and its tags.
    changes : sequence of str
        Changes of it.
    workspace : Path or None
        Without a configuration; default ``.lode``.
    accept : sequence of str
        Columns that a person has looked at.
    """
    tags: dict[tuple[str, str], str] = {}
    place = workspace or Path(".lode")
    if config is not None:
        from pipelines.config import load

        checked = load(config, changes)
        place, tags = Path(checked.workspace), _tags(checked.sources)
    warehouse = place / "warehouse.duckdb"
    personal = look_for_personal(warehouse, tags, accept) if warehouse.exists() else None
    return Health(machine(place), personal)


def machine(workspace: Path) -> list[Finding]:
    """Look at Python, the libraries, the extras, Java, the disk and the key of pseudonyms."""
    return [
        _python(),
        *map(_library, LIBRARIES),
        *(_extra(name, use) for name, use in EXTRAS.items()),
        _java(),
        _disk(workspace),
        _key(),
    ]


def _tags(sources: Sequence[Any]) -> dict[tuple[str, str], str]:
    return {
        (source.table.removeprefix("own:"), name): spec.tag
        for source in sources
        for name, spec in source.columns.items()
        if spec.tag is not None
    }


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "ok" if sys.version_info >= (3, 11) else "bad", found)


def _library(name: str) -> Finding:
    try:
        return Finding(name, "ok", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "bad", "not installed")


def _extra(name: str, use: str) -> Finding:
    found = _library(name)
    return found if found.state == "ok" else Finding(name, "optional", f"not installed: {use}")


def _java() -> Finding:
    try:
        asked = subprocess.run(  # fixed arguments
            ["java", "-version"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return Finding("java", "optional", f"none: Spark needs {OLDEST_JAVA} or later")
    return Finding("java", "ok", (asked.stderr or asked.stdout).splitlines()[0])


def _disk(workspace: Path) -> Finding:
    place = next(one for one in [workspace, *workspace.absolute().parents] if one.exists())
    free = shutil.disk_usage(place).free
    state = "ok" if free >= LITTLE_DISK else "bad"
    return Finding("disk", state, f"{free / (1 << 30):.1f} GiB free at {place}")


def _key() -> Finding:
    from features.privacy.pseudonym import KEY_VARIABLE

    if os.environ.get(KEY_VARIABLE):
        return Finding("key", "ok", f"{KEY_VARIABLE} is set")
    return Finding("key", "optional", f"{KEY_VARIABLE} is not set: needed for pseudonyms")
