"""Runs that a budget of time or memory stopped leave a manifest of how far they came."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from lodeworks.errors import BudgetExceeded

if TYPE_CHECKING:
    from pipelines.cache import Cache
    from pipelines.manifest import Manifest
    from pipelines.workspace import Workspace

__all__ = ["TimeUp", "is_out_of_memory", "noted_when_stopped"]


class TimeUp(BaseException):
    """The time limit is over; passes by every ``except Exception`` on its way out."""


class _Job(Protocol):
    run_id: str
    workspace: "Workspace"
    manifest: "Manifest"
    cache: "Cache"


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
        if isinstance(error, BudgetExceeded | TimeUp) or is_out_of_memory(error):
            with suppress(OSError):  # what stopped the run is what a person must read
                _note(job, error)
        raise


def _note(job: _Job, error: BaseException) -> None:
    steps, manifest = job.cache.steps, job.manifest
    manifest.timings = {f"{step.stage}: {step.name}": step.seconds for step in steps}
    manifest.add(
        run_id=job.run_id,
        status="stopped",
        reason="the time limit is over" if isinstance(error, TimeUp) else _in_words(error),
        finished_steps=list(manifest.timings),
        outputs={},
    )
    manifest.write(job.workspace.stopped / f"{job.run_id}.json")


def _in_words(error: BaseException) -> str:
    return "out of memory" if is_out_of_memory(error) else str(error)
