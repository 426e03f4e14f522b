"""Two runs and two scorers at once on one workspace: each ends well, or is told who is there."""

import json

import pytest

from lodeworks.files import file_digest

pytestmark = pytest.mark.timeout(1200)


def test_two_runs_and_two_scorers_at_once(ask, job, whole, torn):
    alone, out = job.folder / "alone.csv", job.folder / "together.csv"
    assert ask(job.score_words(whole.bundle, alone))["code"] == 0
    workspace = job.fresh("together")
    score = ask.order(job.score_words(whole.bundle, out))
    run = ask.order(job.run_words(workspace))
    *runs, one, other = ask.together(run, run, score, score)

    assert 0 in [told["code"] for told in runs]
    for told, peer in (runs, reversed(runs)):
        if told["code"] != 0:
            assert told["code"] == 1
            held = f"workspace {workspace} is in use by process {peer['pid']}; wait for it to end"
            assert held in told["err"]
    torn.check(workspace)
    assert len(torn.runs(workspace)) == [told["code"] for told in runs].count(0)
    assert torn.newest_list(workspace) == whole.list

    assert 0 in (one["code"], other["code"])
    assert {one["code"], other["code"]} <= {0, 1}
    assert out.read_bytes() == alone.read_bytes()
    manifest = json.loads(out.with_name("together.csv.manifest.json").read_text())
    assert manifest["list_sha256"] == file_digest(out)
    assert sorted(path.name for path in job.folder.glob("*.tmp")) == []


def test_a_run_that_finds_the_lock_of_a_killed_one_goes_on(ask, job, whole, torn):
    workspace = job.fresh("abandoned")
    killed = ask(job.run_words(workspace), whole.events // 2, within=str(workspace))
    assert killed["signal"] == 9
    assert (workspace / "lock").read_text() == f"{killed['pid']}\n"
    assert ask(job.run_words(workspace))["code"] == 0
    assert torn.newest_list(workspace) == whole.list
