"""Products of factors where a sparse matrix has an entry, and nowhere else."""

import numba
import numpy as np

__all__ = ["products"]


@numba.njit(cache=True)
def products(
    start: np.ndarray, column: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Multiply row by column factors.

    Parameters
    ----------
    start, column : numpy.ndarray of int
        Index pointer and column indices of the sparse matrix.
    left : numpy.ndarray of float32, (rows, rank)
        Factors of the rows.
    right : numpy.ndarray of float32, (columns, rank)
        Factors of the columns.

    Returns
    -------
    numpy.ndarray of float32, (entries,)

    Examples
    --------
    >>> left, right = np.ones((2, 3), np.float32), np.full((4, 3), 2, np.float32)
    >>> products(np.array([0, 1, 2]), np.array([3, 0]), left, right).tolist()
    [6.0, 6.0]
    """
    found = np.empty(len(column), dtype=np.float32)
    for row in range(len(start) - 1):
        for at in range(start[row], start[row + 1]):
            total = np.float32(0.0)
            for factor in range(left.shape[1]):
                total += left[row, factor] * right[column[at], factor]
            found[at] = total
    return found
