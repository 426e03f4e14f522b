"""A list of 600 customers with a known effect, its manifest, and the orders that followed."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lodeworks.files import file_digest
from pipelines.cli import main

AS_OF = pd.Timestamp("2024-11-30")
ITEMS = ["P1", "P2", "P3", "P4"]
PRICE = {"P1": 10.0, "P2": 20.0, "P3": 5.0, "P4": 8.0}
MARGIN = {"P1": 4.0, "P2": 5.0, "P3": 2.0, "P4": 1.0}
CONTROL, BASE, UPLIFT, COST = 0.3, 0.05, 0.25, 0.1


def list_rows(customers=600, seed=0):
    """Give two rows a customer; about three in ten are controls."""
    rng = np.random.default_rng(seed)
    control = rng.random(customers) < CONTROL
    segment = np.array(["large", "small"])[rng.integers(0, 2, customers)]
    people = np.repeat(np.arange(customers), 2)
    item = np.column_stack([rng.permuted(np.arange(4)) for _ in range(customers)])[:2].T.ravel()
    rows = pd.DataFrame(
        {
            "customer_id": [f"C{who:04d}" for who in people],
            "rank": np.tile([1, 2], customers).astype(np.int16),
            "item_id": np.array(ITEMS)[item],
            "score": 1.0,
            "probability": rng.uniform(0.05, 0.2, 2 * customers),
            "reason": "bought it often",
            "evidence_id": np.array([f"rule:{name}" for name in ITEMS])[item],
            "segment": segment[people],
            "group": np.where(control[people], "control", "target"),
            "model": "shop",
            "model_version": "1",
            "as_of": str(AS_OF.date()),
        }
    )
    worth = rows["item_id"].map(MARGIN)
    rows.insert(5, "expected_profit", rows["probability"] * worth - COST / 2)
    return rows


def orders_after(rows, seed=1):
    """Let each row be bought with a known chance in December, and close the window."""
    rng = np.random.default_rng(seed)
    chance = BASE + UPLIFT * ((rows["group"] == "target") & (rows["rank"] == 1))
    bought = rows[rng.random(len(rows)) < chance]
    days = rng.integers(1, 32, len(bought))
    orders = pd.DataFrame(
        {
            "customer_id": bought["customer_id"],
            "item_id": bought["item_id"],
            "ordered_at": [f"2024-12-{day:02d} 10:00:00" for day in days],
            "quantity": 1,
            "amount": bought["item_id"].map(PRICE),
        }
    )
    last = {"customer_id": "STRANGER", "item_id": "P1", "ordered_at": "2024-12-31 09:00:00"}
    return pd.concat([orders, pd.DataFrame([{**last, "quantity": 1, "amount": 10.0}])])


def manifest_of(rows, path):
    """Give what `lode run` says of a list, as far as a measurement reads it."""
    groups = rows.groupby("group")["customer_id"].nunique()
    return {
        "command": "run",
        "run_id": "20241130-shop",
        "list_sha256": file_digest(path),
        "config": {
            "workspace": ".lode",
            "window": {"outcome": 31, "gap": 0},
            "economics": {"margin": 0.4, "contact_cost": COST, "currency": "GBP"},
            "policy": {"control": CONTROL},
        },
        "list": {
            "rows": len(rows),
            "target_customers": int(groups.get("target", 0)),
            "control_customers": int(groups.get("control", 0)),
        },
        "expected_profit": {"mean": 1.0, "low": 0.0, "high": 2.0, "currency": "GBP"},
    }


@dataclass
class Told:
    code: int
    out: str
    err: str


@dataclass
class Sent:
    """A list that was sent, and what is known of it; `measure` types the command."""

    folder: Path
    capsys: pytest.CaptureFixture
    rows: pd.DataFrame = field(default_factory=list_rows)

    def __post_init__(self):
        self.path = self.folder / "list.csv"
        self.out = self.folder / "list.measured"
        self.write(self.rows)
        self.orders = self.file("after.csv", orders_after(self.rows))

    def write(self, rows, *, manifest=True, **changes):
        rows.to_csv(self.path, index=False)
        if manifest:
            told = {**manifest_of(rows, self.path), **changes}
            (self.folder / "list.csv.manifest.json").write_text(json.dumps(told))

    def file(self, name, frame):
        path = self.folder / name
        frame.to_csv(path, index=False)
        return path

    def measure(self, *words, orders=None):
        given = ["measure", self.path, "--outcomes", orders or self.orders, "--quiet", *words]
        code = main(list(map(str, given)))
        told = self.capsys.readouterr()
        return Told(code, told.out, told.err)

    @property
    def figures(self):
        return json.loads((self.out / "measure.json").read_text())

    def effect(self, outcome, key="effects"):
        return next(row for row in self.figures[key] if row["outcome"] == outcome)


@pytest.fixture
def sent(tmp_path, capsys):
    return Sent(tmp_path, capsys)


@pytest.fixture
def refused(sent):
    """Type the command, and see that it is refused with nothing written."""

    def type_command(code, *words, orders=None):
        told = sent.measure(*words, orders=orders)
        assert told.code == code, told.err + told.out
        assert not sent.out.exists()
        return told.err

    return type_command
