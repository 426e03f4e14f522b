"""The FIMI format: one basket a line, items as whole numbers with blanks between them."""

from pathlib import Path

import numpy as np

from features.baskets.arrays import BasketArrays, from_numbers
from features.baskets.integers import parse_integers
from features.baskets.opening import read_bytes
from features.baskets.sniff import hint
from lodeworks.errors import DataError

__all__ = ["parse_fimi", "read_fimi"]


def read_fimi(path: Path) -> BasketArrays:
    """Read a FIMI file, plain or gzipped; a blank line is an empty basket.

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
        When something in it is not a whole number from 0 up; the line is named, and the format
        that the file looks like.
    """
    return parse_fimi(read_bytes(path), path)


def parse_fimi(data: bytes, path: Path, first_line: int = 0) -> BasketArrays:
    """Parse whole lines of a FIMI file; `first_line` lines of it stand before them.

    Raises
    ------
    DataError
        As `read_fimi`.
    """
    parsed = parse_integers(data, path, "fimi", first_line)
    if len(negative := np.flatnonzero(parsed.values < 0)):
        line, value = first_line + parsed.lines[negative[0]] + 1, parsed.values[negative[0]]
        raise DataError(
            f"{path}, line {line}: item {value} is negative; items of format 'fimi' are whole "
            f"numbers from 0 up{hint(path, 'fimi')}"
        )
    return from_numbers(parsed.lines, parsed.values, parsed.n_lines)
