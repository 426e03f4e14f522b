"""Progress of long work as one small protocol that is handed in; library code never prints."""

import sys
import time
from typing import Protocol, TextIO

__all__ = ["Plain", "Progress", "Silent"]


class Progress(Protocol):
    """What long work tells the person who waits."""

    def start(self, task: str, total: int | None = None) -> None:
        """Say that `task` begins; `total` is its number of steps where it is known."""

    def step(self, task: str, detail: str = "") -> None:
        """Say that one step of `task` is done."""

    def done(self, task: str, detail: str = "") -> None:
        """Say that `task` is finished."""

    def note(self, message: str) -> None:
        """Say something a person should know."""


class Silent:
    """Say nothing."""

    def start(self, task: str, total: int | None = None) -> None:
        """Ignore it."""

    def step(self, task: str, detail: str = "") -> None:
        """Ignore it."""

    def done(self, task: str, detail: str = "") -> None:
        """Ignore it."""

    def note(self, message: str) -> None:
        """Ignore it."""


class Plain:
    """One line an event, for logs and pipes.

    Parameters
    ----------
    out : text stream
        Where the lines go; standard error by default, so that standard output stays clean.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._began: dict[str, float] = {}

    def start(self, task: str, total: int | None = None) -> None:
        """Print the name of the task."""
        self._began[task] = time.monotonic()
        self._say(f"{task} ..." if total is None else f"{task} ({total} steps) ...")

    def step(self, task: str, detail: str = "") -> None:
        """Print the step when it has something to say."""
        if detail:
            self._say(f"{task}: {detail}")

    def done(self, task: str, detail: str = "") -> None:
        """Print the time the task took."""
        seconds = time.monotonic() - self._began.pop(task, time.monotonic())
        self._say(f"{task}: done in {seconds:.1f} s{f', {detail}' if detail else ''}")

    def note(self, message: str) -> None:
        """Print the message."""
        self._say(message)

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)
