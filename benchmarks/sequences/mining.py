"""Mining time and peak memory beside prefixspan, one process each.

    python -m benchmarks.sequences.mining FILE COUNT... [--peers ours prefixspan] \
        [--peer-python PATH]

FILE is `groceries_members.csv` (one basket a member and day; see `--flat`) or a file of one
sequence a line, item numbers separated by blanks, packed or not (`msnbc_first100k.seq.gz`).
prefixspan knows no baskets, only sequences of single items: it needs `--flat`, which puts every
line of a member into an element of its own. Every program reads the same file in a process of its
own and mines it; the median of the rounds is shown, and the ratio to ours. Reading and, for ours,
the first call (which loads the compiled code) are not counted.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["main"]

READ = """
import csv, gzip, json, resource, sys, time
path, count, flat, repeats = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "True", int(sys.argv[4])

def members():
    lines = {}
    with open(path, newline="") as file:
        for who, day, item in list(csv.reader(file))[1:]:
            key = day[6:] + day[3:5] + day[:2]
            lines.setdefault(who, {}).setdefault(key, set()).add(item)
    for baskets in lines.values():
        ordered = [sorted(baskets[day]) for day in sorted(baskets)]
        yield [[item] for basket in ordered for item in basket] if flat else ordered

def visitors():
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as file:
        for line in file:
            words = line.split()
            if words and all(word.isdigit() for word in words):
                yield [[int(word)] for word in words]

customers = list(members() if path.endswith(".csv") else visitors())
"""

REPORT = """
seconds = []
for _ in range(repeats):
    began = time.perf_counter()
    found = mine()
    seconds.append(time.perf_counter() - began)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"patterns": len(found), "seconds": seconds, "peak_rss_mb": round(peak)}))
"""

OURS = """
from models.sequences import Sequences, frequent_sequences
sequences = Sequences.from_lists(customers)
mine = lambda: frequent_sequences(sequences, min_count=count, n_jobs={n_jobs})
mine()
"""

PROGRAMS = {
    "ours": OURS.format(n_jobs=1),
    "ours, 2 threads": OURS.format(n_jobs=2),
    "prefixspan": """
from prefixspan import PrefixSpan
assert all(len(basket) == 1 for baskets in customers for basket in baskets), "needs --flat"
plain = [[basket[0] for basket in baskets] for baskets in customers]
mine = lambda: PrefixSpan(plain).frequent(count)
""",
}


def run(name: str, python: str, given: argparse.Namespace, count: int) -> dict[str, object]:
    """Mine in a process of its own."""
    with tempfile.NamedTemporaryFile("w", suffix=".py") as program:
        program.write(READ + PROGRAMS[name] + REPORT)
        program.flush()
        repeats = given.repeats if name.startswith("ours") else 1
        done = subprocess.run(
            [python, program.name, str(given.file), str(count), str(given.flat), str(repeats)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env={"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "OMP_NUM_THREADS": "1"},
        )
    result: dict[str, object] = json.loads(done.stdout)
    return result


def measured(given: argparse.Namespace, count: int) -> dict[str, dict[str, object]]:
    """Let the programs take turns; join the rounds of each."""
    joined: dict[str, dict[str, object]] = {}
    for _ in range(given.rounds):
        for name in given.peers:
            python = sys.executable if name.startswith("ours") else given.peer_python
            result = run(name, python, given, count)
            seconds = result["seconds"]
            assert isinstance(seconds, list)
            before = joined.get(name, {"seconds": []})["seconds"]
            joined[name] = result | {"seconds": [*before, *seconds]}  # type: ignore[misc]
    return joined


def main() -> None:
    """Print one line a program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("counts", type=int, nargs="+")
    parser.add_argument("--peers", nargs="+", choices=sorted(PROGRAMS), default=list(PROGRAMS))
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--flat", action="store_true")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    for count in given.counts:
        results = measured(given, count)
        ours = statistics.median(results["ours"]["seconds"]) if "ours" in results else None  # type: ignore[arg-type]
        for name, result in results.items():
            median = statistics.median(result["seconds"])  # type: ignore[arg-type]
            ratio = f"{median / ours:8.2f}" if ours else ""
            print(f"{given.file.name:24} {count:5} {name:16} {result['patterns']:>9,} "
                  f"{median:8.3f} s {ratio} {result['peak_rss_mb']:6} MB", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
