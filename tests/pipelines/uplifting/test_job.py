"""The question of uplift from files to report, bundle and new customers."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import BundleError, ConfigError, DataError
from pipelines.config import load
from pipelines.run import run
from pipelines.score import score_records
from pipelines.uplifting.bundled import read_uplift_bundle

YAML = """
kind: uplift
name: uplift
workspace: {workspace}
sources:
  - kind: csv
    name: campaign
    table: own:campaign
    path: {path}
    columns: all
data:
  table: own:campaign
  treatment: arm
  treated: mail
  control: none
  outcome: bought
  id: who
learners:
  - {{kind: two-model, params: {{base: linear}}}}
  - {{kind: tree, params: {{min_leaf: 100}}}}
evaluation: {{folds: 2, repeats: 1, bootstrap: 100}}
economics: {{revenue: 10, cost: 1, currency: USD}}
segments: {{depth: 2, min_leaf: 100}}
"""


def campaign(n: int = 4000, seed: int = 0, effect: float = 0.3) -> pd.DataFrame:
    """Draw an experiment in which a mail moves only women below 40; men buy more anyway."""
    random = np.random.RandomState(seed)
    age, sex = random.randint(18, 80, n), random.choice(["man", "woman"], n)
    arm = random.choice(["mail", "none", "call"], n, p=[0.4, 0.4, 0.2])
    moved = np.where((sex == "woman") & (age < 40), effect, 0.0) * (arm == "mail")
    bought = (random.random_sample(n) < np.where(sex == "man", 0.7, 0.1) + moved).astype(int)
    return pd.DataFrame(
        {
            "who": [f"w{number:05d}" for number in range(n)],
            "age": age,
            "sex": sex,
            "empty": np.nan,
            "same": 1,
            "arm": arm,
            "bought": bought,
        }
    )


def config_of(folder: Path, frame: pd.DataFrame, template: Path, *sets: str):
    path = folder / "campaign.csv"
    frame.to_csv(path, index=False)
    workspace = folder / "workspace"
    workspace.mkdir(exist_ok=True)
    shutil.copy(template, workspace / "mlflow.db")
    yaml = folder / "uplift.yaml"
    yaml.write_text(YAML.format(workspace=workspace, path=path))
    return load(yaml, list(sets))


@pytest.fixture(scope="module")
def done(tmp_path_factory, tracking_template):
    folder = tmp_path_factory.mktemp("uplift")
    frame = campaign()
    config = config_of(folder, frame, tracking_template)
    return folder, frame, config, run(config)


def table_of(done, name: str) -> pd.DataFrame:
    return pd.read_parquet(done[3].paths[name])


def test_uplift_models_beat_response_where_it_misleads(done):
    board = done[3].leaderboard.set_index("candidate")
    assert set(board.index) == {"response", "two-model", "tree"}
    assert board.loc["response", "qini"] == board["qini"].min()
    assert board.loc["tree", "difference_low"] > 0
    assert not board.loc["response", "winner"]
    assert any("Measurably better than ranking by response" in note for note in done[3].notes)


def test_the_rule_treats_whom_it_pays(done):
    metrics = done[3].metrics
    assert metrics["policy_over_everybody_low"] > 0
    assert metrics["policy_over_nobody_low"] > 0
    assert 0.1 <= metrics["policy_share"] <= 0.4
    customers = table_of(done, "customers")
    assert customers["rank"].tolist() == list(range(1, len(customers) + 1))
    assert customers["score"].is_monotonic_decreasing
    known = done[1].set_index("who").loc[customers["who"]]
    moved = ((known["sex"] == "woman") & (known["age"] < 40)).to_numpy()
    assert moved[customers["treat"].to_numpy()].mean() > 2 * moved.mean()


def test_only_the_two_arms_take_part(done):
    frame = done[1]
    assert len(table_of(done, "customers")) == frame["arm"].isin(["mail", "none"]).sum()
    assert any("customers of other treatments are left out" in note for note in done[3].notes)
    assert "without any information, and left out: empty, same" in done[3].notes


def test_the_mean_effect_is_the_difference_of_the_arms(done):
    means = done[1].groupby("arm")["bought"].mean()
    assert done[3].metrics["average_effect"] == pytest.approx(means["mail"] - means["none"])


def test_the_persuadable_are_told_in_words(done):
    segments = table_of(done, "segments")
    best = segments.iloc[0]
    assert best["verdict"] == "persuadable"
    assert "woman" in best["segment"] or "is not man" in best["segment"]
    assert segments["share_of_customers"].sum() == pytest.approx(1)
    assert (segments.loc[segments["verdict"] == "not sure", "low"] <= 0).all()
    customers = table_of(done, "customers")
    assert set(customers["segment"]) <= set(segments["segment"])


def test_the_curves_come_from_one_table(done):
    curves = table_of(done, "curves")
    for _, curve in curves.groupby("candidate"):
        assert curve["gain"].iloc[-1] == pytest.approx(done[3].metrics["average_effect"])


def test_the_report_tells_it_and_names_nobody(done):
    page = done[3].paths["report"].read_text()
    for said in ("Who is persuadable", "Uplift curves", "Was it a fair experiment?"):
        assert said in page
    assert "w00001" not in page
    manifest = json.loads(done[3].paths["manifest"].read_text())
    assert manifest["verdict"] in page.replace("&#39;", "'")
    assert "cannot be told" in manifest["balance"]


def test_a_second_run_says_the_same(done):
    again = run(done[2])
    assert again.metrics == done[3].metrics


def test_new_customers_are_ranked_by_the_bundle(done, tmp_path):
    new = campaign(500, seed=5).drop(columns=["arm", "bought", "empty", "same"])
    new.to_csv(tmp_path / "new.csv", index=False)
    out = tmp_path / "ranked.parquet"
    data = {"campaign": [tmp_path / "new.csv"]}
    scored = score_records(done[3].paths["bundle"], data=data, out=out)
    table = pd.read_parquet(out)
    assert sorted(table["who"]) == sorted(new["who"])
    bundle = read_uplift_bundle(done[3].paths["bundle"])
    expected = bundle.ranking.predict(new[["age", "sex"]])
    assert table.set_index("who")["score"][new["who"]].to_numpy() == pytest.approx(expected)
    assert (table["treat"] == (table["score"] >= bundle.meta["threshold"])).all()
    assert "500 customers ranked" in scored.text()
    out = tmp_path / "ranked.csv"
    score_records(done[3].paths["bundle"], data={"lines": [tmp_path / "new.csv"]}, out=out)
    assert pd.read_csv(out)["who"].tolist() == table["who"].tolist()


def test_a_bundle_that_was_touched_is_refused(done, tmp_path):
    folder = tmp_path / "bundle"
    shutil.copytree(done[3].paths["bundle"], folder)
    (folder / "meta.json").write_text("{}")
    with pytest.raises(BundleError, match="not as it was written"):
        read_uplift_bundle(folder)


def chosen_by_age(frame: pd.DataFrame) -> pd.DataFrame:
    random = np.random.RandomState(1)
    old = frame["age"] > 50
    mail = random.random_sample(len(frame)) < np.where(old, 0.8, 0.2)
    return frame.assign(arm=np.where(mail, "mail", "none"), chance=np.where(old, 0.8, 0.2))


def test_a_choice_that_was_not_random_needs_propensities(tmp_path, tracking_template):
    frame = chosen_by_age(campaign())
    drop = "data.drop=[chance]"
    with pytest.raises(DataError, match="this was not a random choice") as caught:
        run(config_of(tmp_path, frame, tracking_template, drop))
    assert "largest difference in age" in str(caught.value)
    assert not list((tmp_path / "workspace" / "runs").glob("*/report.html"))
    stated = run(config_of(tmp_path, frame, tracking_template, "data.propensity=chance"))
    assert "all rests on the propensities" in stated.paths["report"].read_text()


@pytest.mark.parametrize(
    ("change", "sets", "message"),
    [
        (lambda f: f.assign(bought=1), [], "is 1 for everybody"),
        (lambda f: f.assign(bought=np.where(f["age"] > 50, np.nan, 1)), [], "are missing or no"),
        (lambda f: f.assign(arm="mail"), [], "an effect needs both arms"),
        (lambda f: f, ["data.treated=fax"], "an effect needs both arms"),
        (lambda f: f[["who", "empty", "same", "arm", "bought"]], [], "no column tells customers"),
        (lambda f: f, ["data.outcome=buoght"], "lacks columns that are named"),
        (lambda f: f.assign(p=1.0), ["data.propensity=p"], "do not lie between 0 and 1"),
        (
            lambda f: f.assign(sent="2020-02-01", got="2020-01-01"),
            ["data.treated_on=sent", "data.outcome_on=got"],
            "outcomes lie before their treatment",
        ),
    ],
)
def test_an_experiment_that_is_none_is_refused_and_nothing_written(
    tmp_path, tracking_template, change, sets, message
):
    config = config_of(tmp_path, change(campaign(600)), tracking_template, *sets)
    with pytest.raises(DataError, match=message):
        run(config)
    assert not list((tmp_path / "workspace" / "runs").glob("*/report.html"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("learners=[{kind: two-models}]", "no uplift model is called 'two-models'"),
        ("learners=[{kind: tree, params: {deep: 3}}]", "'tree' has no 'deep' to state"),
        ("learners=[{kind: tree}, {kind: tree}]", "stated twice: tree"),
        ("data.control=mail", "'treated' and 'control' are the same value, 'mail'"),
        ("data.treated_on=sent", "'treated_on' and 'outcome_on' need each other"),
        ("data.drop=[bought]", "a column cannot be two things: bought"),
        ("data.outcome=arm", "a column cannot be two things: arm"),
        ("data.table=own:campain", "no source gives the table 'own:campain'"),
        ("evaluation.folds=1", "a value of at least 2 is needed"),
    ],
)
def test_wrong_terms_are_refused(tmp_path, tracking_template, change, said):
    with pytest.raises(ConfigError) as caught:
        config_of(tmp_path, campaign(10), tracking_template, change)
    assert said in f"{caught.value} {getattr(caught.value, 'problems', '')}"


def test_where_nothing_works_it_says_so(tmp_path, tracking_template):
    config = config_of(tmp_path, campaign(1500, seed=4, effect=0.0), tracking_template)
    done = run(config)
    assert "No effect on bought can be told" in done.headline
    assert "persuadable" not in set(pd.read_parquet(done.paths["segments"])["verdict"])


@pytest.mark.real
def test_the_example_says_when_response_is_better(
    real_data, repository, tmp_path, tracking_template, monkeypatch
):
    """Men's mail and visits: the ranking by response beats every uplift model."""
    monkeypatch.setenv("LODE_DATA", str(real_data))
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    shutil.copy(tracking_template, workspace / "mlflow.db")
    sets = [
        f"workspace={workspace}",
        "evaluation.repeats=1",
        "evaluation.bootstrap=100",
        "learners=[{kind: two-model, params: {base: linear}}, {kind: tree}]",
    ]
    done = run(load(repository / "configs" / "uplift.yaml", sets))
    board = done.leaderboard.set_index("candidate")
    assert board.loc["response", "winner"]
    assert board["qini"].idxmax() == "response"
    assert board.loc["tree", "difference_high"] < 0
    assert any("Ranking by response beats every uplift model" in note for note in done.notes)
    # 18.28 % of the mailed came, 10.62 % of the others.
    assert done.metrics["average_effect"] == pytest.approx(0.0766, abs=0.0001)
    segments = pd.read_parquet(done.paths["segments"])
    assert (segments["verdict"] == "persuadable").any()
