"""A budget of time or memory that is used up: exit code 5, how far the run came, never a list."""

import json
import signal
import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import yaml

from experiments.registry import Registry
from pipelines.cli import main
from pipelines.stopped import TimeUp

MINE = "pipelines.crosssell.job.mine_candidate"


@pytest.fixture
def type_run(job, tmp_path, monkeypatch, capsys):
    """Type ``lode run`` in a fresh workspace; give the exit code and what was told."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    workspace = job.fresh("workspace", tmp_path)

    def typed(*more, config=job.config):
        words = ["run", config, "--workspace", workspace, "--quiet", "--json", *more]
        code = main([str(word) for word in words])
        return code, capsys.readouterr()

    typed.workspace = workspace
    return typed


def raising(error):
    """Give a function that raises."""

    def stage(*_, **__):
        raise error

    return stage


def check_stopped(workspace, reason):
    """There is no run, no list and no champion, but a manifest of what is finished."""
    assert not (workspace / "runs").exists()
    assert [path.name for path in workspace.rglob("list.*")] == []
    (path,) = (workspace / "stopped").iterdir()
    manifest = json.loads(path.read_text())
    assert path.name == f"{manifest['run_id']}.json"
    assert (manifest["status"], manifest["reason"]) == ("stopped", reason)
    assert manifest["outputs"] == {}
    return manifest


def test_time_that_is_up_leaves_a_manifest_and_the_next_run_goes_on(type_run, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(MINE, lambda *_, **__: signal.raise_signal(signal.SIGALRM))
        code, told = type_run("--timeout", "1h")
    assert code == 5
    error = json.loads(told.out)["error"]
    assert error["kind"] == "BudgetExceeded"
    assert (
        error["message"] == "the time limit of 3600 s is over; run the same command again to resume"
    )
    manifest = check_stopped(type_run.workspace, "the time limit is over")
    assert "clean: load" in manifest["finished_steps"]
    assert manifest["command"] == "run"
    assert manifest["timings"].keys() == set(manifest["finished_steps"])

    code, told = type_run("--timeout", "1h")
    assert code == 0
    summary = json.loads(told.out)
    whole = json.loads(Path(summary["paths"]["manifest"]).read_text())
    assert set(manifest["finished_steps"]) <= set(whole["reused_steps"])
    assert summary["run_id"] > manifest["run_id"]


def test_time_that_is_up_within_a_query_leaves_a_manifest_too(type_run, monkeypatch):
    def query(*_, **__):
        try:
            signal.raise_signal(signal.SIGALRM)
        except TimeUp:
            raise RuntimeError("Query interrupted") from None

    monkeypatch.setattr(MINE, query)
    assert type_run("--timeout", "1h")[0] == 5
    check_stopped(type_run.workspace, "the time limit is over")


def test_too_little_memory_stops_at_once_and_enough_gives_the_same_bytes(type_run, whole):
    code, told = type_run("--memory", "1MB")
    assert code == 5
    error = json.loads(told.out)["error"]
    assert error["kind"] == "BudgetExceeded"
    assert "MB of memory are in use, more than the 1 MB of --memory; give more" in error["message"]
    assert check_stopped(type_run.workspace, error["message"])["finished_steps"] == []
    assert Registry.open(type_run.workspace).champion("killed") is None

    code, told = type_run("--memory", "64GB")
    assert code == 0
    paths = json.loads(told.out)["paths"]
    assert Path(paths["list"]).read_bytes() == whole.list


def test_memory_that_grows_too_large_leaves_a_manifest(type_run, monkeypatch):
    begun = threading.Event()

    def mine(*_, **__):
        begun.set()
        threading.Event().wait(60)

    used = "pipelines.memory.memory_in_use"
    monkeypatch.setattr(used, lambda: (9 if begun.is_set() else 1) * 10**9)
    monkeypatch.setattr(MINE, mine)
    code, told = type_run("--memory", "4GB")
    assert code == 5
    manifest = check_stopped(type_run.workspace, json.loads(told.out)["error"]["message"])
    assert manifest["reason"].startswith("9,000 MB of memory are in use, more than the 4,000 MB")
    assert Registry.open(type_run.workspace).champion("killed") is None


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 9 GiB"),
        pa.ArrowMemoryError("malloc failed"),
        duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate"),
        RuntimeError("std::bad_alloc"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_memory_that_is_used_up_leaves_a_manifest(type_run, monkeypatch, error):
    monkeypatch.setattr(MINE, raising(error))
    code, told = type_run()
    assert code == 5
    assert "out of memory; use less data or a larger machine" in told.err
    check_stopped(type_run.workspace, "out of memory")


def test_every_other_question_leaves_a_manifest_too(type_run, tmp_path, job, monkeypatch):
    config = tmp_path / "segments.yaml"
    sources = job.values()["sources"]
    config.write_text(yaml.safe_dump({"kind": "segments", "name": "groups", "sources": sources}))
    monkeypatch.setattr("pipelines.segmenting.job.Job.answer", raising(MemoryError()))
    code, _ = type_run(config=config)
    assert code == 5
    manifest = check_stopped(type_run.workspace, "out of memory")
    assert manifest["finished_steps"] == ["clean: load"]


def test_other_failures_leave_no_manifest(type_run, monkeypatch):
    monkeypatch.setattr(MINE, raising(ValueError("odd")))
    assert type_run()[0] == 1
    assert not (type_run.workspace / "stopped").exists()
