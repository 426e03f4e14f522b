"""Many files changed as one: everything is made aside, then one rename decides."""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from lodeworks.files import write_text

__all__ = ["Changes", "finish_pending"]

_STAGE = ".forgetting"
_JOURNAL = "journal.json"


@dataclass
class Changes:
    """What is to become of the files of a workspace; nothing is done before `commit`.

    Parameters
    ----------
    root : Path
        The workspace.
    """

    root: Path
    replaced: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with an empty place aside."""
        shutil.rmtree(self.root / _STAGE, ignore_errors=True)
        (self.root / _STAGE).mkdir()

    def replace(self, path: Path) -> Path:
        """Give the place to write what `path` shall hold."""
        name = self.replaced.setdefault(
            self._within(path), f"{len(self.replaced):06d}{path.suffix}"
        )
        return self.root / _STAGE / name

    def remove(self, path: Path) -> None:
        """Let `path`, a file or a folder, disappear."""
        self.removed.append(self._within(path))

    def now(self, path: Path) -> Path | None:
        """Give the file that will stand for `path`: itself, what replaces it, or nothing."""
        within = self._within(path)
        if within in self.replaced:
            return self.root / _STAGE / self.replaced[within]
        gone = any(Path(within).is_relative_to(one) for one in self.removed)
        return None if gone else path

    def commit(self) -> None:
        """Do all of it; a process that dies on the way leaves the rest to `finish_pending`."""
        for name in self.replaced.values():
            _flush(self.root / _STAGE / name)
        content = {"replaced": self.replaced, "removed": self.removed}
        write_text(self.root / _STAGE / _JOURNAL, json.dumps(content))
        finish_pending(self.root)

    def abandon(self) -> None:
        """Do nothing of it."""
        shutil.rmtree(self.root / _STAGE, ignore_errors=True)

    def _within(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def finish_pending(root: Path) -> bool:
    """Finish what a process that died had decided, or clear away what it had not.

    Parameters
    ----------
    root : Path
        A workspace whose lock is held.

    Returns
    -------
    bool
        Whether there was something to finish.
    """
    stage = root / _STAGE
    decided = (stage / _JOURNAL).is_file()
    if decided:
        content = json.loads((stage / _JOURNAL).read_text(encoding="utf-8"))
        for within, name in content["replaced"].items():
            if (stage / name).exists():
                (stage / name).replace(root / within)
        for within in content["removed"]:
            _remove(root / within)
    shutil.rmtree(stage, ignore_errors=True)
    return decided


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
