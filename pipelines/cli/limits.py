"""Stopping from outside: a time limit, and a request to end treated like Ctrl-C."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread

from lodeworks import BudgetExceeded, ConfigError
from pipelines.stopped import TimeUp, forget_stop, stop, stopped_by

__all__ = ["end_like_interrupt", "time_limit"]


@contextmanager
def time_limit(seconds: float | None, message: str | None = None) -> Iterator[None]:
    """Stop the block after some seconds.

    Parameters
    ----------
    seconds : float, optional
        None stands for no limit.
    message : str, optional
        What to say then. Default: that the command can be resumed.

    Raises
    ------
    BudgetExceeded
        When the time is up; what is finished by then is kept.
    """
    if seconds is None:
        yield
        return
    if seconds <= 0:
        raise ConfigError("--timeout must be at least 1 second")
    if not hasattr(signal, "setitimer"):
        raise ConfigError("--timeout needs a system with timers (Linux, macOS)")
    former = signal.signal(signal.SIGALRM, _time_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except BaseException as error:
        if not isinstance(stopped_by(error), TimeUp):
            raise
        resume = f"the time limit of {seconds:g} s is over; run the same command again to resume"
        raise BudgetExceeded(message or resume) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
        forget_stop(TimeUp)


@contextmanager
def end_like_interrupt() -> Iterator[None]:
    """Treat SIGTERM, which a scheduler sends, as Ctrl-C: clean up and stay resumable."""
    if current_thread() is not main_thread():
        yield
        return
    former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def _time_up(number: int, frame: object) -> None:
    stop(TimeUp())
