"""A disk that is full, a folder that is read-only, a permission that is lost while a job works."""

import os
import random
import shutil

import pytest

pytestmark = pytest.mark.timeout(1200)

TOLD = {
    "ENOSPC": ("the disk is full", "no space left on device"),
    "EACCES": ("permission denied",),
    "EROFS": ("read-only",),
}
MOMENTS = 3


def is_told(told, fault):
    """Check that a command failed, in words, over what the operating system refused.

    A tracking database that cannot be opened is taken for one that is named wrongly: 2.
    """
    assert told["code"] in (1, 2)
    assert any(words in told["err"].lower() for words in TOLD[fault]), told["err"]
    assert "\nError: " in f"\n{told['err']}"
    assert "Traceback" not in told["err"]


def files_of(folder):
    """Give all files under a folder with their bytes."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("fault", TOLD)
def test_a_run_that_may_not_write_any_more_says_so_and_goes_on_later(ask, job, whole, torn, fault):
    workspace, moments = job.folder / f"standing-{fault}", random.Random(fault)
    for _ in range(MOMENTS):
        shutil.rmtree(workspace, ignore_errors=True)
        shutil.copytree(whole.workspace, workspace)
        for made in ("cache", "warehouse.duckdb"):
            shutil.move(workspace / made, workspace / f"former-{made}")
        before = files_of(workspace / "runs")
        at = moments.randint(1, whole.events * 2 // 3)  # the workspace is ready, a few events less
        told = ask(job.run_words(workspace), at, fault=fault, within=str(workspace), lasting=True)
        is_told(told, fault)
        assert files_of(workspace / "runs") == before
        torn.check(workspace)
    assert ask(job.run_words(workspace))["code"] == 0
    assert torn.newest_list(workspace) == whole.list


@pytest.mark.parametrize("fault", TOLD)
def test_a_score_that_may_not_write_any_more_leaves_the_former_list(ask, job, whole, fault):
    folder = job.folder / f"lists-{fault}"
    folder.mkdir()
    out = folder / "list.csv"
    words = job.score_words(whole.bundle, out)
    events = ask(words, within=str(folder))["events"]
    wanted, refused = out.read_bytes(), 0
    for at in {1, *random.Random(fault).sample(range(1, events), 3)}:
        out.write_text("former")
        told = ask(words, at, fault=fault, within=str(folder), lasting=True)
        if told["code"] == 0:  # only cleaning up was left
            assert out.read_bytes() == wanted
            continue
        is_told(told, fault)
        refused += 1
        assert out.read_bytes() in (b"former", wanted)
    assert refused > 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_ours(ask, job, tmp_path):
    tmp_path.chmod(0o500)
    told = ask(job.run_words(tmp_path / "workspace"))
    tmp_path.chmod(0o700)
    assert told["code"] == 1
    assert "cannot be written: Permission denied" in told["err"]
