"""Windows small enough to count by hand, and findings in a workspace."""

from datetime import date

import pandas as pd
import pytest

from experiments.findings import Evidence
from features.windows import Window
from pipelines.crosssell.snapshots import Snapshot
from pipelines.findings.purchase_rule import PurchaseRule

# customer: what was bought before and what afterwards
SHOP = {
    "ann": ("tea jam", "milk tea"),
    "bob": ("tea", "milk"),
    "cat": ("tea milk", "jam"),
    "dan": ("jam", ""),
    "eve": ("rum", "rum"),
    "fay": ("tea jam", "rum"),
}


def make_snapshot(shop, as_of=date(2024, 11, 30)):
    day = pd.Timestamp(as_of)
    before = [(who, item) for who, (bought, _) in shop.items() for item in bought.split()]
    after = [(who, item) for who, (_, bought) in shop.items() for item in bought.split()]
    purchases = pd.DataFrame(before, columns=["customer_id", "item_id"]).assign(
        order_id=lambda rows: rows["customer_id"], ordered_at=day, quantity=1.0, amount=2.0
    )
    outcomes = pd.DataFrame(after, columns=["customer_id", "item_id"]).assign(
        quantity=1.0, amount=2.0
    )
    customers = pd.DataFrame(index=pd.Index(sorted(shop), dtype=object))
    return Snapshot(
        window=Window(as_of, 730, 0, 31),
        purchases=purchases,
        customers=customers,
        items=pd.DataFrame(index=pd.Index(sorted({item for _, item in before}), dtype=object)),
        outcomes=outcomes,
        earlier=pd.DataFrame(columns=["customer_id", "item_id"]),
        labels=pd.DataFrame({"item_id": ["tea"], "item_name": ["Tea"]}),
    )


@pytest.fixture
def snapshot():
    """Give what makes a window of a shop: purchases before and after, by customer."""
    return make_snapshot


@pytest.fixture
def shop_snapshot():
    return make_snapshot(SHOP)


@pytest.fixture
def draft():
    """Give what makes the draft of a rule about purchases."""

    def make(*needs, then="milk", confidence=0.5, lift=2.0, **known):
        evidence = Evidence(n=100, support=0.05, confidence=confidence, lift=lift)
        rule = PurchaseRule(tuple(sorted(needs)), then)
        return rule.draft(evidence, 10, 31, pd.Series(dtype=object), **known)

    return make
