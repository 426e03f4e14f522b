import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from experiments.tracking import connect
from pipelines.predicting.bundled import read_predictor


@pytest.fixture(scope="module")
def listed(answered):
    return pd.read_parquet(answered.paths["list"])


def test_the_winner_finds_what_makes_people_leave(answered):
    board = answered.leaderboard
    assert board["candidate"].tolist() == ["logistic", "cart"]
    assert board["winner"].tolist() == [True, False]
    assert board["auc"][0] > 0.75
    assert board["auc_low"][0] < board["auc"][0] < board["auc_high"][0]
    assert answered.metrics["held_out_auc"] > 0.7
    assert answered.metrics["held_out_auc"] == board["held_out_auc"][0]


def test_the_list_holds_those_who_have_not_left(listed, people):
    everybody = people()
    stayed = everybody.loc[everybody["left"] == "No", "who"]
    assert sorted(listed["who"]) == sorted(stayed)
    assert listed["rank"].tolist() == list(range(1, len(listed) + 1))


def test_money_decides_and_the_loyal_come_first(listed, answered, people):
    fee = people().set_index("who")["fee"]
    worth = listed["probability"] * listed["who"].map(fee) * 2 * 0.5 - 10
    np.testing.assert_allclose(listed["expected_profit"], worth)
    assert (listed["act"] == (worth > 0)).all()
    acted = listed[listed["act"]]
    assert 0 < len(acted) < len(listed)
    assert acted["loyal"].is_monotonic_decreasing
    for _, part in acted.groupby("loyal"):
        assert part["expected_profit"].is_monotonic_decreasing
    assert answered.metrics["listed"] == len(acted)
    assert answered.metrics["listed_expected_profit"] == pytest.approx(
        acted["expected_profit"].sum()
    )


def test_reasons_name_the_person_s_own_values(listed, people):
    table = people().set_index("who")
    first = listed[listed["act"]].iloc[0]
    told = [first[f"reason_{place}"] for place in (1, 2, 3) if first[f"reason_{place}"]]
    assert told
    for reason in told:
        name, _, value = reason.partition(" is ")
        assert str(table.loc[first["who"], name]).removesuffix(".0") == value
    assert (listed.loc[~listed["act"], "reason_1"] == "").all()


def test_probabilities_of_the_list_were_made_by_models_that_had_not_seen_them(answered, people):
    """Refitted on all, the tree would know more than it can: its own figures must not show."""
    bundle = read_predictor(answered.paths["bundle"])
    table = people()
    listed = pd.read_parquet(answered.paths["list"]).set_index("who")
    seen = bundle.scaling.probabilities(
        bundle.model.decision_function(table[list(bundle.meta["columns"])])
    )
    ours = listed["probability"].reindex(table["who"]).to_numpy()
    known = np.isfinite(ours)
    assert not np.allclose(ours[known], seen[known], atol=1e-6)
    assert np.corrcoef(ours[known], seen[known])[0, 1] > 0.9


def test_curves_and_profit_are_those_of_the_records_held_out(answered):
    curves = pd.read_parquet(answered.paths["curves"])
    assert curves["contacted"].iloc[-1] == 100
    depth = round(answered.metrics["held_out_depth"] * 100)
    at = curves[curves["contacted"] == depth].iloc[0]
    assert at["profit"] == pytest.approx(answered.metrics["held_out_profit"])
    low, high = (answered.metrics[f"held_out_profit_{end}"] for end in ("low", "high"))
    assert low < answered.metrics["held_out_profit"] < high


def test_the_page_tells_the_story_without_names(answered, people):
    page = answered.paths["report"].read_text()
    for words in (
        "Who will leave",
        "Whom it pays: trying to keep",
        "Winning back those who left",
        "Can the probabilities be trusted",
        "The classifiers",
        "corrected",
        "only a test with a control group can tell",
    ):
        assert words in page, words
    assert "0001" not in answered.headline
    assert not any(f">{who}<" in page for who in people()["who"])


