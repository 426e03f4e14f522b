"""The search run by a pool of threads, watched over by the thread that waits for it."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lodeworks.progress import Progress, Silent
from models.association._encode import Encoded, expected_work
from models.association._search import OVERFULL, STOPPED, search

__all__ = [
    "UNLIMITED",
    "Overrun",
    "control_of",
    "equal_parts",
    "find_nodes",
    "run_parts",
    "threads",
]

Result = TypeVar("Result")

_PARTS_A_THREAD = 16
_SMALL_WORK = 200_000
_TASK = "search"
UNLIMITED = 2**31 - 2


class Overrun(Exception):
    """The search was stopped because it found too many itemsets or took too long."""


def threads(n_jobs: int) -> int:
    """Read `n_jobs` in scikit-learn's manner: -1 stands for all cores.

    Raises
    ------
    ValueError
        When it is 0 or below -1.
    """
    if n_jobs < -1 or n_jobs == 0:
        raise ValueError(f"n_jobs must be -1 (all cores) or at least 1, not {n_jobs}")
    return (os.cpu_count() or 1) if n_jobs == -1 else n_jobs


def find_nodes(
    encoded: Encoded,
    first: int,
    *,
    barrier: int,
    min_count: int,
    max_length: int,
    end: int | None = None,
    n_jobs: int = 1,
    limit: int | None = None,
    deadline: float | None = None,
    progress: Progress | None = None,
) -> NDArray[np.int32]:
    """Find the frequent itemsets whose highest rank lies in `first:end`, as a tree of nodes.

    The answer is the same for any number of threads. `deadline` is on the clock of
    `time.monotonic`.

    Raises
    ------
    Overrun
        When there are more than `limit` itemsets, or the deadline has passed.
    """
    control = control_of(limit)
    end = len(encoded.supports) if end is None else end

    def part(begin: int, end: int) -> NDArray[np.int32]:
        return search(encoded, begin, end, barrier, min_count, max_length, control)

    runs = equal_parts(expected_work(encoded)[first:end], first, n_jobs)
    return _joined(run_parts(part, runs, control, n_jobs, deadline, progress, count=len))


def run_parts(
    work: Callable[[int, int], Result],
    parts: Sequence[tuple[int, int]],
    control: NDArray[np.int64],
    n_jobs: int,
    deadline: float | None = None,
    progress: Progress | None = None,
    *,
    count: Callable[[Result], int],
) -> list[Result]:
    """Do the parts in threads and give their results in order.

    `control[0]` tells the parts to stop; what the finished ones counted is taken off
    `control[1]`, which is what the others may still find. An interruption stops them all.
    """
    pool = ThreadPoolExecutor(n_jobs)
    futures = [pool.submit(work, begin, end) for begin, end in parts]
    teller = progress or Silent()
    teller.start(_TASK, len(parts))
    try:
        _watch(futures, control, deadline, teller, count)
    except BaseException:
        control[0] = control[0] or STOPPED
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    teller.done(_TASK)
    return [future.result() for future in futures]


def _watch(
    futures: Sequence[Future[Any]],
    control: NDArray[np.int64],
    deadline: float | None,
    progress: Progress,
    count: Callable[[Any], int],
) -> None:
    pending = set(futures)
    while pending:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        done, pending = wait(pending, timeout=left, return_when=FIRST_COMPLETED)
        for future in done:
            control[1] -= count(future.result())
            progress.step(_TASK)
        if control[1] < 0 or control[0] == OVERFULL:
            raise Overrun("itemsets")
        if pending and deadline is not None and time.monotonic() >= deadline:
            raise Overrun("seconds")


def control_of(limit: int | None) -> NDArray[np.int64]:
    """Give the array by which a search is stopped: whether, and after how many itemsets."""
    return np.array([0, UNLIMITED if limit is None else limit], np.int64)


def equal_parts(work: NDArray[np.int64], first: int, n_jobs: int) -> list[tuple[int, int]]:
    """Cut the ranks from `first` on into runs of about equal work."""
    if len(work) == 0:
        return []
    done, last = np.cumsum(work + 1), first + len(work)
    n_parts = 1 if n_jobs == 1 or done[-1] < _SMALL_WORK else n_jobs * _PARTS_A_THREAD
    cuts = np.searchsorted(done, done[-1] * np.arange(1, n_parts) / n_parts) + first + 1
    bounds = np.unique(np.concatenate([[first], np.minimum(cuts, last), [last]]))
    return list(pairwise(bounds.tolist()))


def _joined(parts: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    if len(parts) == 1:
        return parts[0]
    joined = np.concatenate([np.empty((0, 3), np.int32), *parts])
    begin = 0
    for part in parts:
        mine = joined[begin : begin + len(part), 0]
        mine[mine >= 0] += begin
        begin += len(part)
    return joined
