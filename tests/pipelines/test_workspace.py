"""A workspace has one writer at a time, and the lock dies with its owner."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from lodeworks import LodeError
from pipelines.workspace import Workspace

HOLD = """
import sys, pathlib
from pipelines.workspace import Workspace
with Workspace(pathlib.Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_told_who_holds_it(tmp_path):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "w")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as owner:
        assert owner.stdout.readline() == "held\n"
        with (
            pytest.raises(LodeError, match=rf"in use by process {owner.pid}"),
            Workspace(tmp_path / "w").locked(),
        ):
            pass
        owner.kill()
        owner.wait()
    with Workspace(tmp_path / "w").locked():
        assert (tmp_path / "w" / "lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(LodeError, match="cannot be written"),
        Workspace(tmp_path / "file" / "w").locked(),
    ):
        pass


@pytest.fixture
def clock(monkeypatch):
    """Set the clock."""

    def show(*moments):
        shown = iter(moments)
        monkeypatch.setattr("pipelines.workspace.clock", lambda: next(shown))

    return show


NOON = datetime(2026, 10, 25, 12, 0, 0, tzinfo=UTC)


def runs(workspace, *moments):
    """Begin and end a run at each moment that the clock shows; give their names."""
    names = []
    for _ in moments:
        names.append(workspace.new_run_id("shop"))
        (workspace.runs / names[-1]).mkdir(parents=True)
    return names


def test_a_run_is_named_after_the_time(tmp_path, clock):
    clock(NOON)
    assert Workspace(tmp_path).new_run_id("shop") == "20261025-120000-shop"


@pytest.mark.parametrize("back", [0, 1, 3600, 400 * 86400])
def test_a_clock_that_stands_or_goes_back_gives_later_names_all_the_same(tmp_path, clock, back):
    moments = [NOON, NOON - timedelta(seconds=back), NOON - timedelta(seconds=back)]
    clock(*moments)
    assert runs(Workspace(tmp_path), *moments) == [
        "20261025-120000-shop",
        "20261025-120001-shop",
        "20261025-120002-shop",
    ]


def test_a_clock_that_is_right_again_is_followed_again(tmp_path, clock):
    moments = [NOON, NOON - timedelta(hours=1), NOON + timedelta(hours=1)]
    clock(*moments)
    names = runs(Workspace(tmp_path), *moments)
    assert names[-1] == "20261025-130000-shop"
    assert names == sorted(names)


def test_runs_that_were_stopped_count_and_other_folders_do_not(tmp_path, clock):
    workspace = Workspace(tmp_path)
    workspace.stopped.mkdir(parents=True)
    (workspace.stopped / "20261025-120500-shop.json").touch()
    for name in ("20269999-999999-odd", "2026", ".20270101-000000-x.1-00000000.tmp"):
        (workspace.runs / name).mkdir(parents=True)
    clock(NOON)
    assert workspace.new_run_id("shop") == "20261025-120501-shop"


def test_what_a_killed_writer_left_is_gone_when_the_next_takes_the_lock(tmp_path):
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait(60)
    for place in ("runs", "cache/mine"):
        left = tmp_path / place / f".half.{killed.pid}-0a1b2c3d.tmp"
        left.mkdir(parents=True)
        os.utime(left, (0, 0))
    with Workspace(tmp_path).locked():
        assert [*tmp_path.rglob("*.tmp")] == []
