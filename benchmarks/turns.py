"""Programs measured side by side: each in a process of its own, taking turns, medians of rounds.

A program is Python source. It gets its arguments in `sys.argv`, defines `work()`, whose time is
measured, and `check(result)`, which gives what must be equal among the programs. With `warm` the
work is done once before, so that compiled code is loaded; work of less than a second is repeated
and its median taken. Programs take turns, so that a busy machine is unfair to none; one that needs
long is not asked for as many rounds. Memory is that of the whole process at its highest.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["OURS", "Program", "Result", "as_table", "peer_pythons", "take_turns"]

OURS = "ours"
ROOT = Path(__file__).resolve().parents[1]

REPORT = """
import json as _json, sys as _sys, time as _time
if {warm}:
    work()
_rounds = []
while len(_rounds) < 5 and sum(_rounds) < 1:
    _began = _time.perf_counter()
    _result = work()
    _rounds.append(_time.perf_counter() - _began)
_seconds = sorted(_rounds)[len(_rounds) // 2]
_status = open("/proc/self/status").read()  # ru_maxrss would be that of the parent too
_peak = int(_status.split("VmHWM:")[1].split()[0]) / 1024
_sys.stdout.flush()
print("\\n" + _json.dumps({{"seconds": _seconds, "peak_mb": _peak, "found": check(_result)}}))
"""


@dataclass(frozen=True)
class Program:
    """What to run, and with which Python."""

    name: str
    source: str
    python: str = sys.executable
    warm: bool = False


@dataclass
class Result:
    """What the rounds of one program gave."""

    seconds: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    found: object = None
    failure: str = ""

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.seconds)


def peer_pythons(given: Sequence[str]) -> dict[str, str]:
    """Read `NAME=PATH` options: the Python that has the program of that name."""
    return dict(pair.split("=", 1) for pair in given)


def take_turns(
    programs: Sequence[Program],
    arguments: Sequence[str],
    rounds: int = 5,
    patience: float = 300,
    slow: float = 20,
) -> dict[str, Result]:
    """Run every program `rounds` times; those above `slow` seconds once, none over `patience`."""
    results = {program.name: Result() for program in programs}
    for _ in range(rounds):
        for program in programs:
            result = results[program.name]
            if not result.failure and not any(second > slow for second in result.seconds):
                _run(program, arguments, patience, result)
    return results


def _run(program: Program, arguments: Sequence[str], patience: float, result: Result) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    source = program.source + REPORT.format(warm=program.warm)
    try:
        done = subprocess.run(
            [program.python, "-c", source, *arguments],
            capture_output=True, text=True, timeout=patience, env=environment, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        result.failure = f"over {patience:g} s"
        return
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        result.failure = said[-1][:80]
        return
    told = json.loads(done.stdout.strip().splitlines()[-1])
    result.seconds.append(told["seconds"])
    result.peak_mb = max(result.peak_mb, told["peak_mb"])
    result.found = told["found"]


def as_table(title: str, results: Mapping[str, Result], per_second: bool = False) -> str:
    """Give the lines of a Markdown table; the ratio is to the first program."""
    base = next(iter(results.values()))
    lines = [_row(title, name, result, base, per_second) for name, result in results.items()]
    return "\n".join(lines)


def _row(title: str, name: str, result: Result, base: Result, per_second: bool) -> str:
    if result.failure or not result.seconds:
        return f"| {title} | {name} | | | | | {result.failure or 'not run'} |"
    ratio = result.median / base.median if base.seconds else float("nan")
    number = result.found[0] if isinstance(result.found, list) else result.found
    assert isinstance(number, int)
    same = "equal" if result.found == base.found else f"DIFFERS: {result.found}"
    speed = f" ({number / result.median / 1e6:.1f} M/s)" if per_second else ""
    return (
        f"| {title} | {name} | {number:,} | {result.median:.3f} s{speed}, "
        f"{len(result.seconds)} rounds | {ratio:.2f} | {result.peak_mb:.0f} MB | {same} |"
    )
