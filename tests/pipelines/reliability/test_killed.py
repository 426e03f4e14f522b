"""Killed at fifty seeded moments, a run and a score leave nothing torn, and go on to the same."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

import pipelines
from experiments.bundle import load_bundle
from experiments.registry import Registry
from lodeworks.files import file_digest

ROOT = Path(pipelines.__file__).parents[1]
RUNS, SCORES = 35, 15


@pytest.fixture(scope="module")
def ask():
    """Start the program that carries out orders in children."""
    program = Path(__file__).with_name("killed.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment.pop("MLFLOW_TRACKING_URI", None)
    process = subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )

    def asked(words, at=None):
        process.stdin.write(json.dumps({"words": [str(word) for word in words], "at": at}) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield asked
    process.stdin.close()
    process.wait(60)


@pytest.fixture(scope="module")
def job(tmp_path_factory, tracking_template):
    """Write a small job; give a function that makes a fresh workspace for it."""
    from features.generate import generate

    folder = tmp_path_factory.mktemp("killed")
    shop = generate(folder / "data", lines=3000, seed=5)
    columns = ["customer_id", "order_id", "item_id", "ordered_at", "quantity", "price"]
    config = {
        "kind": "cross-sell",
        "name": "killed",
        "sources": [
            {
                "kind": "csv",
                "path": str(shop.paths["lines"]),
                "columns": {name: name for name in columns},
                "rules": [{"column": "quantity", "above": 0}],
                "max_rejected": 0.9,
            }
        ],
        "window": {"backtests": 2},
        "items": {"min_customers": 2},
        "features": {"families": ["rfm"]},
        "candidates": [{"kind": "popularity"}],
        "tuning": {"trials": 0},
        "evaluation": {"bootstrap": 100, "forecasts": 1},
    }
    (folder / "job.yaml").write_text(yaml.safe_dump(config))

    def fresh(name):
        workspace = folder / name
        workspace.mkdir()
        shutil.copy(tracking_template, workspace / "mlflow.db")
        return workspace

    fresh.folder, fresh.shop = folder, shop
    return fresh


def run_words(job, workspace):
    return ["run", job.folder / "job.yaml", "--workspace", workspace, "--quiet", "--json"]


def score_words(job, bundle, out):
    day = ["--as-of", "2024-12-31", "--out", out, "--quiet"]
    return ["score", bundle, "--data", job.shop.paths["lines"], *day]


def finished_runs(workspace):
    return sorted((workspace / "runs").glob("[0-9]*")) if (workspace / "runs").is_dir() else []


def check_nothing_torn(workspace):
    """Every run that can be seen is whole, and so is whatever is champion."""
    for folder in finished_runs(workspace):
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["list_sha256"] == file_digest(folder / "list.parquet")
        assert (folder / "report.html").read_text().rstrip().endswith("</html>")
    for step in (workspace / "cache").glob("*/*/"):
        if not step.name.startswith(".") and step.parent.name in ("clean", "transform", "mine"):
            assert (step / "step.json").is_file()
    champion = Registry.open(workspace).champion("killed")
    if champion is not None:
        load_bundle(champion[1])


def test_runs_killed_again_and_again_end_in_the_same_list(ask, job):
    whole = job("undisturbed")
    told = ask(run_words(job, whole))
    assert (told["code"], told["signal"]) == (0, 0)
    (folder,) = finished_runs(whole)
    wanted, events = file_digest(folder / "list.parquet"), told["events"]
    assert events > 50

    moments, kills, ended, workspace = random.Random(20260101), 0, 0, job("killed-0")
    while kills < RUNS:
        told = ask(run_words(job, workspace), at=moments.randint(1, events))
        check_nothing_torn(workspace)
        if told["signal"] == signal.SIGKILL:
            kills += 1
            continue
        assert told["code"] == 0
        ended += 1
        assert file_digest(finished_runs(workspace)[-1] / "list.parquet") == wanted
        workspace = job(f"killed-{ended}")
    assert ask(run_words(job, workspace))["code"] == 0
    assert file_digest(finished_runs(workspace)[-1] / "list.parquet") == wanted
    champion = Registry.open(workspace).champion("killed")
    assert champion is not None


def test_a_killed_score_leaves_no_list_or_a_whole_one(ask, job):
    workspace = job("for-scores")
    assert ask(run_words(job, workspace))["code"] == 0
    _, bundle = Registry.open(workspace).champion("killed")
    out = job.folder / "lists" / "list.csv"
    out.parent.mkdir()
    told = ask(score_words(job, bundle, out))
    assert told["code"] == 0
    wanted, events = out.read_bytes(), told["events"]

    moments, kills = random.Random(7), 0
    while kills < SCORES:
        shutil.rmtree(out.parent)
        out.parent.mkdir()
        told = ask(score_words(job, bundle, out), at=moments.randint(1, events))
        assert told["signal"] == signal.SIGKILL
        kills += 1
        assert not out.exists() or out.read_bytes() == wanted
    assert ask(score_words(job, bundle, out))["code"] == 0
    assert out.read_bytes() == wanted
    assert len(pd.read_csv(out)) > 0
