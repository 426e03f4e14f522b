"""The SPMF formats, read as baskets: one line is one basket."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.baskets.arrays import BasketArrays, from_numbers
from features.baskets.integers import parse_integers
from features.baskets.opening import read_text
from features.baskets.sniff import hint
from lodeworks.errors import DataError

__all__ = ["named", "plain_text", "read_spmf", "section"]

_NEWLINE, _BLANK, _COLON = 10, 32, 58
_REMARKS = np.frombuffer(b"#%@", np.uint8)
_ITEM = re.compile(rb"^@ITEM=(\d+)=(.*?)\r?$", re.MULTILINE)


def read_spmf(path: Path) -> BasketArrays:
    """Read an SPMF file, plain or gzipped, as baskets.

    Transactions (`1 2 3`), sequences (`1 2 -1 3 -1 -2`) and transactions with utilities
    (`1 2:30:10 20`) are known; of the last two the items of a line make one basket. Names that the
    file states (`@ITEM=1=apple`) are used. Blank lines are left out, as SPMF does.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    BasketArrays

    Raises
    ------
    DataError
        When a line cannot be read, or has a negative number other than -1 and -2.
    """
    data = read_text(path)
    text = plain_text(data)
    parsed = parse_integers(section(text, 0), path, "spmf")
    _check_separators(parsed.values, parsed.lines, path)
    kept = parsed.values >= 0
    if not kept.any():
        raise DataError(f"{path} holds no item")
    filled, owners = np.unique(parsed.lines[kept], return_inverse=True)
    notes = _notes(sequences=not kept.all(), utilities=bool((text == _COLON).any()))
    read = from_numbers(owners, parsed.values[kept], len(filled), notes)
    return replace(read, names=named(read.names, data))


def plain_text(data: bytes) -> NDArray[np.uint8]:
    """Give the bytes of a file with blanks for the lines that begin with #, % or @."""
    text = np.frombuffer(data, np.uint8)
    begins, lengths = _lines(text)
    remark = np.isin(text[begins], _REMARKS)
    if not remark.any():
        return text
    covered = np.repeat(remark, lengths) & (text != _NEWLINE)
    return np.where(covered, np.uint8(_BLANK), text)


def section(text: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    """Give the text with blanks for all but one of the parts that colons make of a line.

    Examples
    --------
    >>> section(np.frombuffer(b"1 2:9:4 5", np.uint8), 2).tobytes()
    b'      4 5'
    """
    colons = text == _COLON
    if number == 0 and not colons.any():
        return text
    begins, lengths = _lines(text)
    so_far = np.cumsum(colons, dtype=np.int32)
    before = so_far[begins] - colons[begins]
    inside = (so_far - np.repeat(before, lengths) == number) & ~colons
    return np.where(inside | (text == _NEWLINE), text, np.uint8(_BLANK))


def _lines(text: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    begins = np.concatenate([[0], np.flatnonzero(text == _NEWLINE) + 1])
    begins = begins[begins < len(text)]
    return begins, np.diff(begins, append=len(text))


def _check_separators(values: NDArray[np.int64], lines: NDArray[np.int64], path: Path) -> None:
    wrong = np.flatnonzero(values < -2)
    if len(wrong):
        raise DataError(
            f"{path}, line {lines[wrong[0]] + 1}: {values[wrong[0]]} is neither an item (from 0 "
            f"up) nor an end mark (-1, -2){hint(path, 'spmf')}"
        )


def named(names: NDArray[np.object_], data: bytes) -> NDArray[np.object_]:
    """Put the names that a file states in the place of numbers."""
    stated = {number.decode(): name.decode() for number, name in _ITEM.findall(data)}
    named = names.copy()
    named[:] = [stated.get(name, name) for name in names.tolist()]
    return named


def _notes(*, sequences: bool, utilities: bool) -> list[str]:
    notes = {
        "the file holds sequences; each line is taken as one basket": sequences,
        "the file holds utilities; they play no part in itemsets and rules": utilities,
    }
    return [note for note, holds in notes.items() if holds]
