"""Whole numbers in lines of text, parsed without a step of Python a number."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.baskets.opening import line_of
from features.baskets.sniff import hint
from lodeworks.errors import DataError

__all__ = ["Integers", "parse_integers"]

_NEWLINE, _MINUS, _ZERO, _NINE = 10, 45, 48, 57
_BLANKS = (9, 10, 13, 32)
_MOST_DIGITS = 18  # any such number fits into 64 bits


@dataclass(frozen=True, eq=False)
class Integers:
    """Numbers and the lines they stand in.

    Attributes
    ----------
    values : ndarray of int64
        The numbers in the order of the text.
    lines : ndarray of int64
        The line of each, from 0.
    n_lines : int
        How many lines there are; one without a line end counts when it is the last.
    """

    values: NDArray[np.int64]
    lines: NDArray[np.int64]
    n_lines: int


def parse_integers(
    data: bytes | NDArray[np.uint8], path: Path, expected: str, first_line: int = 0
) -> Integers:
    r"""Parse text of whole numbers with blanks between them.

    Parameters
    ----------
    data : bytes or ndarray of uint8
        The text.
    path : Path
        Where it comes from; errors name it.
    expected : str
        The format that was expected.
    first_line : int, default 0
        How many lines of the file stand before the text; errors count them.

    Raises
    ------
    DataError
        When there is anything else in the text, or a number of more than 18 digits.

    Examples
    --------
    >>> parsed = parse_integers(b"7 -1\n\n12", Path("a"), "spmf")
    >>> parsed.values.tolist(), parsed.lines.tolist(), parsed.n_lines
    ([7, -1, 12], [0, 0, 2], 3)
    """
    text = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else data
    inside = (text >= _ZERO) & (text <= _NINE) | (text == _MINUS)
    edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    begins, ends = edges[::2], edges[1::2]
    _check(text, inside, begins, ends, path, expected, first_line)
    breaks = np.flatnonzero(text == _NEWLINE)
    open_end = len(text) > 0 and text[-1] != _NEWLINE
    lines = np.searchsorted(breaks, begins)
    return Integers(_values(text, begins, ends), lines, len(breaks) + int(open_end))


def _check(
    text: NDArray[np.uint8],
    inside: NDArray[np.bool_],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    path: Path,
    expected: str,
    first_line: int,
) -> None:
    foreign = ~(inside | np.isin(text, _BLANKS))
    signs = np.flatnonzero(text == _MINUS)
    lone = signs[~np.isin(signs, begins) | np.isin(signs + 1, ends)]
    long = begins[ends - begins > _MOST_DIGITS]
    wrong = [places[0] for places in (np.flatnonzero(foreign), lone, long) if len(places)]
    if wrong:
        raise DataError(_complaint(text, int(min(wrong)), path, expected, first_line))


def _complaint(
    text: NDArray[np.uint8], place: int, path: Path, expected: str, first_line: int
) -> str:
    data = text.tobytes()
    begin = max(data.rfind(blank, 0, place) for blank in _BLANKS) + 1
    shown = data[begin : begin + 200].split()[0].decode(errors="replace")[:40]
    line = first_line + line_of(data, place)
    return (
        f"{path}, line {line}: {shown!r} is not a whole number of up to {_MOST_DIGITS} digits, "
        f"as format {expected!r} has them{hint(path, expected)}"
    )


def _values(
    text: NDArray[np.uint8], begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Add up the digits place by place, from the last one of every number."""
    negative = text[begins] == _MINUS
    digits = ends - begins - negative
    values = np.zeros(len(begins), np.int64)
    for place in range(int(digits.max(initial=0))):
        held = np.flatnonzero(digits > place)
        values[held] += (text[ends[held] - 1 - place].astype(np.int64) - _ZERO) * 10**place
    return np.where(negative, -values, values)
