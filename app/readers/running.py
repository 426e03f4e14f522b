"""Whether a run is going on, and how far it is; seen from outside, without its lock."""

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Running", "running_in"]

LOCKS = Path("/proc/locks")


@dataclass(frozen=True)
class Running:
    """A writer at work.

    Attributes
    ----------
    pid : str
        Its process.
    began : float
        When it took the lock, seconds since 1970.
    done : tuple of str
        Parts finished since, in their order, such as ``mine: rules-tuned``.
    """

    pid: str
    began: float
    done: tuple[str, ...] = ()


def running_in(workspace: Path) -> Running | None:
    """Say what is being written; None when nothing is.

    The lock is looked up in the kernel's table or by its owner's process. To try to take it, even
    for a moment, could make a run fail that begins in that moment.
    """
    lock = workspace / "lock"
    try:
        pid = lock.read_text(errors="replace").strip()
        began = lock.stat().st_mtime
        held = _is_held(lock, pid)
    except OSError:
        return None
    return Running(pid, began, _finished_since(workspace / "cache", began)) if held else None


def _is_held(lock: Path, pid: str) -> bool:
    try:
        table = LOCKS.read_text()
    except OSError:
        return _is_alive(pid)
    number = str(lock.stat().st_ino)
    return any(
        "FLOCK" in line and line.split()[5].rsplit(":", 1)[-1] == number
        for line in table.splitlines()
        if len(line.split()) > 5 and "->" not in line
    )


def _is_alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _finished_since(cache: Path, began: float) -> tuple[str, ...]:
    found = []
    for step in cache.glob("*/*/step.json"):
        try:
            when = step.stat().st_mtime
        except OSError:
            continue
        if when >= began and not step.parent.name.startswith("."):
            found.append((when, f"{step.parent.parent.name}: {step.parent.name.rsplit('-', 1)[0]}"))
    return tuple(name for _, name in sorted(found))
