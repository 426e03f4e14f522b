"""Runs that a budget of time or memory stopped leave a manifest of how far they came."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn, Protocol

from lodeworks.errors import BudgetExceeded

if TYPE_CHECKING:
    from pipelines.cache import Cache
    from pipelines.manifest import Manifest
    from pipelines.workspace import Workspace

__all__ = [
    "LimitReached",
    "MemoryUp",
    "TimeUp",
    "forget_stop",
    "is_out_of_memory",
    "noted_when_stopped",
    "stop",
    "stopped_by",
]


class LimitReached(BaseException):
    """A limit of the command is over; passes by every ``except Exception`` on its way out."""


class TimeUp(LimitReached):
    """The time limit is over."""


class MemoryUp(LimitReached):
    """More memory is in use than is allowed."""


# Of the whole process, as its signals are.
_stops: list[LimitReached] = []


class _Job(Protocol):
    run_id: str
    workspace: "Workspace"
    manifest: "Manifest"
    cache: "Cache"


def stop(reached: LimitReached) -> NoReturn:
    """Stop what is going on from within a signal, and remember why.

    Raises
    ------
    LimitReached
        What was given. DuckDB turns it into an error of its own, so `stopped_by` tells it too.
    """
    _stops.append(reached)
    raise reached


def stopped_by(error: BaseException) -> LimitReached | None:
    """Tell which limit an error comes from: itself, or what stopped the library that raised it."""
    if isinstance(error, LimitReached):
        return error
    return _stops[0] if _stops else None


def forget_stop(kind: type[LimitReached]) -> None:
    """Forget that a limit was reached by work that has ended."""
    _stops[:] = [one for one in _stops if not isinstance(one, kind)]


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out, in Python or in one of the libraries.

    Examples
    --------
    >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("std::bad_alloc"))
    (True, True)
    >>> is_out_of_memory(ValueError("bad"))
    False
    """
    known = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException"
    return known or "std::bad_alloc" in str(error)


@contextmanager
def noted_when_stopped(job: _Job) -> Iterator[None]:
    """Write down how far a job came when its budget is used up; it makes no list then.

    The manifest is ``stopped/RUN.json`` in the workspace: the steps that are finished and kept for
    the next run, their times, and what stopped the run.

    Parameters
    ----------
    job : object
        With ``run_id``, ``workspace``, ``manifest`` and ``cache``.
    """
    try:
        yield
    except BaseException as error:
        reached = stopped_by(error) or error
        if isinstance(reached, BudgetExceeded | LimitReached) or is_out_of_memory(reached):
            with suppress(OSError):  # what stopped the run is what a person must read
                _note(job, _in_words(reached))
        raise


def _note(job: _Job, reason: str) -> None:
    steps, manifest = job.cache.steps, job.manifest
    manifest.timings = {f"{step.stage}: {step.name}": step.seconds for step in steps}
    manifest.add(
        run_id=job.run_id,
        status="stopped",
        reason=reason,
        finished_steps=list(manifest.timings),
        outputs={},
    )
    manifest.write(job.workspace.stopped / f"{job.run_id}.json")


def _in_words(error: BaseException) -> str:
    if isinstance(error, TimeUp):
        return "the time limit is over"
    return "out of memory" if is_out_of_memory(error) else str(error)
