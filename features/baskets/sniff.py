"""What format a file of baskets looks like."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from features.baskets.opening import read_start

__all__ = ["FORMATS", "Look", "hint", "looks_like"]

FORMATS = ("fimi", "spmf", "baskets", "csv", "parquet")
_START = 65_536  # bytes
DELIMITERS = (",", ";", "\t", "|")

_FOREIGN = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"SQLite format 3": "an SQLite database",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"%PDF": "a PDF document",
}
_WORDS = {
    "fimi": "one basket a line, items as numbers with blanks between them",
    "spmf": "numbers with -1 and -2, colons or @ lines between them",
    "baskets": "one basket a line, items with a delimiter between them",
    "csv": "a table with a header",
    "parquet": "a Parquet file",
}
_NUMBERS = re.compile(r"\s*\d+(\s+\d+)*\s*")
_SPMF = re.compile(r"\s*-?\d+(\s+-?\d+)*(\s*:\s*-?\d+\s*:\s*-?\d+(\s+-?\d+)*)?\s*")


@dataclass(frozen=True)
class Look:
    """What a file looks like.

    Attributes
    ----------
    format : str or None
        One of `FORMATS`; None for something else.
    words : str
        The same for people.
    sure : bool
        Whether nothing else could look like this.
    """

    format: str | None
    words: str
    sure: bool = False


def looks_like(path: Path) -> Look:
    """Tell what a file looks like from its first 64 KiB.

    Parameters
    ----------
    path : Path
        A file, plain or gzipped.

    Returns
    -------
    Look
    """
    start = read_start(path, _START)
    if start.startswith(b"PAR1"):
        return _look("parquet", sure=True)
    foreign = next((words for magic, words in _FOREIGN.items() if start.startswith(magic)), None)
    if foreign or b"\0" in start:
        return Look(None, foreign or "binary", sure=True)
    return _text_look(_whole_lines(start))


def hint(path: Path, expected: str) -> str:
    """Say what else a file looks like, to end an error with; empty when it is as expected."""
    look = looks_like(path)
    if look.format is None:
        return f"; the file looks like {look.words}"
    if look.format == expected:
        return ""
    return f"; the file looks like format {look.format!r} ({look.words})"


def _look(name: str, *, sure: bool) -> Look:
    return Look(name, _WORDS[name], sure)


def _whole_lines(start: bytes) -> list[str]:
    """Leave out the last line where the beginning of the file ends within it."""
    lines = start.decode(errors="replace").splitlines()
    return lines[:-1] if len(lines) > 1 and len(start) >= _START else lines


def _text_look(lines: list[str]) -> Look:
    filled = [line for line in lines if line.strip()]
    plain = [line for line in filled if line[0] not in "#%@"]
    if plain and all(map(_NUMBERS.fullmatch, plain)):
        remarks = len(plain) < len(filled)
        return _look("spmf" if remarks else "fimi", sure=any(len(x.split()) > 1 for x in plain))
    if plain and all(map(_SPMF.fullmatch, plain)):
        return _look("spmf", sure=True)
    return _look("csv" if _is_table(filled) else "baskets", sure=False)


def _is_table(lines: list[str]) -> bool:
    """Tell whether nearly all lines have as many fields as the first, which repeats none."""
    if len(lines) < 2:
        return False
    delimiter = max(DELIMITERS, key=lines[0].count)
    header = lines[0].split(delimiter)
    counts = Counter(line.count(delimiter) for line in lines[1:])
    alike = sum(n for fields, n in counts.items() if fields >= len(header) - 1)
    return len(header) > 1 and len(set(header)) == len(header) and alike > 0.9 * len(lines[1:])
