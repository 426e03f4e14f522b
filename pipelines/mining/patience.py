"""Say why a person waits: a search that compiles itself, or one that takes long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

from lodeworks.progress import Progress

__all__ = ["COMPILING", "told_if_compiling", "told_if_slow"]

COMPILING = "compiling this kind of search; this takes up to a minute, once for each kind"


@contextmanager
def told_if_slow(progress: Progress, message: str, after: float = 10.0) -> Iterator[None]:
    """Note a message when the block takes longer than `after` seconds."""
    timer = _timer(after, lambda: progress.note(message))
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def told_if_compiling(progress: Progress, after: float = 1.0) -> Iterator[None]:
    """Note once that something is compiled in the block; what is found compiled says nothing.

    Parameters
    ----------
    progress : Progress
        Told once.
    after : float, default 1
        Seconds that one compilation takes before it is worth a note.
    """
    from numba.core import event

    told: list[str] = []

    def tell() -> None:
        if not told:
            told.append(COMPILING)
            progress.note(COMPILING)

    with event.install_listener("numba:compile", _listener(tell, after)):
        yield


def _listener(tell: Callable[[], None], after: float) -> object:
    """Listen to the outermost compilation; numba's lock lets one thread compile at a time."""
    from numba.core import event

    class Compilations(event.Listener):
        def __init__(self) -> None:
            self.running: list[Timer] = []

        def on_start(self, event: object) -> None:
            self.running.append(_timer(after, tell) if not self.running else self.running[0])

        def on_end(self, event: object) -> None:
            self.running.pop().cancel() if len(self.running) == 1 else self.running.pop()

    return Compilations()


def _timer(after: float, tell: Callable[[], None]) -> Timer:
    timer = Timer(after, tell)
    timer.daemon = True
    timer.start()
    return timer
