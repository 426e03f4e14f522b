"""A run that goes on, seen without its lock."""

import os
import subprocess
import sys

import pytest

from app.readers import running
from app.readers.running import running_in
from pipelines.cache import Cache
from pipelines.workspace import Workspace

HOLD = """
import sys
from pathlib import Path
from pipelines.workspace import Workspace
with Workspace(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def held(tmp_path, repository):
    """Hold the lock in another process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "held\n"
        yield process
        process.stdin.close()


def test_nothing_runs_in_a_workspace_without_a_lock(tmp_path):
    assert running_in(tmp_path) is None


def test_nothing_runs_when_the_lock_was_let_go(tmp_path):
    with Workspace(tmp_path).locked():
        pass
    assert running_in(tmp_path) is None


def test_a_writer_is_seen_and_not_disturbed(tmp_path, held):
    seen = running_in(tmp_path)
    assert seen.pid == str(held.pid)
    assert seen.done == ()
    assert held.poll() is None


def test_looking_never_takes_the_lock(tmp_path, monkeypatch):
    def forbidden(*_):
        raise AssertionError("the lock was touched")

    with Workspace(tmp_path).locked():
        monkeypatch.setattr("fcntl.flock", forbidden)
        assert running_in(tmp_path) is not None


def test_parts_that_were_finished_since_are_told(tmp_path):
    old = Cache(tmp_path / "cache").step("clean", "load", {}, lambda folder: None)
    os.utime(old.folder / "step.json", (1, 1))
    with Workspace(tmp_path).locked():
        os.utime(tmp_path / "lock", (1000, 1000))
        for at, name in ((2000, "rules-tuned"), (3000, "rules-measured")):
            step = Cache(tmp_path / "cache").step("mine", name, {}, lambda folder: None)
            os.utime(step.folder / "step.json", (at, at))
        assert running_in(tmp_path).done == ("mine: rules-tuned", "mine: rules-measured")


def test_without_the_table_of_the_kernel_the_process_is_looked_up(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "LOCKS", tmp_path / "none")
    (tmp_path / "lock").write_text(f"{os.getpid()}\n")
    assert running_in(tmp_path).pid == str(os.getpid())
    for nobody in ("", "x", "999999999"):
        (tmp_path / "lock").write_text(nobody)
        assert running_in(tmp_path) is None
