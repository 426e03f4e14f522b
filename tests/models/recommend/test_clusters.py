"""Segments: every customer in exactly one, numbered by size, found when planted."""

import numpy as np
import pandas as pd
import pytest

from models.recommend import History
from models.recommend.clusters import Clusters


def planted(seed: int = 0) -> tuple[History, np.ndarray]:
    """Make 40 customers who buy tea things and 20 who buy tools."""
    random = np.random.RandomState(seed)
    rows = [
        (f"c{code:02d}", f"{'tea' if code < 40 else 'tool'}{item}")
        for code in range(60)
        for item in random.choice(8, 5, replace=False)
    ]
    bought = pd.DataFrame(rows, columns=["customer_id", "item_id"]).assign(
        order_id="1", ordered_at=pd.Timestamp("2024-01-05"), quantity=1.0, amount=1.0
    )
    features = pd.DataFrame(
        {"spend": np.r_[np.full(40, 10.0), np.full(20, 90.0)]},
        index=[f"c{code:02d}" for code in range(60)],
    )
    history = History.from_purchases(bought, pd.Timestamp("2024-01-10"), customer_features=features)
    return history, np.r_[np.zeros(40, int), np.ones(20, int)]


def test_planted_segments_are_found_the_largest_first():
    history, truth = planted()
    model = Clusters(segments=2, factors=2).fit(history)
    assert model.labels_.tolist() == truth.tolist()


def test_segments_are_exhaustive_and_exclusive():
    history, _ = planted()
    model = Clusters(segments=5).fit(history)
    table = model.describe(history)
    assert len(model.labels_) == 60
    assert table["customers"].sum() == 60
    assert table["share"].sum() == pytest.approx(1.0)
    assert model.labels_.min() >= 0
    assert model.labels_.max() < len(table)
    assert np.bincount(model.labels_, minlength=len(table)).tolist() == table["customers"].tolist()


def test_description_agrees_with_the_customers():
    history, _ = planted()
    table = Clusters(segments=2, factors=2).fit(history).describe(history, top=3)
    assert table["spend"].tolist() == [10.0, 90.0]
    assert table["spend_vs_all"].tolist() == pytest.approx([10 / (110 / 3), 90 / (110 / 3)])
    assert all(item.startswith("tea") for item in table["top_items"][0])
    assert table["top_lifts"][1] == pytest.approx([3.0, 3.0, 3.0])


def test_new_customers_are_assigned_by_what_they_are():
    history, _ = planted()
    model = Clusters(segments=2, factors=2).fit(history)
    assert model.assign(planted(seed=9)[0].of_customers([50, 3])).tolist() == [1, 0]


def test_segment_buys_are_offered_and_explained():
    history, _ = planted()
    model = Clusters(segments=2, factors=2, prior=0).fit(history)
    table = model.recommend(history, n=1, rows=np.array([45]))
    item = int(table["item"].iloc[0])
    assert history.items[item].startswith("tool")
    names = pd.Series(history.items)
    reason = model.explain(history, np.array([45]), np.array([item]), names)[0]
    share = history.owned().toarray()[40:, item].mean()
    assert reason.text.startswith(f"{share:.1%} of similar customers bought {history.items[item]}")
    assert reason.evidence_id == f"segment:1>{history.items[item]}"
