"""A table of subscribers whose leaving follows a rule, and a finished run on it."""

import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from pipelines.config import load
from pipelines.run import run

ROWS = 500


def subscribers(rows=ROWS, seed=0):
    """Draw subscribers; those on a monthly contract and the new ones leave more often."""
    random = np.random.default_rng(seed)
    contract = random.choice(["monthly", "yearly"], rows, p=[0.6, 0.4])
    tenure = random.integers(1, 72, rows).astype(float)
    log_odds = 0.5 + 1.5 * (contract == "monthly") - 0.06 * tenure
    left = random.uniform(size=rows) < 1 / (1 + np.exp(-log_odds))
    return pd.DataFrame(
        {
            "who": [f"{place:04d}" for place in range(rows)],
            "contract": contract,
            "tenure": tenure,
            "fee": random.integers(20, 100, rows).astype(float),
            "colour": random.choice(["red", "blue"], rows),
            "left": np.where(left, "Yes", "No"),
        }
    )


@pytest.fixture(scope="session")
def people():
    """Give the function that draws subscribers."""
    return subscribers


def question(folder, table, **changes):
    """Give the plain values of a configuration for a table, which is written as CSV."""
    table.to_csv(folder / "people.csv", index=False)
    source = {
        "kind": "csv",
        "name": "people",
        "table": "own:people",
        "path": str(folder / "people.csv"),
        "columns": {"who": "who"},
        "all_columns": True,
    }
    data = {"table": "own:people", "id": "who", "target": "left", "positive": "Yes"}
    tree = {
        "kind": "predict",
        "name": "subscribers",
        "question": "retention",
        "workspace": str(folder / "workspace"),
        "sources": [source],
        "data": data,
        "candidates": [
            {"kind": "logistic", "tune": {"C": {"low": 0.01, "high": 10.0, "log": True}}},
            {"kind": "cart", "tune": False},
        ],
        "tuning": {"trials": 2, "folds": 2},
        "evaluation": {"folds": 3, "repeats": 2, "bootstrap": 200},
        "economics": {"cost": 10.0, "revenue": "fee", "times": 2, "success": 0.5,
                      "loyalty": "tenure", "win_back": 0.3},
    }  # fmt: skip
    merged = {**tree, **changes}
    return {name: value for name, value in merged.items() if value is not None}


@pytest.fixture
def ask(tmp_path, tracking_template, monkeypatch):
    """Give a function that runs a question about a table."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def asked(table, **changes):
        place = tmp_path / "workspace"
        if not place.exists():
            place.mkdir()
            shutil.copy(tracking_template, place / "mlflow.db")
        path = tmp_path / "question.yaml"
        path.write_text(yaml.safe_dump(question(tmp_path, table, **changes)))
        return run(load(path))

    return asked


@pytest.fixture(scope="session")
def answered(tmp_path_factory, tracking_template):
    """Run the question once; tests read what it left."""
    folder = tmp_path_factory.mktemp("predict")
    (folder / "workspace").mkdir()
    shutil.copy(tracking_template, folder / "workspace" / "mlflow.db")
    path = folder / "question.yaml"
    path.write_text(yaml.safe_dump(question(folder, subscribers())))
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        return run(load(path))
