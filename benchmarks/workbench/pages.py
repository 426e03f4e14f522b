"""How long pages of the workbench take over a large workspace, and `lode findings list`.

    python -m benchmarks.workbench.pages [--lines 8000000] [--customers 1000000] \
        [--findings 10000] [--rounds 5] [--workspace FOLDER]

A workspace is generated: lines of many customers in a warehouse, findings, and a run with its list.
Then `lode ui` is started as people start it, and every page is asked for over HTTP: the first time,
and again. `lode findings list` runs in a process of its own; beside it stands the time of a command
that reads nothing, which is what starting the program takes.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from experiments.findings import Draft, Evidence, FindingStore, RunFacts, Words
from features.generate import generate
from features.sources import CsvSource
from features.warehouse import Warehouse

__all__ = ["main", "make_workspace"]

ROOT = Path(__file__).resolve().parents[2]
SAME = ("customer_id", "order_id", "item_id", "quantity", "price")
PAGES = {
    "runs": "/",
    "rules": "/rules",
    "findings": "/findings",
    "findings, filtered": "/findings?q=item+77",
    "one finding": "/findings/{finding}",
    "data": "/data",
    "cube: sales by category": "/explore?rows=product.category&measures=sales",
    "cube: customers by category": "/explore?rows=product.category&measures=customers",
    "cube: all by category and year": "/explore?rows=product.category&columns=time.year"
    "&measures=sales&measures=orders&measures=customers&totals=nested",
    "cube: sales by month and region": "/explore?rows=time.month&columns=region.region"
    "&measures=sales",
}


def make_workspace(folder: Path, lines: int, customers: int, findings: int) -> None:
    """Make a workspace with a warehouse and findings of these sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    _make_warehouse(folder, lines, customers)
    _make_findings(folder, findings)


def _make_warehouse(folder: Path, lines: int, customers: int) -> None:
    """Load a small shop, then put many lines and customers in the place of its own."""
    import duckdb

    with tempfile.TemporaryDirectory() as small:
        shop = generate(Path(small), lines=3_000, seed=5)
        with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
            warehouse.load(list(_sources(shop.paths)))
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        for statement in _GROWN.format(lines=lines, customers=customers).split(";"):
            connection.execute(statement)


def _sources(paths: Mapping[str, Path]) -> Iterator[CsvSource]:
    own = {name: name for name in SAME}
    times = {"from": "ordered_at", "format": "%Y-%m-%d %H:%M:%S"}
    yield CsvSource(path=str(paths["lines"]), columns={**own, "ordered_at": times})
    items = {name: name for name in ("item_id", "item_name", "category", "department")}
    yield CsvSource(path=str(paths["items"]), table="items", columns=items)
    people = {name: name for name in ("customer_id", "region", "life_stage", "opt_out")}
    yield CsvSource(path=str(paths["customers"]), table="customers", columns=people)


_GROWN = """
SELECT setseed(0.5);
CREATE TEMP TABLE known AS SELECT item_id, row_number() OVER (ORDER BY item_id) - 1 AS place
    FROM items WHERE declared;
CREATE TEMP TABLE people AS SELECT *, row_number() OVER (ORDER BY customer_id) - 1 AS place
    FROM customers WHERE declared;
CREATE OR REPLACE TABLE customers AS
    SELECT people.* EXCLUDE (place) REPLACE ('K' || (10000000 + i) AS customer_id)
    FROM range({customers}) AS numbers(i)
    JOIN people ON people.place = i % (SELECT count(*) FROM people);
CREATE OR REPLACE TABLE lines AS
    WITH drawn AS (
        SELECT i, CAST(floor(random() * random() * {customers}) AS BIGINT) AS who,
            CAST(floor(pow(random(), 2) * (SELECT count(*) FROM known)) AS BIGINT) AS what
        FROM range({lines}) AS numbers(i))
    SELECT lines.* EXCLUDE (place)
        REPLACE ('K' || (10000000 + drawn.who) AS customer_id, known.item_id AS item_id,
            'O' || (drawn.i // 4) AS order_id,
            TIMESTAMP '2023-01-01' + to_seconds(drawn.i * 63072000 // {lines}) AS ordered_at)
    FROM drawn JOIN known ON known.place = drawn.what
    JOIN (SELECT *, row_number() OVER () - 1 AS place FROM lines) AS lines
        ON lines.place = drawn.i % 2000;
CHECKPOINT
"""


def _make_findings(folder: Path, count: int) -> None:
    """Keep many rules, each with evidence, money and a sentence."""
    drafts = [
        Draft(
            kind="rule",
            pattern={"if": [f"P{1000 + place % 600}", f"Q{place}"], "then": [f"P{place % 500}"]},
            touches={"all": [{"bought": f"P{1000 + place % 100}"}, {"not": {"bought": "P1001"}}]},
            words=Words(
                "rule",
                {
                    "if": [f"item {place}", f"item {place % 77}"],
                    "then": [f"item {place % 500}"],
                    "covered": 10 + place,
                    "confidence": 0.05,
                    "times": 1 + place / count,
                    "days": 31,
                },
            ),
            evidence=Evidence(
                n=1000, support=0.01, confidence=0.05, lift=1 + place / count, p_adjusted=0.01,
                held_out=True, stability={"2024-10": 1.5, "2024-11": 1.4},
            ),
            money=float(place),
            currency="GBP",
        )
        for place in range(count)
    ]  # fmt: skip
    FindingStore(folder / "findings.db").record(RunFacts(run_id="r1", question="shop"), drafts)


@contextmanager
def served(workspace: Path) -> Iterator[str]:
    """Start `lode ui` on a free port, and give its address."""
    words = [sys.executable, "-m", "pipelines.cli", "ui", "--workspace", str(workspace)]
    process = subprocess.Popen(
        [*words, "--port", "0"], env=_environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        if found is None:
            raise SystemExit("the workbench did not start")
        yield found.group(0)
    finally:
        process.terminate()
        process.wait()


def ask(address: str, path: str) -> float:
    """Ask for a page and give the seconds until all of it was there."""
    parts = urlsplit(address)
    began = time.perf_counter()
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=600)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - began
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
    return seconds


def command(*words: str) -> Callable[[], float]:
    """Give what runs a command and measures it."""

    def run() -> float:
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *words],
            env=_environment(), check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return time.perf_counter() - began

    return run


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def measure(workspace: Path, rounds: int) -> dict[str, list[float]]:
    """Measure every page and command; the first time of each stands first."""
    (one,) = FindingStore(workspace / "findings.db").find()[:1]
    with served(workspace) as address:
        found = {
            name: [ask(address, path.format(finding=one.id)) for _ in range(rounds + 1)]
            for name, path in PAGES.items()
        }
    place = ["--workspace", str(workspace)]
    listing = command("findings", "list", *place)
    start = command("findings", "list", "--help")
    found["lode findings list"] = [listing() for _ in range(rounds + 1)]
    found["lode findings list --help"] = [start() for _ in range(rounds + 1)]
    return found


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=8_000_000)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workspace", type=Path, help="Keep it there, or use what is there.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = given.workspace or Path(folder)
        if not (workspace / "findings.db").exists():
            make_workspace(workspace, given.lines, given.customers, given.findings)
        found = measure(workspace, given.rounds)
    print("| page or command | first, s | again (median), s |\n|---|---|---|")
    for name, seconds in found.items():
        print(f"| {name} | {seconds[0]:.2f} | {statistics.median(seconds[1:]):.2f} |")
    print(json.dumps(vars(given), default=str))


if __name__ == "__main__":
    main()
