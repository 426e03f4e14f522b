"""What a mining command has to say at its end."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Mined"]


@dataclass(frozen=True)
class Mined:
    """The counts and the cost of a mining job.

    Attributes
    ----------
    name : str
        What was found, in the plural.
    out : Path
        The file that was written.
    baskets, items, patterns : int
        How many were read and found.
    seconds : dict of str to float
        Wall-clock time to ``read``, ``mine`` and ``write``.
    peak_rss_mb : float
        The largest resident memory of the process, in MiB.
    """

    name: str
    out: Path
    baskets: int
    items: int
    patterns: int
    seconds: dict[str, float]
    peak_rss_mb: float

    def to_dict(self) -> dict[str, Any]:
        """Give the object of ``--json``."""
        return {
            "baskets": self.baskets,
            "items": self.items,
            "patterns": self.patterns,
            "seconds": self.seconds,
            "peak_rss_mb": self.peak_rss_mb,
        }

    def text(self) -> str:
        """Give two lines for a person."""
        took = ", ".join(f"{step} {seconds:.2f} s" for step, seconds in self.seconds.items())
        return (
            f"{self.out}: {self.patterns:,} {self.name} in {self.baskets:,} baskets of "
            f"{self.items:,} items\n  {took}; {self.peak_rss_mb:,.0f} MB at most"
        )
