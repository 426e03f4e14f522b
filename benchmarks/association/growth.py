"""Mining time against the number of baskets, generated and mined in memory.

    python -m benchmarks.association.growth [--baskets 100000 1000000 10000000] [--n-jobs 1 2]

Baskets are T10I4-like. The minimum support is a fixed share, so that about the same itemsets are
found at every size and a linear search takes the same time a basket.
"""

import argparse
import resource
import time

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.association.generate import draw_patterns
from models.association import Baskets, frequent_itemsets

__all__ = ["generated", "main"]

_N_ITEMS, _N_PATTERNS = 1_000, 2_000
_MEAN_BASKET, _MEAN_PATTERN = 10.0, 4.0
_CORRUPTION = 0.5


def generated(n_baskets: int, seed: int = 0) -> Baskets:
    """Draw baskets from hidden patterns, items of which are left out at random."""
    rng = np.random.default_rng(seed)
    patterns = draw_patterns(rng, _N_ITEMS, _N_PATTERNS, _MEAN_PATTERN)
    indptr = np.concatenate([[0], np.cumsum([len(pattern) for pattern in patterns])])
    odds = np.cumsum(rng.exponential(1.0, _N_PATTERNS))
    sizes = np.maximum(1, rng.poisson(_MEAN_BASKET, n_baskets))
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    items = _filled(ends, indptr, np.concatenate(patterns), odds / odds[-1], seed)
    return Baskets.from_csr(ends, items, _N_ITEMS)


@njit(cache=True)
def _filled(
    ends: NDArray[np.int64],
    indptr: NDArray[np.int64],
    patterns: NDArray[np.int64],
    odds: NDArray[np.float64],
    seed: int,
) -> NDArray[np.int32]:
    np.random.seed(seed)
    items = np.empty(ends[-1], np.int32)
    for b in range(len(ends) - 1):
        place = ends[b]
        while place < ends[b + 1]:
            number = int(np.searchsorted(odds, np.random.random(), side="right"))
            for p in range(indptr[number], indptr[number + 1]):
                if place < ends[b + 1] and np.random.random() >= _CORRUPTION:
                    items[place] = patterns[p]
                    place += 1
    return items


def main() -> None:
    """Print one row of a Markdown table a size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--baskets", nargs="+", type=int, default=[10**5, 10**6, 10**7])
    parser.add_argument("--min-support", type=float, default=0.0005)
    parser.add_argument("--n-jobs", nargs="+", type=int, default=[1, 2])
    given = parser.parse_args()
    frequent_itemsets([[0, 1]], min_count=1)  # load the compiled code
    for n_baskets in given.baskets:
        baskets = generated(n_baskets)
        for n_jobs in given.n_jobs:
            began = time.perf_counter(), time.process_time()
            found = frequent_itemsets(baskets, given.min_support, n_jobs=n_jobs)
            wall, cpu = time.perf_counter() - began[0], time.process_time() - began[1]
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            print(f"| {n_baskets:,} | {n_jobs} | {len(found):,} | {wall:.2f} | {cpu:.2f} "
                  f"| {cpu / n_baskets * 1e6:.2f} | {peak:,} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
