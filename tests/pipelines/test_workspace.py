"""A workspace has one writer at a time, and the lock dies with its owner."""

import os
import subprocess
import sys

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
