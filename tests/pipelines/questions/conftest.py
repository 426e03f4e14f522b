"""Every kind of question answered once on small data, in one workspace; new data for its bundle."""

import shutil
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from pipelines.config import load
from pipelines.run import run
from pipelines.valueclasses.example import CLASSES, invent

LAST = date(2023, 12, 31)


@dataclass
class Case:
    """One kind: how it is asked, new data for its bundle, and a change for the worse."""

    kind: str
    table: str
    frame: pd.DataFrame
    terms: dict
    new: pd.DataFrame
    columns: object = "all"
    as_of: date | None = None
    worse: list[str] = field(default_factory=list)


def orders(customers=150, seed=0):
    """Draw lines of customers who buy at rates of their own in a year, and leave."""
    random, rows = np.random.RandomState(seed), []
    for number in range(customers):
        day, rate = int(random.randint(0, 120)), random.gamma(0.8, 0.05)
        while day < 365:
            rows.append((f"c{number:04d}", f"o{len(rows)}", day, round(random.gamma(3, 8), 2)))
            if random.random_sample() < 0.15:
                break
            day += 1 + int(random.exponential(1 / max(rate, 1e-6)))
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "day", "amount"])
    frame["ordered_at"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(frame.pop("day"), unit="D")
    return frame.assign(item_id="thing", quantity=1.0)


def subscribers(rows=300, seed=0):
    """Draw subscribers: the new ones on a monthly contract leave more often."""
    random = np.random.default_rng(seed)
    contract = random.choice(["monthly", "yearly"], rows)
    tenure = random.integers(1, 72, rows).astype(float)
    log_odds = 0.5 + 1.5 * (contract == "monthly") - 0.08 * tenure
    left = random.uniform(size=rows) < 1 / (1 + np.exp(-log_odds))
    return pd.DataFrame(
        {
            "who": [f"s{place:04d}" for place in range(rows)],
            "contract": contract,
            "tenure": tenure,
            "noise": random.normal(size=rows).round(3),
            "left": np.where(left, "Yes", "No"),
        }
    )


def campaign(rows=1500, seed=0):
    """Draw an experiment in which a mail moves only women; men buy more anyway."""
    random = np.random.RandomState(seed)
    age, sex = random.randint(18, 80, rows), random.choice(["man", "woman"], rows)
    arm = random.choice(["mail", "none"], rows)
    moved = np.where(sex == "woman", 0.4, 0.0) * (arm == "mail")
    bought = random.random_sample(rows) < np.where(sex == "man", 0.7, 0.1) + moved
    who = [f"w{number:05d}" for number in range(rows)]
    return pd.DataFrame({"who": who, "age": age, "sex": sex, "arm": arm, "bought": bought * 1})


def members(rows=60, seed=0):
    """Draw members who are of one kind, so that groups of them come again only by chance."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"m{k:03d}" for k in range(rows)],
            "age": random.integers(20, 70, rows).astype(float),
            "land": random.choice(["FR", "UK"], rows),
        }
    )


def cases():
    """Give one case a kind."""
    lines = {
        name: name for name in ("customer_id", "order_id", "item_id", "quantity", "amount")
    } | {"ordered_at": "ordered_at"}
    clients, prospects = invent()
    return [
        Case(
            "predict",
            "own:people",
            subscribers(),
            {
                "data": {"table": "own:people", "id": "who", "target": "left", "positive": "Yes"},
                "candidates": [{"kind": "logistic", "tune": False}],
                "evaluation": {"folds": 2, "repeats": 1, "bootstrap": 100},
                "economics": {"cost": 5.0, "revenue": 20.0},
            },
            subscribers(40, seed=5).drop(columns="left"),
            {"who": "who"},
            worse=["candidates=[{kind: cart, tune: false, params: {max_depth: 1, min_rows: 120}}]"],
        ),
        Case(
            "value",
            "lines",
            orders(),
            {"window": {"outcome": "90d"}, "models": ["bg-nbd"], "evaluation": {"bootstrap": 100}},
            orders(50, seed=3),
            lines,
            LAST,
            worse=["models=[nbd]"],
        ),
        Case(
            "segments",
            "own:members",
            members(),
            {
                "attributes": {"table": "own:members"},
                "methods": [{"kind": "kmeans", "k": [3]}],
                "choice": {"rounds": 3, "references": 0, "bootstrap": 100},
                "worth": {"value": None},
                "privacy": {"min_group": 1},
            },
            members(20, seed=4),
            {"customer_id": "customer_id", "age": {"from": "age", "type": "number"},
             "land": "land"},
            worse=["methods=[{kind: kmeans, k: [4]}]", "choice.min_stability=1.0"],
        ),
        Case(
            "uplift",
            "own:campaign",
            campaign(),
            {
                "data": {"table": "own:campaign", "treatment": "arm", "treated": "mail",
                         "control": "none", "outcome": "bought", "id": "who"},
                "learners": [{"kind": "response", "params": {"base": "linear"}},
                             {"kind": "two-model", "params": {"base": "linear"}}],
                "evaluation": {"folds": 2, "repeats": 1, "bootstrap": 100},
                "segments": {"depth": 1, "min_leaf": 100},
            },
            campaign(40, seed=6).drop(columns=["arm", "bought"]),
            worse=["learners=[{kind: response, params: {base: linear}}]"],
        ),
        Case(
            "value-classes",
            "own:clients",
            clients,
            {
                "data": {"table": "own:clients", "id": "company", "target": "value_class",
                         "classes": list(CLASSES)},
                "network": {"members": 1},
                "evaluation": {"folds": 3, "repeats": 1, "level": 0.8},
            },
            prospects.head(30),
            {"company": "company"},
            worse=["network={members: 1, units: 1, decay: 1000.0}"],
        ),
        Case(
            "deviation",
            "lines",
            orders(),
            {
                "features": {"families": ["rfm", "tenure"]},
                "members": {"by": "pyramid", "methods": ["forest"], "share": 0.05, "least": 30},
                **dict.fromkeys(("exceptions", "expected", "changes")),
            },
            orders(50, seed=3),
            lines,
            LAST,
            worse=["members.share=0.1", "members.min_agreement=1.0"],
        ),
    ]  # fmt: skip


@dataclass
class Asked:
    """A case that was answered."""

    case: Case
    folder: Path
    summary: object

    @property
    def workspace(self):
        """The workspace that all cases share."""
        return self.folder / "workspace"

    @property
    def address(self):
        """Where the registered model is."""
        return f"models:/{self.name}@champion"

    @property
    def name(self):
        """What the model is called."""
        return f"the-{self.case.kind}"

    @property
    def data(self):
        """New data for the bundle."""
        return {"source": [self.folder / f"{self.case.kind}-new.csv"]}

    def run(self, *changes):
        """Ask again."""
        return run(load(self.folder / f"{self.case.kind}.yaml", list(changes)))


def written(case, folder):
    """Write a case's files and give its configuration."""
    case.frame.to_csv(folder / f"{case.kind}.csv", index=False)
    case.new.to_csv(folder / f"{case.kind}-new.csv", index=False)
    source = {
        "kind": "csv",
        "name": "source",
        "table": case.table,
        "path": str(folder / f"{case.kind}.csv"),
        "columns": case.columns,
    }
    if case.columns != "all" and case.table not in ("lines", "own:members"):
        source["all_columns"] = True
    values = {
        "kind": case.kind,
        "name": case.kind,
        "workspace": str(folder / "workspace"),
        "promotion": {"name": f"the-{case.kind}"},
        "sources": [source],
        **case.terms,
    }
    (folder / f"{case.kind}.yaml").write_text(yaml.safe_dump(values))


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory, tracking_template):
    """Answer every kind of question once: by kind."""
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "workspace").mkdir()
    shutil.copy(tracking_template, folder / "workspace" / "mlflow.db")
    answered = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        for case in cases():
            written(case, folder)
            asked = Asked(case, folder, None)
            asked.summary = asked.run()
            answered[case.kind] = asked
    return answered
