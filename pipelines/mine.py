"""The job of `lode mine`: read, search, write, and leave a manifest."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lodeworks.errors import ConfigError
from lodeworks.files import file_digest
from lodeworks.progress import Progress
from pipelines.manifest import Manifest, peak_memory_mb
from pipelines.mining.summary import Mined
from pipelines.mining.task import Task
from pipelines.mining.writing import bad_output, write_patterns

__all__ = ["mine"]


def mine(task: Task, source: Path, out: Path, progress: Progress) -> Mined:
    """Run a task; the output appears whole or not at all.

    Parameters
    ----------
    task : Task
        What to find and where.
    source : Path
        The file that the task reads.
    out : Path
        ``.parquet`` or ``.csv``; its manifest stands beside it as ``OUT.manifest.json``.
    progress : Progress
        Told about the steps.

    Returns
    -------
    Mined

    Raises
    ------
    ConfigError
        When the settings are wrong; all of them at once.
    DataError
        When the file cannot be used.
    BudgetExceeded
        When the result would cost more than is allowed.
    """
    manifest = Manifest("mine")
    _refuse([*bad_output(out, source), *task.problems()])
    _import_libraries()
    with _timed(manifest, "read"):
        loaded = task.load(progress)
    with _timed(manifest, "mine"):
        found = task.search(loaded, progress)
    with _timed(manifest, "write"):
        write_patterns(found, out)
    seconds = dict(manifest.timings)
    manifest.add(
        what=task.name,
        source={"path": str(source), "sha256": file_digest(source), **loaded.about},
        settings=task.settings(),
        out={"path": str(out), "sha256": file_digest(out)},
        counts={"baskets": loaded.baskets, "items": loaded.items, "patterns": len(found)},
    )
    manifest.write(out.with_name(f"{out.name}.manifest.json"))
    counts = loaded.baskets, loaded.items, len(found)
    return Mined(task.name, out, *counts, seconds, peak_memory_mb())


def _refuse(problems: list[str]) -> None:
    if len(problems) == 1:
        raise ConfigError(problems[0])
    if problems:
        raise ConfigError("the command cannot be run", problems)


def _import_libraries() -> None:
    """Import what the steps need, so that their times are those of the work."""
    import models.association  # noqa: F401


@contextmanager
def _timed(manifest: Manifest, step: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    manifest.timings[step] = round(time.perf_counter() - began, 4)
