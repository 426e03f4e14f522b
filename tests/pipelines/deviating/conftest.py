"""Configurations of the question of deviations, and a run that is over."""

import shutil

import pytest
import yaml

from pipelines.config import load
from pipelines.run import run


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
    columns = {n: n for n in ("item_id", "item_name", "category", "price")}
    items = {
        "kind": "csv",
        "name": "items",
        "table": "items",
        "path": str(shop.paths["items"]),
        "columns": columns,
    }
    customers = {
        "kind": "csv",
        "name": "customers",
        "table": "customers",
        "path": str(shop.paths["customers"]),
        "columns": {"customer_id": "customer_id", "region": "region"},
    }
    return {
        "kind": "deviation",
        "name": "odd",
        "sources": [lines, items, customers],
        "window": {"observe": 360},
        "features": {"families": ["rfm", "basket", "returns", "tenure"]},
        "members": {"share": 0.02, "least": 20},
        "exceptions": {"level": "category", "min_customers": 20, "min_confidence": 0.7},
        "expected": {"share": 0.05},
        "changes": {"baseline": 6, "active": 4},
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
        path = self.folder / "deviation.yaml"
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


@pytest.fixture(scope="session")
def searched(shop, tracking_template, tmp_path_factory):
    """Run the question once for all tests that only look at what it left."""
    place = Workplace(tmp_path_factory.mktemp("searched"), tracking_template)
    place.summary = place.run(shop_config(shop))
    return place
