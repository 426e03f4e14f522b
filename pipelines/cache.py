"""Results of stages kept under a content hash: a killed run resumes, an unchanged stage rests."""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lodeworks.files import digest, file_digest, new_folder
from lodeworks.progress import Progress, Silent
from pipelines.manifest import versions

__all__ = ["Cache", "Step", "code_digest"]

ROOMS = ("lodeworks", "features", "models", "experiments", "pipelines")


@cache
def code_digest() -> str:
    """Hash the code that makes results and the versions of what it stands on.

    Another version then never takes them for its own.
    """
    rooms = Path(__file__).resolve().parent.parent
    files = sorted(file for room in ROOMS for file in (rooms / room).rglob("*.py"))
    own = [[str(file.relative_to(rooms)), file_digest(file)] for file in files]
    return digest([own, dict(versions())])


@dataclass(frozen=True)
class Step:
    """One result: what it is called, where it lies and what it cost.

    Attributes
    ----------
    stage, name : str
        The stage of the process and the part of it.
    key : str
        Hash of everything the result depends on.
    folder : Path
        Where the result lies.
    seconds : float
        Time it took to make, in this run or an earlier one.
    reused : bool
        Whether an earlier result served.
    """

    stage: str
    name: str
    key: str
    folder: Path
    seconds: float
    reused: bool


@dataclass
class Cache:
    """Folders named by what their content was made from.

    Parameters
    ----------
    root : Path
        Where the folders lie.
    fresh : bool
        Make everything again, whatever is there.
    progress : Progress
        Told about every step.
    """

    root: Path
    fresh: bool = False
    progress: Progress = field(default_factory=Silent)
    steps: list[Step] = field(default_factory=list)

    def step(
        self,
        stage: str,
        name: str,
        depends_on: Mapping[str, Any],
        make: Callable[[Path], None],
    ) -> Step:
        """Give the result for `depends_on`; make it when it is not there.

        Parameters
        ----------
        stage, name : str
            Stage of the process (``mine``) and the part of it (``rules``).
        depends_on : mapping
            Everything the result is a function of: keys of earlier steps, configuration, seed.
        make : callable
            Writes the result into the empty folder it is given.
        """
        key = digest({"stage": stage, "name": name, "code": code_digest(), **depends_on})
        folder = self.root / stage / f"{name}-{key[:16]}"
        task = f"{stage}: {name}"
        self.progress.start(task)
        reused = folder.is_dir() and not self.fresh
        if not reused:
            _make(folder, make)
        done = Step(stage, name, key, folder, _seconds(folder), reused)
        self.steps.append(done)
        self.progress.done(task, "kept from an earlier run" if reused else "")
        return done

    def journal(self, name: str, depends_on: Mapping[str, Any]) -> Path:
        """Give the file in which a search keeps its trials while it goes on."""
        key = digest({"name": name, "code": code_digest(), **depends_on})
        path = self.root / "journals" / f"{name}-{key[:16]}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.fresh:
            path.unlink(missing_ok=True)
        return path


def _make(folder: Path, make: Callable[[Path], None]) -> None:
    began = time.monotonic()
    with new_folder(folder) as aside:
        make(aside)
        cost = {"seconds": round(time.monotonic() - began, 3)}
        (aside / "step.json").write_text(json.dumps(cost))


def _seconds(folder: Path) -> float:
    try:
        return float(json.loads((folder / "step.json").read_text())["seconds"])
    except (OSError, ValueError, KeyError):
        shutil.rmtree(folder, ignore_errors=True)
        raise
