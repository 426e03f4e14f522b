"""Time and memory of `lode score` as the customers grow.

    python -m benchmarks.scoring.generate DIR/1m --customers 1000000
    python -m benchmarks.scoring.growth BUNDLE DIR/100k DIR/1m --as-of 2024-12-31 --memory 4GiB

Each folder holds `lines.parquet` and `items.parquet` of `lode generate`. Memory is what all
processes of the command hold together at its highest, looked at ten times a second: a page that
several share counts once for each in `resident`, and once in all in `proportional`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["main"]

LOOK = 0.1
SLOW = 20
MIB = 1024


@dataclass
class Peak:
    """Memory of a process and all it began, in kB, at its highest."""

    resident: int = 0
    proportional: int = 0
    looks: int = 0

    def look(self, root: int) -> None:
        """Look once; the proportional figure is costly and taken at every twentieth look."""
        family = _family(root)
        self.resident = max(self.resident, sum(_read(pid, "status", "VmRSS:") for pid in family))
        if self.looks % SLOW == 0:
            shared = sum(_read(pid, "smaps_rollup", "Pss:") for pid in family)
            self.proportional = max(self.proportional, shared)
        self.looks += 1


def _family(root: int) -> list[int]:
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (place / "stat").read_text().rpartition(")")[2]
            parents[int(place.name)] = int(after_name.split()[1])
        except OSError:
            continue
    family = [root]
    for pid in family:
        family += [child for child, parent in parents.items() if parent == pid]
    return family


def _read(pid: int, file: str, name: str) -> int:
    try:
        text = Path(f"/proc/{pid}/{file}").read_text()
    except OSError:
        return 0
    found = text.partition(name)[2].split()
    return int(found[0]) if found else 0


def _scored(folder: Path, given: argparse.Namespace) -> str:
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        out = Path(place) / "list.parquet"
        command = [sys.executable, "-m", "pipelines.cli", "score", given.bundle, "--quiet"]
        command += [f"--data={name}={folder / name}.parquet" for name in ("lines", "items")]
        command += ["--as-of", given.as_of, "--out", str(out), "--memory", given.memory]
        command += ["--workers", str(given.workers)]
        peak, began = Peak(), time.monotonic()
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while running.poll() is None:
            peak.look(running.pid)
            time.sleep(LOOK)
        seconds = time.monotonic() - began
        if running.returncode:
            return f"| {folder.name} | ended with {running.returncode} after {seconds:.0f} s |"
        told = json.loads(out.with_name("list.parquet.manifest.json").read_text())
        size = out.stat().st_size / 1e6
    counts, times = told["list"], told["timings"]
    steps = ", ".join(f"{name} {value:.0f}" for name, value in times.items())
    return (
        f"| {counts['customers']:,} | {told['load']['rows_in']:,} | {counts['rows']:,}, {size:,.0f}"
        f" MB | {told['partition']['parts']:,} | {seconds:,.0f} s"
        f" ({1e6 * seconds / counts['customers']:,.0f} µs a customer) | {steps}"
        f" | {peak.resident / MIB:,.0f} | {peak.proportional / MIB:,.0f} |"
    )


def main() -> None:
    """Print one Markdown table, a line a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--as-of", default="2024-12-31")
    parser.add_argument("--memory", default="4GiB")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    columns = ["customers", "rows in", "rows of the list", "parts", "time", "steps, s"]
    print("|", " | ".join([*columns, "MiB resident", "MiB proportional"]), "|")
    print("|---|---|---|---|---|---|---|---|")
    for folder in given.folders:
        print(_scored(folder, given), flush=True)


if __name__ == "__main__":
    main()
