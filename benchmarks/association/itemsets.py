"""Mining time and peak memory of itemset miners, side by side on the same file.

    python -m benchmarks.association.itemsets FILE=COUNT... [--peer-python pyfim=PATH ...] \
        [--programs ours "pyfim eclat" ...] [--target closed maximal] [--limit 60] \
        [--markdown TABLE.md]

FILE has one basket a line, item numbers separated by blanks. Every program reads the file in a
process of its own and mines once to warm up. Then they take turns: in each of five rounds every
program mines once while the others wait. Shown are the medians of wall and processor time, and of
each the median over the rounds of the time divided by that of ours on one thread. Slow programs
mine once, without a warm-up. Reading is not counted, nor is the processor time of Spark's Java.
pyfim and the slow programs take lists of Python numbers and give Python objects, the others take
and give arrays: making them is part of mining for the former and not for the latter. The peak is
that of the whole process, reading included. A program that is not installed is shown as absent,
one that takes longer than `--limit` seconds to read or to mine as such. `--peer-python` names the
interpreter that has a peer's package; without one this interpreter is asked.
"""

import argparse
import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.association.programs import PACKAGES, PROGRAMS, REPORT, SLOW

__all__ = ["main"]

_OURS = "ours"
_HEAD = (
    "| file | count | target | program | itemsets | wall, s | times ours | CPU, s | times ours "
    "| peak RSS, MB |\n|---|--:|---|---|--:|--:|--:|--:|--:|--:|"
)


@dataclass
class Outcome:
    """What one program did with one file and count, a number a round."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    patterns: int | None = None
    peak_rss_mb: int | None = None
    failure: str = ""


class Miner:
    """A program in a process of its own, which mines whenever it is told to."""

    def __init__(self, program: str, python: str, arguments: Sequence[str], limit: float) -> None:
        self.program = program
        self.outcome = Outcome()
        self._limit = limit
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "OMP_NUM_THREADS": "1",
            "RAYON_NUM_THREADS": "2" if program.endswith("2 threads") else "1",
        }
        self._process = subprocess.Popen(
            [python, "-c", PROGRAMS[program] + REPORT, *arguments],
            bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            env=environment,
        )  # fmt: skip
        self._answer()

    def mine(self) -> None:
        """Let it mine once and note what that took."""
        if self.outcome.failure:
            return
        assert self._process.stdin is not None
        self._process.stdin.write(b"mine\n")
        if told := self._answer():
            self.outcome.wall.append(told["wall"])
            self.outcome.cpu.append(told["cpu"])
            self.outcome.patterns = told["patterns"]
            self.outcome.peak_rss_mb = told["peak_rss_mb"]

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _answer(self) -> dict[str, Any]:
        """Read lines up to one that is an answer; note a failure when none comes in time."""
        assert self._process.stdout is not None
        end = time.monotonic() + self._limit
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._process.stdout], [], [], left)[0]:
                break
            line = self._process.stdout.readline()
            if not line:
                self.outcome.failure = self._last_words()
                return {}
            if line.startswith(b'{"patterns"'):
                return dict(json.loads(line))
        self.outcome.failure = f"> {self._limit:g} s"
        self._process.kill()
        return {}

    def _last_words(self) -> str:
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        if "ModuleNotFoundError" in said:
            return "absent"
        return said.splitlines()[-1].removeprefix("AssertionError: ")[:60] if said else "ended"


def measured(given: argparse.Namespace, file: str, count: int, target: str) -> dict[str, Outcome]:
    """Let the programs take turns; the slow ones mine once, each alone."""
    arguments = [file, str(count), target]
    miners: list[Miner] = []
    try:
        for program in given.programs:
            python = given.pythons.get(PACKAGES[program], sys.executable)
            miners.append(Miner(program, python, arguments, given.limit))
            if program in SLOW:
                miners[-1].mine()
                miners[-1].close()
        for _ in range(given.rounds):
            for miner in miners:
                if miner.program not in SLOW:
                    miner.mine()
    finally:
        for miner in miners:
            if miner.program not in SLOW:
                miner.close()
    return {miner.program: miner.outcome for miner in miners}


def lines(case: str, outcomes: Mapping[str, Outcome]) -> Iterable[str]:
    """Write one row of a Markdown table a program that has the target."""
    ours = outcomes.get(_OURS, Outcome())
    for program, outcome in outcomes.items():
        if outcome.failure == "has no such target":
            continue
        if outcome.failure:
            yield f"| {case} | {program} | | {outcome.failure} | | | | |"
            continue
        yield (
            f"| {case} | {program} | {outcome.patterns:,} "
            f"| {statistics.median(outcome.wall):.4f} | {_ratio(outcome.wall, ours.wall)} "
            f"| {statistics.median(outcome.cpu):.4f} | {_ratio(outcome.cpu, ours.cpu)} "
            f"| {outcome.peak_rss_mb} |"
        )


def _ratio(theirs: Sequence[float], ours: Sequence[float]) -> str:
    """Divide round by round; one that mined once is divided by the median."""
    if not ours:
        return ""
    if len(theirs) < len(ours):
        return f"{theirs[0] / statistics.median(ours):.2f}"
    return f"{statistics.median(a / b for a, b in zip(theirs, ours, strict=True)):.2f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("cases", nargs="+", metavar="FILE=COUNT")
    parser.add_argument("--programs", nargs="+", choices=sorted(PROGRAMS), default=list(PROGRAMS))
    parser.add_argument("--peer-python", nargs="*", default=[], metavar="PACKAGE=PATH")
    parser.add_argument("--target", nargs="+", choices=["frequent", "closed", "maximal"],
                        default=["frequent"])  # fmt: skip
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--markdown", type=Path, help="append the rows to this file too")
    given = parser.parse_args()
    given.pythons = dict(pair.split("=", 1) for pair in given.peer_python)
    return given


def main() -> None:
    """Print one line a program."""
    given = _arguments()
    _tell(_HEAD, given.markdown)
    for target in given.target:
        for file, _, count in (case.rpartition("=") for case in given.cases):
            case = f"{Path(file).name} | {int(count):,} | {target}"
            _tell("\n".join(lines(case, measured(given, file, int(count), target))), given.markdown)


def _tell(text: str, file: Path | None) -> None:
    print(text, flush=True)
    if file:
        with file.open("a", encoding="utf-8") as out:
            out.write(text + "\n")


if __name__ == "__main__":
    main()
