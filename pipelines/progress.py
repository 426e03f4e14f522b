"""Progress on a terminal as bars, elsewhere as plain lines, or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TextIO

from lodeworks.progress import Plain, Progress, Silent

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

__all__ = ["Rich", "open_progress"]


@contextmanager
def open_progress(*, quiet: bool = False, out: TextIO | None = None) -> Iterator[Progress]:
    """Give the progress that suits where it goes.

    Parameters
    ----------
    quiet : bool
        Say nothing.
    out : text stream, optional
        Default: standard error, so that standard output stays clean.

    Yields
    ------
    Progress
        Bars when `out` is a terminal that can draw them, one line an event otherwise.
    """
    out = out or sys.stderr
    if quiet:
        yield Silent()
    elif out.isatty() and os.environ.get("TERM") != "dumb":
        with Rich(out) as bars:
            yield bars
    else:
        yield _Patient(out)


class Rich:
    """A bar a task, and the messages above them.

    Parameters
    ----------
    out : text stream
        A terminal.
    """

    def __init__(self, out: TextIO) -> None:
        self._bars = _bars(out)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def start(self, task: str, total: int | None = None) -> None:
        """Draw a bar; it pulses while the number of steps is unknown."""
        if task in self._tasks:
            self._bars.remove_task(self._tasks.pop(task))
        self._tasks[task] = self._bars.add_task(_safe(task), total=total, detail="")

    def step(self, task: str, detail: str = "") -> None:
        """Move the bar by one."""
        if task not in self._tasks:
            self.start(task)
        self._bars.update(self._tasks[task], advance=1, detail=_safe(detail))

    def done(self, task: str, detail: str = "") -> None:
        """Fill the bar."""
        if task not in self._tasks:
            self.start(task)
        number = self._tasks.pop(task)
        steps = next(bar.completed for bar in self._bars.tasks if bar.id == number)
        full = max(steps, 1)
        self._bars.update(number, total=full, completed=full, detail=_safe(detail))

    def note(self, message: str) -> None:
        """Print the message above the bars."""
        self._bars.console.print(_safe(message), highlight=False)


class _Patient(Plain):
    """Plain lines that do not fail the work when nobody reads them any more."""

    def _say(self, line: str) -> None:
        try:
            super()._say(line)
        except BrokenPipeError:
            self._out = open(os.devnull, "w")  # noqa: PTH123, SIM115 (stands in for a stream)


def _bars(out: TextIO) -> "Bars":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import Progress as Bars

    return Bars(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", style="dim"),
        console=Console(file=out),
    )


def _safe(text: str) -> str:
    """Keep square brackets from being read as styles."""
    from rich.markup import escape

    return escape(text)
