"""Windows small enough to count by hand."""

from datetime import date

import pandas as pd
import pytest

from experiments.evaluation.money import Economics
from features.windows import Window
from pipelines.crosssell.mine import Settings
from pipelines.crosssell.snapshots import Snapshot
from pipelines.lists.policy import Policy

DAY = date(2024, 3, 31)
BOUGHT = "ann:A ann:B bob:A bob:C cyd:A cyd:B cyd:rare dan:B"
FOLLOWED = "ann:C ann:A bob:B bob:rare cyd:new eve:A"


def pairs(text):
    frame = pd.DataFrame([pair.split(":") for pair in text.split()])
    return frame.set_axis(["customer_id", "item_id"], axis=1) if len(frame) else None


@pytest.fixture
def snapshot_of():
    """Give a function from 'customer:item' pairs to a snapshot."""

    def build(bought=BOUGHT, followed=FOLLOWED, day=DAY, margin=2.0, earlier=""):
        lines = pairs(bought)
        lines = lines.assign(
            order_id=lines["customer_id"] + "-1",
            ordered_at=pd.Timestamp(day) - pd.Timedelta(days=3),
            quantity=1.0,
            amount=5.0,
        )
        everybody = pd.Index(sorted(lines["customer_id"].unique()), name="customer_id")
        customers = pd.DataFrame({"recency_days": 3.0, "frequency": 1.0}, index=everybody)
        names = pd.Index(sorted(lines["item_id"].unique()), name="item_id")
        items = pd.DataFrame({"price": 5.0, "margin": margin}, index=names)
        outcomes = pairs(followed).assign(quantity=1.0, amount=5.0)
        before = pairs(earlier) if earlier else pd.DataFrame(columns=["customer_id", "item_id"])
        return Snapshot(Window(day, 365, 0, 31), lines, customers, items, outcomes, before)

    return build


@pytest.fixture
def settings():
    """Give what all candidates have in common."""
    return Settings(
        scope="new",
        policy=Policy(rows=2, contact_cost=0.5),
        ks=(1, 3),
        min_customers=2,
        economics=Economics(contact_cost=0.5),
        metric="profit",
        trials=2,
        timeout_s=None,
        tuning_customers=None,
        seed=0,
    )
