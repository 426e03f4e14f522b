"""Which purchase drove a linear score most: the honest reason of many recommenders."""

import numba
import numpy as np
from scipy import sparse

__all__ = ["strongest_cause"]


def strongest_cause(bought: sparse.csr_matrix, weights: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Find, pair by pair, the purchase whose weight times strength is largest.

    Parameters
    ----------
    bought : scipy.sparse.csr_matrix, (pairs, items)
        Strength of the purchases of each pair's customer.
    weights : numpy.ndarray, (rows, items)
        What a unit of each purchase adds.
    row : numpy.ndarray of int, (pairs,)
        Which row of `weights` scores the pair; -1 for none.

    Returns
    -------
    numpy.ndarray of int64, (pairs,)
        The item, the first of equal ones; -1 where no purchase adds anything.

    Examples
    --------
    >>> bought = sparse.csr_matrix([[1.0, 0.5], [1.0, 0.0]])
    >>> strongest_cause(bought, np.array([[0.2, 0.6]]), np.array([0, -1])).tolist()
    [1, -1]
    """
    bought.sort_indices()
    return np.asarray(
        _strongest(bought.indptr, bought.indices, bought.data, weights, row.astype(np.int64))
    )


@numba.njit(cache=True)
def _strongest(
    start: np.ndarray, item: np.ndarray, strength: np.ndarray, weights: np.ndarray, row: np.ndarray
) -> np.ndarray:
    cause = np.full(len(row), -1, dtype=np.int64)
    for pair in range(len(row)):
        best = 0.0
        if row[pair] >= 0:
            for at in range(start[pair], start[pair + 1]):
                gain = strength[at] * weights[row[pair], item[at]]
                if gain > best:
                    best, cause[pair] = gain, item[at]
    return cause
