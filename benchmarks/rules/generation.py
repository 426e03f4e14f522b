"""Rules made of given itemsets, a second: ours beside mlxtend and efficient-apriori.

    python -m benchmarks.rules.generation FILE=COUNT... [--min-confidence 0 0.5] \
        [--peer-python efficient-apriori=PATH]

FILE has one basket a line: item numbers separated by blanks, or names separated by commas
(`.csv`). The itemsets are mined once and handed to every program, which makes rules of them in a
process of its own; only that is timed. For ours the Arrow table of both sides, count, support,
confidence and lift is a second figure. Peers build a Python object a rule and are asked for at most
`--peer-rules`.
"""

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.files import read_baskets
from benchmarks.turns import Program, as_table, peer_pythons, take_turns
from models.association import Baskets, Itemsets, association_rules, frequent_itemsets

__all__ = ["main"]

ARROW_RULES = 20_000_000  # their table needs about 2 GB

LOAD = """
import sys
import numpy as np
from models.association import Itemsets, association_rules
given = np.load(sys.argv[1] + ".npz")
labels = np.array([str(k) for k in range(given["n_items"])], object)
sets = Itemsets(given["indptr"], given["items"], given["counts"], int(given["n"]), labels)
least = float(sys.argv[2])
"""

OURS = """
work = lambda: association_rules(sets, min_confidence=least, n_jobs={n_jobs})
check = lambda rules: [len(rules), round(float(rules.measure("confidence").sum()), 3)]
"""

ARROW = """
rules = association_rules(sets, min_confidence=least)
work = rules.to_arrow
check = lambda table: [len(table), round(float(np.sum(table["confidence"].to_numpy())), 3)]
"""

PAIRS = """
import json, sys
with open(sys.argv[1] + ".json") as file:
    given = json.load(file)
least = float(sys.argv[2])
"""

MLXTEND = """
import pandas as pd
from mlxtend.frequent_patterns import association_rules
frame = pd.DataFrame({"support": [c / given["n"] for _, c in given["sets"]],
                      "itemsets": [frozenset(items) for items, _ in given["sets"]]})
work = lambda: association_rules(frame, metric="confidence", min_threshold=least,
                                 num_itemsets=given["n"], return_metrics=["confidence"])
check = lambda rules: [len(rules), round(float(rules["confidence"].sum()), 3)]
"""

EFFICIENT = """
from efficient_apriori.rules import generate_rules_apriori
by_length = {}
for items, count in given["sets"]:
    by_length.setdefault(len(items), {})[tuple(items)] = count
work = lambda: list(generate_rules_apriori(by_length, least, given["n"]))
check = lambda rules: [len(rules), round(sum(rule.confidence for rule in rules), 3)]
"""


def programs(pythons: dict[str, str], n_rules: int, with_peers: bool) -> list[Program]:
    """List what takes part."""
    ours = [
        Program("ours", LOAD + OURS.format(n_jobs=1), warm=True),
        Program("ours, 2 threads", LOAD + OURS.format(n_jobs=2), warm=True),
    ]
    if n_rules <= ARROW_RULES:
        ours.append(Program("ours, to Arrow", LOAD + ARROW, warm=True))
    sources = {"mlxtend": PAIRS + MLXTEND, "efficient-apriori": PAIRS + EFFICIENT}
    default = {"mlxtend": ours[0].python} | pythons
    peers = [Program(name, sources[name], python) for name, python in default.items()]
    return ours + peers if with_peers else ours


def write(sets: Itemsets, stem: Path, with_peers: bool) -> None:
    """Write the itemsets for the programs."""
    import numpy as np

    np.savez(
        f"{stem}.npz", indptr=sets.indptr, items=sets.items, counts=sets.counts,
        n=sets.n_baskets, n_items=len(sets.labels),
    )  # fmt: skip
    if with_peers:
        pairs = list(zip(map(list, sets.codes()), sets.counts.tolist(), strict=True))
        told = json.dumps({"n": sets.n_baskets, "sets": pairs})
        Path(f"{stem}.json").write_text(told, encoding="utf-8")


def main() -> None:
    """Print the rows of a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE=COUNT")
    parser.add_argument("--min-confidence", type=float, nargs="+", default=[0.0, 0.5])
    parser.add_argument("--peer-python", nargs="*", default=[], metavar="NAME=PATH")
    parser.add_argument("--peer-rules", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print("| itemsets, confidence | program | rules | median | ratio | peak memory | result |")
    print("|---|---|---|---|---|---|---|")
    for word in given.files:
        path, count = word.rsplit("=", 1)
        sets = frequent_itemsets(Baskets.from_lists(read_baskets(Path(path))), min_count=int(count))
        for least in given.min_confidence:
            n_rules = len(association_rules(sets, min_confidence=least))
            few = n_rules <= given.peer_rules
            with tempfile.TemporaryDirectory() as folder:
                stem = Path(folder) / "itemsets"
                write(sets, stem, few)
                taking_part = programs(peer_pythons(given.peer_python), n_rules, few)
                results = take_turns(taking_part, [str(stem), str(least)], given.rounds)
            title = f"{Path(path).name.split('.')[0]} at {count}, {least:g}"
            print(as_table(title, results, per_second=True), flush=True)


if __name__ == "__main__":
    main()
