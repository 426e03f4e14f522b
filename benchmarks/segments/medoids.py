"""K-medoids side by side: ours and the package of the authors of FasterPAM.

    python -m benchmarks.segments.medoids [--peer-python "kmedoids=PATH"] [--customers 2000]

Customers are drawn in eight dimensions around k centres; distances are made before the clock runs.
Both begin with the greedy choice of PAM (BUILD). What must be equal is the loss, which may differ
where an optimum is local: then both losses are told (multiplied by 1,000).
"""

import argparse

from benchmarks.turns import Program, as_table, peer_pythons, take_turns

__all__ = ["main"]

DATA = """
import sys
import numpy as np
n, k, noise = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
rng = np.random.default_rng(0)
centres = rng.normal(size=(k, 8)) * 4
X = centres[rng.integers(k, size=n)] + rng.normal(size=(n, 8)) * noise
from scipy.spatial.distance import cdist
apart = cdist(X, X, "cityblock")
"""

OURS = (
    DATA
    + """
from models.segments.medoids import faster_pam
work = lambda: faster_pam(apart, k)
check = lambda found: [k, round(1000 * found[1])]
"""
)

PEER = (
    DATA
    + """
import kmedoids
work = lambda: kmedoids.fasterpam(apart, k, init="build", n_cpu=1, random_state=0)
check = lambda found: [k, round(1000 * float(found.loss))]
"""
)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, nargs="*", default=[1000, 2000, 4000])
    parser.add_argument("--segments", type=int, nargs="*", default=[5, 20])
    parser.add_argument("--peer-python", action="append", default=[], metavar="NAME=PATH")
    given = parser.parse_args()
    peers = peer_pythons(given.peer_python)
    programs = [Program("ours", OURS, warm=True)]
    programs += [Program(name, PEER, python, warm=True) for name, python in peers.items()]
    print("| customers, segments, noise | program | segments | time | ratio | memory | loss |")
    print("|---|---|---|---|---|---|---|")
    for n in given.customers:
        for k in given.segments:
            for noise in (1.0, 6.0):
                title = f"{n:,}, {k}, {noise:g}"
                print(as_table(title, take_turns(programs, [str(n), str(k), str(noise)], 3)))


if __name__ == "__main__":
    main()
