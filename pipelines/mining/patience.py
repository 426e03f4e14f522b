"""Say something when a step that is usually quick takes long."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

from lodeworks.progress import Progress

__all__ = ["COMPILING", "told_if_slow"]

COMPILING = "compiling; this takes a minute, once, and later commands find it done"


@contextmanager
def told_if_slow(
    progress: Progress, message: str = COMPILING, after: float = 5.0
) -> Iterator[None]:
    """Note a message when the block takes longer than `after` seconds."""
    timer = Timer(after, progress.note, [message])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
