"""Killed at fifty seeded moments, a run and a score leave nothing torn, and go on to the same."""

import random
import shutil
import signal

import pandas as pd
import pytest

from experiments.registry import Registry

RUNS, SCORES = 35, 15

# Fifty commands of seconds each; a busy machine takes several times as long.
pytestmark = pytest.mark.timeout(1200)


def test_runs_killed_again_and_again_end_in_the_same_list(ask, job, whole, torn):
    assert whole.events > 50
    moments, kills, ended, workspace = random.Random(20260101), 0, 0, job.fresh("killed-0")
    while kills < RUNS:
        at = moments.randint(1, whole.events)
        told = ask(job.run_words(workspace), at, within=str(workspace))
        torn.check(workspace)
        if told["signal"] == signal.SIGKILL:
            kills += 1
            continue
        assert told["code"] == 0, told["err"]
        ended += 1
        assert torn.newest_list(workspace) == whole.list
        workspace = job.fresh(f"killed-{ended}")
    assert ask(job.run_words(workspace))["code"] == 0
    assert torn.newest_list(workspace) == whole.list
    assert Registry.open(workspace).champion("killed") is not None


def test_a_killed_score_leaves_no_list_or_a_whole_one(ask, job, whole):
    out = job.folder / "lists" / "list.csv"
    out.parent.mkdir()
    words = job.score_words(whole.bundle, out)
    told = ask(words)
    assert told["code"] == 0, told["err"]
    wanted, events = out.read_bytes(), told["events"]

    moments, kills = random.Random(7), 0
    while kills < SCORES:
        shutil.rmtree(out.parent)
        out.parent.mkdir()
        told = ask(words, at=moments.randint(1, events))
        assert told["signal"] == signal.SIGKILL
        kills += 1
        assert not out.exists() or out.read_bytes() == wanted
    assert ask(words)["code"] == 0
    assert out.read_bytes() == wanted
    assert len(pd.read_csv(out)) > 0
