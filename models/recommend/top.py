"""The highest values of each row, sorted, with ties broken by place."""

import numba
import numpy as np

__all__ = ["highest"]


@numba.njit(cache=True)
def highest(scores: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the `n` highest values of each row.

    Parameters
    ----------
    scores : numpy.ndarray of float32, (rows, columns)
        ``-inf`` and NaN are never chosen.
    n : int
        How many, at most.

    Returns
    -------
    places : numpy.ndarray of int32, (rows, n)
        Columns, the highest value first, equal values by column; -1 where nothing is left.
    values : numpy.ndarray of float32, (rows, n)
        What stands there; ``-inf`` where nothing is left.

    Examples
    --------
    >>> places, values = highest(np.array([[1, 3, 3, -np.inf]], dtype=np.float32), 2)
    >>> places.tolist(), values.tolist()
    ([[1, 2]], [[3.0, 3.0]])
    """
    places = np.full((scores.shape[0], n), -1, dtype=np.int32)
    values = np.full((scores.shape[0], n), -np.inf, dtype=np.float32)
    for row in range(scores.shape[0]):
        place, value = places[row], values[row]
        for column in range(scores.shape[1]):
            score = scores[row, column]
            if n > 0 and score > value[n - 1]:
                at = n - 1
                while at > 0 and value[at - 1] < score:
                    value[at], place[at] = value[at - 1], place[at - 1]
                    at -= 1
                value[at], place[at] = score, column
    return places, values
