"""Matrix products of which no row depends on the other rows, to the last bit."""

import numpy as np

__all__ = ["steady_product"]

BLOCK = 256


def steady_product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Multiply block by block, each of the same size.

    Libraries choose another way to add up for another number of rows. Scores must not depend on
    how many customers are scored together, so the last block is filled up with zeros.

    Parameters
    ----------
    left : numpy.ndarray, (rows, inner)
        One row a customer.
    right : numpy.ndarray, (inner, columns)
        The same for all of them.

    Returns
    -------
    numpy.ndarray, (rows, columns)

    Examples
    --------
    >>> left, right = np.ones((3, 2), np.float32), np.eye(2, dtype=np.float32)
    >>> steady_product(left, right).tolist()
    [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """
    found = np.empty((len(left), right.shape[1]), dtype=np.result_type(left, right))
    whole = len(left) - len(left) % BLOCK
    for start in range(0, whole, BLOCK):
        np.matmul(left[start : start + BLOCK], right, out=found[start : start + BLOCK])
    if whole < len(left):
        last = np.zeros((BLOCK, left.shape[1]), dtype=left.dtype)
        last[: len(left) - whole] = left[whole:]
        found[whole:] = (last @ right)[: len(left) - whole]
    return found
