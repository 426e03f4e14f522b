"""What the generator planted is found again by the methods that should find it."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from features.warehouse import Warehouse
from features.windows import Window
from models.recommend.clusters import Clusters
from models.recommend.rules import Rules
from pipelines.config import load
from pipelines.crosssell.knowledge import rule_table
from pipelines.crosssell.snapshots import take_snapshot

SEGMENTS = 6


@pytest.fixture(scope="module")
def truth(shop):
    return json.loads(shop.paths["truth"].read_text())


@pytest.fixture(scope="module")
def history(finished):
    """Give all clean lines of the shop, as the run loaded them."""
    config = load(finished.path, [])
    window = Window(date(2024, 12, 31), 731, 0, 31)
    with Warehouse.open(finished.workspace / "warehouse.duckdb") as warehouse:
        families = [name for name in config.features.families if name in ("rfm", "category")]
        snapshot = take_snapshot(warehouse, window, families, None, labelled=False)
    return snapshot.history(snapshot.vocabulary(3))


@pytest.fixture(scope="module")
def rules(history):
    everything = {"min_count": 5, "min_support": 0.0, "min_confidence": 0.0}
    return Rules(basket="order", max_length=2, **everything).fit(history)


@pytest.fixture(scope="module")
def mined(rules, history):
    """Give every mined rule by its two items."""
    first = [rules.antecedents_[int(row)].indices[0] for row in rules.rules_["antecedent"]]
    items = {"first": history.items[first], "then": history.items[rules.rules_["item"]]}
    return rules.rules_.assign(**items).set_index(["first", "then"])


def test_planted_bundles_are_among_the_rules_with_their_strength(truth, mined):
    bundles = [bundle for bundle in truth["bundles"] if bundle["planted"] >= 10]
    assert len(bundles) >= 5
    for bundle in bundles:
        found = mined.loc[(bundle["first"], bundle["then"])]
        assert found["lift"] > 2
        assert found["count"] >= 0.9 * bundle["planted"]
        assert found["confidence"] == pytest.approx(bundle["probability"], abs=0.15)


def test_the_planted_bundles_stand_above_what_chance_puts_together(truth, mined):
    pairs = {(bundle["first"], bundle["then"]) for bundle in truth["bundles"]}
    chance = mined[[key not in pairs and key[::-1] not in pairs for key in mined.index]]
    planted = mined.loc[[key for key in mined.index if key in pairs]]
    assert planted["confidence"].min() > chance["confidence"].quantile(0.99)


def test_the_report_tells_the_planted_bundles_first(truth, rules, history):
    told = rule_table(rules, pd.Series(history.items, index=history.items))
    pairs = {frozenset((bundle["first"], bundle["then"])) for bundle in truth["bundles"]}
    top = [frozenset(pair) for pair in told[["if bought", "then also"]].head(6).to_numpy()]
    assert sum(pair in pairs for pair in top) >= 5


def test_clusters_recover_the_planted_segments_far_better_than_chance(shop, history):
    planted = pd.read_parquet(shop.paths["truth_segments"]).set_index("customer_id")["segment"]
    known = planted.reindex(history.customers)
    assert known.notna().all()
    labels = Clusters(segments=SEGMENTS).fit(history).labels_
    random = np.random.default_rng(0)
    by_chance = [adjusted_rand_score(known, random.permutation(labels)) for _ in range(50)]
    assert max(by_chance) < 0.03
    assert adjusted_rand_score(known, labels) > 0.15
    often = np.bincount(history.lines["customer"], minlength=len(labels)) >= 20
    assert adjusted_rand_score(known[often], labels[often]) > 0.3
