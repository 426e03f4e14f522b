"""The one folder that everything is written to, and the lock on it."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lodeworks.errors import LodeError
from lodeworks.files import sweep

__all__ = ["Workspace", "clock"]

_STAMP = "%Y%m%d-%H%M%S"
_STAMPED = re.compile(r"(\d{8}-\d{6})-")


def clock() -> datetime:
    """Give the time of day of this machine, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Workspace:
    """Names of the places inside a workspace.

    Parameters
    ----------
    root : Path
        The folder; made when it is missing.
    """

    root: Path

    @property
    def warehouse(self) -> Path:
        """Give the DuckDB file of the customer warehouse."""
        return self.root / "warehouse.duckdb"

    @property
    def cache(self) -> Path:
        """Give the folder of results kept under a content hash."""
        return self.root / "cache"

    @property
    def runs(self) -> Path:
        """Give the folder that holds a folder for each run."""
        return self.root / "runs"

    @property
    def stopped(self) -> Path:
        """Give the folder of the manifests of runs that did not come to their end."""
        return self.root / "stopped"

    def new_run_id(self, name: str) -> str:
        """Name a run so that it comes after every earlier one, whatever the clock says.

        The name begins with the time in UTC. Where the clock was set back, or two runs begin in one
        second, it begins with the second after the latest run instead.

        Parameters
        ----------
        name : str
            Of the question.
        """
        earlier = [
            path.name for place in (self.runs, self.stopped) for path in place.glob("[0-9]*")
        ]
        taken = [found[1] for found in map(_STAMPED.match, earlier) if found]
        stamp = f"{clock():{_STAMP}}"
        return f"{max(stamp, *map(_next_second, taken)) if taken else stamp}-{name}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the workspace for one writer; the lock dies with its owner.

        What a writer that was killed left half written is removed.

        Raises
        ------
        LodeError
            When another process holds it, or the folder cannot be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise LodeError(f"workspace {self.root} cannot be written: {error.strerror}") from error
        try:
            self._take(handle)
            sweep(self.runs, *self.cache.glob("*/"))
            self._finish_forgetting()
            yield
        finally:
            os.close(handle)

    def _finish_forgetting(self) -> None:
        """Complete a removal of a customer that was decided and then interrupted."""
        if (self.root / ".forgetting").exists():
            # Imported late: every command opens a workspace, few have anything to finish.
            from pipelines.forgetting.journal import finish_pending

            finish_pending(self.root)

    def _take(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"
            raise LodeError(
                f"workspace {self.root} is in use by process {owner}; "
                "wait for it to end, or give another --workspace"
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)


def _next_second(stamp: str) -> str:
    try:
        return f"{datetime.strptime(stamp, _STAMP) + timedelta(seconds=1):{_STAMP}}"
    except ValueError:  # no date: not the name of a run
        return ""
