"""The example configurations of segments, deviations and next activity do their job."""

from pathlib import Path

import pandas as pd
import pytest

from pipelines.config import load
from pipelines.run import run

CONFIGS = Path(__file__).resolve().parents[3] / "configs"


@pytest.mark.real
@pytest.mark.slow
def test_segments_of_online_retail(workplace, real_data, monkeypatch):
    monkeypatch.setenv("LODE_DATA", str(real_data))
    changes = [
        f"workspace={workplace.workspace}",
        "methods=[{kind: kmeans, k: [3, 4]}]",
        "choice={rounds: 5, max_rows: 500, references: 0, bootstrap: 200}",
    ]
    summary = run(load(CONFIGS / "segments.yaml", changes))
    cards = pd.read_parquet(summary.paths["cards"])
    assert 3 <= len(cards) <= 4
    assert cards["value_share"].max() > 0.5  # few customers bring most, as at every wholesaler
    assert summary.metrics["customers"] == 2410
    flows = pd.read_parquet(summary.paths["flows"]).dropna()
    assert (flows["opening"] + flows["joined"] - flows["left"] == flows["closing"]).all()


@pytest.mark.real
@pytest.mark.slow
def test_deviations_of_online_retail(workplace, real_data, monkeypatch):
    monkeypatch.setenv("LODE_DATA", str(real_data))
    changes = [f"workspace={workplace.workspace}", "members.methods=[forest]"]
    summary = run(load(CONFIGS / "deviation.yaml", changes))
    table = pd.read_parquet(summary.paths["deviations"])
    assert set(table["sort"]) == {"member", "exception", "unexpected", "change"}
    surest = table[table["sort"] == "exception"].iloc[0]
    assert "REGENCY" in surest["text"]  # the tea set that nobody buys in part


@pytest.mark.slow
def test_next_activity_keeps_to_the_stage_of_life(workplace, shop, monkeypatch):
    monkeypatch.setenv("LODE_DEMO", str(shop.folder))
    changes = [
        f"workspace={workplace.workspace}",
        "candidates=[{kind: popularity}, {kind: sequential, tune: false}]",
        "evaluation.bootstrap=200",
        "window.backtests=2",
        "economics.contact_cost=0.01",
    ]
    summary = run(load(CONFIGS / "next_activity.yaml", changes))
    offers = pd.read_parquet(summary.to_dict()["paths"]["list"])
    stage = pd.read_csv(shop.paths["customers"]).set_index("customer_id")["life_stage"]
    items = pd.read_csv(shop.paths["items"]).set_index("item_id")["category"]
    table = pd.DataFrame(
        {"category": offers["item_id"].map(items), "stage": offers["customer_id"].map(stage)}
    )
    assert len(table)
    young = table["category"].isin(["Nappies", "Baby Food"])
    assert set(table.loc[young, "stage"]) <= {"young family"}
    assert set(table.loc[table["category"] == "School", "stage"]) <= {"family", "student"}
    assert offers.groupby("customer_id").size().max() <= 2
