"""The customers most like another: sparse rows compared block by block."""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from models.recommend.top import highest

__all__ = ["closest", "nearest", "unit_rows"]

CELLS = 1 << 24


def unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Scale each row to length one; empty rows stay empty.

    Examples
    --------
    >>> unit_rows(sparse.csr_matrix([[0.0, 2.0], [0.0, 0.0]])).toarray().tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return sparse.csr_matrix(sparse.diags_array(scale.astype(matrix.dtype)) @ matrix)


def nearest(
    rows: sparse.csr_matrix,
    known: sparse.csr_matrix,
    neighbours: int,
    *,
    besides: float = np.inf,
) -> sparse.csr_matrix:
    """Find the known rows with the largest dot product.

    Parameters
    ----------
    rows : scipy.sparse.csr_matrix of float32, (customers, items)
        Who is asked about.
    known : scipy.sparse.csr_matrix of float32, (others, items)
        Among whom to look.
    neighbours : int
        How many are kept, at most; equal ones by place. A product of 0 or less is never kept.
    besides : float, default none
        The first one is left out where its product is at least this: it is the row itself, or its
        twin.

    Returns
    -------
    scipy.sparse.csr_matrix of float32, (customers, others)
        The dot products.
    """

    def part(some: sparse.csr_matrix) -> sparse.csr_matrix:
        most = min(neighbours + 1, known.shape[0])
        place, value = highest((some @ known.T).toarray(), most)
        kept = _apart(value >= np.float32(besides), neighbours)
        return _table(place, np.where(kept, np.maximum(value, 0.0), 0.0), known.shape[0])

    return _in_blocks(rows, known.shape[0], part)


def closest(
    rows: sparse.csr_matrix, known: sparse.csr_matrix, neighbours: int, *, besides: float = -1.0
) -> sparse.csr_matrix:
    """Find the known rows at the least Euclidean distance.

    Parameters
    ----------
    rows, known, neighbours
        As for `nearest`.
    besides : float, default none
        The nearest is left out where its squared distance is at most this share of the squared
        length of the row: it is the row itself, or its twin.

    Returns
    -------
    scipy.sparse.csr_matrix of float32, (customers, others)
        One over the number found: its product with values is their mean.
    """
    length = _squares(known)

    def part(some: sparse.csr_matrix) -> sparse.csr_matrix:
        # |a - b|^2 = |a|^2 - 2ab + |b|^2, and |a|^2 is the same for all b.
        most = min(neighbours + 1, known.shape[0])
        place, value = highest(2 * (some @ known.T).toarray() - length, most)
        own = _squares(some)[:, None]
        kept = _apart((own > 0) & (own - value <= besides * own), neighbours)
        weights = kept / np.maximum(kept.sum(axis=1, keepdims=True), 1)
        return _table(place, weights.astype(np.float32), known.shape[0])

    return _in_blocks(rows, known.shape[0], part)


def _apart(same: np.ndarray, neighbours: int) -> np.ndarray:
    """Keep the first `neighbours` of each row, not counting the first of all where it is `same`."""
    place = np.arange(same.shape[1])
    if not same.shape[1]:
        return same
    return np.where(same[:, :1], (place >= 1) & (place <= neighbours), place < neighbours)


def _squares(rows: sparse.csr_matrix) -> np.ndarray:
    return np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float32).ravel()


def _in_blocks(
    rows: sparse.csr_matrix, width: int, part: Callable[[sparse.csr_matrix], sparse.csr_matrix]
) -> sparse.csr_matrix:
    step = max(1, CELLS // max(width, 1))
    parts = [part(rows[start : start + step]) for start in range(0, rows.shape[0], step)]
    return sparse.csr_matrix(sparse.vstack(parts, format="csr")) if parts else part(rows)


def _table(place: np.ndarray, value: np.ndarray, width: int) -> sparse.csr_matrix:
    row = np.broadcast_to(np.arange(len(place))[:, None], place.shape)
    good = (place >= 0) & (value > 0)
    shape = (len(place), width)
    return sparse.csr_matrix((value[good], (row[good], place[good])), shape=shape)
