"""The one folder that everything is written to, and the lock on it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lodeworks.errors import LodeError

__all__ = ["Workspace"]


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

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the workspace for one writer; the lock dies with its owner.

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
