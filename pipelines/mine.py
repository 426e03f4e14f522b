"""The job of `lode mine`: read, search, write, and leave a manifest."""

import glob
import importlib.metadata
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError
from lodeworks.files import file_digest, new_file
from lodeworks.progress import Progress
from pipelines.manifest import Manifest, peak_memory_mb
from pipelines.mining.patience import told_if_compiling
from pipelines.mining.summary import Mined
from pipelines.mining.task import Loaded, Task
from pipelines.mining.writing import bad_output, write_patterns

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Keep", "Within", "mine"]

Within = Callable[[float | None, str], AbstractContextManager[None]]
Keep = Callable[["pa.Table", dict[str, Any]], str]

# A search that runs out of time needs some more to find out what would fit.
EXPLAINING = 30.0

# A file aside that nobody has written to for so long belongs to a command that was killed.
_LEFT_OVER = 3600.0  # seconds


@contextmanager
def _unlimited(seconds: float | None, message: str) -> Iterator[None]:
    yield


def mine(
    task: Task,
    source: Path,
    out: Path,
    progress: Progress,
    within: Within = _unlimited,
    keep: Keep | None = None,
) -> Mined:
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
    within : callable
        Given the seconds that are left and what to say when they are over, it makes a context that
        stops what goes on in it. Default: only the search stops itself.
    keep : callable, optional
        Given the patterns and the manifest, it keeps them elsewhere too and says so in one line.

    Returns
    -------
    Mined

    Raises
    ------
    ConfigError
        When the settings are wrong; all of them at once.
    DataError
        When the file cannot be used.
    NotInstalled
        When the engine is missing.
    BudgetExceeded
        When the result would cost more than is allowed.
    """
    manifest, limits = Manifest("mine"), task.limits
    _refuse([*bad_output(out, source), *task.problems()])
    _import_libraries()
    with told_if_compiling(progress):
        loaded, found = _found(task, progress, within, manifest)
    manifest.add(
        what=task.name,
        source={"path": str(source), "sha256": file_digest(source), **loaded.about},
        settings=task.settings(),
        libraries={name: importlib.metadata.version(name) for name in task.libraries},
        counts={"baskets": loaded.baskets, "items": loaded.items, "patterns": len(found)},
    )
    with within(limits.left(), limits.over):
        _write(found, out, loaded, manifest)
        if keep is not None:
            progress.note(keep(found, manifest.about))
    return _summary(task, out, loaded, len(found), manifest)


def _found(
    task: Task, progress: Progress, within: Within, manifest: Manifest
) -> tuple[Loaded, "pa.Table"]:
    """Read and search."""
    limits = task.limits
    with _timed(manifest, "read"), within(limits.left(), limits.over):
        loaded = task.load(progress)
    try:
        left = limits.left()
        patience = None if left is None else left + EXPLAINING
        with _timed(manifest, "mine"), within(patience, limits.over):
            return loaded, task.search(loaded, progress)
    finally:
        loaded.close()


def _write(found: "pa.Table", out: Path, loaded: Loaded, manifest: Manifest) -> None:
    """Write all files aside and let them appear together, the patterns first."""
    about_path = out.with_name(f"{out.name}.manifest.json")
    for path in (*loaded.beside, about_path, out):
        _sweep(path)
    with ExitStack() as stack:
        for path, write in loaded.beside.items():
            write(stack.enter_context(new_file(path)))
        about = stack.enter_context(new_file(about_path))
        patterns = stack.enter_context(new_file(out))
        with _timed(manifest, "write"):
            write_patterns(found, patterns, out.suffix)
        manifest.add(out={"path": str(out), "sha256": file_digest(patterns)})
        manifest.write(about)


def _sweep(path: Path) -> None:
    """Remove what a killed command left aside of an output."""
    for aside in path.parent.glob(f".{glob.escape(path.name)}.*-????????.tmp"):
        if time.time() - aside.stat().st_mtime > _LEFT_OVER:
            aside.unlink(missing_ok=True)


def _summary(task: Task, out: Path, loaded: Loaded, patterns: int, manifest: Manifest) -> Mined:
    counts = loaded.baskets, loaded.items, patterns
    return Mined(task.name, out, *counts, dict(manifest.timings), peak_memory_mb())


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
