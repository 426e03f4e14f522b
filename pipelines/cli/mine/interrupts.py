"""An interruption of a command that keeps nothing to resume from."""

from collections.abc import Iterator
from contextlib import contextmanager

from lodeworks import LodeError

__all__ = ["Interrupted", "without_resuming"]


class Interrupted(LodeError):
    """A person or a scheduler stopped the command before it had written anything."""

    exit_code = 130


@contextmanager
def without_resuming() -> Iterator[None]:
    """Say of an interruption that nothing was written, rather than that it can be resumed.

    Raises
    ------
    Interrupted
        In the place of a KeyboardInterrupt.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("interrupted; nothing was written") from None
