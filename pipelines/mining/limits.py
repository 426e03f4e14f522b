"""What the mining may spend, as people write it."""

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lodeworks.errors import BudgetExceeded

if TYPE_CHECKING:
    from models.association import Budget

__all__ = ["DEFAULT_MEMORY", "Limits", "in_options", "parse_bytes"]

DEFAULT_MEMORY = "4GB"
_UNITS = {"": 1, "B": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BINARY = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?\s*", re.IGNORECASE)
_OPTIONS = re.compile(
    r"\b(?:min|max)_"
    r"(?:count|support|length|basket_size|confidence|consequent|utility|elements|gap|span|lift)\b"
)
_SECONDS = re.compile(r"\b(\d+\.\d+) seconds\b")
_BYTES = re.compile(r"\b(\d[\d,]*) bytes\b")


def parse_bytes(value: str | int) -> int:
    """Read an amount of memory: ``4GB`` is 4,000,000,000 bytes, ``4GiB`` is 4 x 1,024³.

    Raises
    ------
    ValueError
        When it is anything else, or nothing.

    Examples
    --------
    >>> parse_bytes("500MB"), parse_bytes("1.5 GiB"), parse_bytes(1024)
    (500000000, 1610612736, 1024)
    """
    found = _SIZE.fullmatch(str(value))
    units = _BINARY if found and found[3] else _UNITS
    size = int(float(found[1]) * units.get(found[2].upper(), 0)) if found else 0
    if size < 1:
        raise ValueError("an amount of memory is needed, such as 500MB, 4GB or 4GiB")
    return size


@dataclass(frozen=True)
class Limits:
    """What may be spent; None stands for no limit.

    Parameters
    ----------
    memory : int
        Bytes of the search and its result, beside the baskets.
    itemsets : int, optional
        The most itemsets.
    seconds : float, optional
        From the moment that this is made to the end of the command.
    """

    memory: int
    itemsets: int | None = None
    seconds: float | None = None
    _began: float = field(default_factory=time.monotonic)

    def problems(self) -> list[str]:
        """Say what is wrong."""
        given = {"--budget-itemsets": self.itemsets, "--timeout": self.seconds}
        return [
            f"{option} {value}: at least 1"
            for option, value in given.items()
            if value is not None and value < 1
        ]

    def settings(self) -> dict[str, Any]:
        """Give the limits as plain values for the manifest."""
        return {"budget_memory": self.memory, "budget_itemsets": self.itemsets}

    def left(self) -> float | None:
        """Give the seconds that are left; None without a limit.

        Raises
        ------
        BudgetExceeded
            When the time is over.
        """
        if self.seconds is None:
            return None
        left = self.seconds - (time.monotonic() - self._began)
        if left <= 0:
            raise BudgetExceeded(self.over)
        return left

    @property
    def over(self) -> str:
        """Say that the time is over."""
        return f"the time of --timeout {self.seconds or 0:g} s is over; nothing was written"

    def budget(self) -> "Budget":
        """Give what is left for the search.

        Raises
        ------
        BudgetExceeded
            When the time is over.
        """
        from models.association import Budget

        return Budget(itemsets=self.itemsets, seconds=self.left(), bytes=self.memory)


def in_options(text: str) -> str:
    """Name the options of the command where a library names its arguments; round long numbers.

    Examples
    --------
    >>> in_options("min_count 40 would fit")
    '--min-count 40 would fit'
    >>> in_options("over the budget of 2.92411 seconds, 4,000,000,000 bytes")
    'over the budget of 2.9 seconds, 4 GB'
    """
    named = _OPTIONS.sub(lambda found: "--" + found[0].replace("_", "-"), text)
    rounded = _SECONDS.sub(lambda found: f"{float(found[1]):.1f} seconds", named)
    return _BYTES.sub(lambda found: _shown(int(found[1].replace(",", ""))), rounded)


def _shown(size: int) -> str:
    unit = next((unit for unit in "TGM" if size >= _UNITS[unit]), "")
    return f"{size / _UNITS[unit]:.3g} {unit}B" if unit else f"{size:,} bytes"
