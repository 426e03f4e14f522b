"""Mining time and peak memory side by side with other programs, one process each.

    python -m benchmarks.association.itemsets FILE COUNT [--peers ours "pyfim eclat" mlxtend] \
        [--pyfim-python PATH]

FILE has one basket a line, item numbers separated by blanks. Every program reads the same file in
a process of its own, mines once to warm up, then five times; the median is shown, and the ratio to
ours. Reading is not counted. Programs take turns, so that a busy machine is unfair to none.
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
import json, resource, sys, time
path, count = sys.argv[1], int(sys.argv[2])
rows = [[int(word) for word in line.split()] for line in open(path)]
"""

REPORT = """
seconds = []
for _ in range(int(sys.argv[3])):
    began = time.perf_counter()
    found = mine()
    seconds.append(time.perf_counter() - began)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"patterns": len(found), "seconds": seconds, "peak_rss_mb": round(peak)}))
"""

PROGRAMS = {
    "ours": """
from models.association import Baskets, frequent_itemsets
baskets = Baskets.from_lists(rows)
mine = lambda: frequent_itemsets(baskets, min_count=count)
""",
    "ours, 2 threads": """
from models.association import Baskets, frequent_itemsets
baskets = Baskets.from_lists(rows)
mine = lambda: frequent_itemsets(baskets, min_count=count, n_jobs=2)
""",
    "pyfim eclat": """
import fim
mine = lambda: fim.eclat(rows, target="s", supp=-count, zmin=1, report="a")
""",
    "pyfim fpgrowth": """
import fim
mine = lambda: fim.fpgrowth(rows, target="s", supp=-count, zmin=1, report="a")
""",
    "mlxtend": """
import pandas as pd
from mlxtend.frequent_patterns import fpgrowth
from mlxtend.preprocessing import TransactionEncoder
encoder = TransactionEncoder()
onehot = pd.DataFrame.sparse.from_spmatrix(encoder.fit_transform(rows, sparse=True))
onehot.columns = onehot.columns.astype(str)
mine = lambda: fpgrowth(onehot, min_support=(count - 0.5) / len(rows))
""",
}


def run(name: str, python: str, path: Path, count: int, repeats: int) -> dict[str, object]:
    """Mine in a process of its own."""
    with tempfile.NamedTemporaryFile("w", suffix=".py") as program:
        program.write(READ + PROGRAMS[name] + REPORT)
        program.flush()
        done = subprocess.run(
            [python, program.name, str(path), str(count), str(repeats)],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "OMP_NUM_THREADS": "1"},
        )
    result: dict[str, object] = json.loads(done.stdout)
    return result


def measured(
    names: list[str], given: argparse.Namespace, count: int
) -> dict[str, dict[str, object]]:
    """Let the programs take turns; join the rounds of each."""
    joined: dict[str, dict[str, object]] = {}
    for _ in range(given.rounds):
        for name in names:
            python = given.pyfim_python if name.startswith("pyfim") else sys.executable
            slow = name == "mlxtend"
            result = run(name, python, given.file, count, 1 if slow else given.repeats + 1)
            seconds = result["seconds"]
            assert isinstance(seconds, list)
            result["seconds"] = seconds if slow else seconds[1:]
            if name in joined:
                result["seconds"] = [*joined[name]["seconds"], *result["seconds"]]  # type: ignore[misc]
            joined[name] = result
    return joined


def main() -> None:
    """Print one line a program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("counts", type=int, nargs="+")
    parser.add_argument("--peers", nargs="+", choices=sorted(PROGRAMS), default=list(PROGRAMS))
    parser.add_argument("--pyfim-python", default=sys.executable)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    for count in given.counts:
        results = measured(given.peers, given, count)
        ours = statistics.median(results["ours"]["seconds"]) if "ours" in results else None  # type: ignore[arg-type]
        for name, result in results.items():
            median = statistics.median(result["seconds"])  # type: ignore[arg-type]
            ratio = f"{median / ours:8.2f}" if ours else ""
            print(f"{given.file.name:16} {count:5} {name:16} {result['patterns']:>9,} "
                  f"{median:8.3f} s {ratio} {result['peak_rss_mb']:6} MB", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
