"""How much memory and how many processes a list may take, and what follows from it."""

import os
import re
from dataclasses import dataclass
from typing import Self

from features.parted import Weight
from lodeworks.errors import ConfigError

__all__ = ["DEFAULT_MEMORY", "Budget", "parse_memory"]

DEFAULT_MEMORY = "4GiB"
UNITS = {"": 1, "K": 1, "M": 2, "G": 3, "T": 4}
MIB = 1024**2
LEAST = 1024 * MIB
# A process without any data: the libraries, the bundle, the crowd.
PROCESS = 800 * MIB
# What was measured, and a little more: indicators, candidates and words of a customer; a line.
CUSTOMER, ROW, LINE = 6_000, 1_200, 1_400
# More do not make it faster.
CUSTOMERS = 50_000


def parse_memory(text: str) -> int:
    """Read an amount of memory, in bytes.

    Raises
    ------
    ConfigError
        When it is none, or less than 1 GiB: the libraries alone take half of that.

    Examples
    --------
    >>> parse_memory("4GiB") == 4 * 1024**3, parse_memory("2 GB")
    (True, 2000000000)
    """
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,3})?)\s*([KMGT]?)(i?)B?\s*", text, re.IGNORECASE)
    if found is None:
        raise ConfigError(f"--memory {text}: give an amount of memory such as 4GiB or 3500MB")
    power = UNITS[found[2].upper()]
    amount = int(float(found[1]) * (1024 if found[3] else 1000) ** power)
    if amount < LEAST:
        raise ConfigError(f"--memory {text}: at least 1GiB is needed")
    return amount


@dataclass(frozen=True)
class Budget:
    """Memory and processes.

    Attributes
    ----------
    memory : int
        Bytes, of all processes together.
    workers : int
        Processes that score, at most.
    is_strict : bool
        Whether taking more memory ends the work.
    partition : int or None
        Customers of a part at most; None: what fits.
    """

    memory: int
    workers: int = 1
    is_strict: bool = False
    partition: int | None = None

    @classmethod
    def of(
        cls, memory: str | None, workers: int | None = None, partition: int | None = None
    ) -> Self:
        """Read what was asked; by default 4 GiB and a process for each core, as far as they fit."""
        amount = parse_memory(memory or DEFAULT_MEMORY)
        fit = max(1, (amount - PROCESS) // (2 * PROCESS))
        wanted = workers or len(os.sched_getaffinity(0))
        return cls(amount, min(wanted, fit), memory is not None, partition)

    @property
    def loading(self) -> str:
        """Memory of DuckDB while nothing else goes on."""
        return f"{(self.memory - PROCESS) * 6 // 10 // MIB}MiB"

    @property
    def room(self) -> int:
        """Bytes for the data of one part."""
        if self.workers == 1:
            return self.memory - PROCESS
        return (self.memory - PROCESS) // self.workers - PROCESS

    @property
    def querying(self) -> str:
        """Memory of DuckDB while it reads a part."""
        return f"{max(self.room // 2, 128 * MIB) // MIB}MiB"

    def weight(self, depth: int) -> Weight:
        """Tell how much fits into a part when `depth` offers of a customer are looked at."""
        customer = CUSTOMER + ROW * depth
        most = min(self.room, (self.partition or CUSTOMERS) * (customer + 10 * LINE))
        if self.partition is not None:
            return Weight(customer=1, line=0, most=self.partition)
        return Weight(customer=customer, line=LINE, most=most)
