"""From a generated shop with planted campaigns to the measured effect: it holds the truth."""

import json

import numpy as np
import pandas as pd
import pytest

from features.generate import generate
from lodeworks.files import file_digest
from pipelines.cli import main
from pipelines.config import load

DAYS = 14


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Generate a shop large enough for its campaigns to be told apart from chance."""
    return generate(tmp_path_factory.mktemp("planted") / "data", lines=50_000, seed=11, dirty=0.0)


@pytest.fixture(scope="module")
def truth(shop):
    """Take every second campaign; measuring all of them shows no more."""
    told = json.loads(shop.paths["truth"].read_text())
    return {**told, "campaigns": told["campaigns"][::2]}


@pytest.fixture(scope="module")
def contacts(shop):
    return pd.read_csv(shop.paths["contacts"])


CONFIG = """
kind: cross-sell
name: planted
sources:
  - kind: csv
    name: lines
    path: {lines}
    columns: {{customer_id: customer_id, order_id: order_id, item_id: item_id,
               ordered_at: {{from: ordered_at, format: "%Y-%m-%d %H:%M:%S"}},
               quantity: quantity, price: price}}
    returns: {{column: order_id, matches: "^C"}}
  - kind: csv
    name: items
    table: items
    path: {items}
    columns: {{item_id: item_id, price: price, margin: margin}}
economics: {{contact_cost: 0.0}}
policy: {{control: 0.3}}
"""


def as_list(contacts, folder, name):
    """Write a campaign as the list that would have been sent."""
    days = sorted(contacts["contacted_on"].unique())
    assert len(days) == 1
    rows = pd.DataFrame(
        {
            "customer_id": contacts["customer_id"],
            "rank": 1,
            "item_id": contacts["item_id"],
            "score": 1.0,
            "probability": 0.03,
            "expected_profit": 0.1,
            "reason": "a campaign",
            "evidence_id": contacts["campaign_id"],
            "segment": "all",
            "group": contacts["group"],
            "model": "campaign",
            "model_version": "1",
            "as_of": days[0],
        }
    )
    path = folder / f"{name}.parquet"
    rows.to_parquet(path, index=False)
    manifest = {
        "command": "score",
        "list_sha256": file_digest(path),
        "terms": {"control": 0.3, "policy": {"contact_cost": 0.0}},
        "expected_profit": {"currency": "GBP"},
    }
    (folder / f"{path.name}.manifest.json").write_text(json.dumps(manifest))
    return path


def around(lines, day, path):
    """Keep two months before a campaign and one after it."""
    when = pd.to_datetime(lines["ordered_at"]) - pd.Timestamp(day)
    lines[when.between(pd.Timedelta(days=-60), pd.Timedelta(days=30))].to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def measured(shop, truth, contacts, tmp_path_factory):
    """Measure every campaign from the command line; the outcomes are the shop's own lines."""
    folder = tmp_path_factory.mktemp("measured")
    config = folder / "shop.yaml"
    config.write_text(CONFIG.format(lines=shop.paths["lines"], items=shop.paths["items"]))
    assert load(config).name == "planted"
    found, lines = {}, pd.read_csv(shop.paths["lines"], dtype=str)
    for campaign in truth["campaigns"]:
        name = campaign["campaign_id"]
        path = as_list(contacts[contacts["campaign_id"] == name], folder, name)
        orders = around(lines, campaign["contacted_on"], folder / f"{name}.csv")
        words = [path, "--outcomes", orders, "--past", orders, "--config", config]
        words += ["--window", f"{DAYS}d", "--quiet", "--out", folder / name]
        assert main(list(map(str, ["measure", *words]))) == 0
        values = json.loads((folder / name / "measure.json").read_text())
        found[name] = values, {row["outcome"]: row for row in values["effects"]}
    return found


def test_responses_are_those_that_the_truth_counts(measured, truth):
    for campaign in truth["campaigns"]:
        response = measured[campaign["campaign_id"]][1]["response"]
        assert response["treated"] == campaign["target"]
        assert response["control"] == campaign["control"]
        plain = measured[campaign["campaign_id"]][0]["unadjusted"]
        unadjusted = next(row for row in plain if row["outcome"] == "response")
        hits = unadjusted["treated_mean"] * campaign["target"]
        assert hits == pytest.approx(campaign["target_responses"])
        hits = unadjusted["control_mean"] * campaign["control"]
        assert hits == pytest.approx(campaign["control_responses"])


def test_the_intervals_hold_the_planted_uplift(measured, truth):
    held = [
        measured[one["campaign_id"]][1]["response"]["low"]
        <= one["uplift"]
        <= measured[one["campaign_id"]][1]["response"]["high"]
        for one in truth["campaigns"]
    ]
    # six intervals of 95 %: two misses or more happen three times in a hundred
    assert len(held) == 6
    assert np.sum(held) >= 5


def test_all_campaigns_together_show_the_planted_uplift(measured, truth):
    """The average over campaigns is sharper than any of them."""
    rows = [measured[one["campaign_id"]][1]["response"] for one in truth["campaigns"]]
    weight = np.array([1 / row["se"] ** 2 for row in rows])
    planted = np.array([one["uplift"] for one in truth["campaigns"]])
    found = np.array([row["difference"] for row in rows])
    distance = (weight * (found - planted)).sum() / np.sqrt(weight.sum())
    assert abs(distance) < 3
    assert (weight * found).sum() / np.sqrt(weight.sum()) > 4
