"""Sequences mined side by side: ours, prefixspan, PAMI's SPAM and Spark's PrefixSpan.

    python -m benchmarks.sequences.mining FILE=COUNT... [--flat] \
        [--peer-python prefixspan=PATH "PAMI SPAM=PATH" "Spark, 2 threads=PATH"]

FILE is a table with a header, one line a customer, day and item (`.csv`, days as `31-12-2015`), or
has one sequence of item numbers a line (`msnbc_first100k.seq.gz`). `--flat` puts every item into an
element of its own: prefixspan knows nothing else and takes part only then. Every program mines in
a process of its own; reading, and the start of Spark, are not timed.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.files import read_sequences
from benchmarks.turns import Program, as_table, peer_pythons, take_turns

__all__ = ["main"]

READ = """
import sys
count = int(sys.argv[2])
with open(sys.argv[1]) as file:
    customers = [[part.split() for part in line.split("-1")[:-1]] for line in file]
"""

OURS = """
from models.sequences import Sequences, frequent_sequences
sequences = Sequences.from_lists(customers)
work = lambda: frequent_sequences(sequences, min_count=count, n_jobs={n_jobs})
check = lambda found: [len(found), int(found.counts.sum())]
"""

PREFIXSPAN = """
from prefixspan import PrefixSpan
plain = [[basket[0] for basket in baskets] for baskets in customers]
work = lambda: PrefixSpan(plain).frequent(count)
check = lambda found: [len(found), sum(number for number, _ in found)]
"""

SPAM = """
import contextlib, io
path, sys.argv = sys.argv[1], sys.argv[:1]
from PAMI.sequentialPattern.basic.SPAM import SPAM
def work():
    with contextlib.redirect_stdout(io.StringIO()):
        search = SPAM(path, count, " ")
        search.mine()
    return search.getPatterns()
check = lambda found: [len(found), sum(found.values())]
"""

SPARK = """
from pyspark.ml.fpm import PrefixSpan
from pyspark.sql import Row, SparkSession
spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", False)
         .config("spark.driver.memory", "4g").getOrCreate())
frame = spark.createDataFrame([Row(sequence=baskets) for baskets in customers if baskets]).cache()
frame.count()
search = PrefixSpan(minSupport=(count - 0.5) / frame.count(), maxPatternLength=100)
work = lambda: search.findFrequentSequentialPatterns(frame).select("freq").collect()
check = lambda found: [len(found), sum(row.freq for row in found)]
"""

PEERS = {"prefixspan": PREFIXSPAN, "PAMI SPAM": SPAM, "Spark, 2 threads": SPARK}


def programs(pythons: dict[str, str], flat: bool) -> list[Program]:
    """List what takes part."""
    ours = [
        Program("ours", READ + OURS.format(n_jobs=1), warm=True),
        Program("ours, 2 threads", READ + OURS.format(n_jobs=2), warm=True),
    ]
    peers = [Program(name, READ + PEERS[name], python) for name, python in pythons.items()]
    return ours + [peer for peer in peers if flat or peer.name != "prefixspan"]


def write(customers: list[list[list[str]]], path: Path, flat: bool) -> None:
    """Write the form that all read: elements end with -1; items lose their blanks."""
    lines = []
    for baskets in customers:
        named = [[item.replace(" ", "_") for item in basket] for basket in baskets]
        elements = [[item] for basket in named for item in basket] if flat else named
        lines.append("".join(f"{' '.join(element)} -1 " for element in elements))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Print the rows of a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE=COUNT")
    parser.add_argument("--peer-python", nargs="*", default=[], metavar="NAME=PATH")
    parser.add_argument("--flat", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=120)
    given = parser.parse_args()
    print("| sequences | program | patterns | median | ratio | peak memory | result |")
    print("|---|---|---|---|---|---|---|")
    for word in given.files:
        path, count = word.rsplit("=", 1)
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(folder) / "sequences.txt"
            write(read_sequences(Path(path)), plain, given.flat)
            taking_part = programs(peer_pythons(given.peer_python), given.flat)
            results = take_turns(taking_part, [str(plain), count], given.rounds, given.patience)
        title = f"{Path(path).name.split('.')[0]}{' flat' if given.flat else ''} at {count}"
        print(as_table(title, results), flush=True)


if __name__ == "__main__":
    main()
