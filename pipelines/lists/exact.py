"""Totals of money that are the same however the rows are parted."""

import numpy as np

__all__ = ["NANO", "nanos"]

NANO = 10**9
_HALF = 1 << 31


def nanos(amounts: np.ndarray) -> int:
    """Sum amounts of money in thousand-millionths, as a whole number.

    Sums of floats change with the order of their terms; whole numbers can be added up part by part.

    Parameters
    ----------
    amounts : numpy.ndarray of float64
        None of 9,000,000,000 or more.

    Examples
    --------
    >>> nanos(np.array([0.1] * 10)) == 10 * nanos(np.array([0.1])) == NANO
    True
    """
    whole = np.rint(np.asarray(amounts, dtype=np.float64) * NANO).astype(np.int64)
    high, low = np.divmod(whole, _HALF)
    return int(high.sum()) * _HALF + int(low.sum())
