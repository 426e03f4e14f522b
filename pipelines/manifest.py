"""What a command leaves beside its output: what came in, what went out, at what cost."""

import importlib.metadata
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lodeworks
from lodeworks.files import write_text

__all__ = ["Manifest", "git_commit", "peak_memory_mb", "versions"]

LIBRARIES = (
    "duckdb",
    "ibis-framework",
    "lightgbm",
    "mlflow",
    "numba",
    "numpy",
    "optuna",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
)


@dataclass
class Manifest:
    """Collects what is known as the command goes on, and is written at its end.

    Parameters
    ----------
    command : str
        ``run`` or ``score``.
    about : dict
        What the command adds; plain values only.
    """

    command: str
    about: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)
    _started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def add(self, **values: Any) -> None:
        """Note plain values."""
        self.about.update(values)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values."""
        return {
            "command": self.command,
            "started": self._started.isoformat(timespec="seconds"),
            **self.about,
            "timings": self.timings,
            "seconds": round(time.monotonic() - self._began, 3),
            "peak_memory_mb": peak_memory_mb(),
            "versions": versions(),
        }

    def write(self, path: Path) -> None:
        """Write the manifest as JSON, whole or not at all."""
        write_text(path, json.dumps(self.to_dict(), indent=2, default=str) + "\n")


def versions() -> Mapping[str, str]:
    """Give the versions that a result may depend on."""
    known = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {"lodeworks": lodeworks.__version__, "python": platform.python_version(), **known}


def peak_memory_mb() -> float:
    """Give the largest resident memory of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024**2 if sys.platform == "darwin" else 1024), 1)


def git_commit(folder: Path) -> str | None:
    """Give the commit of the checkout that holds `folder`, or None outside of one."""
    try:
        asked = subprocess.run(  # fixed arguments
            ["git", "rev-parse", "HEAD"],  # noqa: S607
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip() or None
