"""Time of applying rules to baskets: offers for every basket, the best by each way to weigh them.

    python -m benchmarks.rules.offers [--baskets 1000000] [--rules 10000] [--n-jobs 1 2]

Baskets are drawn (mean of ten items of a thousand); the rules are the surest of those mined in the
first 100,000 of them.
"""

import argparse
import statistics
import time
from itertools import product

import numpy as np

from benchmarks.association.generate import draw_baskets
from models.association import Baskets, Rules, expected_profit, offers, rules_of_baskets

__all__ = ["main"]


def best_rules(baskets: Baskets, wanted: int) -> Rules:
    """Mine rules at a falling support until there are enough; keep the surest."""
    count = 200
    while True:
        rules = rules_of_baskets(baskets, min_count=count, max_length=4)
        if len(rules) >= wanted or count == 5:
            return rules.take(np.argsort(-rules.measure("confidence"), kind="stable")[:wanted])
        count = max(5, count // 2)


def main() -> None:
    """Print one line a way of weighing and number of threads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baskets", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=10_000)
    parser.add_argument("--n-jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    baskets = Baskets.from_lists(draw_baskets(given.baskets))
    rules = best_rules(baskets.take(np.arange(min(100_000, given.baskets))), given.rules)
    profits = {name: 1.0 + k % 7 for k, name in enumerate(baskets.labels.tolist())}
    weights = {
        "confidence": "confidence",
        "lift": "lift",
        "expected profit": expected_profit(rules, profits),
    }
    for (name, weight), combine, n_jobs in product(weights.items(), ("max", "sum"), given.n_jobs):
        seconds = []
        for _ in range(given.rounds + 1):
            began = time.perf_counter()
            found = offers(baskets, rules, weight=weight, combine=combine, n_jobs=n_jobs)
            seconds.append(time.perf_counter() - began)
        print(f"{len(baskets):,} baskets, {len(rules):,} rules, {combine} of {name}, "
              f"{n_jobs} threads: {len(found):,} offers in "
              f"{statistics.median(seconds[1:]):.2f} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
