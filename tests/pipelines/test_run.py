"""The main job, end to end, on a generated shop."""

import json

import mlflow
import numpy as np
import pandas as pd
import pytest

from experiments.bundle import load_bundle
from experiments.registry import Registry
from lodeworks import DataError, LodeError
from lodeworks.progress import Plain
from pipelines.lists import COLUMNS
from pipelines.run import run


@pytest.fixture(scope="session")
def offers(finished):
    return pd.read_parquet(finished.summary.paths["list"])


@pytest.fixture(scope="session")
def lines(shop):
    return pd.read_csv(shop.paths["lines"], dtype=str)


@pytest.fixture(scope="session")
def manifest(finished):
    return json.loads(finished.summary.paths["manifest"].read_text())


def test_rows_in_are_rows_loaded_and_rejected_and_the_reasons_are_those_planted(
    manifest, shop, lines
):
    load = manifest["load"]
    source = {source["source"]: source for source in load["sources"]}["lines"]
    assert source["rows_in"] == len(lines)
    assert source["rows_in"] == source["rows_loaded"] + source["rows_rejected"]
    reasons = source["reasons"]
    assert reasons["customer_id is missing"] == shop.dirty["missing_customer"]
    assert reasons["quantity is not a number"] == shop.dirty["wrong_quantity"]
    assert reasons["ordered_at is not a timestamp"] == shop.dirty["wrong_date"]
    assert sum(reasons.values()) == source["rows_rejected"]


def test_the_list_keeps_the_contract(offers, finished):
    assert tuple(offers.columns) == COLUMNS
    assert len(offers) == finished.summary.list_counts["rows"] > 0
    assert set(offers["group"]) == {"target", "control"}
    assert offers["probability"].between(0, 1).all()
    assert offers["reason"].str.len().min() > 10
    assert offers["evidence_id"].str.contains(":").all()
    assert set(offers["segment"]) <= {"top", "large", "medium", "small", "inactive"}
    assert (offers["model"] == "shop").all()
    assert (offers["model_version"] == "1").all()
    assert (offers["as_of"] == "2024-12-31").all()


def test_ranks_begin_at_one_and_have_no_holes(offers):
    by_customer = offers.groupby("customer_id")["rank"]
    assert (by_customer.transform("size") <= 5).all()
    assert (offers["rank"] == by_customer.cumcount() + 1).all()
    assert not offers.duplicated(["customer_id", "item_id"]).any()


def test_nobody_is_offered_what_they_own(offers, lines):
    fine = pd.to_datetime(lines["ordered_at"], errors="coerce").notna()
    fine &= pd.to_numeric(lines["quantity"], errors="coerce").notna()
    bought = lines[fine & ~lines["order_id"].str.startswith("C")]
    owned = pd.MultiIndex.from_frame(bought[["customer_id", "item_id"]].dropna())
    assert not pd.MultiIndex.from_frame(offers[["customer_id", "item_id"]]).isin(owned).any()


def test_who_opted_out_is_not_listed(offers, shop):
    customers = pd.read_csv(shop.paths["customers"], dtype={"customer_id": str})
    opted_out = set(customers.loc[customers["opt_out"], "customer_id"])
    assert opted_out
    assert not opted_out & set(offers["customer_id"])


def test_a_category_stands_at_most_twice_with_a_customer(offers, shop):
    category = pd.read_csv(shop.paths["items"]).set_index("item_id")["category"]
    kinds = offers.assign(category=offers["item_id"].map(category))
    assert kinds.groupby(["customer_id", "category"]).size().max() <= 2


def test_every_contacted_customer_is_worth_the_contact(offers, finished):
    each = offers[offers["group"] == "target"].groupby("customer_id")["expected_profit"].sum()
    assert (each >= -1e-9).all()
    assert each.sum() == pytest.approx(finished.summary.expected_profit["mean"])


def test_the_control_group_has_the_stated_share(offers):
    groups = offers.drop_duplicates("customer_id")["group"]
    assert (groups == "control").mean() == pytest.approx(0.2, abs=0.08)


