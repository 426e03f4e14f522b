"""A part of a long table: nobody gets fifty thousand rows at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["MOST_ROWS", "Part", "part_of", "place"]

MOST_ROWS = 200
ROWS = 50
T = TypeVar("T")


@dataclass(frozen=True)
class Part(Generic[T]):
    """Some of the rows.

    Attributes
    ----------
    rows : sequence
        Those shown.
    number : int
        The page, from 1.
    size : int
        Rows a page.
    total : int
        All rows.
    """

    rows: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """Give how many pages there are."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Give the number of the first row shown."""
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        """Give the number of the last row shown."""
        return min(self.number * self.size, self.total)

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)


def place(page: int, rows: int, total: int) -> tuple[int, int]:
    """Give the page and the rows a page that are really shown.

    Examples
    --------
    >>> place(1, 50_000, 50_000), place(99, 50, 120), place(-1, 0, 0)
    ((1, 200), (3, 50), (1, 1))
    """
    size = min(max(rows, 1), MOST_ROWS)
    return min(max(page, 1), max(1, -(-total // size))), size


def part_of(rows: Sequence[T], page: int = 1, size: int = ROWS) -> Part[T]:
    """Cut a page out of rows that are at hand."""
    number, size = place(page, size, len(rows))
    return Part(rows[(number - 1) * size : number * size], number, size, len(rows))
