"""The customers most like another: sparse rows compared block by block."""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from models.recommend.top import highest

__all__ = ["mean_of_nearest", "nearest", "unit_rows"]

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
    rows: sparse.csr_matrix, known: sparse.csr_matrix, neighbours: int
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

    Returns
    -------
    scipy.sparse.csr_matrix of float32, (customers, others)
        The dot products.
    """

    def part(some: sparse.csr_matrix) -> sparse.csr_matrix:
        place, value = highest((some @ known.T).toarray(), min(neighbours, known.shape[0]))
        return _table(place, np.maximum(value, 0.0), known.shape[0])

    return _in_blocks(rows, known.shape[0], part)


def mean_of_nearest(
    rows: sparse.csr_matrix, known: sparse.csr_matrix, values: sparse.csr_matrix, neighbours: int
) -> sparse.csr_matrix:
    """Average the values of the known rows at the least Euclidean distance.

    Parameters
    ----------
    rows, known : scipy.sparse.csr_matrix of float32
        As for `nearest`.
    values : scipy.sparse.csr_matrix of float32, (others, columns)
        What is averaged.
    neighbours : int
        How many; equal ones by place.

    Returns
    -------
    scipy.sparse.csr_matrix of float32, (customers, columns)
    """
    most = min(neighbours, known.shape[0])
    length = np.asarray(known.multiply(known).sum(axis=1), dtype=np.float32).ravel()

    def part(some: sparse.csr_matrix) -> sparse.csr_matrix:
        # |a - b|^2 = |a|^2 - 2ab + |b|^2, and |a|^2 is the same for all b.
        place, _ = highest(2 * (some @ known.T).toarray() - length, most)
        weights = np.full(place.shape, 1 / max(most, 1), dtype=np.float32)
        return sparse.csr_matrix(_table(place, weights, known.shape[0]) @ values)

    return _in_blocks(rows, known.shape[0], part)


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
