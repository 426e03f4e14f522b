"""Children that carry out commands while something happens to them, and a small job for them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import pipelines
from experiments.bundle import load_bundle
from experiments.registry import Registry
from lodeworks.files import file_digest

ROOT = Path(pipelines.__file__).parents[1]
COLUMNS = ["customer_id", "order_id", "item_id", "ordered_at", "quantity", "price"]


class Children:
    """The program that carries out orders in children."""

    def __init__(self, **environment):
        program = Path(__file__).with_name("killed.py")
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **environment, "PYTHONPATH": str(ROOT)}
        environment.pop("MLFLOW_TRACKING_URI", None)
        self.process = subprocess.Popen(
            [sys.executable, str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def together(self, *orders):
        """Carry out several orders at the same time; tell how each ended."""
        self.process.stdin.write(json.dumps(orders) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __call__(self, words, at=None, **more):
        """Carry out one order."""
        return self.together(self.order(words, at, **more))[0]

    @staticmethod
    def order(words, at=None, **more):
        """Give an order in the form that the program reads."""
        return {"words": [str(word) for word in words], "at": at, **more}

    def close(self):
        """Let the program end."""
        self.process.stdin.close()
        self.process.wait(60)


@pytest.fixture(scope="session")
def ask():
    """Start the program once for all files of a worker."""
    children = Children()
    yield children
    children.close()


@pytest.fixture(scope="session")
def children():
    """Give the class of such programs."""
    return Children


class Job:
    """A small cross-sell job, and fresh workspaces for it."""

    def __init__(self, folder, tracking_template):
        from features.generate import generate

        self.folder, self._template = folder, tracking_template
        self.lines = generate(folder / "data", lines=3000, seed=5).paths["lines"]
        text = self.lines.read_text(encoding="utf-8")
        self.lines.write_text(text.replace(",P1", ",Ł1"), encoding="utf-8")
        self.config = folder / "job.yaml"
        self.write(self.config)

    def write(self, path, **changes):
        """Write the configuration."""
        path.write_text(yaml.safe_dump({**self.values(), **changes}))
        return path

    def values(self):
        """Give the configuration as plain values."""
        return {
            "kind": "cross-sell",
            "name": "killed",
            "sources": [
                {
                    "kind": "csv",
                    "path": str(self.lines),
                    "columns": {name: name for name in COLUMNS},
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

    def fresh(self, name, folder=None):
        """Make a workspace whose tracking database is ready."""
        workspace = (folder or self.folder) / name
        workspace.mkdir()
        shutil.copy(self._template, workspace / "mlflow.db")
        return workspace

    def run_words(self, workspace, *more):
        """Give the words of a run."""
        return ["run", self.config, "--workspace", workspace, "--quiet", "--json", *more]

    def score_words(self, bundle, out):
        """Give the words of a scoring."""
        day = ["--as-of", "2024-12-31", "--out", out, "--quiet"]
        return ["score", bundle, "--data", self.lines, *day]


@pytest.fixture(scope="session")
def job(tmp_path_factory, tracking_template):
    """Write the small job once."""
    return Job(tmp_path_factory.mktemp("killed"), tracking_template)


class Whole:
    """A run that nothing happened to: its workspace, list and bundle, and how many events."""

    def __init__(self, ask, job):
        self.workspace = job.fresh("undisturbed")
        told = ask(job.run_words(self.workspace), within=str(self.workspace))
        assert (told["code"], told["signal"]) == (0, 0), told["err"]
        self.events = told["events"]
        (folder,) = Torn.runs(self.workspace)
        self.list = (folder / "list.parquet").read_bytes()
        _, self.bundle = Registry.open(self.workspace).champion("killed")


@pytest.fixture(scope="session")
def whole(ask, job):
    """Run the small job once without any disturbance."""
    return Whole(ask, job)


class Torn:
    """Looks for what is half written."""

    @staticmethod
    def runs(workspace):
        """Give the folders of the runs that can be seen."""
        folder = workspace / "runs"
        return sorted(folder.glob("[0-9]*")) if folder.is_dir() else []

    def newest_list(self, workspace):
        """Give the bytes of the latest list."""
        return (self.runs(workspace)[-1] / "list.parquet").read_bytes()

    def check(self, workspace):
        """Every run that can be seen is whole, and so is whatever is champion."""
        for folder in self.runs(workspace):
            manifest = json.loads((folder / "manifest.json").read_text())
            assert manifest["list_sha256"] == file_digest(folder / "list.parquet")
            assert (folder / "report.html").read_text().rstrip().endswith("</html>")
        for step in (workspace / "cache").glob("*/*/"):
            if not step.name.startswith(".") and step.parent.name in ("clean", "transform", "mine"):
                assert (step / "step.json").is_file()
        champion = Registry.open(workspace).champion("killed")
        if champion is not None:
            load_bundle(champion[1])


@pytest.fixture(scope="session")
def torn():
    """Give what looks for half-written things."""
    return Torn()
