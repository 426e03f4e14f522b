"""High-utility itemsets side by side: ours and PAMI's EFIM.

    python -m benchmarks.utility.mining FILE=UTILITY... [--generated BASKETS=UTILITY] \
        [--peer-python "PAMI EFIM=PATH"]

FILE has lines as SPMF writes them: items, the sum, and the utility of each item, separated by
colons. `--generated` draws baskets with quantities and prices. Every program mines in a process of
its own. PAMI's time includes its reading of the file.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.association.generate import draw_baskets
from benchmarks.turns import Program, as_table, peer_pythons, take_turns

__all__ = ["main"]

OURS = """
import sys
from models.association import UtilityBaskets, high_utility_itemsets
with open(sys.argv[1]) as file:
    lines = [line.strip().split(":") for line in file]
baskets = UtilityBaskets.from_lists(
    [line[0].split() for line in lines], [[int(word) for word in line[2].split()] for line in lines]
)
least = int(sys.argv[2])
work = lambda: high_utility_itemsets(baskets, least, n_jobs={n_jobs})
check = lambda found: [len(found), int(found.utilities.sum())]
"""

EFIM = """
import contextlib, io, sys
path, least, sys.argv = sys.argv[1], int(sys.argv[2]), sys.argv[:1]
from PAMI.highUtilityPattern.basic.EFIM import EFIM
def work():
    with contextlib.redirect_stdout(io.StringIO()):
        search = EFIM(path, least, " ")
        search.mine()
    return search.getPatterns()
first = lambda value: int(value[0] if isinstance(value, (list, tuple)) else value)
check = lambda found: [len(found), sum(map(first, found.values()))]
"""


def programs(pythons: dict[str, str]) -> list[Program]:
    """List what takes part."""
    ours = [
        Program("ours", OURS.format(n_jobs=1), warm=True),
        Program("ours, 2 threads", OURS.format(n_jobs=2), warm=True),
    ]
    return ours + [Program(name, EFIM, python) for name, python in pythons.items()]


def draw_lines(n_baskets: int, seed: int = 0) -> Iterator[str]:
    """Draw baskets with quantities from 1 to 5 and prices from a lognormal distribution."""
    rng = np.random.default_rng(seed)
    prices = np.maximum(1, rng.lognormal(3, 1, 1_000)).astype(int)
    for basket in draw_baskets(n_baskets, seed=seed):
        worth = prices[basket] * rng.integers(1, 6, len(basket))
        words = " ".join(map(str, basket)), str(worth.sum()), " ".join(map(str, worth))
        yield ":".join(words)


def compare(title: str, path: Path, least: str, given: argparse.Namespace) -> None:
    """Print the rows of one file."""
    taking_part = programs(peer_pythons(given.peer_python))
    results = take_turns(taking_part, [str(path), least], given.rounds, given.patience)
    print(as_table(f"{title} at {int(least):,}", results), flush=True)


def main() -> None:
    """Print the rows of a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE=UTILITY")
    parser.add_argument("--generated", nargs="*", default=[], metavar="BASKETS=UTILITY")
    parser.add_argument("--peer-python", nargs="*", default=[], metavar="NAME=PATH")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=200)
    given = parser.parse_args()
    print("| file, least utility | program | itemsets | median | ratio | peak memory | result |")
    print("|---|---|---|---|---|---|---|")
    for word in given.files:
        path, least = word.rsplit("=", 1)
        compare(Path(path).stem, Path(path), least, given)
    for word in given.generated:
        n_baskets, least = word.rsplit("=", 1)
        with tempfile.TemporaryDirectory() as folder:
            drawn = Path(folder) / "drawn.txt"
            drawn.write_text("\n".join(draw_lines(int(n_baskets))) + "\n", encoding="utf-8")
            compare(f"{int(n_baskets):,} drawn", drawn, least, given)


if __name__ == "__main__":
    main()