def test_the_run_is_tracked_with_its_candidates(answered):
    manifest = json.loads(answered.paths["manifest"].read_text())
    client = connect(answered.paths["report"].parents[2])
    run = client.get_run(manifest["mlflow_run_id"])
    assert run.data.metrics["held_out_auc"] == answered.metrics["held_out_auc"]
    children = client.search_runs(
        [run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
    )
    assert sorted(child.info.run_name for child in children) == ["cart", "logistic"]
    assert manifest["winner"] == "logistic"
    assert "C" in manifest["params"]["logistic"]


def test_the_order_of_the_rows_changes_nothing(ask, answered, people):
    shuffled = people().sample(frac=1.0, random_state=5)
    again = ask(shuffled)
    assert again.metrics == answered.metrics
    figures = answered.leaderboard.columns.drop("seconds")
    pd.testing.assert_frame_equal(again.leaderboard[figures], answered.leaderboard[figures])
    pd.testing.assert_frame_equal(
        pd.read_parquet(again.paths["list"]), pd.read_parquet(answered.paths["list"])
    )


def test_records_without_an_outcome_are_scored_only(ask, people):
    table = people()
    table.loc[:19, "left"] = None
    found = ask(table, question="response", candidates=[{"kind": "logistic", "tune": False}])
    listed = pd.read_parquet(found.paths["list"])
    assert sorted(listed["who"]) == [f"{place:04d}" for place in range(20)]
    assert "prospects" in found.headline


def test_a_question_without_open_records_lists_those_held_out(ask, people):
    found = ask(people(), question="custom", candidates=[{"kind": "logistic", "tune": False}])
    assert len(pd.read_parquet(found.paths["list"])) == 100


def test_a_matrix_of_costs_decides_by_its_threshold(ask, people):
    found = ask(
        people(),
        question="default",
        candidates=[{"kind": "logistic", "tune": False}],
        economics={"matrix": {"missed": 5, "false_alarm": 1}},
    )
    listed = pd.read_parquet(found.paths["list"])
    assert (listed["act"] == (listed["probability"] > 1 / 6)).all()
    curves = pd.read_parquet(found.paths["curves"])
    nobody = curves["hits"].iloc[-1] * 5 / 100
    expected = nobody - found.metrics["held_out_profit"] / 100
    assert found.metrics["held_out_cost_of_mistakes"] == pytest.approx(expected)


def test_a_depth_is_kept_and_its_hits_are_counted(ask, people):
    found = ask(
        people(),
        question="custom",
        economics={"cost": 100, "revenue": 1, "depth": 0.2, "whole": True},
    )
    assert found.metrics["listed"] == 20
    assert found.leaderboard["held_out_hits"].between(10, 20).all()


def test_a_holdout_of_its_own_with_answers_in_another_table(ask, tmp_path, people):
    later = people(seed=9).head(200)
    later.drop(columns="left").to_csv(tmp_path / "later.csv", index=False)
    later[["left"]].to_csv(tmp_path / "answers.csv", index=False)
    table = people()
    main = {
        "kind": "csv",
        "columns": {"who": "who"},
        "all_columns": True,
        "name": "people",
        "table": "own:people",
        "path": str(tmp_path / "people.csv"),
    }
    more = {"name": "later", "table": "own:later", "path": str(tmp_path / "later.csv")}
    answers = {
        "kind": "csv",
        "name": "answers",
        "table": "own:answers",
        "path": str(tmp_path / "answers.csv"),
        "columns": {"left": "left"},
    }
    found = ask(
        table,
        question="custom",
        sources=[main, {**main, **more}, answers],
        holdout={"table": "own:later", "outcomes": "own:answers"},
        candidates=[{"kind": "logistic", "tune": False}],
    )
    listed = pd.read_parquet(found.paths["list"])
    assert sorted(listed["who"]) == sorted(later["who"])
    truth = later.set_index("who")["left"].reindex(listed["who"]) == "Yes"
    assert found.metrics["held_out_auc"] == pytest.approx(
        roc_auc_score(truth, listed["probability"])
    )


def test_weights_count(ask, people):
    table = people().assign(counts=lambda t: np.where(t["contract"] == "yearly", 3.0, 1.0))
    data = {"table": "own:people", "id": "who", "target": "left", "positive": "Yes"}
    one = [{"kind": "logistic", "tune": False}]
    found = ask(table, data={**data, "weight": "counts"}, candidates=one)
    assert "counts" not in read_predictor(found.paths["bundle"]).meta["columns"]
    assert found.metrics["held_out_auc"] > 0.7


def test_the_neural_network_is_told_its_worth(ask, people):
    quick = {"epochs": 3, "members": 1, "units": 8}
    found = ask(
        people(),
        candidates=[
            {"kind": "logistic", "tune": False},
            {"kind": "neural", "tune": False, "params": quick},
        ],
    )
    (verdict,) = [note for note in found.notes if note.startswith("The neural network")]
    assert "worth its time" in verdict
    assert "logistic" in verdict
