"""Whatever stops `lode mine`: nothing is left half written."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import features.baskets
import pipelines
import pipelines.mine
import pipelines.mining.estimate

ROOT = Path(pipelines.__file__).parents[1]
STAGES = {
    "read": (features.baskets, "read_lists"),
    "mine": (pipelines.mining.estimate, "_hopeless"),
    "write": (pipelines.mine, "write_patterns"),
    "manifest": (pipelines.mine.Manifest, "write"),
}
WORDS = ("mine", "itemsets", "in.txt", "--min-count", "1", "--out", "out.parquet")


@pytest.fixture
def stopped(tmp_path, monkeypatch):
    """Let something happen at a stage; half of the output is there by then."""
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text("tea,jam\ntea\n")

    def put(stage, happens):
        where, name = STAGES[stage]

        def stand_in(*given, **named):
            if stage == "write":
                given[1].write_text("half")
            happens()
            pytest.fail("the command must have ended")

        monkeypatch.setattr(where, name, stand_in)

    return put


def left(folder=None):
    return sorted(path.name for path in (folder or Path()).iterdir())


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing(lode, stopped, stage, number):
    stopped(stage, lambda: signal.raise_signal(number))
    told = lode(*WORDS, "--quiet", "--json")
    assert (told.code, left()) == (130, ["in.txt"])
    assert told.err == "Error: interrupted; nothing was written\n"
    assert '"kind": "Interrupted"' in told.out
    assert '"exit_code": 130' in told.out


@pytest.mark.parametrize("stage", ["write", "manifest"])
def test_a_signal_leaves_the_former_files(lode, stopped, stage):
    assert lode(*WORDS).code == 0
    former = {name: Path(name).read_bytes() for name in left()}
    stopped(stage, lambda: signal.raise_signal(signal.SIGINT))
    assert lode(*WORDS, "--target", "closed").code == 130
    assert {name: Path(name).read_bytes() for name in left()} == former


def test_a_full_disk_leaves_nothing(lode, stopped):
    def full():
        raise OSError(28, "No space left on device", "out.parquet")

    stopped("write", full)
    told = lode(*WORDS, "--quiet")
    assert (told.code, left()) == (1, ["in.txt"])
    assert "the disk is full" in told.err


@pytest.mark.parametrize("stage", ["read", "write"])
def test_the_time_limit_bounds_the_whole_command(lode, stopped, stage):
    stopped(stage, lambda: threading.Event().wait(60))
    told = lode(*WORDS, "--timeout", "1", "--quiet")
    assert (told.code, left()) == (5, ["in.txt"])
    assert told.err == "Error: the time of --timeout 1 s is over; nothing was written\n"
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_search_that_cannot_stop_itself_is_stopped_too(lode, stopped, monkeypatch):
    monkeypatch.setattr(pipelines.mine, "EXPLAINING", 0.0)
    stopped("mine", lambda: threading.Event().wait(60))
    told = lode(*WORDS, "--timeout", "1", "--quiet")
    assert (told.code, left()) == (5, ["in.txt"])
    assert "the time of --timeout 1 s is over" in told.err


KILLED = """
import sys, threading
from pipelines import mine
from pipelines.cli import main
def half(table, path, ending):
    path.write_bytes(b"half")
    print("writing", flush=True)
    threading.Event().wait(60)
mine.write_patterns = half
main(sys.argv[1:])
"""


def test_a_kill_leaves_no_file_of_the_final_name(tmp_path):
    (tmp_path / "in.txt").write_text("tea,jam\ntea\n")
    words = [str(tmp_path / word) if "." in word else word for word in WORDS]
    command = subprocess.Popen(
        [sys.executable, "-c", KILLED, *words], stdout=subprocess.PIPE, stderr=-1, cwd=ROOT
    )
    assert command.stdout.readline() == b"writing\n"
    command.kill()
    command.communicate()
    assert [name for name in left(tmp_path) if not name.startswith(".")] == ["in.txt"]


def test_what_a_killed_command_left_is_swept_by_the_next(lode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text("tea,jam\ntea\n")
    old = [f".{name}.17-0123abcd.tmp" for name in ("out.parquet", "out.parquet.manifest.json")]
    kept = [".out.parquet.18-0123abcd.tmp", ".other.parquet.17-0123abcd.tmp"]
    for name in (*old, *kept):
        Path(name).write_text("half")
    for name in (*old, kept[1]):
        os.utime(name, (0, 0))
    assert lode(*WORDS).code == 0
    assert left() == sorted([*kept, "in.txt", "out.parquet", "out.parquet.manifest.json"])
