"""The list of a finished run, with its own manifest, bundle and tracking store."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from experiments.tracking import connect
from pipelines.cli import main

FIRST = "2025-01-01"


@pytest.fixture(scope="module")
def copied(finished, tmp_path_factory):
    """Copy the run's folder, so that nothing is written into it."""
    folder = tmp_path_factory.mktemp("sent") / "run"
    shutil.copytree(finished.summary.paths["list"].parent, folder)
    return folder / finished.summary.paths["list"].name


@pytest.fixture(scope="module")
def orders(copied, shop):
    """Let January happen: some listed items are bought, more often by targets."""
    rows = pd.read_parquet(copied)
    rng = np.random.default_rng(0)
    bought = rows[rng.random(len(rows)) < np.where(rows["group"] == "target", 0.3, 0.1)]
    price = pd.read_csv(shop.paths["items"]).set_index("item_id")["price"]
    days = rng.integers(1, 32, len(bought))
    frame = pd.DataFrame(
        {
            "order_id": [f"N{n}" for n in range(len(bought))],
            "customer_id": bought["customer_id"],
            "item_id": bought["item_id"],
            "ordered_at": [f"2025-01-{day:02d} 12:00:00" for day in days],
            "quantity": 1,
            "price": bought["item_id"].map(price),
        }
    )
    path = copied.with_name("january.csv")
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def measured(copied, orders, finished, monkeypatch, capsys):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def type_command(*more):
        words = [copied, "--outcomes", orders, "--through", "2025-01-31", "--quiet", *more]
        code = main(["measure", *map(str, words), "--workspace", str(finished.workspace)])
        told = capsys.readouterr()
        assert code == 0, told.err
        return json.loads((copied.with_name("list.measured") / "measure.json").read_text()), told

    return type_command


def effect_on(values, outcome):
    return next(row for row in values["effects"] if row["outcome"] == outcome)


def test_window_money_and_margins_come_from_the_run(measured, copied, orders, shop, finished):
    values, _ = measured()
    days = finished.config.window.outcome
    assert values["outcome_from"] == FIRST
    assert values["outcome_to"] == str((pd.Timestamp(FIRST) + pd.Timedelta(days=days - 1)).date())
    assert values["currency"] == finished.config.economics.currency
    assert values["sample_ratio"]["planned"] == finished.config.policy.control
    margin = pd.read_csv(shop.paths["items"]).set_index("item_id")["margin"]
    bought = pd.read_csv(orders)
    group = pd.read_parquet(copied).drop_duplicates("customer_id").set_index("customer_id")["group"]
    target = bought[bought["customer_id"].map(group) == "target"]
    profit = effect_on(values, "profit")
    cost = finished.config.economics.contact_cost
    by_hand = target["item_id"].map(margin).sum() / profit["treated"] - cost
    assert profit["treated_mean"] == pytest.approx(by_hand)


def test_a_configuration_gives_the_same_figures(measured, finished):
    plain, _ = measured()
    mapped, _ = measured("--config", finished.path)
    assert mapped["effects"] == plain["effects"]


def test_the_past_of_the_shop_is_read_by_its_own_mapping(measured, shop, finished):
    values, told = measured("--config", finished.path, "--past", shop.paths["lines"])
    assert values["adjusted"] is True
    helped = round(100 * effect_on(values, "profit")["variance_reduction"]) > 0
    assert ("the past took" in told.out) is helped
    assert ("the past says nothing of profit" in told.out) is not helped


def test_it_is_logged_under_the_run_that_made_the_list(measured, copied, finished):
    values, told = measured()
    assert "not logged" not in told.out
    run_id = json.loads(copied.with_name("manifest.json").read_text())["mlflow_run_id"]
    client = connect(finished.workspace)
    experiment = client.get_run(run_id).info.experiment_id
    children = client.search_runs(
        [experiment],
        f"tags.`mlflow.parentRunId` = '{run_id}' and tags.`lode.kind` = 'measure'",
    )
    assert children
    metrics = children[0].data.metrics
    assert metrics["profit_difference"] == effect_on(values, "profit")["difference"]
    files = {file.path for file in client.list_artifacts(children[0].info.run_id)}
    assert {"measure.json", "report.html", "effects.parquet", "manifest.json"} <= files


def test_without_the_store_a_note_says_so(measured, copied, orders, tmp_path, capsys):
    words = [copied, "--outcomes", orders, "--through", "2025-01-31", "--workspace", tmp_path]
    assert main(["measure", *map(str, words), "--quiet"]) == 0
    assert f"not logged: no tracking store in {tmp_path}" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
