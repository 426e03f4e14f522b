"""What is looked for, as every engine takes it."""

from dataclasses import dataclass, field

__all__ = ["DEFAULT_MASTER", "Apart", "Search", "SequenceSearch"]

DEFAULT_MASTER = "local[2]"  # of Spark


@dataclass(frozen=True)
class Search:
    """A search for itemsets.

    Parameters
    ----------
    min_count : int
        The smallest number of baskets.
    max_length, max_basket_size : int, optional
        The largest numbers of items.
    target : str
        ``frequent``, ``closed`` or ``maximal``.
    n_jobs : int
        Number of threads.
    """

    min_count: int
    max_length: int | None = None
    max_basket_size: int | None = None
    target: str = "frequent"
    n_jobs: int = 1


@dataclass(frozen=True)
class Apart:
    """How far apart the elements of a sequence may be, in days or in the numbers of the file.

    Parameters
    ----------
    min_gap, max_gap, max_span, window : int
        As for `models.sequences.TimeLimits`.
    """

    min_gap: int = 0
    max_gap: int | None = None
    max_span: int | None = None
    window: int = 0


@dataclass(frozen=True)
class SequenceSearch:
    """A search for sequences.

    Parameters
    ----------
    min_count : int
        The smallest number of customers.
    max_length, max_elements : int, optional
        The largest numbers of items and of elements.
    apart : Apart
        How far apart in time.
    target : str
        ``frequent``, ``closed`` or ``maximal``.
    n_jobs : int
        Number of threads.
    """

    min_count: int
    max_length: int | None = None
    max_elements: int | None = None
    apart: Apart = field(default_factory=Apart)
    target: str = "frequent"
    n_jobs: int = 1
