"""Files that appear whole or not at all, and digests of what is in them."""

import difflib
import hashlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = [
    "did_you_mean_file",
    "digest",
    "file_digest",
    "new_file",
    "new_folder",
    "sweep",
    "write_text",
]

_ASIDE = re.compile(r"\..*\.(\d+)-[0-9a-f]{8}\.tmp", re.DOTALL)
_LEFT_OVER = 3600.0  # seconds


@contextmanager
def new_file(path: str | Path) -> Iterator[Path]:
    """Give a place beside `path` to write to; it takes the name of `path` only when all went well.

    The content is flushed to disk before the rename, so that a reader sees the former file or the
    new one and never a part.

    Parameters
    ----------
    path : str or Path
        The final name. Missing parent folders are made.

    Yields
    ------
    Path
        The temporary name to write to; it is removed when the block raises.
    """
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    aside = _beside(final)
    try:
        yield aside
        _flush_to_disk(aside)
        aside.replace(final)
        _flush_to_disk(final.parent)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def new_folder(path: str | Path) -> Iterator[Path]:
    """Give an empty folder beside `path` that takes its name only when all went well.

    An existing folder of that name is replaced.

    Parameters
    ----------
    path : str or Path
        The final name of the folder.

    Yields
    ------
    Path
        The temporary folder; it is removed when the block raises.
    """
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    aside = _beside(final)
    aside.mkdir()
    try:
        yield aside
        for file in aside.rglob("*"):
            _flush_to_disk(file)
        _swap_folder(aside, final)
        _flush_to_disk(final.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def sweep(*folders: Path) -> None:
    """Remove what killed processes left beside the files and folders they were about to replace.

    Only what is older than an hour and whose process is gone is taken for left behind: others may
    be at work there, on a shared disk in another container too.

    Parameters
    ----------
    *folders : Path
        Where to look.
    """
    for folder in folders:
        for left in folder.glob(".*.tmp"):
            owner = _ASIDE.fullmatch(left.name)
            if owner is not None and _is_old(left) and not _is_alive(int(owner[1])):
                _remove(left)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, whole or not at all."""
    with new_file(path) as aside:
        aside.write_text(text, encoding="utf-8")


def digest(value: Any) -> str:
    """Hash a JSON-like value in its canonical form (sorted keys, dates and paths as text).

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: str | Path) -> str:
    """Hash the bytes of a file with SHA-256, in bounded memory."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _LEFT_OVER
    except FileNotFoundError:
        return False


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _beside(final: Path) -> Path:
    return final.with_name(f".{final.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.tmp")


def _swap_folder(aside: Path, final: Path) -> None:
    if not final.exists():
        aside.rename(final)
        return
    former = _beside(final)
    final.rename(former)
    aside.rename(final)
    shutil.rmtree(former, ignore_errors=True)


def _flush_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def did_you_mean_file(path: str | Path) -> str:
    """Give the end of a message about a missing file: the nearest name in its folder, or nothing.

    Parameters
    ----------
    path : str or Path
        The file that is not there.

    Returns
    -------
    str
        ``"; did you mean 'lines.csv'?"``, or an empty text where no name is near.

    Examples
    --------
    >>> did_you_mean_file("no/such/folder/lines.csv")
    ''
    """
    missing = Path(path)
    try:
        beside = sorted(file.name for file in missing.parent.iterdir() if file.is_file())
    except OSError:
        return ""
    alike = {_stem(name) for name in beside}
    stems = difflib.get_close_matches(_stem(missing.name), alike, n=len(alike) or 1)
    near = difflib.get_close_matches(missing.name, [x for x in beside if _stem(x) in stems], n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _stem(name: str) -> str:
    """Leave out the endings, which are alike in files that have nothing to do with each other."""
    return name.partition(".")[0] or name
