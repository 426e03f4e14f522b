"""What other programs found, in the form and order of this one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import BudgetExceeded
from pipelines.mining.search import Search, SequenceSearch

if TYPE_CHECKING:
    from models.association import Baskets, Budget, Itemsets
    from models.sequences import SequencePatterns, Sequences

__all__ = [
    "check_number",
    "itemsets_of",
    "just_below",
    "kept",
    "kept_sequences",
    "sequences_of",
    "targeted",
]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


def just_below(min_count: int, n: int) -> float:
    """Give a share that is rounded up to `min_count`, whatever the last bit of a division.

    Examples
    --------
    >>> from math import ceil
    >>> ceil(just_below(3, 30) * 30)
    3
    """
    return (min_count - 0.5) / max(n, 1)


def check_number(found: int, limit: int | None, budget: "Budget") -> None:
    """Refuse a result that is larger than allowed.

    Raises
    ------
    BudgetExceeded
        When there are more than `limit`.
    """
    if limit is not None and found > limit:
        raise BudgetExceeded(f"over the budget of {budget}: {found:,} found; nothing was written")


def itemsets_of(lengths: Int64, items: Int32, counts: Int32, baskets: "Baskets") -> "Itemsets":
    """Put itemsets in the order of their items.

    Parameters
    ----------
    lengths : ndarray of int64, shape (n_itemsets,)
        How many items each itemset has.
    items : ndarray of int32
        Item codes, one itemset after the other, in any order within it.
    counts : ndarray of int32, shape (n_itemsets,)
        How many baskets hold each.
    baskets : Baskets
        What was searched.
    """
    from models.association import Itemsets

    owners = np.repeat(np.arange(len(lengths)), lengths)
    ordered = items[np.lexsort((items, owners))]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    found = Itemsets(indptr, ordered, counts, len(baskets), baskets.labels)
    return found.take(_in_order(indptr, ordered))


def sequences_of(
    elements: Int64, lengths: Int64, items: Int32, counts: Int32, sequences: "Sequences"
) -> "SequencePatterns":
    """Put sequences in the order of their items.

    Parameters
    ----------
    elements : ndarray of int64, shape (n_patterns,)
        How many elements each sequence has.
    lengths : ndarray of int64
        How many items each element has.
    items : ndarray of int32
        Item codes, one element after the other, in any order within it.
    counts : ndarray of int32, shape (n_patterns,)
        How many customers hold each.
    sequences : Sequences
        What was searched.
    """
    from models.sequences import SequencePatterns, TimeLimits

    owners = np.repeat(np.arange(len(lengths)), lengths)
    symbols = 2 * items[np.lexsort((items, owners))]
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    symbols[ends[:-1]] += 1
    indptr = ends[np.concatenate([[0], np.cumsum(elements)])]
    found = SequencePatterns(
        indptr, symbols, counts, len(sequences), sequences.labels, TimeLimits()
    )
    return found.take(_in_order(indptr, symbols))


def kept(found: "Itemsets", search: Search, limit: int | None, budget: "Budget") -> "Itemsets":
    """Keep what the search asks for out of all frequent itemsets."""
    check_number(len(found), limit, budget)
    return targeted(found, search.target)


def targeted(found: "Itemsets", target: str) -> "Itemsets":
    """Keep the closed or maximal ones of all frequent itemsets."""
    from models.association.closed import closed_itemsets, maximal_itemsets

    if target == "frequent":
        return found
    marked = closed_itemsets if target == "closed" else maximal_itemsets
    return found.take(np.flatnonzero(marked(found.indptr, found.items, found.counts)))


def kept_sequences(found: "SequencePatterns", search: SequenceSearch) -> "SequencePatterns":
    """Keep what the search asks for out of all frequent sequences."""
    from models.sequences.closed import closed_sequences, maximal_sequences

    if search.max_elements is not None:
        found = found.take(np.flatnonzero(found.elements <= search.max_elements))
    if search.target == "frequent":
        return found
    marked = closed_sequences if search.target == "closed" else maximal_sequences
    return found.take(np.flatnonzero(marked(found.indptr, found.symbols, found.counts)))


def _in_order(indptr: Int64, codes: Int32) -> NDArray[Any]:
    """Sort runs of codes; a run before those that it begins."""
    lengths = np.diff(indptr)
    width = int(lengths.max(initial=0))
    columns: Sequence[Int32] = [_column(indptr, codes, place) for place in range(width)]
    return np.lexsort(columns[::-1]) if columns else np.arange(0)


def _column(indptr: Int64, codes: Int32, place: int) -> Int32:
    """Give the code at a place of every run; -1 where the run is shorter."""
    out = np.full(len(indptr) - 1, -1, np.int32)
    long = np.diff(indptr) > place
    out[long] = codes[indptr[:-1][long] + place]
    return out
