import os
import shutil
import subprocess
import sys
from datetime import date

import numpy as np
import pandas as pd
import pytest

from experiments.bundle import Bundle
from models.recommend.base import Reason, Recommender
from models.recommend.history import History

FIRST_RUN = """
import logging, sys
logging.basicConfig(level=logging.INFO)
from experiments.tracking import Tracker
assert "mlflow" not in sys.modules
with Tracker.open("ein Büro", experiment="first").run("r") as run:
    run.metrics({"m": 1.0})
    run.text("x", "x.txt")
"""


@pytest.fixture(scope="session")
def fresh_store(tmp_path_factory):
    """What a first run in a new folder leaves behind and says; made once, as it takes seconds."""
    folder = tmp_path_factory.mktemp("first")
    done = subprocess.run(
        [sys.executable, "-c", FIRST_RUN],
        capture_output=True,
        text=True,
        cwd=folder,
        env={
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "HOME": str(folder),
            "OMP_NUM_THREADS": "1",
        },
    )
    return folder, done


@pytest.fixture
def workspace(tmp_path, fresh_store, monkeypatch):
    """A workspace whose name is as awkward as a real one, with a ready tracking database."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = tmp_path / "Läden & Märkte 1"
    folder.mkdir()
    shutil.copy(fresh_store[0] / "ein Büro" / "mlflow.db", folder)
    return folder


class Remembering(Recommender):
    """A recommender whose state has a part of every kind."""

    family = "baseline"
    complexity = 1

    def __init__(self, weight=1.0, days=None, random_state=0):
        self.weight = weight
        self.days = days
        self.random_state = random_state

    def fit(self, history, past=()):
        owned = history.owned()
        rng = np.random.default_rng(self.random_state)
        self.items_ = history.items
        self.state_ = {
            "counts": np.asarray(owned.sum(axis=0)).ravel().astype(np.float64),
            "noise": rng.random((3, 2)).astype(np.float32),
            "codes": np.arange(4, dtype=np.int32)[::-1],
            "flags": np.array([True, False]),
            "nothing": np.empty((0, 5)),
            "one": np.array(2.5),
            "edges": np.array([-np.inf, np.nan, np.inf]),
            "words": np.array(["ä", "b b"], dtype=object),
            "days": np.array(["2011-01-01", "NaT"], dtype="datetime64[ns]"),
            "owned": owned,
            "rules": pd.DataFrame(
                {"if": ["a", None], "count": [1, 2], "lift": [0.5, np.nan]}, index=["x", "y"]
            ),
            "trees": "tree\r\n" * 300,
            "short": "text",
            "number": 3,
            "infinite": float("-inf"),
            "none": None,
            "layers": [np.ones((2, 2)), np.zeros(2)],
            "nested": {"a b": {"deep": np.arange(2)}, "a_b": {"deep": np.arange(3)}, "n": 1.5},
            "plain": {"list": [1, "two", None, True], "empty": {}},
        }
        return self

    def scores(self, history, rows):
        one = (self.weight * self.state_["counts"]).astype(np.float32)
        return np.broadcast_to(one, (len(rows), len(one))).copy()

    def explain(self, history, customer, item, names):
        return [Reason(f"Many bought {names.iloc[i]}.", f"popular:{self.items_[i]}") for i in item]

    def get_state(self):
        return {"items": list(self.items_), **self.state_}

    def set_state(self, state):
        state = dict(state)
        self.items_ = pd.Index(state.pop("items"), dtype=object)
        self.state_ = state
        return self


class Steps:
    """A calibrator with a learned table."""

    def fit(self, mean):
        self.mean = mean
        return self

    def predict_proba(self, frame):
        assert list(frame)[:4] == ["score", "rank", "recency_days", "frequency"]
        assert frame["price"].between(1, 3).all()
        return self.mean / frame["rank"].to_numpy() / frame["frequency"].to_numpy()

    def get_state(self):
        return {"mean": self.mean}

    def set_state(self, state):
        self.mean = state["mean"]
        return self


@pytest.fixture
def purchases():
    """Four customers; everybody but the last has 'a'."""
    rows = [
        ("c1", "a", "o1", "2011-01-03"),
        ("c1", "b", "o1", "2011-01-03"),
        ("c2", "a", "o2", "2011-01-04"),
        ("c2", "c", "o3", "2011-01-06"),
        ("c3", "a", "o4", "2011-01-05"),
        ("ç4", "b", "o5", "2011-01-07 18:00"),
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "item_id", "order_id", "ordered_at"])
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"], format="ISO8601")
    return frame.assign(quantity=1.0, amount=2.5)


@pytest.fixture
def bundle(purchases):
    """A fitted fake with a calibrator."""
    history = History.from_purchases(purchases, pd.Timestamp("2011-01-08"))
    return Bundle(
        recommender=Remembering(weight=2.0).fit(history),
        calibrator=Steps().fit(0.5),
        items=pd.DataFrame(
            {
                "item_id": ["a", "b", "c"],
                "item_name": ["Apfel", None, "Crème"],
                "price": [1.0, np.nan, 3.0],
            }
        ),
        item_features=pd.DataFrame({"price": [1.0, 2.0, 3.0]}, index=["a", "b", "c"]),
        meta={
            "name": "demo",
            "as_of": date(2011, 1, 8),
            "window": {"observe": 730},
            "limits": [1, None, float("inf")],
            "customer_features": ["recency_days"],
        },
        profile={"recency_days": {"quantiles": [0.0, float("nan"), 3.0], "missing": 0.1}},
    )


@pytest.fixture
def known():
    """The classes that the fake bundle needs."""
    return {"registry": {"remembering": Remembering}}
