"""Stopping a job that takes more memory than it may, before it takes the machine's."""

import os
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event, Thread, main_thread
from typing import Self

from lodeworks.errors import BudgetExceeded, ConfigError
from pipelines.stopped import MemoryUp, forget_stop, stop, stopped_by

__all__ = ["memory_in_use", "memory_limit"]

PROC = Path("/proc")
EVERY = 0.25
"""Seconds from one look to the next."""

# DuckDB counts only its tables and what it sorts; the rest of the process lies beside that.
SHARE_OF_DUCKDB = 0.6
LEAST_OF_DUCKDB = 128_000_000


@contextmanager
def memory_limit(most: int | None) -> Iterator[None]:
    """Stop the block when this process and those it began hold too much memory.

    Memory is looked at before the block begins and four times a second from then on. DuckDB, which
    moves to the disk what does not fit, is given a part of it.

    Parameters
    ----------
    most : int, optional
        Bytes. None stands for no limit.

    Raises
    ------
    BudgetExceeded
        When more is in use; what is finished by then is kept.
    ConfigError
        On a system that does not tell how much memory a process holds.
    """
    if most is None:
        yield
        return
    if not (PROC / "self" / "status").is_file():
        raise ConfigError("--memory needs a system that tells the memory of processes (Linux)")
    from features.connections import sharing_memory

    _refuse(memory_in_use(), most)
    watch = _Watch(most)
    former = signal.signal(signal.SIGUSR1, watch.reached)
    try:
        with sharing_memory(max(int(most * SHARE_OF_DUCKDB), LEAST_OF_DUCKDB)), watch:
            yield
    except BaseException as error:
        if not isinstance(stopped_by(error), MemoryUp):
            raise
        raise BudgetExceeded(_said(watch.used, most)) from None
    finally:
        signal.signal(signal.SIGUSR1, former)
        forget_stop(MemoryUp)


def memory_in_use() -> int:
    """Give the bytes of memory that this process holds, with all that it began.

    A page that several of them share is counted once.
    """
    family = _family(os.getpid())
    if len(family) == 1:
        return _kilobytes(family[0], "status", "VmRSS:") * 1024
    return sum(_share(process) for process in family) * 1024


class _Watch(AbstractContextManager["_Watch"]):
    """Looks at the memory until it is too much or the block is over."""

    def __init__(self, most: int) -> None:
        self.used = 0
        self._most, self._begun, self._over = most, Event(), Event()
        self._thread = Thread(target=self._look, name="memory", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._begun.set()  # from here on the block may be stopped
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        """Look, and tell the main thread once."""
        self._begun.wait()
        while not self._over.wait(EVERY):
            self.used = memory_in_use()
            if self.used > self._most:
                signal.pthread_kill(main_thread().ident or 0, signal.SIGUSR1)
                return

    def reached(self, number: int, frame: object) -> None:
        """Stop the work, unless it has ended meanwhile."""
        if not self._over.is_set():
            stop(MemoryUp())


def _refuse(used: int, most: int) -> None:
    if used > most:
        raise BudgetExceeded(_said(used, most))


def _said(used: int, most: int) -> str:
    return (
        f"{used / 1e6:,.0f} MB of memory are in use, more than the {most / 1e6:,.0f} MB of"
        " --memory; give more, or ask for less, and run the same command again to resume"
    )


def _family(root: int) -> list[int]:
    """Name a process and all that it began, and they."""
    parents = {}
    for place in PROC.glob("[0-9]*"):
        after_name = _text(place / "stat").rpartition(")")[2].split()
        if after_name:
            parents[int(place.name)] = int(after_name[1])
    family = [root]
    for process in family:
        family += [child for child, parent in parents.items() if parent == process]
    return family


def _share(process: int) -> int:
    return _kilobytes(process, "smaps_rollup", "Pss:") or _kilobytes(process, "status", "VmRSS:")


def _kilobytes(process: int, file: str, name: str) -> int:
    found = _text(PROC / str(process) / file).partition(name)[2].split()
    return int(found[0]) if found else 0


def _text(path: Path) -> str:
    """Read what the system says of a process; nothing of one that has ended."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
