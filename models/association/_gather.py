"""Kernel that copies runs of items, in any order and as often as they are asked for."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["gather_runs"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@njit(cache=True, nogil=True)
def gather_runs(indptr: Int64, items: Int32, numbers: Int32) -> tuple[Int64, Int32]:
    """Give the runs with these numbers as a new pair of pointers and items."""
    ends = np.zeros(len(numbers) + 1, np.int64)
    for k in range(len(numbers)):
        ends[k + 1] = ends[k] + indptr[numbers[k] + 1] - indptr[numbers[k]]
    copied = np.empty(ends[-1], np.int32)
    for k in range(len(numbers)):
        begin, top = indptr[numbers[k]], ends[k]
        for p in range(ends[k + 1] - top):
            copied[top + p] = items[begin + p]
    return ends, copied