def test_the_leaderboard_has_every_candidate_and_every_measure(finished):
    board = finished.summary.leaderboard
    assert set(board["candidate"]) == {"popularity", "clusters", "rules", "tree", "ranker"}
    measures = [
        f"{name}@{k}_{scope}"
        for name in ("recall", "precision", "ndcg", "hit")
        for k in (5, 10)
        for scope in ("new", "all")
    ]
    for measure in measures:
        assert board[measure].between(0, 1).all()
        assert (board[f"{measure}_low"] <= board[measure]).all()
        assert (board[measure] <= board[f"{measure}_high"]).all()
    assert board["winner"].sum() == 1
    assert board.loc[board["winner"], "candidate"].item() == finished.summary.winner


def test_the_run_is_tracked_with_a_child_a_candidate_and_a_grandchild_a_trial(finished):
    client = mlflow.MlflowClient(f"sqlite:///{finished.workspace / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("shop")
    runs = client.search_runs([experiment.experiment_id], max_results=100)
    parent_of = {r.info.run_id: r.data.tags.get("mlflow.parentRunId") for r in runs}
    by_name = {r.info.run_name: r for r in runs}
    (parent,) = [r for r in runs if parent_of[r.info.run_id] is None]
    children = {r.info.run_name for r in runs if parent_of[r.info.run_id] == parent.info.run_id}
    assert children == {"popularity", "clusters", "rules", "tree", "ranker"}
    trials = [r for r in runs if parent_of[r.info.run_id] == by_name["rules"].info.run_id]
    assert [trial.info.run_name for trial in trials][::-1] == ["trial 0", "trial 1"]
    assert all(run.info.status == "FINISHED" for run in runs)
    assert parent.data.params["as_of"] == "2024-11-30"
    assert parent.data.params["window.backtests"] == "2"
    assert {used.dataset.name for used in parent.inputs.dataset_inputs} == {
        "lines",
        "items",
        "customers",
        "warehouse",
    }
    artifacts = {file.path for file in client.list_artifacts(parent.info.run_id)}
    assert {"config.yaml", "report.html", "manifest.json", "tables"} <= artifacts


def test_the_champion_is_a_bundle_that_mlflow_can_load(finished, lines):
    registry = Registry.open(finished.workspace)
    version, folder = registry.champion("shop")
    assert version == "1"
    assert (
        load_bundle(folder).meta["recipe"]["kind"]
        == load_bundle(finished.summary.paths["bundle"]).meta["recipe"]["kind"]
    )
    mlflow.set_tracking_uri(f"sqlite:///{finished.workspace / 'mlflow.db'}")
    model = mlflow.pyfunc.load_model("models:/shop@champion")
    assert model.metadata.signature is not None
    some = lines.dropna().head(200)
    purchases = pd.DataFrame(
        {
            "customer_id": some["customer_id"],
            "item_id": some["item_id"],
            "order_id": some["order_id"],
            "ordered_at": pd.to_datetime(some["ordered_at"], errors="coerce"),
            "quantity": pd.to_numeric(some["quantity"], errors="coerce").astype(float),
            "amount": pd.to_numeric(some["price"], errors="coerce"),
        }
    ).dropna()
    offered = model.predict(purchases)
    assert set(offered["customer_id"]) <= set(purchases["customer_id"])
    assert offered["probability"].between(0, 1).all()


def test_the_manifest_says_what_it_took(manifest, finished):
    assert manifest["winner"] == finished.summary.winner
    assert manifest["peak_memory_mb"] > 50
    assert manifest["versions"]["lodeworks"]
    assert manifest["config"]["name"] == "shop"
    assert manifest["promotion"]["status"] == "first"
    assert set(manifest["timings"]) >= {"clean: load", "mine: rules-tuned", "act: bundle"}


def test_the_summary_is_plain_json(finished):
    text = json.dumps(finished.summary.to_dict(), allow_nan=False)
    assert json.loads(text)["exit_code"] == 0


def test_the_report_tells_the_story(finished):
    page = finished.summary.paths["report"].read_text()
    for part in (finished.summary.winner, "control", "Leaderboard", "Then also"):
        assert part in page


def test_a_second_run_reuses_every_step_and_gives_the_same_bytes(finished):
    again = run(finished.config)
    paths, before = again.paths, finished.summary.paths
    assert paths["list"].read_bytes() == before["list"].read_bytes()
    assert again.promotion["status"] == "unchanged"
    assert again.exit_code == 0
    manifest = json.loads(paths["manifest"].read_text())
    assert set(manifest["reused_steps"]) == set(manifest["timings"])


def test_an_interrupted_run_resumes_and_gives_the_bytes_of_an_undisturbed_one(
    prepared, finished, monkeypatch
):
    from pipelines.crosssell import job

    config, mine = prepared(), job.mine_candidate
    done = []

    def interrupted(candidate, *rest):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(candidate.name)
        return mine(candidate, *rest)

    monkeypatch.setattr(job, "mine_candidate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(config)
    assert not (config_workspace(config) / "runs").exists()
    monkeypatch.setattr(job, "mine_candidate", mine)
    resumed = run(config)
    manifest = json.loads(resumed.paths["manifest"].read_text())
    assert {f"mine: {name}-measured" for name in done} <= set(manifest["reused_steps"])
    assert resumed.paths["list"].read_bytes() == finished.summary.paths["list"].read_bytes()


def config_workspace(config):
    from pathlib import Path

    return Path(config.workspace)


def test_a_worse_winner_is_refused_and_the_champion_makes_the_list(prepared):
    strong = run(prepared(candidates=[{"kind": "cosine", "tune": False}]))
    weak_candidates = [{"kind": "personal", "tune": False}]
    weak = run(prepared(candidates=weak_candidates))
    assert strong.promotion["status"] == "first"
    assert weak.promotion["status"] == "refused"
    assert weak.exit_code == 4
    assert weak.promotion["champion"] == strong.promotion["version"] == "1"
    assert weak.promotion["version"] == "2"
    assert "stays champion" in weak.text()
    offers = pd.read_parquet(weak.paths["list"])
    assert (offers["model_version"] == "1").all()
    registry = Registry.open(config_workspace(prepared()))
    assert registry.champion("shop")[0] == "1"


def test_a_budget_limits_the_contacts_to_the_best(prepared):
    few = run(
        prepared(
            candidates=[{"kind": "clusters", "tune": False}],
            economics={"contact_cost": 0.05, "budget": 1.0},
            promotion={"register": False},
        )
    )
    assert few.list_counts["target_customers"] == 20
    assert few.list_counts["profit_forgone"] > 0
    assert few.promotion is None


def test_a_full_disk_leaves_no_list(prepared, monkeypatch):
    import pyarrow.parquet as pq

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    config = prepared(candidates=[{"kind": "popularity", "tune": False}])
    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        run(config)
    assert list((config_workspace(config) / "runs").rglob("*")) == []
    assert Registry.open(config_workspace(config)).champion("shop") is None


def test_two_runs_in_one_workspace_do_not_mix(prepared):
    from pipelines.workspace import Workspace

    config = prepared()
    with (
        Workspace(config_workspace(config)).locked(),
        pytest.raises(LodeError, match="is in use by process"),
    ):
        run(config)


def test_progress_names_the_stages(prepared, capsys):
    run(
        prepared(candidates=[{"kind": "popularity", "tune": False}], promotion={"register": False}),
        progress=Plain(),
    )
    told = capsys.readouterr().err
    for stage in ("clean: load", "transform: snapshot", "mine: popularity", "act: bundle"):
        assert stage in told
    assert "rows in" in told


def test_the_list_is_priced_by_the_calibrated_probability(offers):
    assert np.corrcoef(offers["probability"], offers["expected_profit"])[0, 1] > 0


def test_a_list_for_a_day_out_of_reach_is_refused(prepared):
    for day in ("2024-11-01", "2025-03-01"):
        with pytest.raises(DataError, match=f"act.as_of {day} must lie between the test date"):
            run(prepared(act={"as_of": day}))


def test_a_password_on_the_command_line_is_not_in_the_report(monkeypatch):
    from pipelines.crosssell.outputs import _without_password

    word = "tracking.uri=postgresql://me:hush@db/mlflow"
    assert _without_password(word) == "tracking.uri=postgresql://***@db/mlflow"
    assert _without_password("configs/demo.yaml") == "configs/demo.yaml"
