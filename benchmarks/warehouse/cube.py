"""A cube of four dimensions with all sub-totals side by side: ours, pandas and polars.

    python -m benchmarks.warehouse.cube [--lines 1000000 3000000 10000000] [--rounds 3] \
        [--peer-python polars=PATH]

Lines with four keys and an amount in cents are drawn and written as Parquet. Every program reads
the file, and totals amount and lines over every combination of the four dimensions (16 group-bys),
in a process of its own. Grand total and number of cells must be equal among them.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.turns import Program, as_table, peer_pythons, take_turns

__all__ = ["main"]

CHUNK = 1_000_000
MEMBERS = {"store": 50, "month": 24, "category": 40, "segment": 8}

OURS = """
import sys
from features.cube import Cube, CubeDeclaration
path, threads = sys.argv[1], {threads}
import duckdb
names = ["store", "month", "category", "segment"]
declaration = CubeDeclaration.model_validate({{
    "name": "lines", "tables": {{"lines": {{"path": path}}}}, "fact": "lines",
    "dimensions": {{name: {{"levels": {{"member": "lines." + name}}}} for name in names}},
    "measures": {{
        "amount": {{"kind": "sum", "column": "lines.amount", "places": 2}},
        "n": {{"kind": "count"}},
    }},
}})
def work():
    connection = duckdb.connect(config={{"threads": threads}})
    cube = Cube(declaration, connection)
    return cube.view.rows(*(name + ".member" for name in names)).totals("all").result().to_pandas()
def check(frame):
    total = frame[frame["grain"] == "Total"].iloc[0]
    return [len(frame), int(total["n"]), round(float(total["amount"]), 2)]
"""

PANDAS = """
import sys
from itertools import combinations
import pandas as pd
names = ["store", "month", "category", "segment"]
def work():
    lines = pd.read_parquet(sys.argv[1])
    parts = []
    for size in range(4, -1, -1):
        for kept in combinations(names, size):
            if kept:
                groups = lines.groupby(list(kept), sort=False, observed=True)["amount"]
                found = groups.agg(amount="sum", n="size")
                parts.append(found.reset_index())
            else:
                parts.append(pd.DataFrame({"amount": [lines["amount"].sum()], "n": [len(lines)]}))
    return pd.concat(parts, ignore_index=True)
def check(frame):
    total = frame[frame[names].isna().all(axis=1)].iloc[0]
    return [len(frame), int(total["n"]), round(float(total["amount"]), 2)]
"""

POLARS = """
import sys
from itertools import combinations
import polars as pl
names = ["store", "month", "category", "segment"]
def work():
    lines = pl.scan_parquet(sys.argv[1])
    both = [pl.col("amount").sum(), pl.len().alias("n")]
    parts = [
        lines.group_by(kept).agg(both) if kept else lines.select(both)
        for size in range(4, -1, -1) for kept in map(list, combinations(names, size))
    ]
    return pl.concat(pl.collect_all(parts), how="diagonal_relaxed")
def check(frame):
    total = frame.filter(pl.all_horizontal(pl.col(names).is_null()))
    return [len(frame), int(total["n"][0]), round(float(total["amount"][0]), 2)]
"""


def programs(pythons: dict[str, str]) -> list[Program]:
    """List what takes part."""
    ours = [Program("ours", OURS.format(threads=2)), Program("pandas", PANDAS)]
    return ours + [Program(name, POLARS, python) for name, python in pythons.items()]


def draw_lines(path: Path, n_lines: int, seed: int = 0) -> None:
    """Draw keys, popular members more often than others, and amounts of whole cents."""
    rng = np.random.default_rng(seed)
    weights = {name: rng.dirichlet(np.ones(size)) for name, size in MEMBERS.items()}
    schema = pa.schema([*((name, pa.string()) for name in MEMBERS), ("amount", pa.float64())])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n_lines, CHUNK):
            size = min(CHUNK, n_lines - start)
            columns = {
                name: pa.DictionaryArray.from_arrays(
                    pa.array(rng.choice(MEMBERS[name], size, p=weight), pa.int32()),
                    [f"{name}-{number:03d}" for number in range(MEMBERS[name])],
                ).cast(pa.string())
                for name, weight in weights.items()
            }
            amount = pa.array(rng.integers(50, 10_000, size) / 100)
            writer.write_table(pa.table({**columns, "amount": amount}, schema=schema))


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000_000, 3_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=300)
    parser.add_argument("--peer-python", action="append", default=[], metavar="polars=PATH")
    given = parser.parse_args()
    print("| lines | program | cells | time (median) | ratio | peak memory | result |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for n_lines in given.lines:
            path = Path(folder) / f"{n_lines}.parquet"
            draw_lines(path, n_lines)
            taking_part = programs(peer_pythons(given.peer_python))
            results = take_turns(
                taking_part, [str(path)], given.rounds, given.patience, slow=given.patience
            )
            print(as_table(f"{n_lines:,}", results), flush=True)


if __name__ == "__main__":
    main()
