"""A disk of its own that is really full, or read-only, where one may be mounted."""

import subprocess
from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.timeout(1200)


FULL = ("the disk is full", "no space left on device")
READ_ONLY = ("read-only",)


def is_told(told, words):
    """Check that a command failed and said so in one of these words."""
    assert told["code"] == 1
    assert any(word in told["err"].lower() for word in words), told["err"]
    assert "Traceback" not in told["err"]


@contextmanager
def mounted(folder, size):
    """Mount a file system of its own in memory; skip where this is not allowed."""
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "lode-tests", str(folder)]
    try:
        done = subprocess.run(words, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no command to mount with")
    if done.returncode:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    try:
        yield lambda options: subprocess.run(
            ["mount", "-o", f"remount,{options}", str(folder)], check=True
        )
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_really_full_or_read_only(ask, job, whole, torn, tmp_path):
    used = sum(path.stat().st_size for path in whole.workspace.rglob("*") if path.is_file())
    with mounted(tmp_path, used) as mount_again:
        workspace = job.fresh("small", tmp_path)
        words = job.run_words(workspace)
        mount_again("ro")
        is_told(ask(words), READ_ONLY)
        for share in (0.5, 0.7, 0.9):
            mount_again(f"rw,size={int(used * share)}")
            is_told(ask(words), FULL)
            assert torn.runs(workspace) == []
            torn.check(workspace)
        mount_again(f"size={4 * used}")
        told = ask(words)
        assert told["code"] == 0, told["err"]
        assert torn.newest_list(workspace) == whole.list
