"""Baskets as plain arrays, which is what every reader gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BasketArrays", "from_names", "from_numbers", "in_order"]


@dataclass(frozen=True, eq=False)
class BasketArrays:
    """Baskets as a CSR pair of arrays.

    Attributes
    ----------
    indptr : ndarray of int64, shape (n_baskets + 1,)
        Where the items of each basket begin.
    indices : ndarray of int32
        Item codes in the order of the file; an item may repeat within a basket.
    names : ndarray of object, shape (n_items,)
        The text of every item code, in sorted order; numbers are sorted as numbers.
    notes : tuple of str
        What a person should know about the reading.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    names: NDArray[np.object_]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.indptr) - 1


def from_numbers(
    owners: NDArray[np.int64],
    numbers: NDArray[np.int64],
    n_baskets: int,
    notes: Sequence[str] = (),
) -> BasketArrays:
    """Make baskets of items that are whole numbers.

    Parameters
    ----------
    owners : ndarray of int64, ascending
        The basket of every item.
    numbers : ndarray of int64, not negative
        The items.
    n_baskets : int
        How many baskets there are, empty ones included.
    notes : sequence of str
        What a person should know.

    Examples
    --------
    >>> read = from_numbers(np.array([0, 0, 2]), np.array([10, 9, 10]), 3)
    >>> read.indptr.tolist(), read.indices.tolist(), read.names.tolist()
    ([0, 2, 2, 3], [1, 0, 1], ['9', '10'])
    """
    present, codes = _ranked(numbers)
    return BasketArrays(
        _ends(owners, n_baskets), codes.astype(np.int32), _objects(map(str, present)), tuple(notes)
    )


def from_names(
    owners: NDArray[np.int64],
    codes: NDArray[np.int64],
    names: Sequence[str],
    n_baskets: int,
    notes: Sequence[str] = (),
) -> BasketArrays:
    """Make baskets of named items; the codes are renumbered in sorted order of the names.

    Parameters
    ----------
    owners : ndarray of int64
        The basket of every item, in any order.
    codes : ndarray of int64
        The place of every item in `names`.
    names : sequence of str
        Different names.
    n_baskets, notes
        As for `from_numbers`.

    Examples
    --------
    >>> read = from_names(np.array([1, 0]), np.array([0, 1]), ["tea", "jam"], 2)
    >>> read.indices.tolist(), read.names.tolist()
    ([0, 1], ['jam', 'tea'])
    """
    items, ordered = in_order(codes, names)
    if (np.diff(owners) < 0).any():
        items = items[np.argsort(owners, kind="stable")]
    return BasketArrays(_ends(owners, n_baskets), items.astype(np.int32), ordered, tuple(notes))


def in_order(
    codes: NDArray[np.int64], names: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Renumber codes so that the names are sorted, whatever the order of the file.

    Examples
    --------
    >>> codes, names = in_order(np.array([0, 1, 0]), ["tea", "jam"])
    >>> codes.tolist(), names.tolist()
    ([1, 0, 1], ['jam', 'tea'])
    """
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return rank[codes], _objects(names[place] for place in order)


def _ends(owners: NDArray[np.int64], n_baskets: int) -> NDArray[np.int64]:
    lengths = np.bincount(owners, minlength=n_baskets)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _ranked(numbers: NDArray[np.int64]) -> tuple[list[int], NDArray[np.int64]]:
    """Give the different numbers and the rank of each; without sorting when they are small."""
    if len(numbers) and numbers.max() > 4 * len(numbers) + 1_000_000:
        different, places = np.unique(numbers, return_inverse=True)
        return different.tolist(), places
    present = np.bincount(numbers) > 0
    return np.flatnonzero(present).tolist(), (np.cumsum(present) - 1)[numbers]


def _objects(names: object) -> NDArray[np.object_]:
    listed = list(names)  # type: ignore[call-overload]
    out = np.empty(len(listed), object)
    out[:] = listed
    return out
