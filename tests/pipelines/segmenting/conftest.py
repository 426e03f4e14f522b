"""Configurations of the question of segments, and a run that is over."""

import shutil

import pytest
import yaml

from pipelines.config import load
from pipelines.run import run

QUICK = {"rounds": 3, "max_rows": 200, "references": 2, "bootstrap": 100}


def shop_config(shop, **changes):
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
    return {
        "kind": "segments",
        "name": "groups",
        "sources": [lines],
        "window": {"observe": 180, "compare": 180},
        "features": {"families": ["rfm", "tenure"]},
        "methods": [{"kind": "kmeans", "k": [3, 4]}, {"kind": "mixture", "k": [3]}],
        "choice": QUICK,
        "worth": {"margin": 0.2, "cost_per_customer": 3, "weights": {"monetary": 1}},
        **changes,
    }


def table_config(path, **changes):
    """Give a configuration for one table of customers."""
    columns = {"customer_id": "who", "age": {"from": "age", "type": "number"}, "land": "land"}
    return {
        "kind": "segments",
        "name": "members",
        "sources": [
            {
                "kind": "csv",
                "name": "members",
                "table": "own:members",
                "path": str(path),
                "columns": columns,
            }
        ],
        "attributes": {"table": "own:members"},
        "methods": [{"kind": "kmeans", "k": [2, 3]}],
        "choice": QUICK,
        "worth": {"value": None},
        "privacy": {"min_group": 1},
        **changes,
    }


class Workplace:
    """A folder with a workspace whose tracking database is ready."""

    def __init__(self, folder, tracking_template):
        self.folder = folder
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        shutil.copy(tracking_template, self.workspace / "mlflow.db")

    def load(self, values, *overrides):
        """Write a configuration and load it."""
        path = self.folder / "segments.yaml"
        path.write_text(yaml.safe_dump(values))
        return load(path, [f"workspace={self.workspace}", *overrides])

    def run(self, values, *overrides):
        """Run a configuration."""
        return run(self.load(values, *overrides))

    def runs(self):
        """Name the folders of runs."""
        return sorted(p.name for p in (self.workspace / "runs").glob("*"))


@pytest.fixture
def workplace(tmp_path, tracking_template, monkeypatch):
    """Give an empty workplace."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return Workplace(tmp_path, tracking_template)


@pytest.fixture
def of_shop(shop):
    """Give a function that makes a configuration for the generated shop."""
    return lambda **changes: shop_config(shop, **changes)


@pytest.fixture
def of_table():
    """Give the function that makes a configuration for a table."""
    return table_config


@pytest.fixture(scope="session")
def grouped(shop, tracking_template, tmp_path_factory):
    """Run the question once for all tests that only look at what it left."""
    place = Workplace(tmp_path_factory.mktemp("grouped"), tracking_template)
    place.summary = place.run(shop_config(shop))
    return place
