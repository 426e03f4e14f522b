"""The folder beside a list while it is made, which is the lock on the list too."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lodeworks.errors import LodeError

__all__ = ["scratch"]

LOCK, END = "lock", ".parts"


@contextmanager
def scratch(out: Path) -> Iterator[Path]:
    """Give a folder for what does not fit into memory; it is gone afterwards, whatever happens.

    It lies where the list will, or in the nearest folder above that is there. What a process left
    that was killed is removed.

    Parameters
    ----------
    out : Path
        The list.

    Raises
    ------
    LodeError
        When another process is making this list.
    """
    above = next(one for one in Path(out).absolute().parents if one.is_dir())
    begin = f".{Path(out).name}."
    with _one_at_a_time(above):
        _sweep(above, begin, out)
        place = Path(tempfile.mkdtemp(prefix=begin, suffix=END, dir=above))
        lock = (place / LOCK).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        print(os.getpid(), file=lock, flush=True)
    try:
        with lock:
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let nobody else begin in this folder for a moment: two could not see each other."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sweep(folder: Path, begin: str, out: Path) -> None:
    """Remove what killed processes left of this list; refuse when one is alive."""
    for left in folder.iterdir():
        middle = left.name.removeprefix(begin).removesuffix(END)
        # A name with a point in the middle belongs to a longer list's name.
        if left.name != f"{begin}{middle}{END}" or "." in middle:
            continue
        try:
            with (left / LOCK).open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        except BlockingIOError:
            owner = (left / LOCK).read_text().strip() or "unknown"
            raise LodeError(
                f"{out} is being made by process {owner}; wait for it to end, or give another --out"
            ) from None
        except OSError:  # gone by now
            continue
