"""Stages of many parts, in this process or in several that die with it."""

import json
import os
from collections.abc import Sequence
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import lodeworks.errors
from lodeworks.errors import BudgetExceeded, LodeError
from lodeworks.files import write_text
from lodeworks.progress import Progress
from pipelines.crosssell.budget import Budget
from pipelines.crosssell.stages import STAGES, Job, Outcome

__all__ = ["carry_out"]

LOOK = 0.5
FEWEST = 2
"""Parts for each process, at least: to begin one takes seconds."""
MIB = 1024**2


def carry_out(job: Job, stage: str, budget: Budget, progress: Progress) -> Outcome:
    """Do a stage for every part, and add up what became of them.

    Parameters
    ----------
    job : Job
        What is to be done.
    stage : str
        A name of `STAGES`.
    budget : Budget
        Processes and memory.
    progress : Progress
        Told about every part.

    Raises
    ------
    BudgetExceeded
        When a strict budget of memory is exceeded, or the system ended a process for its memory.
    LodeError
        What went wrong in a process.
    """
    parts = len(job.parted.sizes)
    crew = min(budget.workers, parts // FEWEST)
    progress.start(stage, total=parts)
    if crew > 1:
        _together(job, stage, crew, budget, progress)
    else:
        for number in range(parts):
            _one(job, stage, number)
            _check(_outcome(job, stage, number).peak_mb, budget)
            progress.step(stage, _told(job, number + 1))
        job.close()
    outcomes = [_outcome(job, stage, number) for number in range(parts)]
    progress.done(stage)
    total = outcomes[0]
    for outcome in outcomes[1:]:
        total = total + outcome
    return total


def _one(job: Job, stage: str, number: int) -> None:
    done = STAGES[stage](job, number)
    write_text(job.place(stage, number), done.to_json())


def _outcome(job: Job, stage: str, number: int) -> Outcome:
    return Outcome.from_json(job.place(stage, number).read_text())


def _check(peak_mb: float, budget: Budget) -> None:
    if budget.is_strict and peak_mb * MIB > budget.memory:
        raise BudgetExceeded(
            f"scoring took {peak_mb:,.0f} MiB of memory, more than the"
            f" {budget.memory / MIB:,.0f} MiB allowed: give more with --memory"
        )


def _together(job: Job, stage: str, crew: int, budget: Budget, progress: Progress) -> None:
    context = get_context("spawn")
    workers: list[BaseProcess] = [
        context.Process(target=_work, args=(job, stage, first, crew, os.getpid()), daemon=True)
        for first in range(crew)
    ]
    try:
        for worker in workers:
            worker.start()
        _watch(job, stage, workers, budget, progress)
    finally:
        for worker in workers:
            if worker.pid is not None:
                worker.kill()
                worker.join()


def _watch(
    job: Job, stage: str, workers: Sequence[BaseProcess], budget: Budget, progress: Progress
) -> None:
    """Wait for all processes; the first that fails ends the others."""
    known: set[Path] = set()
    running = list(workers)
    while running:
        connection.wait([worker.sentinel for worker in running], timeout=LOOK)
        for worker in [one for one in running if one.exitcode is not None]:
            if worker.exitcode:
                raise _failure(job.folder, worker.exitcode)
            running.remove(worker)
        for done in sorted({*job.folder.glob(f"{stage}-*")} - known):
            known.add(done)
            progress.step(stage, _told(job, len(known)))
            _check(Outcome.from_json(done.read_text()).peak_mb * len(workers), budget)


def _told(job: Job, parts: int) -> str:
    sizes = job.parted.sizes
    return f"{sum(sizes[:parts]):,} of {sum(sizes):,} customers"


def _failure(folder: Path, code: int) -> LodeError:
    note = folder / "failure"
    if not note.exists():
        return BudgetExceeded(
            f"a process that scored was ended from outside ({code}), as systems do that run out of"
            " memory: give less with --memory, or fewer --workers"
        )
    told = json.loads(note.read_text())
    kind = getattr(lodeworks.errors, told["kind"], LodeError)
    error: LodeError = kind(told["message"], told["problems"])
    return error


def _work(job: Job, stage: str, first: int, crew: int, parent: int) -> None:
    """Do every `crew`-th part, as long as the process that asked for it lives."""
    try:
        for number in range(first, len(job.parted.sizes), crew):
            if os.getppid() != parent:
                return
            _one(job, stage, number)
    except Exception as error:
        write_text(job.folder / "failure", json.dumps(_note(error)))
        raise SystemExit(1) from error


def _note(error: Exception) -> dict[str, object]:
    if isinstance(error, LodeError):
        kind, problems = type(error).__name__, list(error.problems)
        return {"kind": kind, "message": error.message, "problems": problems}
    if isinstance(error, MemoryError):
        return {"kind": "BudgetExceeded", "message": "out of memory", "problems": []}
    said = " ".join(str(error).split())[:300]
    return {"kind": "LodeError", "message": f"{type(error).__name__}: {said}", "problems": []}
