"""What a generated shop is asked to be; everything wrong with it is said at once."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lodeworks.errors import ConfigError, did_you_mean

__all__ = ["FORMATS", "MAX_LINES", "MIN_LINES", "Parameters", "check"]

FORMATS = ("csv", "parquet")
MIN_LINES, MAX_LINES = 1_000, 100_000_000
MAX_DIRTY = 0.5
EARLIEST, MAX_DAYS = date(1970, 1, 1), 20 * 366
LINES_PER_CUSTOMER = 25
CUSTOMERS_PER_BLOCK = 8_192
FEWEST_ITEMS, MOST_ITEMS, ITEM_GROWTH = 200, 3_000, 0.294


@dataclass(frozen=True)
class Parameters:
    """The one size parameter, the seed, the period and the share of dirty rows.

    Attributes
    ----------
    lines : int
        Lines to write, dirty ones included.
    seed : int
        Same seed and parameters, same bytes.
    start, end : date
        First and last day with orders, both included.
    dirty : float
        Share of the lines that are dirty.
    """

    lines: int
    seed: int
    start: date
    end: date
    dirty: float

    @property
    def days(self) -> int:
        """Length of the period in days."""
        return (self.end - self.start).days + 1

    @property
    def customers(self) -> int:
        """Number of customers."""
        return self.lines // LINES_PER_CUSTOMER

    @property
    def items(self) -> int:
        """Number of products: grows slowly with the lines, 200 at 1,000 and 3,000 at 10,000,000."""
        grown = FEWEST_ITEMS * (self.lines / MIN_LINES) ** ITEM_GROWTH
        return min(MOST_ITEMS, round(grown))

    @property
    def blocks(self) -> int:
        """Number of blocks of customers; a block is the most that is ever in memory."""
        return -(-self.customers // CUSTOMERS_PER_BLOCK)

    def block(self, number: int) -> range:
        """Give the customers of one block."""
        first = number * CUSTOMERS_PER_BLOCK
        return range(first, min(first + CUSTOMERS_PER_BLOCK, self.customers))


def check(folder: Path, parameters: Parameters, file_format: str) -> None:
    """Refuse what cannot be generated.

    Raises
    ------
    ConfigError
        With every problem, when anything is out of range or `folder` holds something else.
    """
    problems = [
        *_wrong_numbers(parameters),
        *_wrong_period(parameters.start, parameters.end),
        *_wrong_format(file_format),
        *_wrong_folder(folder),
    ]
    if problems:
        raise ConfigError("the shop cannot be generated; nothing was written", problems)


def _wrong_numbers(parameters: Parameters) -> list[str]:
    problems = []
    if not (_is_whole(parameters.lines) and MIN_LINES <= parameters.lines <= MAX_LINES):
        problems.append(
            f"lines: {parameters.lines!r} given, a whole number from {MIN_LINES:,} to "
            f"{MAX_LINES:,} allowed"
        )
    if not (_is_whole(parameters.seed) and parameters.seed >= 0):
        problems.append(f"seed: {parameters.seed!r} given, a whole number from 0 allowed")
    if not (isinstance(parameters.dirty, int | float) and 0 <= parameters.dirty <= MAX_DIRTY):
        problems.append(f"dirty: {parameters.dirty!r} given, a share from 0 to {MAX_DIRTY} allowed")
    return problems


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong_period(start: date, end: date) -> list[str]:
    problems = []
    if start < EARLIEST:
        problems.append(f"start: {start} given, {EARLIEST} or later allowed")
    if end < start:
        problems.append(f"end: {end} is before start {start}")
    if (end - start).days > MAX_DAYS:
        problems.append(f"end: {end} given, at most 20 years after start {start} allowed")
    return problems


def _wrong_format(file_format: str) -> list[str]:
    if file_format not in FORMATS:
        return [f"file_format: {file_format!r} given, {did_you_mean(str(file_format), FORMATS)}"]
    return []


def _wrong_folder(folder: Path) -> list[str]:
    if not folder.exists():
        return []
    if not folder.is_dir():
        return [f"folder: {folder} is a file"]
    if any(folder.iterdir()) and not (folder / "truth.json").is_file():
        return [f"folder: {folder} holds something else than a generated shop; name a new folder"]
    return []
