"""A generated shop, a finished run of the main job on it, and a ready tracking database."""

import shutil

import pytest
import yaml

from experiments.tracking import connect
from features.generate import generate
from pipelines.config import load
from pipelines.run import run

LINES = 12_000


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """Generate a small shop once; tests read it and never write to it."""
    return generate(tmp_path_factory.mktemp("shop") / "data", lines=LINES, seed=3)


@pytest.fixture(scope="session")
def tracking_template(tmp_path_factory):
    """Migrate one tracking database, which takes seconds; every workspace gets a copy."""
    folder = tmp_path_factory.mktemp("tracking")
    connect(folder)
    return folder / "mlflow.db"


def job(shop, **changes):
    """Give the plain values of a configuration for the generated shop."""
    lines = {
        "kind": "csv",
        "name": "lines",
        "table": "lines",
        "path": str(shop.paths["lines"]),
        "columns": {
            "customer_id": "customer_id",
            "order_id": "order_id",
            "item_id": "item_id",
            "ordered_at": {"from": "ordered_at", "format": "%Y-%m-%d %H:%M:%S"},
            "quantity": "quantity",
            "price": "price",
        },
        "returns": {"column": "order_id", "matches": "^C"},
        "rules": [{"column": "quantity", "above": 0}, {"column": "price", "above": 0}],
        "duplicates": "reject",
    }
    items = {
        "kind": "csv",
        "name": "items",
        "table": "items",
        "path": str(shop.paths["items"]),
        "columns": {
            name: name
            for name in ("item_id", "item_name", "category", "department", "price", "margin")
        },
    }
    customers = {
        "kind": "csv",
        "name": "customers",
        "table": "customers",
        "path": str(shop.paths["customers"]),
        "columns": {"customer_id": "customer_id", "region": "region", "opt_out": "opt_out"},
    }
    return {
        "kind": "cross-sell",
        "name": "shop",
        "sources": [lines, items, customers],
        "window": {"backtests": 2},
        "items": {"min_customers": 3},
        "candidates": [
            {"kind": "popularity"},
            {"kind": "clusters", "tune": False},
            {"kind": "rules", "tune": ["min_confidence"]},
            {"kind": "tree", "tune": False},
            {"kind": "ranker", "tune": False, "params": {"rounds": 20, "width": 20}},
        ],
        "tuning": {"trials": 2},
        "evaluation": {"ks": [5, 10], "bootstrap": 200},
        "economics": {"contact_cost": 0.05},
        "policy": {"rows": 5, "per_category": 2, "control": 0.2},
        **changes,
    }


@pytest.fixture
def prepared(tmp_path, shop, tracking_template, monkeypatch):
    """Write a configuration with a fresh workspace beside it; give a function that loads it."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    shutil.copy(tracking_template, workspace / "mlflow.db")

    def prepare(*overrides, **changes):
        path = tmp_path / "shop.yaml"
        path.write_text(yaml.safe_dump(job(shop, **changes)))
        return load(path, [f"workspace={workspace}", *overrides])

    return prepare


class Finished:
    """A run that is over, and the workspace it left."""

    def __init__(self, config, summary, path):
        self.config = config
        self.summary = summary
        self.path = path
        self.workspace = path.parent / "workspace"


@pytest.fixture(scope="session")
def finished(shop, tracking_template, tmp_path_factory):
    """Run the main job once for all tests that only look at what it left."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "workspace").mkdir()
    shutil.copy(tracking_template, folder / "workspace" / "mlflow.db")
    path = folder / "shop.yaml"
    path.write_text(yaml.safe_dump(job(shop)))
    config = load(path, [f"workspace={folder / 'workspace'}"])
    return Finished(config, run(config), path)
